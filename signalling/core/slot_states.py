"""The states of a slot, in the order of its life, and which of them mean what."""

from enum import StrEnum
from typing import Final


class SlotState(StrEnum):
    SEARCHING = "searching"
    GATHERING = "gathering"
    OFFERING = "offering"
    CONFIRMED = "confirmed"
    HELD = "held"
    CONNECTING = "connecting"
    IN_PROGRESS = "in_progress"
    WRAP_UP = "wrap_up"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    UNFILLED = "unfilled"
    NO_SHOW = "no_show"


ORDER: Final = list(SlotState)
AT_WORK: Final = ORDER.index(SlotState.IN_PROGRESS)
OVER: Final = frozenset(
    {SlotState.COMPLETED, SlotState.CANCELLED, SlotState.UNFILLED, SlotState.NO_SHOW}
)
OPEN: Final = frozenset({SlotState.SEARCHING, SlotState.GATHERING, SlotState.OFFERING})
# Somebody holds it, and is still to come.
TO_MEET: Final = frozenset({SlotState.CONFIRMED, SlotState.HELD, SlotState.CONNECTING})
MEETING: Final = TO_MEET | {SlotState.IN_PROGRESS}
FILLED: Final = frozenset(
    {
        SlotState.CONFIRMED,
        SlotState.HELD,
        SlotState.CONNECTING,
        SlotState.IN_PROGRESS,
        SlotState.WRAP_UP,
        SlotState.COMPLETED,
        SlotState.NO_SHOW,
    }
)
WAITING: Final = frozenset({SlotState.SEARCHING, SlotState.OFFERING})
