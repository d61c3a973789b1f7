"""Bookings: who could take one, who is chosen, and what is due when its time comes."""

from typing import Any, Final

from msgspec.structs import replace

from signalling.core import address, endings
from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core import notices as tell
from signalling.core.asking import Decision, confirmed, search_deadline
from signalling.core.effects import Effect, Moment
from signalling.core.moves import let_go, lose, move
from signalling.core.offer import OfferState, answer, make
from signalling.core.slot import Assignment, Interested, Slot, SlotState
from signalling.core.slot_table import Event
from signalling.core.times import halfway_ms
from signalling.core.working import meet, offer_again, wrap_up
from signalling.errors import Conflict, IllegalTransition, NotEligible

S = SlotState
MINUTE_MS: Final = 60_000
INTERESTED_MOST: Final = 200
TRIED_MOST: Final = 8  # of those who could: each is written into a diary, or not, within one commit
EARLY_ON_SITE_MS: Final = 60 * MINUTE_MS


# --- who could, and who is chosen ---------------------------------------------------------


def interest(a: Assignment, _: Slot, event: book.Interest, at: Moment) -> Decision:
    """Note that somebody could, or take that back; again is harmless."""
    there = any(each.interpreter == event.interpreter for each in a.interests)
    if there is event.interested:
        return a, ()
    if not event.interested:
        rest = tuple(i for i in a.interests if i.interpreter != event.interpreter)
        return replace(a, interests=rest), ()
    if len(a.interests) >= INTERESTED_MOST:
        raise Conflict(f"{INTERESTED_MOST} interpreters have said that they could")
    could = Interested(event.interpreter, event.offer, at.now_ms, event.card)
    return replace(a, interests=(*a.interests, could)), ()


def confirm(a: Assignment, slot: Slot, event: book.Confirm, at: Moment) -> Decision:
    """Take whom the customer chose."""
    who = event.candidate.interpreter
    if not any(each.interpreter == who for each in a.interests):
        raise NotEligible("they have not said that they could")
    new, lost = confirmed(a, slot, event, _filled(slot, event.candidate, "", at), at)
    return new, (tell.book(new, new.slot(slot.id), a.begins_ms or at.now_ms), *lost)


def choose(a: Assignment, slot: Slot, event: book.Choose, _: Moment) -> Decision:
    """Take the best who could: the diary says whether they still can."""
    taken = a.unwanted(slot)
    fresh = tuple(c for c in event.candidates if c.interpreter not in taken)
    if not a.interests:
        return a, ()
    return _next(a.decided(event.decision), slot, event.decision, fresh[:TRIED_MOST])


def _next(
    a: Assignment, slot: Slot, decision: str, candidates: tuple[on.Candidate, ...]
) -> Decision:
    if not candidates:
        return lose(a, "not_eligible")  # nobody of them can any more: everybody is asked
    first, spares = candidates[0], candidates[1:]
    booked = book.Booked(slot.id, first, decision)
    refused = book.CouldNotBook(slot.id, spares, decision)
    taken = replace(slot, interpreter=first.interpreter)
    return a, (tell.book(a, taken, a.begins_ms or 0, booked=booked, refused=refused),)


def could_not_book(a: Assignment, slot: Slot, event: book.CouldNotBook, _: Moment) -> Decision:
    return _next(a, slot, event.decision, event.spares)


def booked(a: Assignment, slot: Slot, event: book.Booked, at: Moment) -> Decision:
    """Hear that the diary has it."""
    return confirmed(a, slot, event, _filled(slot, event.candidate, event.decision, at), at)


def _filled(slot: Slot, candidate: on.Candidate, decision: str, at: Moment) -> dict[str, Any]:
    """Return the fields of a slot whose interpreter was taken without an offer that rang."""
    wave, now_ms = slot.wave + 1, at.now_ms
    made = make(candidate, wave=wave, now_ms=now_ms, expires_ms=now_ms, decision=decision)
    won = replace(answer(made, OfferState.ACCEPTED, now_ms), letter=True)
    return {
        "wave": wave,
        "offers": (*slot.offers, won),
        "interpreter": candidate.interpreter,
        "held_ms": at.now_ms,
        "waits": False,
        "first": None,
    }


# --- a series -----------------------------------------------------------------------------


def follow(a: Assignment, slot: Slot, event: book.Follow, _: Moment) -> Decision:
    """Take who took the first of the series, if they are free."""
    if not slot.waits:
        return a, ()
    booked_ = book.Booked(slot.id, event.candidate, "")
    taken = replace(slot, interpreter=event.candidate.interpreter)
    refused = book.CouldNotFollow(slot.id)
    return a, (tell.book(a, taken, a.begins_ms or 0, booked=booked_, refused=refused),)


def alone(a: Assignment, slot: Slot, event: Event, _: Moment) -> Decision:
    """Look for somebody after all."""
    return (move(a, slot, event, S.SEARCHING, waits=False) if slot.waits else a), ()


# --- its time comes -----------------------------------------------------------------------


def check_in(a: Assignment, slot: Slot, event: book.CheckIn, at: Moment) -> Decision:
    """Let the work begin on site: not before its time, but for who comes early."""
    if a.mode != "onsite":
        raise IllegalTransition("only onsite work is checked in to: join the meeting")
    if a.begins_ms is not None and at.now_ms < a.begins_ms - EARLY_ON_SITE_MS:
        raise IllegalTransition("it does not begin yet")
    began = max(at.now_ms, a.begins_ms or 0)
    until = began + a.duration_ms + at.bounds.meeting
    there: dict[str, Any] = {"checked_in_ms": at.now_ms, "checked_in_place": event.position}
    there |= {"started_ms": began, "until_ms": until}
    return move(a, slot, event, S.IN_PROGRESS, **there), tell.begin(a, slot)


def never_came(a: Assignment, slot: Slot, event: book.NeverCame, at: Moment) -> Decision:
    """Believe whoever waited: who never came is at fault, and may have it looked at again.

    On site an interpreter may have checked in before; nobody is believed of who is in the meeting.
    """
    theirs = address.role(event.by) == "interpreter"
    if slot.state is S.IN_PROGRESS and not (theirs and a.mode == "onsite"):
        raise IllegalTransition("both of you came")
    if a.customer_address in slot.present if theirs else slot.there:
        raise IllegalTransition("they are in the meeting")
    wait_min = a.rules.no_show_min if theirs else a.rules.late_min
    since = (a.begins_ms if slot.booked else slot.held_ms) or at.now_ms
    if at.now_ms < since + wait_min * MINUTE_MS:
        raise IllegalTransition(f"wait until {wait_min} minutes after the start")
    return customer_absent(a, slot, event, at) if theirs else no_show(a, slot, event, at)


def customer_absent(
    a: Assignment, slot: Slot, event: Event, at: Moment, reason: str = "customer_never_came"
) -> Decision:
    new = move(replace(a, outcome={"reason": reason}), slot, event, S.NO_SHOW, ended_ms=at.now_ms)
    work = endings.NEVER_CAME if reason == "customer_never_came" else endings.NOBODY_CAME
    over = tell.end_meeting(a, None, "no_show") if a.last(slot) else tell.bar(a, slot, "no_show")
    return new, (*let_go(a, slot, work, at), *over)


def no_show(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    new, effects = offer_again(a, slot, event, at, "no_show")
    return new, (*effects, tell.no_show(a, slot))


def due(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    """Do what is due of a booking that stands or is held, the earliest first."""
    start_ms = a.begins_ms or 0
    if slot.state is S.CONFIRMED and a.mode != "onsite":
        return open_meeting(a, slot, event, at)
    if slot.state is S.CONFIRMED and slot.late:
        return wrap_up(a, slot, event, at)
    no_show_ms = start_ms + a.rules.no_show_min * MINUTE_MS
    if slot.state is S.CONFIRMED or at.now_ms < no_show_ms:
        until = no_show_ms
        if slot.state is S.CONFIRMED:
            ends_ms = start_ms + a.duration_ms + at.bounds.meeting
            until = max(ends_ms, at.now_ms + at.bounds.hold)
        new = move(a, slot, event, slot.state, late=not slot.there, until_ms=until)
        return new, () if slot.there else (tell.late(new, new.slot(slot.id)),)
    if slot.there:
        return customer_absent(a, slot, event, at)
    if a.customer_address in slot.present:
        return no_show(a, slot, event, at)
    return customer_absent(a, slot, event, at, "nobody_came")


def open_meeting(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    """Open its meeting to both, a while before the start; if that was missed, for a while yet."""
    late_ms = (a.begins_ms or 0) + a.rules.late_min * MINUTE_MS
    return meet(a, slot, event, max(late_ms, at.now_ms + at.bounds.hold))


def window_over(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    """End the time in which interpreters say that they could; with it, if late, the search.

    A customer who is to choose has time for that, too; who has not chosen then gets the best.
    """
    if a.interest_until_ms is not None and a.interest_until_ms > at.now_ms:
        return a, ()
    chooses = a.terms.get("confirm") == "customer" and a.interests and not a.choosing
    if chooses and a.deadline_ms > at.now_ms:
        until_ms = halfway_ms(at.now_ms, a.deadline_ms)
        return replace(a, choosing=True, interest_until_ms=until_ms), ()
    new = move(a, slot, event, S.SEARCHING)
    return search_deadline(new, new.slot(slot.id), event, at)


def remind(a: Assignment, at: Moment) -> tuple[Assignment, tuple[Effect, ...]]:
    """Remind those who are to meet, once for each reminder that is due; of several, the last."""
    count = a.due_reminders(at.now_ms)
    if count <= a.reminded or not a.to_meet:
        return a, ()
    return replace(a, reminded=count), tell.reminders(a, at)
