"""The availability of one interpreter. Everything that affects it lives in this file.

What they wish (available, busy, away, offline), what the server makes of it (ringing, held,
in_meeting, wrap_up), and whether a socket of theirs lives, or push reaches them without one.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import address, outcomes, push, reasons, sockets, track
from signalling.core import events as on
from signalling.core.availability_table import REST, SAME, TABLE, Event, Status, To
from signalling.core.booking_events import Engage, Suspend
from signalling.core.effects import Announce, Effect, Key, Log, Moment, Send, Tell
from signalling.core.push import Engagement
from signalling.core.sockets import Connection, latest, past
from signalling.core.times import rfc3339, rfc3339_or_none
from signalling.core.track import HOUR_MS, NOTHING, Counts, Turn
from signalling.errors import IllegalTransition, NotEligible

__all__ = ["Availability", "Connection", "Engagement", "Event", "Status", "decide", "view"]


class Availability(Struct, frozen=True):
    """*push*: until *until_ms* they are available without a socket, and rung by push.

    *unreached* counts the offers in a row that were pushed and not acknowledged.
    """

    kind: ClassVar[str] = "availability"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None

    id: str
    status: Status = Status.OFFLINE
    wish: Status = Status.OFFLINE
    sessions: tuple[Connection, ...] = ()
    engagement: Engagement | None = None
    modes: tuple[str, ...] | None = None
    position: dict[str, float] | None = None
    until_ms: int | None = None
    idle_since_ms: int = 0
    status_since_ms: int = 0
    counts: Counts = NOTHING
    passed_ms: int = 0
    push: bool = False
    unreached: int = 0
    suspended_until_ms: int | None = None

    @property
    def connected(self) -> bool:
        return any(s.connected for s in self.sessions)

    @property
    def by_push(self) -> bool:
        """Whether an offer could reach them by push alone."""
        return self.push and not self.connected

    @property
    def matchable(self) -> bool:
        """Whether a new offer may ring: available, over a socket that lives now or by push."""
        return self.status is Status.AVAILABLE and (self.connected or self.push)

    @property
    def wake_at_ms(self) -> int | None:
        """When the shell must feed a Deadline; None while nothing is pending."""
        due = [s.resume_until_ms for s in self.sessions]
        if not self.connected:
            if self.status is Status.RINGING and self.engagement:
                due.append(self.engagement.ring_until_ms(self.sessions))
            elif self.engagement is None and not (self.push or self.status is Status.OFFLINE):
                due.append(latest(s.present_until_ms for s in self.sessions))
        due.append(self.until_ms)
        if self.engagement:
            due.append(self.engagement.until_ms)
        return min((at for at in due if at is not None), default=None)

    @property
    def indexes(self) -> dict[str, float]:
        return {"availability": 0}

    @property
    def feed(self) -> dict[str, Any]:
        """What the population needs to know of them."""
        return {
            "status": self.status,
            "matchable": self.matchable,
            "by_push": self.by_push,
            "modes": self.modes,
            "position": self.position,
            "until_ms": self.until_ms,
            "idle_since_ms": self.idle_since_ms,
            "counts": self.counts,
            "suspended_until_ms": self.suspended_until_ms,
        }


Decision = tuple[Availability | None, tuple[Effect, ...]]


def decide(old: Availability, event: Event, at: Moment) -> Decision:
    """Return the next availability and what to do about it.

    Raises IllegalTransition for an event without a cell in TABLE, NotEligible for a Ring that
    nobody would hear or a Hold of another offer.
    """
    target = TABLE[old.status].get(type(event))
    if target is None:
        if isinstance(event, on.Ring):
            raise NotEligible(f"interpreter {old.id} is {old.status}")
        raise IllegalTransition(f"interpreter {old.id} is {old.status}; got {type(event).__name__}")
    new, effects = HANDLERS[type(event)](old, event, target, at)
    if new is None:
        return None, effects
    if new.status is not old.status:
        turn = Turn(old.status, old.status_since_ms, event, new.status)
        counts = track.after(new.counts, turn, at.now_ms)
        new = replace(new, status_since_ms=at.now_ms, counts=counts)
        effects = (*effects, *_status_changed(old, new, at))
    return new, effects


def _connect(old: Availability, event: on.Connect, to: To, at: Moment) -> Decision:
    sessions = sockets.connected(old.sessions, event)
    return _settle(replace(old, sessions=sessions, unreached=0), to, at), ()


def _drop(old: Availability, event: on.Drop, _: To, at: Moment) -> Decision:
    # They stay what they were for the grace; `matchable` says that nobody may ring.
    return replace(old, sessions=sockets.dropped(old.sessions, event, at)), ()


def _close(old: Availability, event: on.Close, to: To, at: Moment) -> Decision:
    rest = tuple(s for s in old.sessions if s.id != event.session)
    new = replace(old, sessions=rest) if rest else _forgotten(old)
    if _unheard(new, at):
        return new, _undelivered(new)
    return _settle(new, to, at), ()


def _unring(old: Availability, event: on.Unring, to: To, at: Moment) -> Decision:
    if to is SAME or not (old.engagement and old.engagement.offer == event.offer):
        return old, ()
    new = replace(_answered(old, event, at), engagement=None, idle_since_ms=at.now_ms)
    return _settle(new, REST, at), _rings_no_more(old.id, old.engagement, event.reason)


def _rings_no_more(who: str, rang: Engagement, reason: str) -> tuple[Effect, ...]:
    told = reasons.withdrawn(rang.offer, rang.assignment, reason)
    sent = Send(address.interpreter(who), "offer.withdrawn", told)
    return sent, *push.over(who, rang, reason)


def _answered(old: Availability, event: on.Unring, at: Moment) -> Availability:
    """Count the pushes that nobody acknowledged; as many in a row as may be end the lease."""
    if event.reason == "declined":
        return replace(old, unreached=0)
    if event.reason != "undelivered" or not (old.engagement and old.engagement.pushed):
        return old
    if old.unreached + 1 < at.bounds.pushes:
        return replace(old, unreached=old.unreached + 1)
    return replace(old, unreached=0, push=False, until_ms=None, wish=Status.AWAY)


def _acked(old: Availability, event: on.Acked, _: To, __: Moment) -> Decision:
    if not (old.engagement and old.engagement.offer == event.offer):
        return old, ()
    return replace(old, engagement=old.engagement.acknowledged(), unreached=0), ()


def _hold(old: Availability, event: on.Hold, _: To, __: Moment) -> Decision:
    if not (old.engagement and old.engagement.offer == event.offer):
        raise NotEligible(f"interpreter {old.id} holds another offer")
    new = replace(old, status=Status.HELD, engagement=old.engagement.held(), unreached=0)
    return new, push.over(old.id, old.engagement, "accepted")


def _meet(old: Availability, event: on.Meet, _: To, __: Moment) -> Decision:
    if not (old.engagement and old.engagement.assignment == event.assignment):
        raise NotEligible(f"interpreter {old.id} is engaged elsewhere")
    return replace(old, status=Status.IN_MEETING), ()


def _engage(old: Availability, event: Engage, to: To, _: Moment) -> Decision:
    """Put them to work that was booked; an offer that rings just then has not reached them.

    Who works elsewhere still is at this work once that is over.
    """
    now = old.engagement
    if to is SAME and now is not None:
        if event.assignment in (now.assignment, *now.beside):
            return old, ()
        beside = (*now.beside, event.assignment)
        return replace(old, engagement=replace(now, beside=beside)), ()
    new = replace(old, status=Status.IN_MEETING, engagement=Engagement(event.assignment, ""))
    if old.status is not Status.RINGING or now is None:
        return new, ()
    unheard = Tell(Key("assignment", now.assignment), on.Undelivered(now.offer, old.id))
    return new, (*_rings_no_more(old.id, now, "unavailable"), unheard)


def _forget(_: Availability, __: on.Forget, ___: To, ____: Moment) -> Decision:
    return None, ()


def _set_status(old: Availability, event: on.SetStatus, to: To, at: Moment) -> Decision:
    wish = Status(event.status)
    push.check_lease(event, at)
    if wish is Status.AVAILABLE and not (old.connected or event.push):
        raise NotEligible("going available needs an open session: availability ends by lease")
    if wish is Status.AVAILABLE and (until := suspended(old, at)):
        detail = f"no new offers until {until}: feedback.standing says why, feedback.report appeals"
        raise NotEligible(detail, suspended_until=until, appeal="feedback.report")
    if wish is Status.AVAILABLE and event.checked and not _passed_lately(old, at):
        raise NotEligible("going available needs a device check that was passed today")
    new = replace(
        old,
        wish=wish,
        modes=event.modes if event.modes is not None else old.modes,
        position=event.position if event.position is not None else old.position,
        until_ms=event.until_ms if wish is Status.AVAILABLE else None,
        push=event.push,
        unreached=0,
    )
    if old.status is Status.RINGING and wish is not Status.AVAILABLE and old.engagement:
        offer = old.engagement
        decline = on.Decline(offer.offer, old.id, "unavailable")
        # It may have expired just now, before its deadline was fed.
        late = on.Unring(offer.offer, "expired")
        return new, (Tell(Key("assignment", offer.assignment), decline, refused=late),)
    return _settle(new, to, at), ()


def _passed_lately(record: Availability, at: Moment) -> bool:
    return record.passed_ms > at.now_ms - at.bounds.device_check


def _checked(old: Availability, event: on.Checked, _: To, at: Moment) -> Decision:
    """Let a check count as a connect that worked, or did not; good ones once an hour."""
    again = event.passed and old.passed_ms > at.now_ms - HOUR_MS
    gained = {"connects" if event.passed else "connect_failures": 0.0 if again else 1.0}
    counts = track.faded(old.counts, at.now_ms, gained)
    return replace(old, counts=counts, passed_ms=at.now_ms if event.passed else 0), ()


def suspended(record: Availability, at: Moment) -> str | None:
    """Return until when they get no new offers, as RFC 3339; None if they do."""
    until_ms = record.suspended_until_ms
    return rfc3339(until_ms) if until_ms is not None and until_ms > at.now_ms else None


def _suspend(old: Availability, event: Suspend, to: To, at: Moment) -> Decision:
    """Let them finish what they are at, the offer that rings included, and be away after it."""
    new = replace(old, suspended_until_ms=event.until_ms)
    if event.failed:
        new = replace(new, counts=track.faded(new.counts, at.now_ms, {"failed": 1}))
    if event.excused_ms is not None:
        new = replace(new, counts=track.forgiven(new.counts, event.excused_ms, at.now_ms))
    if new.wish is Status.AVAILABLE and suspended(new, at):
        new = replace(new, wish=Status.AWAY, until_ms=None, push=False)
    return _settle(new, to, at), ()


def _ring(old: Availability, event: on.Ring, _: To, at: Moment) -> Decision:
    sent = Send(address.interpreter(old.id), "offer.made", event.made)
    if old.connected:
        engagement = Engagement(event.assignment, event.offer)
        return replace(old, status=Status.RINGING, engagement=engagement), (sent,)
    if not _leased(old, at):
        raise NotEligible(f"interpreter {old.id} has no live socket")
    new = replace(old, status=Status.RINGING, engagement=push.pushed(event, at))
    return new, (sent, push.made(old.id, event.assignment, event.made))


def _release(old: Availability, event: on.Release, to: To, at: Moment) -> Decision:
    now = old.engagement
    if to is SAME or now is None:
        return old, ()
    if now.assignment != event.assignment:
        beside = tuple(each for each in now.beside if each != event.assignment)
        return replace(old, engagement=replace(now, beside=beside)), ()
    if now.beside:
        begun = Engagement(now.beside[0], "", beside=now.beside[1:])
        return replace(old, status=Status.IN_MEETING, engagement=begun), ()
    if to is Status.WRAP_UP:
        until = at.now_ms + at.bounds.wrap_up
        engagement = replace(now, until_ms=until)
        new = replace(old, status=Status.WRAP_UP, engagement=engagement, idle_since_ms=at.now_ms)
        return new, ()
    return _settle(replace(old, engagement=None, idle_since_ms=at.now_ms), REST, at), ()


def _deadline(old: Availability, _: on.Deadline, __: To, at: Moment) -> Decision:
    new = old
    effects: tuple[Effect, ...] = ()
    sessions = tuple(s for s in old.sessions if not past(s.resume_until_ms, at))
    if sessions != old.sessions:
        # The resume window is over: whoever comes back says anew that they are available.
        new = replace(new, sessions=sessions) if sessions else _forgotten(new)
    if past(new.until_ms, at):
        new = replace(new, until_ms=None, wish=Status.AWAY, push=False)
    if _unheard(new, at):
        effects = _undelivered(new)
        # Nothing more to wait for: the assignment takes the offer back in this same commit.
    elif new.status is Status.WRAP_UP and new.engagement and past(new.engagement.until_ms, at):
        new = _settle(replace(new, engagement=None), REST, at)
    if new.engagement is None:
        new = _settle(new, REST, at)
    return new, effects


def _forgotten(record: Availability) -> Availability:
    """Return the record without sessions: what they wished ends with the last, but for push."""
    if record.push:
        return replace(record, sessions=())
    return replace(record, sessions=(), wish=Status.OFFLINE, until_ms=None)


def _unheard(record: Availability, at: Moment) -> bool:
    rings = record.engagement if record.status is Status.RINGING else None
    return rings is not None and not record.connected and rings.unheard(record.sessions, at)


def _undelivered(record: Availability) -> tuple[Effect, ...]:
    rings = [record.engagement] if record.engagement else []
    return tuple(
        Tell(
            Key("assignment", e.assignment),
            on.Undelivered(e.offer, record.id, push.UNREACHED if e.pushed else None),
        )
        for e in rings
    )


def _leased(record: Availability, at: Moment) -> bool:
    """Say whether they can be reached by push now."""
    return record.push and not past(record.until_ms, at)


def _settle(record: Availability, to: To, at: Moment) -> Availability:
    """Let a record that is not engaged show what they wish, or offline if nothing reaches them."""
    if to is SAME:
        return record
    there = sockets.present(record.sessions, at) or _leased(record, at)
    return replace(record, status=record.wish if there else Status.OFFLINE)


def _status_changed(old: Availability, new: Availability, at: Moment) -> tuple[Effect, ...]:
    entry = {"status": new.status, "at_ms": at.now_ms}
    spell: tuple[Effect, ...] = ()
    if old.status is Status.AVAILABLE:
        spell = (outcomes.online(old.id, old.status_since_ms, at),)
    return (
        Announce(f"presence:{new.id}", "presence.changed", {"presence": view(new)}),
        Log(f"presence:{new.id}", entry, at.bounds.presence_log),
        *spell,
    )


def view(record: Availability) -> dict[str, Any]:
    """Return what others may see of an availability."""
    seen = {
        "interpreter": record.id,
        "status": str(record.status),
        "since": rfc3339(record.status_since_ms),
        "modes": record.modes,
        "until": rfc3339_or_none(record.until_ms),
        "push": record.push or None,
    }
    return {name: value for name, value in seen.items() if value is not None}


HANDLERS: Final[dict[type[Event], Callable[[Availability, Any, To, Moment], Decision]]] = {
    on.Connect: _connect,
    on.Drop: _drop,
    on.Close: _close,
    on.SetStatus: _set_status,
    on.Ring: _ring,
    on.Acked: _acked,
    on.Unring: _unring,
    on.Hold: _hold,
    on.Meet: _meet,
    Engage: _engage,
    on.Release: _release,
    on.Deadline: _deadline,
    on.Forget: _forget,
    on.Checked: _checked,
    Suspend: _suspend,
}
