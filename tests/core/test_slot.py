"""What of an assignment is still to be had, and by whom."""

import pytest
from msgspec.structs import replace

from signalling.core.slot import Slot, SlotState
from tests.core.samples import NOW, TERMS, assignment

BOOKING = TERMS | {"start_ms": NOW + 3_600_000}
OPEN = {"searching", "gathering", "offering"}


@pytest.mark.parametrize("state", SlotState)
def test_what_is_open(state: SlotState) -> None:
    a = assignment(state)
    assert bool(a.open_slots) == ("open:no-ti" in a.indexes) == (state in OPEN)
    assert a.is_open_to("cy") == (state in OPEN)


def test_one_of_several_is_open() -> None:
    """The other interpreter is found; they themselves are at work here already."""
    a = assignment("held")
    pair = replace(a, slots=(*a.slots, Slot("2")))
    assert [s.id for s in pair.open_slots] == ["2"]
    assert pair.is_open_to("cy")
    assert not pair.is_open_to("ann")


def test_what_is_not_open_to_everybody() -> None:
    """Not a hand-over, nor the rest of a series whose first is not taken yet."""
    a = assignment("searching", slots=(Slot("1"),))
    assert not replace(a, slots=(Slot("1", replaces="0"),)).open_slots
    assert not replace(a, slots=(Slot("1", waits=True),)).open_slots


def test_who_was_asked_is_not_asked_again() -> None:
    assert not assignment("offering").is_open_to("ann")  # it rings there
    changed = assignment("offering").slots[0]
    assert assignment("offering", slots=(replace(changed, stale_wave=1),)).is_open_to("ann")


@pytest.mark.parametrize("state", SlotState)
def test_a_booking_is_told_once(state: SlotState) -> None:
    a = assignment(state, terms=BOOKING)
    assert a.untold == ("untold" in a.indexes) == (state == "gathering")
    assert not replace(a, recommended=()).untold
