"""How far rules go: the bounds themselves are within, one step further is not."""

from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core.rules import USUAL
from signalling.core.rules_bounds import check
from signalling.errors import InvalidParams


@pytest.mark.parametrize(
    ("name", "least", "most", "step"),
    [
        ("offer_s", 5, 86_400, 1),
        ("target", 0.01, 0.99, 0.005),
        ("largest", 1, 50, 1),
        ("interest_s", 0, 2_592_000, 1),
        ("early_min", 0, 120, 1),
        ("cancel_free_min", 0, 43_200, 1),
        ("no_shows_most", 1, 100, 1),
        ("no_shows_days", 1, 730, 1),
        ("pause_days", 1, 365, 1),
    ],
)
def test_from_the_least_to_the_most(name: str, least: float, most: float, step: float) -> None:
    for value in (least, most):
        check(replace(USUAL, **{name: value}))
    for value in (least - step, most + step):
        with pytest.raises(InvalidParams) as refused:
            check(replace(USUAL, **{name: value}))
        assert refused.value.path == name


@pytest.mark.parametrize(("late", "no_show"), [(0, 1), (15, 15), (120, 240)])
def test_late_and_then_a_no_show(late: int, no_show: int) -> None:
    check(replace(USUAL, late_min=late, no_show_min=no_show))


@pytest.mark.parametrize(
    ("late", "no_show", "path"),
    [
        (-1, 15, "late_min"),
        (121, 200, "late_min"),
        (5, 4, "no_show_min"),
        (0, 0, "no_show_min"),
        (5, 241, "no_show_min"),
    ],
)
def test_times_that_contradict_themselves(late: int, no_show: int, path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        check(replace(USUAL, late_min=late, no_show_min=no_show))
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reminders_min", (1, 2, 3, 4, 43_200)),
        ("reminders_min", ()),
        ("cancel_reasons", tuple(f"reason {n}" for n in range(20))),
        ("excused", ("x" * 80,)),
    ],
)
def test_lists(name: str, value: Any) -> None:
    check(replace(USUAL, **{name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reminders_min", (1, 2, 3, 4, 5, 6)),
        ("reminders_min", (0,)),
        ("reminders_min", (43_201,)),
        ("reminders_min", (60, 60)),
        ("cancel_reasons", tuple(f"reason {n}" for n in range(21))),
        ("cancel_reasons", (" ",)),
        ("excused", ("x" * 81,)),
        ("excused", ("illness", "illness")),
    ],
)
def test_lists_that_are_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidParams) as refused:
        check(replace(USUAL, **{name: value}))
    assert refused.value.path == name
