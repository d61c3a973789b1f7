"""Values of a policy from another's log: by hand, by the Open Bandit Pipeline, by property."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.errors import InvalidField
from matching.evaluate.intervals import BOOTSTRAP, Interval
from matching.evaluate.off_policy import Estimate, Weights, dm, dr, ips, snips, weigh

GOLDEN = json.loads(Path(__file__).with_name("obp_golden.json").read_text())
CASES = [
    pytest.param(name, golden, id=f"{name}-{golden['clip']}")
    for name, values in GOLDEN["values"].items()
    for golden in values
]

# Three rows by hand: weights 2, 0.5, 0.
PROPENSITIES, TARGETS, REWARDS = [0.25, 0.8, 0.5], [0.5, 0.4, 0.0], [1.0, 2.0, 7.0]


class Log:
    """The columns of the golden log for one target; each (n,)."""

    def __init__(self, target: str) -> None:
        logged = GOLDEN["log"]
        action, position = np.array(logged["action"]), np.array(logged["position"])
        self.rewards = np.zeros(len(action))
        self.rewards[logged["reward"]] = 1
        self.propensities = np.array(logged["pscore"])
        rates, chosen = np.array(GOLDEN["rates"]), np.array(GOLDEN["targets"][target])
        self.targets = chosen[action, position]
        self.q_logged = rates[action, position]
        self.q_target = (rates * chosen).sum(axis=0)[position]

    def weights(self, clip: float | None) -> Weights:
        return weigh(self.propensities, self.targets, clip=math.inf if clip is None else clip)


@pytest.mark.parametrize(("target", "golden"), CASES)
def test_values_are_those_of_the_open_bandit_pipeline(target: str, golden: dict[str, Any]) -> None:
    log = Log(target)
    weights = log.weights(golden["clip"])
    found = {
        "ips": ips(log.rewards, weights).value,
        "dm": dm(log.q_target).value,
        "dr": dr(log.rewards, weights, log.q_logged, log.q_target).value,
    }
    if golden["snips"] is not None:
        found["snips"] = snips(log.rewards, weights).value
    assert found == pytest.approx({name: golden[name] for name in found}, rel=1e-12)
    assert (weights.clipped > 0) == (golden["clip"] is not None)


@pytest.mark.parametrize(("target", "golden"), CASES)
def test_bootstrap_intervals_are_near_those_of_the_pipeline(
    target: str, golden: dict[str, Any]
) -> None:
    log = Log(target)
    weights = log.weights(golden["clip"])
    for name, found in (
        ("ips", ips(log.rewards, weights, BOOTSTRAP)),
        ("dr", dr(log.rewards, weights, log.q_logged, log.q_target, BOOTSTRAP)),
    ):
        low, high = golden[f"{name}_interval"]
        # Both draw 2,000 resamples, by other generators: their ends differ by chance alone.
        assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * (high - low))


def test_three_rows_by_hand() -> None:
    weights = weigh(PROPENSITIES, TARGETS)
    assert weights.values.tolist() == [2.0, 0.5, 0.0]
    assert weights.effective_n == pytest.approx(2.5**2 / 4.25)
    assert ips(REWARDS, weights).value == pytest.approx(1.0)
    assert snips(REWARDS, weights).value == pytest.approx(3 / 2.5)
    assert dm([1.0, 2.0, 6.0]).value == pytest.approx(3.0)
    found = dr(REWARDS, weights, [0.5, 3.0, 5.0], [1.0, 1.0, 1.0])
    assert found.value == pytest.approx((3 + 2 * 0.5 - 0.5 * 1) / 3)
    assert found.n == 3
    assert found.clipped == 0


def test_a_clip_cuts_weights_and_says_how_many() -> None:
    weights = weigh(PROPENSITIES, TARGETS, clip=1.5)
    assert weights.values.tolist() == [1.5, 0.5, 0.0]
    assert weights.clipped == pytest.approx(1 / 3)
    assert ips(REWARDS, weights).clipped == pytest.approx(1 / 3)
    assert weigh(PROPENSITIES, TARGETS, clip=2.0).clipped == 0


def test_the_normal_interval_by_hand() -> None:
    # Weighted rewards 2, 1, 0: mean 1, standard deviation 1, so 1.96 / sqrt(3) to each side.
    found = ips(REWARDS, weigh(PROPENSITIES, TARGETS))
    half = 1.959964 / math.sqrt(3)
    assert (found.low, found.high) == pytest.approx((1 - half, 1 + half), rel=1e-6)
    # Linearised: 2 - 1.2 * 2, 1 - 1.2 * 0.5, 0, over a sum of weights of 2.5.
    spread = math.sqrt(3 / 2 * (0.4**2 + 0.4**2)) / 2.5
    found = snips(REWARDS, weigh(PROPENSITIES, TARGETS), Interval(level=0.8))
    half = 1.281552 * spread
    assert (found.low, found.high) == pytest.approx((1.2 - half, 1.2 + half), rel=1e-6)


def test_intervals_rest_on_units_where_rows_go_together() -> None:
    rewards = np.tile([0.0, 1.0, 1.0, 0.0, 1.0], 8)
    rows = weigh(np.full(40, 0.5), np.full(40, 0.5))
    alone = ips(rewards[:5], weigh(np.full(5, 0.5), np.full(5, 0.5)))
    labels = np.tile(np.array(["a", "b", "c", "d", "e"]), 8)
    together = ips(rewards, weigh(np.full(40, 0.5), np.full(40, 0.5), units=labels))
    # Eight copies of five rows know no more than the five.
    assert (together.low, together.high) == pytest.approx((alone.low, alone.high))
    assert together.value == ips(rewards, rows).value
    assert together.n == 40
    assert together.high - together.low > 2 * (ips(rewards, rows).high - ips(rewards, rows).low)


def test_one_independent_unit_says_nothing_of_the_spread() -> None:
    for interval in (Interval(), BOOTSTRAP):
        found = dm([0.3], interval)
        assert (found.value, found.low, found.high) == (0.3, -math.inf, math.inf)


def test_the_bootstrap_is_its_seeds() -> None:
    log = Log("uniform")
    runs = [
        snips(log.rewards, log.weights(None), Interval(resamples=100, seed=seed))
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1]
    assert runs[0].low != runs[2].low
    assert runs[0].value == runs[2].value
    assert runs[0].low < runs[0].value < runs[0].high


def test_resamples_in_which_no_weight_is_left_are_passed_over() -> None:
    targets = np.zeros(4)
    targets[0] = 1.0
    found = snips([3.0, 1.0, 1.0, 1.0], weigh(np.full(4, 0.25), targets), BOOTSTRAP)
    assert (found.value, found.low, found.high) == (3.0, 3.0, 3.0)


@pytest.mark.parametrize("estimator", ["ips", "snips", "dr"])
@pytest.mark.parametrize("interval", [Interval(level=0.9), Interval(level=0.9, resamples=200)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(
    estimator: str, interval: Interval
) -> None:
    """Log two actions by 0.7 / 0.3, value a policy of 0.2 / 0.8 whose worth is 0.68."""
    draw = np.random.default_rng(5)
    logged, wanted, worth = np.array([0.7, 0.3]), np.array([0.2, 0.8]), np.array([0.2, 0.8])
    model = np.array([0.35, 0.6])
    held = 0
    for _ in range(200):
        action = (draw.random(300) < logged[1]).astype(int)
        rewards = (draw.random(300) < worth[action]).astype(float)
        weights = weigh(logged[action], wanted[action])
        if estimator == "dr":
            expected = np.full(300, wanted @ model)
            found = dr(rewards, weights, model[action], expected, interval)
        else:
            found = {"ips": ips, "snips": snips}[estimator](rewards, weights, interval)
        held += found.low <= wanted @ worth <= found.high
    assert 0.84 <= held / 200 <= 0.96


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 1), st.floats(-5, 5)), min_size=1))
def test_what_holds_of_any_log(rows: list[tuple[float, float, float]]) -> None:
    propensities, targets, rewards = (np.array(column) for column in zip(*rows, strict=True))
    weights = weigh(propensities, targets)
    assert weights.effective_n <= len(rows) * (1 + 1e-9)
    same = weigh(propensities, propensities)
    assert same.effective_n == pytest.approx(len(rows))
    for on_policy in (ips(rewards, same), snips(rewards, same)):
        assert on_policy.value == pytest.approx(rewards.mean(), abs=1e-9)
    # A model that is right of every row leaves nothing to correct.
    assert dr(rewards, weights, rewards, rewards).value == pytest.approx(rewards.mean(), abs=1e-9)
    if targets.max() > 1e-9:
        value = snips(rewards, weights).value
        assert rewards.min() - 1e-6 <= value <= rewards.max() + 1e-6


def test_a_policy_that_takes_no_logged_action_is_worth_nothing_known() -> None:
    weights = weigh([0.5, 0.5], [0.0, 0.0])
    assert weights.effective_n == 0
    assert ips([1.0, 1.0], weights) == Estimate(0.0, 0.0, 0.0, 0.0, 2)
    with pytest.raises(InvalidField) as caught:
        snips([1.0, 1.0], weights)
    assert caught.value.path == "targets"


@pytest.mark.parametrize(
    ("propensities", "targets", "path"),
    [
        ([0.5, 0.0], [0.5, 0.5], "propensities"),
        ([0.5, -0.1], [0.5, 0.5], "propensities"),
        ([0.5, 1.1], [0.5, 0.5], "propensities"),
        ([0.5, math.nan], [0.5, 0.5], "propensities"),
        ([[0.5, 0.5]], [0.5, 0.5], "propensities"),
        (["often", "seldom"], [0.5, 0.5], "propensities"),
        ([], [], "propensities"),
        ([0.5, 0.5], [0.5], "targets"),
        ([0.5, 0.5], [0.5, -0.5], "targets"),
        ([0.5, 0.5], [0.5, math.inf], "targets"),
    ],
)
def test_bad_probabilities_are_refused_by_name(propensities: Any, targets: Any, path: str) -> None:
    with pytest.raises(InvalidField) as caught:
        weigh(propensities, targets)
    assert caught.value.path == path


def test_other_bad_input_is_refused_by_name() -> None:
    weights = weigh([0.5, 0.5], [0.5, 0.5])
    two, three, hole = [1.0, 1.0], [1.0, 1.0, 1.0], [1.0, math.nan]
    refused: dict[str, list[Callable[[], object]]] = {
        "clip": [lambda: weigh(two, two, clip=0), lambda: weigh(two, two, clip=math.nan)],
        "units": [lambda: weigh(two, two, units=np.array([1, 2, 3]))],
        "rewards": [
            lambda: ips(three, weights),
            lambda: snips(hole, weights),
            lambda: dr(three, weights, two, two),
        ],
        "q_logged": [lambda: dr(two, weights, three, two)],
        "q_target": [lambda: dr(two, weights, two, hole), lambda: dm([])],
        "level": [lambda: Interval(level=1.0), lambda: Interval(level=0.0)],
        "resamples": [lambda: Interval(resamples=-1)],
    }
    for path, calls in refused.items():
        for call in calls:
            with pytest.raises(InvalidField) as caught:
                call()
            assert caught.value.path == path
