"""Moving a slot: to another state, out of its offers, away from who held it."""

from typing import Any

from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import notices as tell
from signalling.core import outcomes
from signalling.core.effects import Effect, Moment
from signalling.core.offer import OfferState
from signalling.core.slot import Assignment, Slot, SlotState
from signalling.core.slot_table import TABLE, Event
from signalling.errors import IllegalTransition


def move(a: Assignment, slot: Slot, event: Event, to: SlotState, **changes: Any) -> Assignment:
    """Return the assignment with *slot* in the state *to*, which the table must allow."""
    if to not in TABLE[slot.state][type(event)]:
        raise IllegalTransition(f"{slot.state} does not lead to {to} by {type(event).__name__}")
    if to is not slot.state:
        changes.setdefault("until_ms", None)
    if to is not SlotState.OFFERING:
        changes |= {"due": 0, "due_ms": None}
    return a.with_slot(replace(slot, state=to, **changes))


def withdraw(a: Assignment, slot: Slot, reason: str, at: Moment) -> tuple[Slot, tuple[Effect, ...]]:
    """Take back every offer that still rings."""
    told = tuple(effect for o in slot.ringing for effect in tell.unring(a, o, reason))
    return slot.over(slot.ringing, OfferState.WITHDRAWN, at.now_ms, reason), told


def lose(a: Assignment, reason: str) -> tuple[Assignment, tuple[Effect, ...]]:
    """Tell those who could, and are not wanted, why; nobody of them is asked first any more."""
    won = {s.interpreter for s in a.slots}
    told = tuple(tell.lost(a, each, reason) for each in a.interests if each.interpreter not in won)
    return replace(a, interests=()), told


def let_go(a: Assignment, slot: Slot, work: on.Work, at: Moment) -> tuple[Effect, ...]:
    """Let go of whoever held the slot, for whom nothing follows: their work ended as *work*."""
    return (*tell.release(a, slot, work), *outcomes.work(a, slot, work, at))
