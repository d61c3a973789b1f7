import itertools
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from matching.model import INPUTS, Floats, Hazard, Head
from matching.train.fit import (
    ACCEPT_SIGNS,
    COMPLETE_SIGNS,
    Rows,
    boost,
    calibration,
    chances_of,
    log_odds_of,
    logit,
    stop_at_best,
    tables_of,
)

K = len(INPUTS)
ROUNDS = 100
ON = {name: INPUTS.index(name) for name in INPUTS}


def world(n: int, seed: int = 0) -> tuple[Rows, Floats]:
    """Return rows whose true log-odds are known, with holes, ties and a column of nothing."""
    draw = np.random.default_rng(seed)
    inputs = draw.random((n, K))
    inputs[:, ON["tier"]] = draw.integers(0, 6, n) / 5
    inputs[:, ON["hour"]] = draw.integers(0, 24, n)
    inputs[:, ON["emergency"]] = 0.0
    inputs[:, ON["dialect"]] = np.nan
    inputs[draw.random(n) < 0.6, ON["travel"]] = np.nan
    odds = (
        -2.0 * np.nan_to_num(inputs[:, ON["travel"]])
        + 0.7 * np.isnan(inputs[:, ON["travel"]])
        + np.sin(inputs[:, ON["hour"]] / 4)
        + 1.5 * inputs[:, ON["idle"]]
    )
    return Rows(inputs, draw.random(n) < chances_of(odds), draw.random(n) + 0.1), odds


def signs(known: dict[str, int]) -> list[int]:
    return [known.get(name, 0) for name in INPUTS]


def boosted(rows: Rows, *, additive: bool = True, seed: int = 0) -> HistGradientBoostingClassifier:
    return boost(rows, signs(ACCEPT_SIGNS), additive=additive, seed=seed, rounds=ROUNDS)


ROWS, ODDS = world(12_000)
ESTIMATOR = boosted(ROWS)


def hostile(n: int) -> Floats:
    """Return inputs on edges, beside them, far outside and missing."""
    draw = np.random.default_rng(7)
    inputs = draw.normal(0.5, 2.0, (n, K))
    _, steps = tables_of(ESTIMATOR, INPUTS)
    for name, step in steps.items():
        at = draw.choice(np.array(step.edges), n)
        nudge = draw.integers(-1, 2, n)
        at = np.where(nudge < 0, np.nextafter(at, -9), np.where(nudge > 0, np.nextafter(at, 9), at))
        inputs[:, ON[name]] = np.where(draw.random(n) < 0.7, at, inputs[:, ON[name]])
    inputs[draw.random((n, K)) < 0.2] = np.nan
    inputs[0], inputs[1], inputs[2] = np.nan, np.inf, -np.inf
    return inputs


@pytest.mark.parametrize("inputs", [ROWS.inputs, hostile(4_000)])
def test_tables_equal_the_ensemble_that_they_were_taken_from(inputs: Floats) -> None:
    head = Head(*tables_of(ESTIMATOR, INPUTS))
    assert np.abs(log_odds_of(head, inputs) - ESTIMATOR.decision_function(inputs)).max() < 1e-6


def test_one_at_a_time_gives_what_the_columns_give() -> None:
    head = Head(*tables_of(ESTIMATOR, INPUTS))
    for row, log_odds in zip(
        ROWS.inputs[:200], log_odds_of(head, ROWS.inputs[:200]).tolist(), strict=True
    ):
        said = head.log_odds(dict(zip(INPUTS, row.tolist(), strict=True)))
        assert said == pytest.approx(log_odds, abs=1e-12)


def test_a_split_of_the_missing_from_the_rest_has_no_edge() -> None:
    draw = np.random.default_rng(3)
    column = np.where(draw.random(2_000) < 0.5, np.nan, 1.0)
    inputs = np.tile(column[:, None], (1, K))
    rows = Rows(inputs, draw.random(2_000) < np.where(np.isnan(column), 0.8, 0.2), np.ones(2_000))
    estimator = boosted(rows)
    _, steps = tables_of(estimator, INPUTS)
    assert steps
    assert all(step.edges == () and step.missing > 0 > step.values[0] for step in steps.values())


def test_what_nothing_depends_on_has_no_step() -> None:
    _, steps = tables_of(ESTIMATOR, INPUTS)
    assert not {"emergency", "dialect"} & steps.keys()


def test_nothing_to_learn_is_a_constant() -> None:
    rows = Rows(np.zeros((500, K)), np.arange(500) < 100, np.ones(500))
    intercept, steps = tables_of(boosted(rows), INPUTS)
    assert steps == {}
    assert chances_of(np.array([intercept]))[0] == pytest.approx(0.2, abs=1e-3)


def test_an_ensemble_with_interactions_is_refused() -> None:
    with pytest.raises(ValueError, match="not an additive model"):
        tables_of(boosted(ROWS, additive=False), INPUTS)


def test_truth_is_recovered() -> None:
    head = Head(*tables_of(ESTIMATOR, INPUTS))
    errors = log_odds_of(head, ROWS.inputs) - ODDS
    assert np.abs(errors).mean() < 0.25
    travel = head.steps["travel"]
    assert travel(0.02) - travel(0.98) == pytest.approx(2.0, abs=0.5)
    assert travel(float("nan")) - travel(0.02) == pytest.approx(0.7, abs=0.3)


@pytest.mark.parametrize("known", [ACCEPT_SIGNS, COMPLETE_SIGNS])
def test_what_the_domain_knows_holds_against_the_log(known: dict[str, int]) -> None:
    draw = np.random.default_rng(5)
    inputs = draw.random((5_000, K))
    # The log says the opposite of the domain in every input.
    against = inputs @ np.array([-3.0 * known.get(name, 0) for name in INPUTS])
    labels = draw.random(5_000) < chances_of(against - against.mean())
    estimator = boost(
        Rows(inputs, labels, np.ones(5_000)), signs(known), additive=True, seed=0, rounds=ROUNDS
    )
    _, steps = tables_of(estimator, INPUTS)
    for name, sign in known.items():
        values = steps[name].values if name in steps else (0.0,)
        assert all(sign * (b - a) >= 0 for a, b in itertools.pairwise(values)), name


def test_trees_after_the_best_round_on_later_rows_are_dropped() -> None:
    later, _ = world(1_500, seed=1)
    estimator = boosted(ROWS)
    losses = [
        np.average(
            np.logaddexp(0, np.where(later.labels, -raw.ravel(), raw.ravel())),
            weights=later.weights,
        )
        for raw in estimator.staged_decision_function(later.inputs)
    ]
    stop_at_best(estimator, later)
    assert estimator.n_iter_ == int(np.argmin(losses)) + 1 < ROUNDS
    odds = estimator.decision_function(later.inputs)
    loss = np.logaddexp(0, np.where(later.labels, -odds, odds))
    assert np.average(loss, weights=later.weights) == pytest.approx(min(losses))
    head = Head(*tables_of(estimator, INPUTS))
    assert np.abs(log_odds_of(head, later.inputs) - odds).max() < 1e-6


def test_calibration_finds_scale_and_shift() -> None:
    draw = np.random.default_rng(2)
    odds = draw.normal(0, 1.5, 40_000)
    happened = draw.random(40_000) < chances_of(0.6 * odds - 0.4)
    scale, shift = calibration(chances_of(odds), happened, np.ones(40_000))
    assert scale == pytest.approx(0.6, abs=0.03)
    assert shift == pytest.approx(-0.4, abs=0.03)


def test_calibration_counts_rows_by_weight() -> None:
    chances = np.full(100, 0.5)
    happened = np.arange(100) < 50
    _, shift = calibration(chances, happened, np.where(happened, 3.0, 1.0))
    assert shift == pytest.approx(np.log(3), abs=0.01)


def test_certainty_has_log_odds() -> None:
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()
    assert logit(np.array([0.5]))[0] == 0.0


def test_a_hazard_and_its_columns_agree() -> None:
    hazard = Hazard(*tables_of(ESTIMATOR, INPUTS), ends_s=(5.0, 20.0), by_period=(0.1, -0.2))
    odds = log_odds_of(hazard, ROWS.inputs[:50])
    many = hazard.p_within_each(odds, np.full(50, 20.0))
    assert [hazard.p_within(each, 20.0) for each in odds.tolist()] == pytest.approx(many)


def test_the_same_seed_gives_the_same_tables() -> None:
    def tables(seed: int) -> Any:
        return tables_of(boosted(ROWS, seed=seed), INPUTS)

    assert tables(0) == tables(0)
