"""Chances held against what happened: how much is lost, how well they order, who is better.

Outcomes may be weighted, as those that stand for offers whose own outcome is not known. What
belongs together (the offers of one assignment) is resampled together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.errors import InvalidField
from matching.evaluate.arrays import Floats, probabilities
from matching.evaluate.calibration import Calibration, calibration
from matching.evaluate.intervals import interval_of

SUREST: Final = 1e-9
RESAMPLES: Final = 200


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its interval of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came true, (n,) each.

    `weights` are from 0 (not known) up; `units` numbers what belongs together.
    """

    happened: NDArray[np.bool_]
    weights: Floats
    units: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Forecasts of the same outcomes, by name.

    `rows` had a known outcome and stand for `stands_for`; `rate` is how often it came true. `loss`
    is the log loss in nats a row. `gain` is what the first forecast saves of each other's loss, so
    above zero the first is better. `auc` is the chance that of two rows, one of which came true,
    that one was said to be likelier. `calibration` is of the first and of each other.
    """

    rows: int
    stands_for: float
    rate: float
    loss: Mapping[str, Figure]
    gain: Mapping[str, Figure]
    auc: Mapping[str, Figure]
    calibration: Mapping[str, Calibration]


def judge(forecasts: Mapping[str, Floats], outcomes: Outcomes, *, seed: int = 0) -> Judgement:
    """Hold *forecasts* (name to (n,) chances) against *outcomes*, the first against each other.

    *seed* draws resamples. Raises `InvalidField` for chances that are none, or for outcomes that
    are all alike: nothing orders those.
    """
    known = outcomes.weights > 0
    happened, weights = outcomes.happened[known], outcomes.weights[known]
    if happened.all() or not happened.any():
        raise InvalidField("all outcomes are alike", path="happened")
    units = np.unique(outcomes.units[known], return_inverse=True)[1]
    said = {name: probabilities(each, name)[known] for name, each in forecasts.items()}
    losses = {name: _losses(each, happened) for name, each in said.items()}
    first, *others = losses
    drawn = systematic(weights, seed)
    return Judgement(
        len(happened),
        float(weights.sum()),
        float(np.average(happened, weights=weights)),
        {name: _mean(loss, weights, units) for name, loss in losses.items()},
        {name: _mean(losses[name] - losses[first], weights, units) for name in others},
        {name: _auc(each, happened, weights, units, seed) for name, each in said.items()},
        {name: calibration(each[drawn], happened[drawn]) for name, each in said.items()},
    )


def systematic(weights: Floats, seed: int) -> NDArray[np.intp]:
    """Draw rows by *weights* (n,), as many as these are worth (Kish), so that all count alike.

    Systematic resampling: one draw decides all, so a row of average weight is drawn once.
    """
    count = max(1, int(weights.sum() ** 2 / (weights @ weights)))
    start = np.random.default_rng(seed).random()
    cumulated = np.cumsum(weights) / weights.sum()
    return np.searchsorted(cumulated, (np.arange(count) + start) / count).clip(max=len(weights) - 1)


def _losses(said: Floats, happened: NDArray[np.bool_]) -> Floats:
    given = np.where(happened, said, 1 - said)
    return np.asarray(-np.log(given.clip(SUREST, 1)))


def _mean(values: Floats, weights: Floats, units: NDArray[np.intp]) -> Figure:
    upper: Floats = np.bincount(units, values * weights).astype(np.float64)
    lower: Floats = np.bincount(units, weights).astype(np.float64)
    low, high = interval_of(upper, lower)
    return Figure(float(upper.sum() / lower.sum()), low, high)


def _auc(
    said: Floats,
    happened: NDArray[np.bool_],
    weights: Floats,
    units: NDArray[np.intp],
    seed: int,
) -> Figure:
    """Return the weighted area under the ROC curve, its interval by resampling units."""
    place = np.unique(said, return_inverse=True)[1]
    draw, count = np.random.default_rng(seed), int(units.max()) + 1

    def area(of: Floats) -> float:
        hits, misses = np.bincount(place, of * happened), np.bincount(place, of * ~happened)
        pairs = hits.sum() * misses.sum()
        return float(hits @ (np.cumsum(misses) - misses / 2) / pairs) if pairs else 0.5

    again = [
        area(weights * np.bincount(draw.integers(0, count, count), minlength=count)[units])
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(again, [0.025, 0.975])
    return Figure(area(weights), float(low), float(high))
