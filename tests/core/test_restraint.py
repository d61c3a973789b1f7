"""Nobody changes an assignment for ever: its history, and its record, are bounded."""

from typing import Any

import pytest

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.restraint import MOST
from signalling.core.slot import Assignment
from signalling.core.slot_table import Event
from signalling.errors import Conflict
from tests.core.samples import ANN, CUSTOMER, LATER, NOW, TERMS, assignment, candidate, moment

BOOKING = TERMS | {"start_ms": NOW + 86_400_000, "starts_at": "2023-11-15T22:13:20Z"}


def gathering() -> Assignment:
    return assignment("gathering", terms=BOOKING, interest_until_ms=LATER)


def noted(n: int) -> Event:
    return on.Update(CUSTOMER, {"note": f"Ward {n}"})


def interested(n: int) -> Event:
    return book.Interest("cy", n % 2 == 0, f"a1.{n}", {"name": "Cy"})


def rated(n: int) -> Event:
    return on.Rate(CUSTOMER, 1 + n % 5)


@pytest.mark.parametrize(
    ("a", "change"),
    [
        (gathering(), noted),
        (gathering(), interested),
        (assignment("completed"), rated),
    ],
)
def test_one_person_changes_it_so_often(a: Assignment, change: Any) -> None:
    for n in range(MOST):
        a, _ = decide(a, change(n), moment())
    with pytest.raises(Conflict):
        decide(a, change(MOST), moment())


def test_others_may_all_the_same() -> None:
    """Each counts for themselves; what changes nothing does not count."""
    a = gathering()
    for n in range(MOST):
        a, _ = decide(a, interested(n), moment())
    a, _ = decide(a, book.Interest("dan", True, "a1.d", {"name": "Dan"}), moment())
    again, effects = decide(a, book.Interest("dan", True, "a1.e", {"name": "Dan"}), moment())
    assert (again, effects) == (a, ())
    a, _ = decide(a, noted(1), moment())
    assert [i.interpreter for i in a.interests] == ["dan"]
    assert a.changes == {"i:cy": MOST, "i:dan": 1, CUSTOMER: 1}


def test_hand_overs_that_come_to_nothing_are_counted() -> None:
    a = assignment("in_progress")
    nobody = on.NoMatch("2", {}, never=True)
    for _ in range(MOST):
        a, _ = decide(a, on.Transfer(ANN), moment())
        a, _ = decide(a, nobody, moment())
    with pytest.raises(Conflict):
        decide(a, on.Transfer(ANN), moment())


def test_other_terms_forget_who_was_asked_long_ago() -> None:
    """Of what was asked under earlier terms, the last are kept, and whatever was accepted."""
    a = assignment("searching", terms=BOOKING, deadline_ms=NOW + 86_400_000)
    for n in range(50):
        picked = tuple(candidate(f"{n}-{i}", f"in-{i}") for i in range(20))
        a, _ = decide(a, on.Wave("1", picked, 20, f"d{n}"), moment())
        a, _ = decide(a, on.Update(CUSTOMER, {"duration_min": 30 + n}), moment())
    (slot,) = a.slots
    assert len(slot.offers) == 20
    assert {(o.state, o.reason) for o in slot.offers} == {("withdrawn", "changed")}
    for n in range(50, 60):
        picked = (candidate(f"{n}-0", f"in-{n}"),)
        a, _ = decide(a, on.Wave("1", picked, 1, f"d{n}"), moment())
        a, _ = decide(a, on.Accept(f"{n}-0", f"in-{n}", "m1"), moment())
        a, _ = decide(a, on.Update(CUSTOMER, {"duration_min": 30 + n}), moment())
    (slot,) = a.slots
    assert [o.interpreter for o in slot.offers] == [f"in-{n}" for n in range(50, 60)]
    assert slot.first == "in-59"
