"""Whose fault it was when accepted work came to nothing."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.endings import called_off, completed, let_go
from signalling.core.events import Work
from tests.core.samples import ANN, CUSTOMER, NOW, assignment

LET_GO: list[tuple[tuple[str, ...], object, Work]] = [
    ((), on.Cancel(ANN), Work("cancelled", "interpreter")),
    ((ANN,), on.Cancel(ANN), Work("cancelled", "interpreter", came=True)),
    ((), on.MeetingOver("m1", "ended", ANN), Work("failed", "interpreter")),
    ((), on.MeetingOver("m1", "too_long"), Work("failed", "nobody")),
    ((ANN,), on.MeetingOver("m1", "ended", "o:hospital:op"), Work("failed", "nobody", came=True)),
    ((), on.Deadline(), Work("failed", "nobody")),
    ((CUSTOMER,), on.Deadline(), Work("failed", "interpreter", came=False)),
    ((ANN,), on.Deadline(), Work("failed", "customer", came=True)),
]


@pytest.mark.parametrize(("present", "event", "want"), LET_GO)
def test_who_let_go(present: tuple[str, ...], event: object, want: Work) -> None:
    a = assignment("connecting")

    assert let_go(a, replace(a.slots[0], present=present), event, NOW) == want


CALLED_OFF = [
    (CUSTOMER, "customer"),
    ("a:hospital", "customer"),
    ("o:hospital:op", "nobody"),
    (None, "nobody"),
]


@pytest.mark.parametrize(("by", "fault"), CALLED_OFF)
def test_who_called_it_off(by: str | None, fault: str) -> None:
    slot = assignment("connecting").slots[0]

    assert called_off(slot, by) == Work("cancelled", fault)
    assert called_off(replace(slot, present=(ANN,)), by) == Work("cancelled", fault, came=True)


MINUTES = [(None, NOW, 25, 25), (None, NOW, None, 10), (None, None, None, 30), (7, NOW, None, 7)]


@pytest.mark.parametrize(("said", "started", "ended_min", "want"), MINUTES)
def test_how_long_it_took(
    said: int | None, started: int | None, ended_min: int | None, want: int
) -> None:
    """As said, else as measured, else as planned."""
    a = assignment("wrap_up")
    ended = NOW + (10 if ended_min is None else ended_min) * 60_000
    slot = replace(a.slots[0], minutes=said, started_ms=started, ended_ms=ended)

    assert completed(a, slot) == Work("completed", minutes=want)
