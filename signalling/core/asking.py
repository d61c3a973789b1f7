"""Asking interpreters: waves, their offers, and the answers. A booking's offer is a letter.

An offer for now rings at somebody who is available, one at a time; a letter waits in the inbox,
whoever is there, and takes nobody's attention from another.
"""

from typing import Any, Final

from msgspec.structs import replace

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core import handover, waits
from signalling.core import notices as tell
from signalling.core.effects import Effect, Moment
from signalling.core.moves import lose, move, withdraw
from signalling.core.offer import Offer, OfferState, acknowledge, answer, check_ringing, make
from signalling.core.slot import WAITING, Assignment, Slot, SlotState
from signalling.core.slot_table import Event
from signalling.core.times import halfway_ms
from signalling.errors import IllegalTransition

S = SlotState
Decision = tuple[Assignment, tuple[Effect, ...]]
# Terms that whoever accepted has to be asked about again.
MATERIAL: Final = frozenset({"start_ms", "duration_min", "location", "requirements"})
HASTE: Final = 4  # a letter stands for a quarter of the time that is left, at most


def wave(a: Assignment, slot: Slot, event: on.Wave, at: Moment) -> Decision:
    known = {o.id for o in slot.offers}
    taken = a.unwanted(slot)
    fresh = tuple(
        c for c in event.candidates if c.interpreter not in taken and c.offer not in known
    )
    beside = not slot.looking  # a wave too many, or one that crossed with another change
    if not fresh or a.deadline_ms <= at.now_ms or beside:
        return a, ()
    picked, spares = fresh[: event.ring], fresh[event.ring :]
    number = slot.wave + 1
    offers = tuple(_made(a, number, c, event.decision, at) for c in picked)
    told = replace(a.decided(event.decision), outcome=None)
    pace_ms = event.pace_ms
    due_ms = None if pace_ms is None else at.now_ms + pace_ms
    changes: dict[str, Any] = {"wave": number, "offers": (*slot.offers, *offers), "due": 0}
    changes |= {"due_ms": due_ms, "pace_ms": pace_ms, "first": None}
    new = move(told, slot, event, S.OFFERING, **changes)
    return new, tuple(each for o in offers for each in tell.ring(a, o, spares))


def _made(a: Assignment, number: int, candidate: on.Candidate, decision: str, at: Moment) -> Offer:
    expires_ms = min(at.now_ms + _stands_ms(a, at), a.deadline_ms)
    now_ms, letter = at.now_ms, a.start_ms is not None
    offer = make(candidate, wave=number, now_ms=now_ms, expires_ms=expires_ms, decision=decision)
    return replace(offer, letter=letter)


def _stands_ms(a: Assignment, at: Moment) -> int:
    """Return how long an offer stands: as asked for, as the app says, or as is usual."""
    wanted_s = (a.terms.get("offering") or {}).get("offer_s") or a.rules.offer_s
    if wanted_s is not None:
        return int(wanted_s) * 1000
    if a.start_ms is None:
        return at.bounds.offer
    left_ms = (a.deadline_ms - at.now_ms) // HASTE
    return max(at.bounds.offer, min(at.bounds.booking_offer, left_ms))


def could_not_ring(a: Assignment, slot: Slot, event: on.CouldNotRing, at: Moment) -> Decision:
    """Drop that candidate as if never picked, and ring the next that nobody rang."""
    rest = replace(slot, offers=tuple(o for o in slot.offers if o.id != event.offer))
    dropped = slot.offer(event.offer)
    taken = rest.asked | {dropped.interpreter}
    spares = tuple(c for c in event.spares if c.interpreter not in taken)
    if spares:
        offer = _made(a, slot.wave, spares[0], dropped.decision, at)
        offers = (*rest.offers, offer)
        return a.with_slot(replace(rest, offers=offers)), tell.ring(a, offer, spares[1:])
    if rest.ringing:
        return a.with_slot(rest), ()
    return move(a, slot, event, S.SEARCHING, offers=rest.offers, wave=slot.wave - 1), ()


def no_match(a: Assignment, slot: Slot, event: on.NoMatch, at: Moment) -> Decision:
    """Note that nobody can be asked now; look no further if nobody ever could be.

    Where only some were looked at, those who were to be asked first, others come next.
    """
    if slot.state is S.OFFERING or slot.waits:
        return a, ()  # others ring still, and whoever comes is asked
    if slot.first is not None:
        return move(a, slot, event, S.SEARCHING, first=None), ()
    if a.interests:
        return lose(a, "not_eligible")
    reason = "nobody_available"
    if event.never:
        reason = "nobody_accepted" if slot.offers else "nobody_eligible"
    decided = a.decided(event.decision) if event.decision else a
    new = replace(decided, outcome={"reason": reason, **event.outlook})
    if event.never:
        return unfilled(new, slot, event, at)
    backstop, told = tell.backstop(new)
    return move(backstop, slot, event, S.SEARCHING), told


def unfilled(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    if slot.coming:
        return handover.called_off(replace(a, outcome=handover.NOBODY), slot, at)
    a, told = tell.backstop(a)
    a, lost = lose(a, "unfilled") if a.interests else (a, ())
    new = move(a, slot, event, S.UNFILLED, ended_ms=at.now_ms)
    searched = any(s.state in WAITING for s in new.current)
    over = tell.end_meeting(a, None, "unfilled") if a.last(slot) and not searched else ()
    return new, (*told, *lost, *over, *waits.unfilled(a, slot, at))


def ack(a: Assignment, slot: Slot, event: on.Ack, at: Moment) -> Decision:
    old = slot.offer(event.offer)
    offer = acknowledge(old, seen=event.seen, now_ms=at.now_ms)
    return a.with_slot(slot.with_offer(offer)), tell.acked(old)


def accept(a: Assignment, slot: Slot, event: on.Accept, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    check_ringing(offer, at.now_ms)
    won = slot.with_offer(answer(offer, OfferState.ACCEPTED, at.now_ms))
    rest, effects = withdraw(a, won, "taken", at)
    filled: dict[str, Any] = {"offers": rest.offers, "interpreter": offer.interpreter}
    filled |= {"held_ms": at.now_ms, "again": False}
    if offer.letter:
        new, lost = confirmed(a, slot, event, filled, at)
        booked = tell.book(new, new.slot(slot.id), a.begins_ms or at.now_ms)
        return new, (booked, *effects, *lost)
    booked = tell.book(a, replace(slot, **filled), at.now_ms)
    if a.mode == "onsite":
        # Nobody meets here, so what ends a forgotten meeting ends a forgotten visit.
        until = at.now_ms + at.bounds.meeting + a.duration_ms
        new = move(a, slot, event, S.CONFIRMED, until_ms=until, **filled)
        return new, (tell.hold(offer), booked, *effects, *waits.filled(a, slot, at))
    invited = tell.invite(a, slot, offer, event.meeting)
    met = replace(a, meeting=a.meeting or event.meeting)
    new = move(met, slot, event, S.HELD, until_ms=at.now_ms + at.bounds.hold, **filled)
    return new, (tell.hold(offer), booked, invited, *effects, *waits.filled(a, slot, at))


def confirmed(
    a: Assignment,
    slot: Slot,
    event: Event,
    filled: dict[str, Any],
    at: Moment,
) -> Decision:
    """Let a booking stand; when all of its places are taken, tell the others who could.

    Of reminders that were due before, the first to take it needs none.
    """
    if not a.to_meet:
        a = replace(a, reminded=a.due_reminders(at.now_ms))
    new = move(a, slot, event, S.CONFIRMED, until_ms=a.comes_ms(at.now_ms), **filled)
    return (new, ()) if new.open else lose(new, "another_chosen")


def decline(a: Assignment, slot: Slot, event: on.Decline, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    if offer.state is OfferState.DECLINED:
        return a, ()  # a client's retry
    check_ringing(offer, at.now_ms)
    declined = answer(offer, OfferState.DECLINED, at.now_ms, event.reason)
    return _offer_over(a, slot, event, declined, at)


def undelivered(a: Assignment, slot: Slot, event: on.Undelivered, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    if not offer.ringing:
        return a, ()
    lost = answer(offer, OfferState.UNDELIVERED, at.now_ms, event.reason)
    return _offer_over(a, slot, event, lost, at)


def preempt(a: Assignment, slot: Slot, event: book.Preempt, at: Moment) -> Decision:
    """Let an emergency have whoever rings here; whoever does is told so."""
    offer = slot.offer(event.offer)
    check_ringing(offer, at.now_ms)
    taken = answer(offer, OfferState.WITHDRAWN, at.now_ms, "emergency")
    return _offer_over(a, slot, event, taken, at)


def _offer_over(a: Assignment, slot: Slot, event: Event, offer: Offer, at: Moment) -> Decision:
    rest = slot.with_offer(offer).paced(at.now_ms, declined=1)
    to = S.OFFERING if rest.ringing else S.SEARCHING
    new = move(a, slot, event, to, offers=rest.offers, due=rest.due, due_ms=rest.due_ms)
    reason = offer.reason if offer.state is OfferState.WITHDRAWN else None
    return new, tell.unring(a, offer, reason or offer.state)


def differing(a: Assignment, event: on.Update) -> on.Update:
    """Return an update without the terms that are so already."""
    changes = {name: value for name, value in event.changes.items() if a.terms.get(name) != value}
    return replace(event, changes=changes)


def update(a: Assignment, slot: Slot, event: on.Update, at: Moment) -> Decision:
    """Change the terms: what is asked is asked anew, and whoever accepted is asked again, first."""
    new = replace(a, terms={**a.terms, **event.changes})
    if new.start_ms is not None:
        new = replace(new, deadline_ms=new.start_ms)
    changed = set(event.changes)
    if changed <= {"note"}:
        return new, ()
    if slot.state is S.CONFIRMED and a.start_ms is not None:
        return _ask_again(new, slot, event) if changed & MATERIAL else (new, ())
    if slot.state not in (S.SEARCHING, S.GATHERING, S.OFFERING):
        raise IllegalTransition(f"the assignment is {slot.state}: only its note can change now")
    new = replace(new, recommended=None)  # it may fit others now
    new, lost = lose(new, "changed")
    if slot.state is S.GATHERING:
        latest_ms = halfway_ms(at.now_ms, new.deadline_ms)
        until_ms = min(a.interest_until_ms or latest_ms, latest_ms)
        new = replace(new, interest_until_ms=until_ms, choosing=False)
        return move(new, slot, event, S.GATHERING), lost
    rest, effects = withdraw(a, slot, "changed", at)
    anew = rest.asked_anew()
    # Whoever takes the first of a series has read of its old time.
    waits = slot.waits and not changed & MATERIAL
    again = {"offers": anew.offers, "stale_wave": anew.stale_wave, "waits": waits}
    return move(new, slot, event, S.SEARCHING, **again), (*lost, *effects)


def _ask_again(a: Assignment, slot: Slot, event: on.Update) -> Decision:
    """Ask whoever accepted other terms about these, before anybody else."""
    anew = slot.let_go("changed").asked_anew()
    asked = {"first": slot.interpreter, "again": True, "late": False}
    new = move(a, anew, event, S.SEARCHING, **asked)
    return new, tell.unbook(a, slot)


def search_deadline(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    over = tuple(o for o in slot.ringing if o.expires_ms <= at.now_ms)
    rest = slot.over(over, OfferState.EXPIRED, at.now_ms)
    told = tuple(effect for o in over for effect in tell.expired(a, o))
    if rest.ringing:
        rest = rest.paced(at.now_ms)
        paced = {"offers": rest.offers, "due": rest.due, "due_ms": rest.due_ms}
        return move(a, slot, event, S.OFFERING, **paced), told
    if a.deadline_ms > at.now_ms:
        return move(a, slot, event, S.SEARCHING, offers=rest.offers), told
    outcome = {**(a.outcome or {}), "reason": "nobody_accepted" if rest.offers else "nobody_free"}
    new, effects = unfilled(replace(a, outcome=outcome), rest, event, at)
    return new, (*told, *effects)
