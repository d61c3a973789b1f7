"""The work itself: who meets, what ends it, and what follows for whoever held it."""

from msgspec.structs import replace

from signalling.core import address, calling_off, endings, handover, outcomes
from signalling.core import events as on
from signalling.core import notices as tell
from signalling.core.effects import Effect, Moment
from signalling.core.moves import let_go, lose, move, withdraw
from signalling.core.slot import Assignment, Slot, SlotState
from signalling.core.slot_table import Event
from signalling.errors import IllegalTransition

S = SlotState
Decision = tuple[Assignment, tuple[Effect, ...]]


def present(a: Assignment, slot: Slot, event: on.Present, at: Moment) -> Decision:
    needed = a.needed(slot)
    present = tuple(sorted(needed & set(event.addresses)))
    if slot.state is S.CONFIRMED:  # the customer, from another's hold: it opens to both yet
        return move(a, slot, event, S.CONFIRMED, present=present), ()
    if slot.interpreter and needed <= set(present) and slot.state is not S.IN_PROGRESS:
        started = {"present": present, "started_ms": at.now_ms}
        new = move(a, slot, event, S.IN_PROGRESS, **started)
        return new, tell.begin(a, slot)
    if slot.state is S.HELD and set(present) - set(slot.present):
        # A booking's times are those of its start, not of who comes first.
        until = slot.until_ms if slot.booked else at.now_ms + at.bounds.connect
        return move(a, slot, event, S.CONNECTING, present=present, until_ms=until), ()
    return move(a, slot, event, slot.state, present=present), ()


def meeting_over(a: Assignment, slot: Slot, event: on.MeetingOver, at: Moment) -> Decision:
    if slot.state is S.IN_PROGRESS:
        return work_over(a, slot, event, at)
    gone = a
    if a.meeting == event.meeting:  # no other place has opened the next yet
        gone = replace(a, meeting=None, room=_next_room(event.meeting) if a.begins_ms else a.room)
    if event.by == a.customer_address:
        return _call_off(gone, slot, event, at, event.reason)
    if slot.interpreter is None or slot.state is S.CONFIRMED:
        return move(gone, slot, event, slot.state, present=()), ()
    if slot.booked:
        return meet(gone, slot, event, slot.until_ms)
    return offer_again(gone, slot, event, at)


def _next_room(meeting: str) -> str:
    """Return the id of the meeting after this one: `me-1`, `me-1.2`, `me-1.3`."""
    first, _, number = meeting.rpartition(".")
    return f"{first}.{int(number) + 1}" if first and number.isdecimal() else f"{meeting}.2"


def meet(a: Assignment, slot: Slot, event: Event, until_ms: int | None) -> Decision:
    """Let both sides of a booking meet, in its meeting or a new one: until its work begins."""
    offer = next(o for o in reversed(slot.offers) if o.interpreter == slot.interpreter)
    room = a.room or f"me-{a.id}"
    met = replace(a, meeting=a.meeting or room)
    present = slot.present if a.meeting else ()
    new = move(met, slot, event, S.HELD, until_ms=until_ms, present=present)
    return new, (tell.invite(a, slot, offer, room),)


def offer_again(
    a: Assignment, slot: Slot, event: Event, at: Moment, reason: str = "not_connected"
) -> Decision:
    """Let whoever holds it go, and look on; for a booking that is about to start, for now.

    The clock of a request for now stood still meanwhile.
    """
    later = a
    if slot.booked:
        urgent_ms = at.now_ms + at.bounds.request
        later = a.for_now(urgent_ms) if (a.start_ms or 0) < urgent_ms else a
    else:
        stood = at.now_ms - (slot.held_ms or at.now_ms)
        later = replace(a, deadline_ms=a.deadline_ms + stood)
    present = tuple(who for who in slot.present if who == a.customer_address)
    gone = {"present": present, "late": False, "checked_in_ms": None}
    new = move(later, slot.let_go(reason), event, S.SEARCHING, **gone)
    work = endings.let_go(a, slot, event, at.now_ms)
    return new, (*let_go(a, slot, work, at), *tell.bar(a, slot, reason))


def cancel(a: Assignment, slot: Slot, event: on.Cancel, at: Moment) -> Decision:
    """Call it off; or, when the interpreter gives it back, look on for another."""
    if address.role(event.by) == "interpreter":
        if slot.interpreter != address.user_id(event.by):
            return a, ()  # given back before: a retry
        return offer_again(a, slot, event, at, "given_back")
    new, effects = _call_off(a, slot, event, at, event.reason or "cancelled")
    if new.last(slot):
        return new, (*effects, *tell.end_meeting(a, event.by, "cancelled"))
    return new, (*effects, *tell.bar(a, slot, "cancelled"))


def _call_off(
    a: Assignment, slot: Slot, event: on.Cancel | on.MeetingOver, at: Moment, reason: str
) -> Decision:
    rest, effects = withdraw(a, slot, "cancelled", at)
    new = replace(calling_off.noted(a, event, at), outcome={"reason": reason})
    new = move(new, slot, event, S.CANCELLED, offers=rest.offers, ended_ms=at.now_ms)
    new, lost = (new, ()) if new.open else lose(new, "cancelled")
    return new, (*effects, *lost, *let_go(a, slot, endings.called_off(slot, event.by), at))


def complete(a: Assignment, slot: Slot, event: on.Complete, at: Moment) -> Decision:
    if slot.state is S.CONFIRMED and at.now_ms < (a.begins_ms or 0):
        raise IllegalTransition("it has not begun yet")
    if event.said is not None:
        slot = replace(slot, said=event.said, minutes=event.said.minutes)
    if slot.state is S.WRAP_UP:
        new, effects = completed(a, slot, event, at)
        return new, (*tell.release(a, slot), *effects)
    new, effects = work_over(a, slot, event, at)
    if a.last(slot):
        return new, (*effects, *tell.end_meeting(a, event.by, "completed"))
    return new, (*effects, *tell.bar(a, slot, "completed"))


def forgotten(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    """End what nobody ended: work on site, then its wrap-up."""
    if slot.state is S.WRAP_UP:
        return completed(a, slot, event, at)
    return wrap_up(a, slot, event, at)


def handed_over(a: Assignment, slot: Slot, event: on.HandedOver, at: Moment) -> Decision:
    """End the work of who left; whoever came is at work, though the customer be away just now."""
    who = address.interpreter(slot.interpreter or "")
    if event.meeting == a.meeting and who == event.leaving and slot.state is S.IN_PROGRESS:
        return wrap_up(a, slot, event, at)
    if event.meeting == a.meeting and who == event.coming and slot.coming:
        new = move(a, slot, event, S.IN_PROGRESS, started_ms=at.now_ms)
        return new, tell.begin(a, slot)
    return a, ()


def work_over(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    new, effects = wrap_up(a, slot, event, at)
    new, more = handover.nobody_comes(new, slot, at)
    return new, (*effects, *more)


def wrap_up(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    until = at.now_ms + at.bounds.wrap_up
    ended_ms = max(at.now_ms, slot.started_ms or 0)  # who checks in early may be done early
    new = move(a, slot, event, S.WRAP_UP, until_ms=until, ended_ms=ended_ms, present=())
    return new, tell.release(a, slot, endings.completed(a, new.slot(slot.id)))


def completed(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    line = outcomes.work(a, slot, endings.completed(a, slot), at)
    return move(a, slot, event, S.COMPLETED), (tell.finished(a, slot), *line)
