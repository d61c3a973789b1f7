"""The life of an assignment and its offers. Everything that affects it lives in this file.

An accept is one commit over the assignment, the winner's and the losers' availability, and
the meeting: it tells them all, and any refusal undoes the whole.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from signalling.core import address
from signalling.core import events as on
from signalling.core.effects import Effect, Key, Moment, Tell
from signalling.core.notices import notices
from signalling.core.offer import Offer, OfferState, acknowledge, answer, check_ringing, make
from signalling.core.slot import Assignment, Slot, SlotState
from signalling.errors import IllegalTransition, NotFound

S = SlotState
OfferEvent = on.CouldNotRing | on.Ack | on.Accept | on.Decline | on.Undelivered
SlotEvent = on.Wave | on.NoMatch
WholeEvent = on.Update | on.Cancel | on.Complete | on.Present | on.MeetingOver | on.Deadline
Event = on.Create | OfferEvent | SlotEvent | WholeEvent
Decision = tuple[Assignment, tuple[Effect, ...]]

# Slot state × event -> the states it may lead to. An absent cell refuses, see _refuse.
TABLE: Final[dict[SlotState, dict[type[Event], tuple[SlotState, ...]]]] = {
    S.SEARCHING: {
        on.Wave: (S.OFFERING,),
        on.NoMatch: (S.SEARCHING, S.UNFILLED),
        on.Update: (S.SEARCHING,),
        on.Cancel: (S.CANCELLED,),
        on.Deadline: (S.SEARCHING, S.UNFILLED),
    },
    S.GATHERING: {
        on.Wave: (S.OFFERING,),
        on.Update: (S.GATHERING,),
        on.Cancel: (S.CANCELLED,),
    },
    S.OFFERING: {
        on.CouldNotRing: (S.OFFERING, S.SEARCHING),
        on.Ack: (S.OFFERING,),
        on.Accept: (S.HELD, S.CONFIRMED),
        on.Decline: (S.OFFERING, S.SEARCHING),
        on.Undelivered: (S.OFFERING, S.SEARCHING),
        on.Update: (S.OFFERING, S.SEARCHING),
        on.Cancel: (S.CANCELLED,),
        on.Deadline: (S.OFFERING, S.SEARCHING, S.UNFILLED),
    },
    S.CONFIRMED: {
        on.Update: (S.CONFIRMED,),
        on.Cancel: (S.CANCELLED, S.SEARCHING),
        on.Complete: (S.WRAP_UP,),
    },
    S.HELD: {
        on.Update: (S.HELD,),
        on.Cancel: (S.CANCELLED, S.SEARCHING),
        on.Present: (S.HELD, S.CONNECTING, S.IN_PROGRESS),
        on.MeetingOver: (S.SEARCHING, S.CANCELLED),
        on.Deadline: (S.HELD, S.SEARCHING),
    },
    S.CONNECTING: {
        on.Update: (S.CONNECTING,),
        on.Cancel: (S.CANCELLED, S.SEARCHING),
        on.Present: (S.CONNECTING, S.IN_PROGRESS),
        on.MeetingOver: (S.SEARCHING, S.CANCELLED),
        on.Deadline: (S.CONNECTING, S.SEARCHING, S.NO_SHOW),
    },
    S.IN_PROGRESS: {
        on.Update: (S.IN_PROGRESS,),
        on.Present: (S.IN_PROGRESS,),
        on.MeetingOver: (S.WRAP_UP,),
        on.Complete: (S.WRAP_UP,),
    },
    S.WRAP_UP: {on.Complete: (S.COMPLETED,), on.Deadline: (S.WRAP_UP, S.COMPLETED)},
    S.COMPLETED: {},
    S.CANCELLED: {},
    S.UNFILLED: {},
    S.NO_SHOW: {},
}
# Where a refused event only repeats what is so already: a client's retry.
REPEATS: Final = {on.Cancel: S.CANCELLED, on.Complete: S.COMPLETED}
# What timers and other records still send when it no longer matters.
LATE: Final = (
    on.Deadline,
    on.Present,
    on.MeetingOver,
    on.CouldNotRing,
    on.Undelivered,
    on.Wave,
    on.NoMatch,
)


def decide(old: Assignment | None, event: Event, at: Moment) -> Decision:
    """Return the next assignment and what to do about it.

    Raises NotFound for an offer that is not here or another's, Gone with the reason for an
    answer that comes too late, IllegalTransition for an event without a cell in TABLE.
    """
    if old is None:
        new = _created(event, at)
        return new, notices(None, new)
    if isinstance(event, on.Create):
        return old, ()  # the commit that made it was repeated
    new, effects = old, tuple[Effect, ...]()
    for slot in _addressed(old, event):
        if type(event) not in TABLE[slot.state]:
            _refuse(slot, event, at)
            continue
        new, more = HANDLERS[type(event)](new, slot, event, at)
        effects = (*effects, *more)
    return new, (*effects, *notices(old, new))


def _created(event: Event, at: Moment) -> Assignment:
    if not isinstance(event, on.Create):
        raise NotFound("no such assignment")
    return Assignment(
        id=event.id,
        app=event.app,
        customer=event.customer,
        terms=event.terms,
        created_ms=at.now_ms,
        deadline_ms=at.now_ms + at.times.request,
        slots=(Slot("1"),),
    )


def _addressed(old: Assignment, event: OfferEvent | SlotEvent | WholeEvent) -> tuple[Slot, ...]:
    """Return the slots that an event is for: all, the one named, or the offer's."""
    if isinstance(event, WholeEvent):
        return old.slots
    if isinstance(event, SlotEvent):
        return (old.slot(event.slot),)
    for slot in old.slots:
        for offer in slot.offers:
            mine = isinstance(event, on.CouldNotRing) or offer.interpreter == event.interpreter
            if offer.id == event.offer and mine:
                return (slot,)
    if isinstance(event, LATE):
        return ()
    raise NotFound("no such offer")


def _refuse(slot: Slot, event: Event, at: Moment) -> None:
    """Raise the refusal of an event without a cell, unless it is late or a repetition."""
    if isinstance(event, LATE) or REPEATS.get(type(event)) is slot.state:
        return
    if isinstance(event, on.Accept | on.Ack | on.Decline):
        offer = slot.offer(event.offer)
        kept = offer.state is OfferState.ACCEPTED and not isinstance(event, on.Decline)
        if kept or (isinstance(event, on.Decline) and offer.state is OfferState.DECLINED):
            return
        check_ringing(offer, at.now_ms)
    raise IllegalTransition(f"the assignment is {slot.state}; got {type(event).__name__}")


def _move(a: Assignment, slot: Slot, event: Event, to: SlotState, **changes: Any) -> Assignment:
    """Return the assignment with *slot* in the state *to*, which the table must allow."""
    if to not in TABLE[slot.state][type(event)]:
        raise IllegalTransition(f"{slot.state} does not lead to {to} by {type(event).__name__}")
    if to is not slot.state:
        changes.setdefault("until_ms", None)
    return a.with_slot(replace(slot, state=to, **changes))


# --- searching and offering ---------------------------------------------------------------


def _wave(a: Assignment, slot: Slot, event: on.Wave, at: Moment) -> Decision:
    taken = slot.asked | {s.interpreter for s in a.slots}
    fresh = tuple(c for c in event.candidates if c.interpreter not in taken)
    if not fresh:
        return a, ()
    ring, spares = fresh[: event.ring], fresh[event.ring :]
    wave = slot.wave + 1
    offers = tuple(_made(a, wave, c, at) for c in ring)
    new = _move(
        replace(a, outcome=None, decisions=(*a.decisions, event.decision)),
        slot,
        event,
        S.OFFERING,
        wave=wave,
        offers=(*slot.offers, *offers),
    )
    return new, tuple(_ring(a, o, spares) for o in offers)


def _made(a: Assignment, wave: int, candidate: on.Candidate, at: Moment) -> Offer:
    expires_ms = min(at.now_ms + at.times.offer, a.deadline_ms)
    return make(candidate, wave=wave, now_ms=at.now_ms, expires_ms=expires_ms)


def _ring(a: Assignment, offer: Offer, spares: tuple[on.Candidate, ...]) -> Tell:
    ring = on.Ring(a.id, offer.id, offer.made)
    return Tell(_availability(offer.interpreter), ring, refused=on.CouldNotRing(offer.id, spares))


def _could_not_ring(a: Assignment, slot: Slot, event: on.CouldNotRing, at: Moment) -> Decision:
    """Drop that candidate as if never picked, and ring the next that nobody rang."""
    rest = tuple(o for o in slot.offers if o.id != event.offer)
    dropped = slot.offer(event.offer).interpreter
    taken = {o.interpreter for o in rest} | {dropped}
    spares = tuple(c for c in event.spares if c.interpreter not in taken)
    if spares:
        offer = _made(a, slot.wave, spares[0], at)
        return a.with_slot(replace(slot, offers=(*rest, offer))), (_ring(a, offer, spares[1:]),)
    if any(o.ringing for o in rest):
        return a.with_slot(replace(slot, offers=rest)), ()
    return _move(a, slot, event, S.SEARCHING, offers=rest, wave=slot.wave - 1), ()


def _no_match(a: Assignment, slot: Slot, event: on.NoMatch, _: Moment) -> Decision:
    reason = "nobody_eligible" if event.never else "nobody_available"
    new = replace(a, outcome={"reason": reason, **event.outlook})
    return _move(new, slot, event, S.UNFILLED if event.never else S.SEARCHING), ()


def _ack(a: Assignment, slot: Slot, event: on.Ack, at: Moment) -> Decision:
    offer = acknowledge(slot.offer(event.offer), seen=event.seen, now_ms=at.now_ms)
    return a.with_slot(slot.with_offer(offer)), ()


def _accept(a: Assignment, slot: Slot, event: on.Accept, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    check_ringing(offer, at.now_ms)
    won = slot.with_offer(answer(offer, OfferState.ACCEPTED, at.now_ms))
    rest, effects = _withdraw(won, "taken", at)
    filled = {"offers": rest.offers, "interpreter": offer.interpreter, "held_ms": at.now_ms}
    hold = Tell(_availability(offer.interpreter), on.Hold(offer.id))
    if a.mode == "onsite":
        return _move(a, slot, event, S.CONFIRMED, **filled), (hold, *effects)
    party = on.Party(
        address.interpreter(offer.interpreter), "interpreter", offer.card.get("name", "")
    )
    if a.meeting:
        meeting = Tell(Key("meeting", a.meeting), on.Admit(party))
    else:
        customer = on.Party(a.customer_address, "customer", a.terms.get("customer_name", ""))
        opened = on.Open(event.meeting, a.app, a.mode, (customer, party), assignment=a.id)
        meeting = Tell(Key("meeting", event.meeting), opened)
        a = replace(a, meeting=event.meeting)
    until = at.now_ms + at.times.hold
    return _move(a, slot, event, S.HELD, until_ms=until, **filled), (hold, meeting, *effects)


def _decline(a: Assignment, slot: Slot, event: on.Decline, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    if offer.state is OfferState.DECLINED:
        return a, ()  # a client's retry
    check_ringing(offer, at.now_ms)
    return _offer_over(a, slot, event, answer(offer, OfferState.DECLINED, at.now_ms, event.reason))


def _undelivered(a: Assignment, slot: Slot, event: on.Undelivered, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    if not offer.ringing:
        return a, ()
    return _offer_over(a, slot, event, answer(offer, OfferState.UNDELIVERED, at.now_ms))


def _offer_over(a: Assignment, slot: Slot, event: Event, offer: Offer) -> Decision:
    rest = slot.with_offer(offer)
    to = S.OFFERING if rest.ringing else S.SEARCHING
    return _move(a, slot, event, to, offers=rest.offers), (_unring(offer, offer.state),)


def _withdraw(slot: Slot, reason: str, at: Moment) -> tuple[Slot, tuple[Effect, ...]]:
    """Take back every offer that still rings."""
    ringing = slot.ringing
    for offer in ringing:
        slot = slot.with_offer(answer(offer, OfferState.WITHDRAWN, at.now_ms, reason))
    return slot, tuple(_unring(o, reason) for o in ringing)


def _update(a: Assignment, slot: Slot, event: on.Update, at: Moment) -> Decision:
    new = replace(a, terms={**a.terms, **event.changes})
    if set(event.changes) <= {"note"}:
        return new, ()
    if slot.state not in (S.SEARCHING, S.GATHERING, S.OFFERING):
        raise IllegalTransition(f"the assignment is {slot.state}: only its note can change now")
    rest, effects = _withdraw(slot, "changed", at)
    again = tuple(replace(o, reason="changed") for o in rest.offers)
    to = S.SEARCHING if slot.state is S.OFFERING else slot.state
    return _move(new, slot, event, to, offers=again), effects


# --- held, meeting, over ------------------------------------------------------------------


def _present(a: Assignment, slot: Slot, event: on.Present, at: Moment) -> Decision:
    if event.meeting != a.meeting or slot.interpreter is None:
        return a, ()
    needed = {a.customer_address, address.interpreter(slot.interpreter)}
    present = tuple(sorted(needed & set(event.addresses)))
    if slot.state is S.IN_PROGRESS:
        return _move(a, slot, event, S.IN_PROGRESS, present=present), ()
    if needed <= set(present):
        meet = Tell(_availability(slot.interpreter), on.Meet(a.id))
        started = {"present": present, "started_ms": at.now_ms}
        return _move(a, slot, event, S.IN_PROGRESS, **started), (meet,)
    if slot.state is S.HELD and set(present) - set(slot.present):
        until = at.now_ms + at.times.connect
        return _move(a, slot, event, S.CONNECTING, present=present, until_ms=until), ()
    return _move(a, slot, event, slot.state, present=present), ()


def _meeting_over(a: Assignment, slot: Slot, event: on.MeetingOver, at: Moment) -> Decision:
    if event.meeting != a.meeting:
        return a, ()
    if slot.state is S.IN_PROGRESS:
        return _wrap_up(a, slot, event, at)
    gone = replace(a, meeting=None)
    if event.by == a.customer_address:
        gone = replace(gone, outcome={"reason": event.reason})
        return _move(gone, slot, event, S.CANCELLED), _released(slot, a)
    return _offer_again(gone, slot, event, at)


def _offer_again(
    a: Assignment, slot: Slot, event: Event, at: Moment, reason: str = "not_connected"
) -> Decision:
    """Let a held interpreter go and look on. The request's clock stood still meanwhile."""
    stood = at.now_ms - (slot.held_ms or at.now_ms)
    again = tuple(
        replace(o, reason=reason) if o.state is OfferState.ACCEPTED else o for o in slot.offers
    )
    effects: tuple[Effect, ...] = _released(slot, a)
    if a.meeting and slot.interpreter:
        revoke = on.Revoke(address.interpreter(slot.interpreter), reason)
        effects = (*effects, Tell(Key("meeting", a.meeting), revoke))
    later = replace(a, deadline_ms=a.deadline_ms + stood)
    open_again = {"offers": again, "interpreter": None, "held_ms": None}
    return _move(later, slot, event, S.SEARCHING, **open_again), effects


def _cancel(a: Assignment, slot: Slot, event: on.Cancel, at: Moment) -> Decision:
    """Call it off; or, when the interpreter gives it back, look on for another."""
    if slot.interpreter and event.by == address.interpreter(slot.interpreter):
        return _offer_again(a, slot, event, at, "given_back")
    rest, effects = _withdraw(slot, "cancelled", at)
    new = replace(a, outcome={"reason": event.reason or "cancelled"})
    new = _move(new, slot, event, S.CANCELLED, offers=rest.offers, ended_ms=at.now_ms)
    return new, (*effects, *_released(slot, a), *_end_meeting(a, event.by, "cancelled"))


def _complete(a: Assignment, slot: Slot, event: on.Complete, at: Moment) -> Decision:
    minutes = event.minutes if event.minutes is not None else slot.minutes
    slot = replace(slot, minutes=minutes)
    if slot.state is S.WRAP_UP:
        return _move(a, slot, event, S.COMPLETED), _released(slot, a)
    new, effects = _wrap_up(a, slot, event, at)
    return new, (*effects, *_end_meeting(a, event.by, "completed"))


def _wrap_up(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    until = at.now_ms + at.times.wrap_up
    new = _move(a, slot, event, S.WRAP_UP, until_ms=until, ended_ms=at.now_ms, present=())
    return new, _released(slot, a)


def _deadline(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    if slot.state in (S.SEARCHING, S.OFFERING):
        return _search_deadline(a, slot, event, at)
    if slot.until_ms is None or slot.until_ms > at.now_ms:
        return a, ()
    if slot.state is S.WRAP_UP:
        return _move(a, slot, event, S.COMPLETED), ()
    came = address.interpreter(slot.interpreter or "") in slot.present
    if slot.state is S.CONNECTING and came and a.customer_address not in slot.present:
        new = replace(a, outcome={"reason": "customer_never_came"})
        new = _move(new, slot, event, S.NO_SHOW, ended_ms=at.now_ms)
        return new, (*_released(slot, a), *_end_meeting(a, None, "no_show"))
    return _offer_again(a, slot, event, at)


def _search_deadline(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    over = tuple(o for o in slot.ringing if o.expires_ms <= at.now_ms)
    rest = slot
    for offer in over:
        rest = rest.with_offer(answer(offer, OfferState.EXPIRED, at.now_ms))
    effects = tuple(_unring(o, "expired") for o in over)
    if rest.ringing:
        return _move(a, slot, event, S.OFFERING, offers=rest.offers), effects
    if a.deadline_ms > at.now_ms:
        return _move(a, slot, event, S.SEARCHING, offers=rest.offers), effects
    outcome = {**(a.outcome or {}), "reason": "nobody_accepted" if rest.offers else "nobody_free"}
    new = replace(a, outcome=outcome)
    return _move(new, slot, event, S.UNFILLED, offers=rest.offers, ended_ms=at.now_ms), effects


# --- whom to tell -------------------------------------------------------------------------


def _availability(interpreter: str) -> Key:
    return Key("availability", interpreter)


def _unring(offer: Offer, reason: str) -> Tell:
    return Tell(_availability(offer.interpreter), on.Unring(offer.id, reason))


def _released(slot: Slot, a: Assignment) -> tuple[Effect, ...]:
    if slot.interpreter is None:
        return ()
    return (Tell(_availability(slot.interpreter), on.Release(a.id)),)


def _end_meeting(a: Assignment, by: str | None, reason: str) -> tuple[Effect, ...]:
    return (Tell(Key("meeting", a.meeting), on.End(by, reason)),) if a.meeting else ()


HANDLERS: Final[dict[type[Event], Callable[[Assignment, Slot, Any, Moment], Decision]]] = {
    on.Wave: _wave,
    on.NoMatch: _no_match,
    on.CouldNotRing: _could_not_ring,
    on.Ack: _ack,
    on.Accept: _accept,
    on.Decline: _decline,
    on.Undelivered: _undelivered,
    on.Update: _update,
    on.Cancel: _cancel,
    on.Complete: _complete,
    on.Present: _present,
    on.MeetingOver: _meeting_over,
    on.Deadline: _deadline,
}
