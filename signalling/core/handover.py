"""Handing running work to another interpreter: a slot beside the one that is left.

The first stays in the meeting, and at work, until the other is connected there. Whoever comes is
found like anybody: by an offer, in a slot of their own. If nobody does, nothing has changed.
"""

from typing import Final

from msgspec.structs import replace

from signalling.core import address
from signalling.core import events as on
from signalling.core import notices as tell
from signalling.core.effects import Effect, Moment
from signalling.core.moves import let_go, withdraw
from signalling.core.slot import Assignment, Slot, SlotState
from signalling.errors import Forbidden, IllegalTransition

Decision = tuple[Assignment, tuple[Effect, ...]]
NOBODY: Final = {"reason": "not_handed_over"}


def leaving(a: Assignment) -> tuple[Slot, ...]:
    """Return the slot that may be handed over: the one at work, if no other is coming already."""
    if any(s.coming for s in a.slots):
        raise IllegalTransition("it is being handed over already")
    found = tuple(s for s in a.current if s.state is SlotState.IN_PROGRESS)
    if not found or a.meeting is None:
        raise IllegalTransition(
            f"the assignment is {a.state}: only a running meeting is handed over"
        )
    return found[:1]


def transfer(a: Assignment, slot: Slot, event: on.Transfer, at: Moment) -> Decision:
    """Look for somebody who takes over; the same terms, a search of its own."""
    if address.role(event.by) == "interpreter" and address.user_id(event.by) != slot.interpreter:
        raise Forbidden("only your own work is yours to hand over")
    if event.to is not None and event.to == slot.interpreter:
        raise IllegalTransition("they are the interpreter already")
    coming = Slot(str(len(a.slots) + 1), replaces=slot.id, only=event.to)
    now = a.for_now(at.now_ms + at.bounds.request)
    return replace(now, slots=(*a.slots, coming), outcome=None), ()


def nobody_comes(a: Assignment, slot: Slot, at: Moment) -> Decision:
    """Call off whoever was to take over from a slot whose work is done."""
    effects: tuple[Effect, ...] = ()
    for other in a.slots:
        if other.coming and other.replaces == slot.id:
            a, more = called_off(a, other, at)
            effects = (*effects, *more)
    return a, effects


def called_off(a: Assignment, slot: Slot, at: Moment) -> Decision:
    """Drop the slot of somebody who was to come: nobody does, or there is nothing to take over."""
    _, effects = withdraw(a, slot, "cancelled", at)
    gone = replace(a, slots=tuple(s for s in a.slots if s.id != slot.id))
    if slot.interpreter is not None:
        released = let_go(a, slot, on.Work("cancelled", "nobody"), at)
        effects = (*effects, *released, *tell.bar(a, slot, "cancelled"))
    return gone, effects
