"""The life of an assignment and its offers. Everything that affects it lives in this file.

An accept is one commit over the assignment, the winner's and the losers' availability, and
the meeting: it tells them all, and any refusal undoes the whole.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from signalling.core import address, endings, handover, outcomes
from signalling.core import events as on
from signalling.core import notices as tell
from signalling.core.effects import Effect, Moment
from signalling.core.moves import let_go, move, withdraw
from signalling.core.offer import Offer, OfferState, acknowledge, answer, check_ringing, make
from signalling.core.slot import Assignment, Rating, Slot, SlotState
from signalling.core.slot_table import (
    REPEATS,
    TABLE,
    Event,
    Late,
    OfferEvent,
    SlotEvent,
    WholeEvent,
)
from signalling.errors import IllegalTransition, NotFound

S = SlotState
Decision = tuple[Assignment, tuple[Effect, ...]]


def decide(old: Assignment | None, event: Event, at: Moment) -> Decision:
    """Return the next assignment and what to do about it.

    Raises NotFound for an offer that is not here or another's, Gone with the reason for an
    answer that comes too late, IllegalTransition for an event without a cell in TABLE.
    """
    if old is None:
        new = _created(event, at)
        return new, tell.notices(None, new)
    if isinstance(event, on.Create):
        return old, ()  # the commit that made it was repeated
    new, effects = old, tuple[Effect, ...]()
    for slot in _addressed(old, event):
        if type(event) not in TABLE[slot.state]:
            _refuse(slot, event, at)
            continue
        new, more = HANDLERS[type(event)](new, slot, event, at)
        effects = (*effects, *more)
    return new, (*effects, *tell.notices(old, new), *outcomes.offers(old, new, at))


def _created(event: Event, at: Moment) -> Assignment:
    if not isinstance(event, on.Create):
        raise NotFound("no such assignment")
    return Assignment(
        id=event.id,
        app=event.app,
        customer=event.customer,
        terms=event.terms,
        created_ms=at.now_ms,
        deadline_ms=at.now_ms + at.bounds.request,
        slots=(Slot("1"),),
    )


def _addressed(old: Assignment, event: OfferEvent | SlotEvent | WholeEvent) -> tuple[Slot, ...]:
    """Return the slots that an event is for: all, the one named, or the offer's."""
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
    """Return the slots that an event of the whole assignment is for, while one is handed over."""
    match event:
        case on.Transfer():
            return handover.leaving(old)
        case on.Cancel(by=by) if mine := old.held_by(by):
            return mine
        case on.Update() | on.Cancel():
            return old.current
        case on.Complete() | on.MeetingOver():
            return tuple(s for s in old.slots if not s.coming)
        case _:
            return old.slots


def _refuse(slot: Slot, event: Event, at: Moment) -> None:
    """Raise the refusal of an event without a cell, unless it is late or a repetition."""
    if isinstance(event, Late) or REPEATS.get(type(event)) is slot.state:
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
    raise IllegalTransition(f"the assignment is {slot.state}; got {type(event).__name__}")


# --- searching and offering ---------------------------------------------------------------


def _wave(a: Assignment, slot: Slot, event: on.Wave, at: Moment) -> Decision:
    known = {o.id for o in slot.offers}
    taken = a.unwanted(slot)
    fresh = tuple(
        c for c in event.candidates if c.interpreter not in taken and c.offer not in known
    )
    beside = slot.state is S.OFFERING and not slot.due  # a wave too many
    if not fresh or a.deadline_ms <= at.now_ms or beside:
        return a, ()
    picked, spares = fresh[: event.ring], fresh[event.ring :]
    wave = slot.wave + 1
    offers = tuple(_made(a, wave, c, event.decision, at) for c in picked)
    told = replace(a, outcome=None, decisions=(*a.decisions, event.decision))
    pace_ms = event.pace_ms
    due_ms = None if pace_ms is None else at.now_ms + pace_ms
    changes = {"wave": wave, "offers": (*slot.offers, *offers), "due": 0}
    changes |= {"due_ms": due_ms, "pace_ms": pace_ms}
    new = move(told, slot, event, S.OFFERING, **changes)
    return new, tuple(tell.ring(a, o, spares) for o in offers)


def _made(a: Assignment, wave: int, candidate: on.Candidate, decision: str, at: Moment) -> Offer:
    expires_ms = min(at.now_ms + at.bounds.offer, a.deadline_ms)
    now_ms = at.now_ms
    return make(candidate, wave=wave, now_ms=now_ms, expires_ms=expires_ms, decision=decision)


def _could_not_ring(a: Assignment, slot: Slot, event: on.CouldNotRing, at: Moment) -> Decision:
    """Drop that candidate as if never picked, and ring the next that nobody rang."""
    rest = replace(slot, offers=tuple(o for o in slot.offers if o.id != event.offer))
    dropped = slot.offer(event.offer)
    taken = rest.asked | {dropped.interpreter}
    spares = tuple(c for c in event.spares if c.interpreter not in taken)
    if spares:
        offer = _made(a, slot.wave, spares[0], dropped.decision, at)
        offers = (*rest.offers, offer)
        return a.with_slot(replace(rest, offers=offers)), (tell.ring(a, offer, spares[1:]),)
    if rest.ringing:
        return a.with_slot(rest), ()
    return move(a, slot, event, S.SEARCHING, offers=rest.offers, wave=slot.wave - 1), ()


def _no_match(a: Assignment, slot: Slot, event: on.NoMatch, at: Moment) -> Decision:
    """Note that nobody can be asked now; look no further if nobody ever could be."""
    if slot.state is S.OFFERING:
        return a, ()  # others ring still, and whoever comes is asked
    reason = "nobody_available"
    if event.never:
        reason = "nobody_accepted" if slot.offers else "nobody_eligible"
    decided = (event.decision,) if event.decision else ()
    outcome = {"reason": reason, **event.outlook}
    new = replace(a, outcome=outcome, decisions=(*a.decisions, *decided))
    if event.never:
        return _unfilled(new, slot, event, at)
    return move(new, slot, event, S.SEARCHING), ()


def _unfilled(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    if slot.coming:
        return handover.called_off(replace(a, outcome=handover.NOBODY), slot, at)
    new = move(a, slot, event, S.UNFILLED, ended_ms=at.now_ms)
    return new, tell.end_meeting(a, None, "unfilled")


def _ack(a: Assignment, slot: Slot, event: on.Ack, at: Moment) -> Decision:
    offer = acknowledge(slot.offer(event.offer), seen=event.seen, now_ms=at.now_ms)
    return a.with_slot(slot.with_offer(offer)), ()


def _accept(a: Assignment, slot: Slot, event: on.Accept, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    check_ringing(offer, at.now_ms)
    won = slot.with_offer(answer(offer, OfferState.ACCEPTED, at.now_ms))
    rest, effects = withdraw(won, "taken", at)
    filled = {"offers": rest.offers, "interpreter": offer.interpreter, "held_ms": at.now_ms}
    if a.mode == "onsite":
        # Nobody meets here, so what ends a forgotten meeting ends a forgotten visit.
        until = at.now_ms + at.bounds.meeting + a.duration_ms
        new = move(a, slot, event, S.CONFIRMED, until_ms=until, **filled)
        return new, (tell.hold(offer), *effects)
    invited = tell.invite(a, slot, offer, event.meeting)
    met = replace(a, meeting=a.meeting or event.meeting)
    new = move(met, slot, event, S.HELD, until_ms=at.now_ms + at.bounds.hold, **filled)
    return new, (tell.hold(offer), invited, *effects)


def _decline(a: Assignment, slot: Slot, event: on.Decline, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    if offer.state is OfferState.DECLINED:
        return a, ()  # a client's retry
    check_ringing(offer, at.now_ms)
    return _offer_over(
        a, slot, event, answer(offer, OfferState.DECLINED, at.now_ms, event.reason), at
    )


def _undelivered(a: Assignment, slot: Slot, event: on.Undelivered, at: Moment) -> Decision:
    offer = slot.offer(event.offer)
    if not offer.ringing:
        return a, ()
    return _offer_over(a, slot, event, answer(offer, OfferState.UNDELIVERED, at.now_ms), at)


def _offer_over(a: Assignment, slot: Slot, event: Event, offer: Offer, at: Moment) -> Decision:
    rest = slot.with_offer(offer).paced(at.now_ms, declined=1)
    to = S.OFFERING if rest.ringing else S.SEARCHING
    new = move(a, slot, event, to, offers=rest.offers, due=rest.due, due_ms=rest.due_ms)
    return new, (tell.unring(offer, offer.state),)


def _update(a: Assignment, slot: Slot, event: on.Update, at: Moment) -> Decision:
    new = replace(a, terms={**a.terms, **event.changes})
    if set(event.changes) <= {"note"}:
        return new, ()
    if slot.state not in (S.SEARCHING, S.GATHERING, S.OFFERING):
        raise IllegalTransition(f"the assignment is {slot.state}: only its note can change now")
    rest, effects = withdraw(slot, "changed", at)
    to = S.SEARCHING if slot.state is S.OFFERING else slot.state
    return move(new, slot, event, to, offers=rest.offers, stale_wave=slot.wave), effects


# --- held, meeting, over ------------------------------------------------------------------


def _present(a: Assignment, slot: Slot, event: on.Present, at: Moment) -> Decision:
    if event.meeting != a.meeting:
        return a, ()
    needed = a.needed(slot)
    present = tuple(sorted(needed & set(event.addresses)))
    if slot.interpreter and needed <= set(present) and slot.state is not S.IN_PROGRESS:
        started = {"present": present, "started_ms": at.now_ms}
        new = move(a, slot, event, S.IN_PROGRESS, **started)
        return new, (tell.meet(a, slot.interpreter),)
    if slot.state is S.HELD and set(present) - set(slot.present):
        until = at.now_ms + at.bounds.connect
        return move(a, slot, event, S.CONNECTING, present=present, until_ms=until), ()
    return move(a, slot, event, slot.state, present=present), ()


def _meeting_over(a: Assignment, slot: Slot, event: on.MeetingOver, at: Moment) -> Decision:
    if event.meeting != a.meeting:
        return a, ()
    if slot.state is S.IN_PROGRESS:
        return _work_over(a, slot, event, at)
    gone = replace(a, meeting=None)
    if event.by == a.customer_address:
        return _call_off(gone, slot, event, at, event.reason)
    if slot.interpreter is None:
        return move(gone, slot, event, slot.state, present=()), ()
    return _offer_again(gone, slot, event, at)


def _offer_again(
    a: Assignment, slot: Slot, event: Event, at: Moment, reason: str = "not_connected"
) -> Decision:
    """Let a held interpreter go and look on. The request's clock stood still meanwhile."""
    stood = at.now_ms - (slot.held_ms or at.now_ms)
    later = replace(a, deadline_ms=a.deadline_ms + stood)
    present = tuple(who for who in slot.present if who == a.customer_address)
    new = move(later, slot.let_go(reason), event, S.SEARCHING, present=present)
    work = endings.let_go(a, slot, event)
    return new, (*let_go(a, slot, work, at), *tell.bar(a, slot, reason))


def _cancel(a: Assignment, slot: Slot, event: on.Cancel, at: Moment) -> Decision:
    """Call it off; or, when the interpreter gives it back, look on for another."""
    if address.role(event.by) == "interpreter":
        if slot.interpreter != address.user_id(event.by):
            return a, ()  # given back before: a retry
        return _offer_again(a, slot, event, at, "given_back")
    new, effects = _call_off(a, slot, event, at, event.reason or "cancelled")
    return new, (*effects, *tell.end_meeting(a, event.by, "cancelled"))


def _call_off(
    a: Assignment, slot: Slot, event: on.Cancel | on.MeetingOver, at: Moment, reason: str
) -> Decision:
    rest, effects = withdraw(slot, "cancelled", at)
    new = replace(a, outcome={"reason": reason})
    new = move(new, slot, event, S.CANCELLED, offers=rest.offers, ended_ms=at.now_ms)
    return new, (*effects, *let_go(a, slot, endings.called_off(slot, event.by), at))


def _complete(a: Assignment, slot: Slot, event: on.Complete, at: Moment) -> Decision:
    minutes = event.minutes if event.minutes is not None else slot.minutes
    slot = replace(slot, minutes=minutes)
    if slot.state is S.WRAP_UP:
        new, effects = _completed(a, slot, event, at)
        return new, (*tell.release(a, slot), *effects)
    new, effects = _work_over(a, slot, event, at)
    return new, (*effects, *tell.end_meeting(a, event.by, "completed"))


def _handed_over(a: Assignment, slot: Slot, event: on.HandedOver, at: Moment) -> Decision:
    """End the work of who left; whoever came is at work, though the customer be away just now."""
    who = address.interpreter(slot.interpreter or "")
    if event.meeting == a.meeting and who == event.leaving and slot.state is S.IN_PROGRESS:
        return _wrap_up(a, slot, event, at)
    if event.meeting == a.meeting and who == event.coming and slot.coming:
        new = move(a, slot, event, S.IN_PROGRESS, started_ms=at.now_ms)
        return new, (tell.meet(a, slot.interpreter or ""),)
    return a, ()


def _work_over(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    new, effects = _wrap_up(a, slot, event, at)
    new, more = handover.nobody_comes(new, slot, at)
    return new, (*effects, *more)


def _wrap_up(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    until = at.now_ms + at.bounds.wrap_up
    new = move(a, slot, event, S.WRAP_UP, until_ms=until, ended_ms=at.now_ms, present=())
    return new, tell.release(a, slot, endings.completed(a, new.slot(slot.id)))


def _completed(a: Assignment, slot: Slot, event: Event, at: Moment) -> Decision:
    line = outcomes.work(a, slot, endings.completed(a, slot), at)
    return move(a, slot, event, S.COMPLETED), (tell.finished(a, slot), *line)


def _rate(a: Assignment, slot: Slot, event: on.Rate, at: Moment) -> Decision:
    rating = Rating(event.stars, at.now_ms, event.text)
    if slot.rating and replace(slot.rating, at_ms=at.now_ms) == rating:
        return a, ()  # a client's retry
    new = move(a, slot, event, slot.state, rating=rating)
    line = outcomes.rating(a, slot, event.stars, at)
    return new, (tell.rated(a, slot, event.stars), line)


def _deadline(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    if slot.state in (S.SEARCHING, S.OFFERING):
        return _search_deadline(a, slot, event, at)
    if slot.until_ms is None or slot.until_ms > at.now_ms:
        return a, ()
    if slot.state is S.WRAP_UP:
        return _completed(a, slot, event, at)
    if slot.state is S.CONFIRMED:
        return _wrap_up(a, slot, event, at)
    came = address.interpreter(slot.interpreter or "") in slot.present
    alone = slot.state is S.CONNECTING and came and a.customer_address not in slot.present
    if alone and not slot.coming:
        new = replace(a, outcome={"reason": "customer_never_came"})
        new = move(new, slot, event, S.NO_SHOW, ended_ms=at.now_ms)
        over = let_go(a, slot, endings.NEVER_CAME, at)
        return new, (*over, *tell.end_meeting(a, None, "no_show"))
    return _offer_again(a, slot, event, at)


def _search_deadline(a: Assignment, slot: Slot, event: on.Deadline, at: Moment) -> Decision:
    over = tuple(o for o in slot.ringing if o.expires_ms <= at.now_ms)
    rest = slot.over(over, OfferState.EXPIRED, at.now_ms)
    told = tuple(tell.expired(a, o) for o in over)
    if rest.ringing:
        rest = rest.paced(at.now_ms)
        paced = {"offers": rest.offers, "due": rest.due, "due_ms": rest.due_ms}
        return move(a, slot, event, S.OFFERING, **paced), told
    if a.deadline_ms > at.now_ms:
        return move(a, slot, event, S.SEARCHING, offers=rest.offers), told
    outcome = {**(a.outcome or {}), "reason": "nobody_accepted" if rest.offers else "nobody_free"}
    new, effects = _unfilled(replace(a, outcome=outcome), rest, event, at)
    return new, (*told, *effects)


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
    on.Rate: _rate,
    on.Present: _present,
    on.MeetingOver: _meeting_over,
    on.Transfer: handover.transfer,
    on.HandedOver: _handed_over,
    on.Deadline: _deadline,
}
