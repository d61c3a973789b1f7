"""Figures of runs whose answers are known, and their intervals."""

import math
from dataclasses import replace

import numpy as np
import pytest

from matching.simulate.market import Market
from matching.simulate.metrics import Figures, Results, figures_of, offers_an_hour
from matching.simulate.policies import LONGEST_IDLE
from tests.matching.conftest import TABLES
from tests.matching.simulate.markets import NEVER, ask, hand_made, person

TIERS = TABLES.qualifications.tiers
ZERO = Figures(*[0.0] * len(Figures._fields))


def results(**by_policy: list[float]) -> Results:
    """Build results whose only figure is `unfilled`, a value a seed."""
    figures = {
        name.replace("_", " "): tuple(ZERO._replace(unfilled=each) for each in values)
        for name, values in by_policy.items()
    }
    seeds = tuple(range(len(next(iter(by_policy.values())))))
    return Results("any", "any", seeds, 10, 1.0, figures, {name: np.zeros(0) for name in figures})


def test_the_figures_of_a_run() -> None:
    people = [person("i1", NEVER, silent=1.0), person("i2", letter="E"), person("i3", letter="A")]
    world = hand_made(people, [ask(n, after_s=n) for n in range(3)], {})
    run = Market(world, TABLES, LONGEST_IDLE).run()
    found, waits = figures_of(run, frozenset({"r0", "r1"}), TIERS)
    # i1 rings out for r0 while i2 takes r1 and i3 takes r2; then nobody is left for r0.
    assert waits == pytest.approx([6.1, 6.1])
    assert found.wait_median_s == pytest.approx(6.1)
    assert found.waited_mean_s == pytest.approx((6.1 + 6.1 + 180) / 3)
    assert found.unfilled == pytest.approx(1 / 3)
    assert found.missed == pytest.approx(1 / 2)
    assert found.offers_a_fill == pytest.approx(3 / 2)
    assert found.below_tier == pytest.approx(1 / 2)  # C was asked for first, i2 has E
    assert found.completed == pytest.approx(2 / 3)
    assert sorted(offers_an_hour(run)) == pytest.approx([1 / 7] * 3)
    assert found.gini == pytest.approx(0, abs=1e-12)


def test_a_run_in_which_nobody_accepts() -> None:
    world = hand_made([person("i1", NEVER)], [ask(0)], {})
    run = Market(world, TABLES, LONGEST_IDLE).run()
    found, waits = figures_of(run, frozenset(), TIERS)
    assert (found.unfilled, found.waited_mean_s, found.completed, len(waits)) == (1, 180, 0, 0)
    unknown = {name for name, figure in found._asdict().items() if math.isnan(figure)}
    of_the_filled = {"wait_median_s", "wait_mean_s", "wait_p90_s", "offers_a_fill", "below_tier"}
    assert unknown == {*of_the_filled, "missed"}


def test_who_was_online_for_minutes_only_does_not_count_as_unequal() -> None:
    world = hand_made([person("i1"), person("i2")], [ask(0)], {})
    short = [each._replace(to_ms=each.from_ms + 70 * 60_000) for each in world.spells[:1]]
    brief = [each._replace(from_ms=each.to_ms - 60_000) for each in world.spells[1:]]
    run = Market(replace(world, spells=(*short, *brief)), TABLES, LONGEST_IDLE).run()
    assert len(offers_an_hour(run)) == 1


def test_differences_are_taken_seed_by_seed() -> None:
    found = results(longest_idle=[0.1, 0.5, 0.9], other=[0.2, 0.6, 1.0])
    assert found.estimate("other", "unfilled").value == pytest.approx(0.6)
    low, high = found.estimate("other", "unfilled")[1:]
    assert (0.6 - low, high - 0.6) == pytest.approx([4.303 * 0.4 / math.sqrt(3)] * 2, rel=1e-3)
    assert found.difference("other", "unfilled") == pytest.approx((0.1, 0.1, 0.1))


def test_one_seed_shows_no_spread() -> None:
    assert results(longest_idle=[0.1]).estimate("longest idle", "unfilled")[1:] == (
        -math.inf,
        math.inf,
    )


def test_the_gap_closed_is_the_way_from_baseline_to_oracle() -> None:
    found = results(longest_idle=[0.4, 0.2], half=[0.3, 0.15], worse=[0.5, 0.25], oracle=[0.2, 0.1])
    assert found.gap_closed("half", "unfilled") == pytest.approx((0.5, 0.5, 0.5))
    assert found.gap_closed("worse", "unfilled").value == pytest.approx(-0.5)
    assert found.gap_closed("oracle", "unfilled").value == 1.0
    assert found.ratio("half", "unfilled") == pytest.approx((0.75, 0.75, 0.75))


def test_without_a_gap_none_is_closed() -> None:
    found = results(longest_idle=[0.2, 0.2], other=[0.1, 0.1], oracle=[0.2, 0.2])
    assert math.isnan(found.gap_closed("other", "unfilled").value)
