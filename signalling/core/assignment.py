"""The life of an assignment and its offers: which handler takes which event, and for which slots.

The handlers stand by what they are about: asking, bookings, the work itself, handing it over. An
accept is one commit over the assignment, the winner's diary, the winner's and the losers'
availability, and the meeting: it tells them all, and any refusal undoes the whole.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

from signalling.core import (
    address,
    asking,
    audit,
    bookings,
    handover,
    outcomes,
    published,
    ratings,
    restraint,
    views,
    working,
)
from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core import notices as tell
from signalling.core.effects import Effect, Moment
from signalling.core.moves import move
from signalling.core.offer import OfferState, check_ringing
from signalling.core.recommended import recommended
from signalling.core.slot import Assignment, Slot, SlotState
from signalling.core.slot_table import (
    REPEATS,
    TABLE,
    BookingEvent,
    Change,
    Event,
    Late,
    SlotEvent,
    WholeEvent,
)
from signalling.errors import Gone, IllegalTransition, NotFound

S = SlotState
Decision = tuple[Assignment, tuple[Effect, ...]]


def decide(old: Assignment | None, event: Event, at: Moment) -> Decision:
    """Return the next assignment and what to do about it.

    Raises NotFound for an offer that is not here or another's, Gone with the reason for an
    answer that comes too late, IllegalTransition for an event without a cell in TABLE.
    """
    if old is None:
        new = _created(event, at)
        return new, _told(None, new, event, at)
    if isinstance(event, on.Create):
        return old, ()  # the commit that made it was repeated
    new, effects = old, tuple[Effect, ...]()
    if isinstance(event, on.Deadline):
        new, effects = bookings.remind(new, at)
    elif isinstance(event, on.Update):
        event = asking.differing(old, event)
    for seen in _takers(old, event, at):
        new, more = HANDLERS[type(event)](new, new.slot(seen.id), event, at)
        effects = (*effects, *more)
    if isinstance(event, restraint.Repeatable):
        new = restraint.counted(old, new, event)
    return new, (*effects, *_told(old, new, event, at))


def _told(old: Assignment | None, new: Assignment, event: Event, at: Moment) -> tuple[Effect, ...]:
    """Return what everybody is told of a change, and what is kept of it."""
    shown = cache(partial(views.assignment, new))  # by audience: several are told of it
    return (
        *tell.notices(old, new, shown),
        *(outcomes.offers(old, new, at) if old else ()),
        *published.hooks(old, new, shown),
        *audit.log(old, new, event, at),
    )


def _created(event: Event, at: Moment) -> Assignment:
    if not isinstance(event, on.Create):
        raise NotFound("no such assignment")
    start_ms = event.terms.get("start_ms")
    waits = event.series is not None and event.series.index > 1
    first = S.SEARCHING if waits or event.interest_until_ms is None else S.GATHERING
    return Assignment(
        id=event.id,
        app=event.app,
        customer=event.customer,
        terms=event.terms,
        created_ms=at.now_ms,
        deadline_ms=at.now_ms + at.bounds.request if start_ms is None else start_ms,
        slots=tuple(Slot(str(n), first, waits=waits) for n in range(1, event.needed + 1)),
        rules=event.rules,
        room=event.room,
        interest_until_ms=event.interest_until_ms,
        series=event.series,
    )


def _takers(old: Assignment, event: Change, at: Moment) -> tuple[Slot, ...]:
    """Return the slots that take an event; raise the refusal if it was for others."""
    addressed = _addressed(old, event)
    if isinstance(event, book.CheckIn) and not addressed:
        raise IllegalTransition("they hold no place in it")
    takers = tuple(s for s in addressed if type(event) in TABLE[s.state])
    if not takers and not any(_repeats(s, event) for s in addressed):
        for slot in addressed:
            _refuse(slot, event, at)
    return takers


def _repeats(slot: Slot, event: Event) -> bool:
    """Say whether an event says only what is so already: a client's retry."""
    if isinstance(event, book.Confirm):
        return slot.interpreter == event.candidate.interpreter
    return REPEATS.get(type(event)) is slot.state


def _addressed(old: Assignment, event: Change) -> tuple[Slot, ...]:
    """Return the slots that an event is for: all, the one named, or the offer's."""
    if isinstance(event, BookingEvent):
        return _of_a_booking(old, event)
    if isinstance(event, WholeEvent):
        return _of_the_whole(old, event)
    if isinstance(event, SlotEvent):
        return tuple(s for s in old.slots if s.id == event.slot)
    for slot in old.slots:
        for offer in slot.offers:
            mine = isinstance(event, on.CouldNotRing) or offer.interpreter == event.interpreter
            if offer.id == event.offer and mine:
                return (slot,)
    if isinstance(event, Late):
        return ()
    raise NotFound("no such offer")


def _of_the_whole(old: Assignment, event: WholeEvent) -> tuple[Slot, ...]:
    """Return the slots that an event of the whole is for: not of who is yet to take over."""
    found = old.slots
    match event:
        case on.Transfer():
            found = handover.leaving(old)
        case on.Rate():
            found = ratings.rated_by(old, event)
        case on.Complete(by=by) if own := old.worked_by(by):
            found = own
        case on.Cancel(by=by) if mine := old.held_by(by):
            found = mine
        case on.Present(meeting=meeting) if meeting != old.meeting:
            found = ()
        case on.MeetingOver(meeting=meeting) if meeting != old.meeting:
            found = ()
        case on.Update():
            found = old.current
        case on.Cancel():
            found = tuple(s for s in old.current if not s.coming)
        case on.Complete() | on.MeetingOver():
            found = tuple(s for s in old.slots if not s.coming)
    return found


def _of_a_booking(old: Assignment, event: BookingEvent) -> tuple[Slot, ...]:
    """Return the slots of those whom an event names, or that it can be about."""
    match event:
        case book.Interest():
            found = _gathering(old)
        case book.Confirm(candidate=chosen):
            found = old.held_by(address.interpreter(chosen.interpreter)) or _gathering(old)
        case book.CheckIn(by=by) | book.NeverCame(by=by) if address.role(by) == "interpreter":
            found = old.held_by(by)
        case book.NeverCame(interpreter=str(who)) | book.Correct(interpreter=who):
            found = old.held_by(address.interpreter(who))
        case _:
            found = tuple(s for s in old.current if not s.there) or old.current
    return found


def _gathering(old: Assignment) -> tuple[Slot, ...]:
    return (tuple(s for s in old.slots if s.state is S.GATHERING) or old.slots)[:1]


def _refuse(slot: Slot, event: Event, at: Moment) -> None:
    """Raise the refusal of an event without a cell, unless it is late or a repetition."""
    if isinstance(event, Late):
        return
    if isinstance(event, on.Accept | on.Ack | on.Decline):
        offer = slot.offer(event.offer)
        if isinstance(event, on.Decline):
            again = offer.state is OfferState.DECLINED
        else:
            again = offer.state is OfferState.ACCEPTED and offer.reason is None
        if again:
            return
        check_ringing(offer, at.now_ms)
    if isinstance(event, book.Interest):
        raise Gone("it is decided, or was never open", reason="decided")
    raise IllegalTransition(f"the assignment is {slot.state}; got {type(event).__name__}")


def _correct(a: Assignment, slot: Slot, event: book.Correct, _: Moment) -> Decision:
    return move(a, slot, event, slot.state, minutes=event.minutes), ()


def _deadline(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    if slot.state in (S.SEARCHING, S.OFFERING):
        return asking.search_deadline(a, slot, event, at)
    if slot.state is S.GATHERING:
        return bookings.window_over(a, slot, event, at)
    if slot.until_ms is None or slot.until_ms > at.now_ms:
        return a, ()
    if slot.state in (S.IN_PROGRESS, S.WRAP_UP):
        return working.forgotten(a, slot, event, at)
    return bookings.due(a, slot, event, at) if slot.booked else _hold_over(a, slot, event, at)


def _hold_over(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    """End a hold for now that led to no meeting; on site nobody meets, and the work is over."""
    if slot.state is S.CONFIRMED:
        return working.wrap_up(a, slot, event, at)
    alone = slot.state is S.CONNECTING and slot.there and a.customer_address not in slot.present
    if alone and not slot.coming:
        return bookings.customer_absent(a, slot, event, at)
    return working.offer_again(a, slot, event, at)


HANDLERS: Final[dict[type[Event], Callable[[Assignment, Slot, Any, Moment], Decision]]] = {
    on.Wave: asking.wave,
    on.NoMatch: asking.no_match,
    on.CouldNotRing: asking.could_not_ring,
    on.Ack: asking.ack,
    on.Accept: asking.accept,
    on.Decline: asking.decline,
    on.Undelivered: asking.undelivered,
    book.Preempt: asking.preempt,
    on.Update: asking.update,
    book.Interest: bookings.interest,
    book.Confirm: bookings.confirm,
    book.Choose: bookings.choose,
    book.Booked: bookings.booked,
    book.CouldNotBook: bookings.could_not_book,
    book.Follow: bookings.follow,
    book.CouldNotFollow: bookings.alone,
    book.Alone: bookings.alone,
    book.Recommended: recommended,
    book.CheckIn: bookings.check_in,
    book.NeverCame: bookings.never_came,
    book.Correct: _correct,
    on.Cancel: working.cancel,
    on.Complete: working.complete,
    on.Rate: ratings.rate,
    on.Present: working.present,
    on.MeetingOver: working.meeting_over,
    on.Transfer: handover.transfer,
    on.HandedOver: working.handed_over,
    on.Deadline: _deadline,
}
