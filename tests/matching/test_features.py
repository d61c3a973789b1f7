"""Each feature stays in its range and moves the way it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import features
from matching.features import DialectFit


def test_tier_surplus_counts_steps_over_the_floor() -> None:
    assert [features.tier_surplus(5, floor) for floor in range(6)] == [1.0, 0.8, 0.6, 0.4, 0.2, 0.0]


def test_dialect_values_are_the_domains() -> None:
    assert [features.dialect(fit) for fit in DialectFit] == [0.0, 0.25, 0.5, 1.0]


def test_specialism_is_matches_plus_one_over_wanted_plus_one() -> None:
    assert [features.specialism(matches, 3) for matches in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_preference_is_yes_or_no() -> None:
    assert (features.preference(0), features.preference(1)) == (0.0, 1.0)


@given(st.integers(0, 2000))
def test_travel_rises_to_one(km: int) -> None:
    assert 0 < features.travel(km, 90) <= features.travel(km + 1, 90) <= 1


def test_idle_halves_what_is_left_each_half_life() -> None:
    assert [features.idle(minutes, 60) for minutes in (0, 60, 120)] == [0.0, 0.5, 0.75]


def test_load_saturates_at_its_limit() -> None:
    assert [features.load(quarters, 360) for quarters in (0, 12, 24, 64)] == [0.0, 0.5, 1.0, 1.0]


def test_scarcity_is_one_over_the_holders() -> None:
    assert [features.scarcity(holders) for holders in (0, 1, 2)] == [0.0, 1.0, 0.5]


def test_cost_is_the_share_over_the_cap() -> None:
    assert [features.cost(percent) for percent in (0, 50, 100)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(("minutes", "code"), [(-5, 0), (0, 0), (7, 7), (480, 480), (9999, 480)])
def test_idle_codes(minutes: int, code: int) -> None:
    assert features.idle_code(minutes) == code


@pytest.mark.parametrize(
    ("minutes", "code"), [(-1, 0), (0, 0), (1, 1), (15, 1), (16, 2), (5000, 64)]
)
def test_load_codes(minutes: int, code: int) -> None:
    assert features.load_code(minutes) == code


@pytest.mark.parametrize(
    ("price", "cap", "code"),
    [(100, 100, 0), (50, 100, 0), (101, 100, 1), (150, 100, 50), (999, 100, 100), (1, 0, 100),
     (0, 0, 0)],
)  # fmt: skip
def test_cost_codes(price: int, cap: int, code: int) -> None:
    assert features.cost_code(price, cap) == code
