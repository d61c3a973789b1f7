"""The lines of the decision log, in the field names that training reads: what became of whom.

Each is written in the same commit as what it tells. Times are ms since 1970, None where it did
not happen. A decision's own line only names it: its body is the `decision` record.
"""

from typing import Any, Final

from signalling.core.effects import Log, Moment
from signalling.core.events import Work
from signalling.core.offer import Offer, OfferState
from signalling.core.slot import Assignment, Slot

NAME: Final = "decisions"


def decided(decision: str, at: Moment) -> Log:
    return _line("decision", at, id=decision, at_ms=at.now_ms)


def offers(old: Assignment, new: Assignment, at: Moment) -> tuple[Log, ...]:
    """Return a line for each offer that ceased to ring between *old* and *new*."""
    if new is old:
        return ()
    rang = {o.id for slot in old.slots for o in slot.ringing}
    return tuple(
        _offer(new, offer, at)
        for slot in new.slots
        for offer in slot.offers
        if offer.id in rang and not offer.ringing
    )


def _offer(a: Assignment, offer: Offer, at: Moment) -> Log:
    return _line(
        "offer",
        at,
        offer=offer.id,
        decision=offer.decision,
        assignment=a.id,
        interpreter=offer.interpreter,
        wave=offer.wave,
        made_ms=offer.made_ms,
        expires_ms=offer.expires_ms,
        delivered_ms=offer.delivered_ms,
        seen_ms=offer.seen_ms,
        answered_ms=offer.answered_ms,  # by whoever ended it: for a withdrawn one, when that was
        state=str(offer.state),
        reason=offer.reason,
    )


def work(a: Assignment, slot: Slot, ended: Work, at: Moment) -> tuple[Log, ...]:
    """Return the line of accepted work that is over, for whoever held the *slot* until now."""
    if slot.interpreter is None:
        return ()
    accepted = (
        o
        for o in reversed(slot.offers)
        if o.interpreter == slot.interpreter and o.state is OfferState.ACCEPTED
    )
    done = ended.state == "completed"
    line = _line(
        "work",
        at,
        assignment=a.id,
        interpreter=slot.interpreter,
        offer=next(accepted).id,
        accepted_ms=slot.held_ms,
        started_ms=slot.started_ms,
        ended_ms=slot.ended_ms if done else at.now_ms,
        minutes=ended.minutes if done else None,
        state=ended.state,
        fault=ended.fault,
    )
    return (line,)


def rating(a: Assignment, slot: Slot, stars: int, at: Moment) -> Log:
    return _line(
        "rating",
        at,
        assignment=a.id,
        interpreter=slot.interpreter,
        stars=stars,
        at_ms=at.now_ms,
    )


def online(interpreter: str, since_ms: int, at: Moment) -> Log:
    """Return the line of a spell of being available that ends now; a ring ends one, too."""
    return _line("online", at, interpreter=interpreter, from_ms=since_ms, to_ms=at.now_ms)


def _line(kind: str, at: Moment, **fields: Any) -> Log:
    return Log(NAME, {"kind": kind, **fields}, at.bounds.decision_log)
