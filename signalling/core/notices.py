"""Whom an assignment tells: other records in the same commit, people, the dispatcher."""

from signalling.core import address, views
from signalling.core import events as on
from signalling.core.effects import Announce, Effect, Key, Send, Tell
from signalling.core.history import is_good
from signalling.core.offer import Offer
from signalling.core.slot import Assignment, Slot, SlotState


def notices(old: Assignment | None, new: Assignment) -> tuple[Effect, ...]:
    """Return what the change from *old* to *new* has to be told, to each once."""
    effects: list[Effect] = []
    if old is None or _visible(old) != _visible(new):
        effects.append(_changed(new, new.customer_address, "customer"))
    for slot in new.slots:
        before = old.slot(slot.id) if old else Slot(slot.id)
        moved = slot.state is not before.state
        who = slot.interpreter or before.interpreter
        if who and (moved or (old and old.terms != new.terms)):
            effects.append(_changed(new, address.interpreter(who), "interpreter"))
        there = old is not None and any(s.id == slot.id for s in old.slots)
        anew = not there or moved or old is None or old.terms != new.terms
        more_due = slot.looking and slot.due > before.due
        if more_due or (slot.state is SlotState.SEARCHING and anew):
            effects.append(Announce("work", "search", {"assignment": new.id, "slot": slot.id}))
    return tuple(effects)


def _changed(a: Assignment, to: str, audience: str) -> Send:
    return Send(to, "assignment.changed", {"assignment": views.assignment(a, audience)})


def _visible(a: Assignment) -> object:
    return [(s.state, s.wave) for s in a.slots], a.meeting, a.outcome, a.terms


# --- other records ------------------------------------------------------------------------


def ring(a: Assignment, offer: Offer, spares: tuple[on.Candidate, ...]) -> Tell:
    event = on.Ring(a.id, offer.id, offer.made)
    return Tell(_availability(offer.interpreter), event, refused=on.CouldNotRing(offer.id, spares))


def unring(offer: Offer, reason: str) -> Tell:
    return Tell(_availability(offer.interpreter), on.Unring(offer.id, reason))


def expired(a: Assignment, offer: Offer) -> Tell:
    """Stop an offer that nobody answered.

    It counts as silence only if it had reached them, and the end of the search cut nothing off.
    """
    rang_out = offer.delivered_ms is not None and offer.expires_ms < a.deadline_ms
    return Tell(_availability(offer.interpreter), on.Unring(offer.id, "expired", rang_out))


def hold(offer: Offer) -> Tell:
    return Tell(_availability(offer.interpreter), on.Hold(offer.id))


def meet(a: Assignment, interpreter: str) -> Tell:
    return Tell(_availability(interpreter), on.Meet(a.id))


def release(a: Assignment, slot: Slot, work: on.Work | None = None) -> tuple[Tell, ...]:
    """Let go of whoever holds the slot, whose *work* ended so."""
    if slot.interpreter is None:
        return ()
    return (Tell(_availability(slot.interpreter), on.Release(a.id, work)),)


def finished(a: Assignment, slot: Slot) -> Tell:
    """Let the work count in the interpreter's history, by way of the profile: if there is one."""
    who = slot.interpreter or ""
    good = is_good(slot.rating.stars if slot.rating else None)
    return Tell(Key("interpreter", who), on.Finished(who, a.pair, _customer(a), good))


def rated(a: Assignment, slot: Slot, stars: int) -> Tell:
    """Let stars count in the interpreter's history, in place of those that *slot* has."""
    who, before = slot.interpreter or "", slot.rating.stars if slot.rating else None
    over = slot.state is SlotState.COMPLETED
    return Tell(Key("interpreter", who), on.Rated(who, _customer(a), stars, before, over))


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
        return Tell(Key("meeting", a.meeting), on.Admit(winner, leaving))
    customer = on.Party(a.customer_address, "customer", a.terms.get("customer_name", ""))
    opened = on.Open(fresh, a.app, a.mode, (customer, winner), a.id, a.duration_ms)
    return Tell(Key("meeting", fresh), opened)


def bar(a: Assignment, slot: Slot, reason: str) -> tuple[Tell, ...]:
    """Take the slot's interpreter out of the meeting, if there is one."""
    if not a.meeting or not slot.interpreter:
        return ()
    event = on.Revoke(address.interpreter(slot.interpreter), reason)
    return (Tell(Key("meeting", a.meeting), event),)


def end_meeting(a: Assignment, by: str | None, reason: str) -> tuple[Tell, ...]:
    return (Tell(Key("meeting", a.meeting), on.End(by, reason)),) if a.meeting else ()


def _availability(interpreter: str) -> Key:
    return Key("availability", interpreter)
