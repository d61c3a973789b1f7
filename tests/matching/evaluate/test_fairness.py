"""How evenly offers fall: by hand, and by what holds of any people."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.errors import InvalidField
from matching.evaluate.exposure import Exposure
from matching.evaluate.fairness import (
    Comparison,
    by_group,
    compare,
    gini,
    inequality,
    lowest_share,
    newcomers,
)
from matching.evaluate.intervals import Interval
from matching.zones import DAY_MS

END = 1_800_000_000_000
AMOUNTS = st.lists(st.floats(0, 1000).map(lambda x: round(x, 3)), min_size=1, max_size=30)
QUICK = Interval(resamples=300)


def exposure(
    offers: list[float], hours: list[float], days_ago: list[float] | None = None
) -> Exposure:
    n = len(offers)
    days = np.array(days_ago or [100.0] * n)
    return Exposure(
        tuple(f"i{each}" for each in range(n)),
        np.array(offers, np.float64),
        np.array(hours, np.float64),
        (END - days * DAY_MS).astype(np.int64),
        END,
        0,
    )


def test_gini_by_hand() -> None:
    assert gini([3.0]) == 0
    assert gini([2.0, 2.0, 2.0, 2.0]) == 0
    assert gini([0.0, 0.0, 0.0, 8.0]) == pytest.approx(3 / 4)
    assert gini([1.0, 3.0]) == pytest.approx(1 / 4)
    assert gini([3.0, 1.0, 2.0]) == pytest.approx(2 / 9)
    assert gini([0.0, 0.0]) == 0


@given(AMOUNTS)
def test_gini_is_the_mean_difference_over_twice_the_mean(amounts: list[float]) -> None:
    values = np.array(amounts)
    found = gini(values)
    assert found >= -1e-12
    assert found <= (len(values) - 1) / len(values) + 1e-12
    if values.sum():
        differences = np.abs(values[:, None] - values).mean()
        assert found == pytest.approx(differences / (2 * values.mean()), abs=1e-9)
    assert gini(values * 3.7) == pytest.approx(found, abs=1e-9)
    assert gini(values[::-1]) == pytest.approx(found, abs=1e-12)
    assert gini(np.tile(values, 3)) == pytest.approx(found, abs=1e-9)


def test_lowest_share_by_hand() -> None:
    assert lowest_share([5.0] * 20) == pytest.approx(0.1)
    assert lowest_share(list(range(1, 11))) == pytest.approx(1 / 55)
    # A tenth of five people is half of the lowest.
    assert lowest_share([1.0, 2.0, 3.0, 4.0, 10.0]) == pytest.approx(0.5 / 20)
    assert lowest_share([4.0, 0.0, 3.0, 1.0], part=0.5) == pytest.approx(1 / 8)
    assert lowest_share([0.0, 0.0], part=0.3) == 0.3


@given(AMOUNTS, st.floats(0, 1))
def test_the_lowest_never_have_more_than_their_part(amounts: list[float], part: float) -> None:
    found = lowest_share(amounts, part)
    assert -1e-12 <= found <= part + 1e-9
    assert lowest_share([each * 0.3 for each in amounts], part) == pytest.approx(found, abs=1e-9)


def test_inequality_is_of_rates_among_those_online_long_enough() -> None:
    found = inequality(exposure([2, 4, 30, 1], [2, 4, 10, 0.01]))
    assert found.people == 3
    assert found.mean == pytest.approx(5 / 3)
    assert found.gini == pytest.approx(gini([1.0, 1.0, 3.0]))
    assert found.lowest_decile == pytest.approx(0.3 * 1 / 5)


def test_chance_alone_makes_rates_unequal() -> None:
    draw = np.random.default_rng(3)
    hours = draw.uniform(2, 40, 200)
    fair = inequality(exposure(list(draw.poisson(0.3 * hours)), list(hours)))
    assert fair.gini > 0.1
    assert fair.gini_by_chance == pytest.approx(fair.gini, rel=0.15)
    favoured = 0.3 * np.where(np.arange(200) < 20, 6.0, 0.5)
    unfair = inequality(exposure(list(draw.poisson(favoured * hours)), list(hours)))
    assert unfair.gini > unfair.gini_by_chance + 0.2
    assert inequality(exposure([0, 0], [5, 5])).gini_by_chance == 0
    assert inequality(exposure([3, 9], [5, 5]), seed=1) == inequality(
        exposure([3, 9], [5, 5]), seed=1
    )


def test_newcomers_are_who_was_first_seen_within_the_days() -> None:
    seen = exposure([1, 2, 10, 20, 12], [2, 4, 10, 20, 10], [3, 30, 31, 200, 90])
    found = newcomers(seen, 30, QUICK)
    assert found is not None
    assert (found.people, found.others) == (2, 3)
    assert found.rate == pytest.approx(0.5)
    assert found.others_rate == pytest.approx(42 / 40)
    assert found.ratio == pytest.approx(0.5 / 1.05)
    # All newcomers have the same rate; veterans' pooled rates run from 1 to 1.2.
    assert 0.5 / 1.2 <= found.low < found.ratio < found.high <= 0.5
    assert newcomers(seen, 2, QUICK) is None
    assert newcomers(seen, 500, QUICK) is None


def test_each_group_is_compared_with_everybody_else() -> None:
    seen = exposure([4, 4, 2, 2, 6], [4, 4, 4, 4, 4])
    groups = {"i0": "x", "i1": "x", "i2": "y", "i3": "y", "absent": "z"}
    found = by_group(seen, groups, QUICK)
    assert list(found) == ["x", "y"]
    x, y = found["x"], found["y"]
    assert x is not None
    assert y is not None
    assert (x.people, x.others, x.rate) == (2, 3, 1.0)
    assert x.others_rate == pytest.approx(10 / 12)
    assert y.ratio == pytest.approx(0.5 / (14 / 12))
    assert by_group(seen, dict.fromkeys(seen.interpreters, "all"), QUICK) == {"all": None}


def test_one_person_or_no_offers_leave_the_quotient_open() -> None:
    first = np.array([True, False, False])
    found = compare(exposure([2, 1, 3], [1, 1, 1]), first, QUICK)
    assert found == Comparison(1, 2, 2.0, 2.0, 1.0, 0.0, math.inf)
    nothing = compare(exposure([2, 3, 0, 0], [1] * 4), np.array([1, 1, 0, 0], bool), QUICK)
    assert nothing is not None
    assert (nothing.ratio, nothing.low, nothing.high) == (math.inf, 0.0, math.inf)
    still = compare(exposure([0, 0, 0, 0], [1] * 4), np.array([1, 1, 0, 0], bool), QUICK)
    assert still is not None
    assert math.isnan(still.ratio)
    # Half of the others had none: a resample without any is infinite, and the rest still count.
    few = compare(exposure([2, 3, 0, 4], [1] * 4), np.array([1, 1, 0, 0], bool), QUICK)
    assert few is not None
    assert 0.5 <= few.low <= 0.75
    assert few.high == math.inf
    assert compare(exposure([], []), np.zeros(0, bool), QUICK) is None


def test_intervals_of_the_quotient_hold_the_truth_about_as_often_as_they_say() -> None:
    draw = np.random.default_rng(11)
    chosen = np.arange(60) < 25
    held = 0
    for run in range(120):
        hours = draw.uniform(2, 20, 60)
        offers = draw.poisson(np.where(chosen, 0.4, 0.5) * hours)
        interval = Interval(level=0.9, resamples=200, seed=run)
        found = compare(exposure(list(offers), list(hours)), chosen, interval)
        assert found is not None
        held += found.low <= 0.8 <= found.high
    assert 0.82 <= held / 120 <= 0.97


def test_bad_input_is_refused_by_name() -> None:
    seen, chosen = exposure([1, 2], [1, 1]), np.array([True, False])
    refused: dict[str, list[Callable[[], object]]] = {
        "values": [
            lambda: gini([]),
            lambda: gini([1.0, -1.0]),
            lambda: lowest_share([1.0, math.nan]),
        ],
        "part": [lambda: lowest_share([1.0], 1.1)],
        "exposure": [lambda: inequality(exposure([1, 2], [0.5, 0.5]))],
        "chosen": [lambda: compare(seen, chosen[:1], QUICK)],
        "resamples": [lambda: compare(seen, chosen, Interval())],
    }
    for path, calls in refused.items():
        for call in calls:
            with pytest.raises(InvalidField) as caught:
                call()
            assert caught.value.path == path
