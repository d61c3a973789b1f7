"""What apps are told of an assignment by webhook: every step of its life, in order."""

from typing import Any, Final

from signalling.core.effects import Hook
from signalling.core.slot import FILLED, Assignment, SlotState
from signalling.core.views import Shown

# What becoming so is called.
STEPS: Final[dict[SlotState, str]] = {
    SlotState.GATHERING: "assignment.gathering",
    SlotState.OFFERING: "assignment.offering",
    SlotState.CONFIRMED: "assignment.confirmed",
    SlotState.HELD: "assignment.held",
    SlotState.IN_PROGRESS: "assignment.started",
    SlotState.WRAP_UP: "assignment.wrap_up",
    SlotState.COMPLETED: "assignment.completed",
    SlotState.CANCELLED: "assignment.cancelled",
    SlotState.UNFILLED: "assignment.unfilled",
    SlotState.NO_SHOW: "assignment.no_show",
}


def hooks(old: Assignment | None, new: Assignment, shown: Shown) -> tuple[Hook, ...]:
    """Return an event for each step from *old* to *new*: one for several places that take it.

    *shown* is *new* as an audience sees it.
    """
    if old is new:
        return ()
    types: list[str] = []
    if old is None:
        types.append("assignment.created")
    elif _told(old) != _told(new):
        types.append("assignment.changed")
    if old is not None and new.choosing and not old.choosing:
        types.append("assignment.choosing")
    for slot in new.slots:
        before = next((s.state for s in old.slots if s.id == slot.id), None) if old else None
        if slot.state is before:
            continue
        if slot.state is SlotState.SEARCHING and before in FILLED:
            types.append("assignment.reopened")
        elif slot.state in STEPS:
            types.append(STEPS[slot.state])
    if not types:
        return ()
    data = {"assignment": shown("customer")}
    return tuple(Hook(each, new.id, data, new.app) for each in dict.fromkeys(types))


def _told(a: Assignment) -> dict[str, Any]:
    """Return the terms but for whether they are looked for as if for now: that is no change."""
    return {name: value for name, value in a.terms.items() if name != "start_ms"}
