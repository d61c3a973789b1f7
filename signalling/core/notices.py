"""Whom an assignment tells: other records in the same commit, people, the dispatcher."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from signalling.core import address, push, reasons, views
from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.booking_events import Book, Engage, NoShow, Unbook
from signalling.core.effects import Announce, Effect, Hook, Key, Moment, Send, Tell
from signalling.core.history import Finished, Rated, is_good
from signalling.core.offer import Offer, OfferState
from signalling.core.series import Led, Off
from signalling.core.slot import OPEN, OVER, Assignment, Interested, Slot, SlotState
from signalling.core.views import Shown


def notices(old: Assignment | None, new: Assignment, shown: Shown) -> tuple[Effect, ...]:
    """Return what the change from *old* to *new* has to be told, to each once.

    *shown* is *new* as an audience, and who of it, sees it.
    """
    effects: list[Effect] = []
    if old is None or _visible(old) != _visible(new):
        effects.append(_changed(new.customer_address, shown("customer")))
    for slot in new.slots:
        before = old.slot(slot.id) if old else Slot(slot.id)
        moved = slot.state is not before.state
        who = slot.interpreter or before.interpreter
        if who and (moved or (old and old.terms != new.terms)):
            effects.append(_changed(address.interpreter(who), shown("interpreter", who)))
        there = old is not None and any(s.id == slot.id for s in old.slots)
        anew = not there or moved or old is None or old.terms != new.terms
        anew = anew or before.first != slot.first or before.waits != slot.waits
        anew = anew or (old is not None and bool(old.interests) and not new.interests)
        anew = anew or (old is not None and _freed(old, new, slot))
        more_due = slot.looking and slot.due > before.due
        if more_due or (slot.state is SlotState.SEARCHING and slot.looking and anew):
            effects.append(Announce("work", "search", {"assignment": new.id, "slot": slot.id}))
    if new.untold and not (old and old.untold):
        effects.append(Announce("untold", "untold", {"assignment": new.id}))
    return (*effects, *_series(old, new))


def _freed(old: Assignment, new: Assignment, slot: Slot) -> bool:
    """Say whether somebody may be asked for a slot now who was asked for another one before."""
    return bool(old.unwanted(old.slot(slot.id)) - new.unwanted(slot))


def _series(old: Assignment | None, new: Assignment) -> tuple[Effect, ...]:
    """Tell a series who took the first of it, or that nobody did."""
    if old is None or new.series is None or new.series.index != 1:
        return ()
    told: list[Effect] = []
    for slot in new.slots:
        before = old.slot(slot.id)
        if slot.state is SlotState.CONFIRMED and before.state is not SlotState.CONFIRMED:
            won = next(o for o in reversed(slot.offers) if o.interpreter == slot.interpreter)
            led = on.Candidate(won.id, won.interpreter, won.score, won.p_accept, won.card, {})
            told.append(Tell(Key("series", new.series.id), Led(slot.id, led)))
        elif slot.state in OVER and before.state in OPEN:
            told.append(Tell(Key("series", new.series.id), Off(slot.id)))
    return tuple(told)


def _changed(to: str, shown: Mapping[str, Any]) -> Send:
    return Send(to, "assignment.changed", {"assignment": shown})


def _visible(a: Assignment) -> object:
    slots = [(s.state, s.wave, s.late, s.minutes) for s in a.slots]
    could = [i.interpreter for i in a.interests]
    return slots, a.meeting, a.outcome, a.terms, could, a.choosing


# --- other records ------------------------------------------------------------------------


def ring(a: Assignment, offer: Offer, spares: tuple[on.Candidate, ...]) -> tuple[Effect, ...]:
    """Ring an offer at whoever is available; send a letter, also to the phone of who is not."""
    if offer.letter:
        to = address.interpreter(offer.interpreter)
        pushed = push.made(offer.interpreter, a.id, offer.made)
        return Send(to, "offer.made", offer.made), pushed
    event, refused = on.Ring(a.id, offer.id, offer.made), on.CouldNotRing(offer.id, spares)
    return (Tell(_availability(offer.interpreter), event, refused=refused),)


def acked(offer: Offer) -> tuple[Tell, ...]:
    """Say that an offer that rings has arrived, the first time."""
    if offer.letter or offer.state is not OfferState.MADE:
        return ()
    return (Tell(_availability(offer.interpreter), on.Acked(offer.id)),)


def unring(a: Assignment, offer: Offer, reason: str) -> tuple[Effect, ...]:
    if offer.letter:
        return _taken_back(a, offer, reason)
    return (Tell(_availability(offer.interpreter), on.Unring(offer.id, reason)),)


def lost(a: Assignment, could: Interested, reason: str) -> Send:
    return _withdrawn(a, could.interpreter, could.offer, reason)


def _withdrawn(a: Assignment, interpreter: str, offer: str, reason: str) -> Send:
    told = reasons.withdrawn(offer, a.id, reason)
    return Send(address.interpreter(interpreter), "offer.withdrawn", told)


def _taken_back(a: Assignment, offer: Offer, reason: str) -> tuple[Effect, ...]:
    """Say that a letter counts no more, to the phone as well: it was pushed."""
    over = push.withdrawn(offer.interpreter, a.id, offer.id, reason)
    return _withdrawn(a, offer.interpreter, offer.id, reason), over


def expired(a: Assignment, offer: Offer) -> tuple[Effect, ...]:
    """Stop an offer that nobody answered.

    It counts as silence only if it had reached them, and the end of the search cut nothing off.
    """
    if offer.letter:
        return _taken_back(a, offer, "expired")
    rang_out = offer.delivered_ms is not None and offer.expires_ms < a.deadline_ms
    return (Tell(_availability(offer.interpreter), on.Unring(offer.id, "expired", rang_out)),)


def hold(offer: Offer) -> Tell:
    return Tell(_availability(offer.interpreter), on.Hold(offer.id))


def begin(a: Assignment, slot: Slot) -> tuple[Tell, ...]:
    """Let whoever holds the slot be at work; for a booking they were not held before."""
    event = Engage(a.id) if slot.booked else on.Meet(a.id)
    return (Tell(_availability(slot.interpreter or ""), event),)


def book(
    a: Assignment,
    slot: Slot,
    start_ms: int,
    *,
    booked: object | None = None,
    refused: object | None = None,
) -> Tell:
    """Write work that begins at *start_ms* into the diary of whoever holds the slot."""
    who = slot.interpreter or ""
    end_ms = start_ms + a.duration_ms
    place = a.terms.get("location") if a.mode == "onsite" else None
    event = Book(who, a.id, slot.id, start_ms, end_ms, place, booked=booked, refused=refused)
    return Tell(Key("interpreter", who), event)


def unbook(a: Assignment, slot: Slot) -> tuple[Tell, ...]:
    return (Tell(Key("diary", slot.interpreter or ""), Unbook(a.id, slot.id)),)


def no_show(a: Assignment, slot: Slot) -> Tell:
    """Let it count in the standing of whoever holds the slot; nobody is engaged by a booking."""
    who, counted = slot.interpreter or "", not slot.booked
    return Tell(Key("interpreter", who), NoShow(who, a.id, a.app, a.rules, counted))


def release(a: Assignment, slot: Slot, work: on.Work | None = None) -> tuple[Tell, ...]:
    """Let go of whoever holds the slot, whose *work* ended so; their time is their own again."""
    if slot.interpreter is None:
        return ()
    released = Tell(_availability(slot.interpreter), on.Release(a.id, work))
    return (released, *unbook(a, slot))


def finished(a: Assignment, slot: Slot) -> Tell:
    """Let the work count in the interpreter's history, by way of the profile: if there is one."""
    who = slot.interpreter or ""
    good = is_good(slot.rating.stars if slot.rating else None)
    return Tell(Key("interpreter", who), Finished(who, a.pair, _customer(a), good))


def rated(a: Assignment, slot: Slot, stars: int) -> Tell:
    """Let stars count in the interpreter's history, in place of those that *slot* has."""
    who, before = slot.interpreter or "", slot.rating.stars if slot.rating else None
    over = slot.state is SlotState.COMPLETED
    return Tell(Key("interpreter", who), Rated(who, _customer(a), stars, before, over))


def _customer(a: Assignment) -> str:
    return f"{a.app}:{a.customer}"


def invite(a: Assignment, slot: Slot, offer: Offer, fresh: str) -> Tell:
    """Let the winner into the assignment's meeting, or open it as *fresh* for both."""
    winner = on.Party(
        address.interpreter(offer.interpreter), "interpreter", offer.card.get("name", "")
    )
    if a.meeting:
        left = next((s for s in a.slots if slot.replaces == s.id), None)
        leaving = address.interpreter(left.interpreter) if left and left.interpreter else None
        return Tell(Key("meeting", a.meeting), room.Admit(winner, leaving))
    customer = on.Party(a.customer_address, "customer", a.terms.get("customer_name", ""))
    opened = room.Open(fresh, a.app, a.mode, (customer, winner), a.id, a.duration_ms)
    return Tell(Key("meeting", fresh), opened)


def bar(a: Assignment, slot: Slot, reason: str) -> tuple[Tell, ...]:
    """Take the slot's interpreter out of the meeting, if there is one."""
    if not a.meeting or not slot.interpreter:
        return ()
    event = room.Revoke(address.interpreter(slot.interpreter), reason)
    return (Tell(Key("meeting", a.meeting), event),)


def end_meeting(a: Assignment, by: str | None, reason: str) -> tuple[Tell, ...]:
    return (Tell(Key("meeting", a.meeting), on.End(by, reason)),) if a.meeting else ()


# --- people and apps, of what is due ------------------------------------------------------


def reminders(a: Assignment, at: Moment) -> tuple[Effect, ...]:
    """Remind the customer and those who are still to meet them."""
    in_min = max(0, round(((a.begins_ms or 0) - at.now_ms) / 60_000))
    who = [address.interpreter(s.interpreter) for s in a.to_meet if s.interpreter]
    audiences = [(a.customer_address, "customer"), *((each, "interpreter") for each in who)]
    told = tuple(
        Send(to, "assignment.reminder", {"assignment": views.assignment(a, as_), "in_min": in_min})
        for to, as_ in audiences
    )
    shown = {"assignment": views.assignment(a, "customer"), "in_min": in_min}
    return (*told, Hook("assignment.reminder", a.id, shown, a.app))


def late(a: Assignment, slot: Slot) -> Hook:
    shown = {"assignment": views.assignment(a, "customer"), "interpreter": slot.interpreter}
    return Hook("assignment.late", a.id, shown, a.app)


def backstop(a: Assignment) -> tuple[Assignment, tuple[Effect, ...]]:
    """Tell an outside agency once that everybody was asked, if the app wants that."""
    if not a.rules.backstop or a.backstopped:
        return a, ()
    new = replace(a, backstopped=True)
    shown = {"assignment": views.for_agency(new)}
    return new, (Hook("assignment.backstop", a.id, shown, a.app),)


def _availability(interpreter: str) -> Key:
    return Key("availability", interpreter)
