"""Telling interpreters of a booking that would fit them: each once, as long as its terms stand."""

from msgspec.structs import replace

from signalling.core import address
from signalling.core.booking_events import Recommended
from signalling.core.effects import Moment, Send
from signalling.core.slot import Assignment, Slot


def recommended(
    a: Assignment, slot: Slot, event: Recommended, _: Moment
) -> tuple[Assignment, tuple[Send, ...]]:
    """Tell those who were found, unless they were asked or have said that they could."""
    if not a.untold:
        return a, ()  # another process was faster
    known = a.unwanted(slot) | {each.interpreter for each in a.interests}
    new = [each for each in event.suggestions if each.interpreter not in known]
    told = tuple(
        Send(
            address.interpreter(each.interpreter),
            "assignment.recommended",
            {"recommendation": each.recommendation},
        )
        for each in new
    )
    return replace(a, recommended=tuple(each.interpreter for each in new)), told
