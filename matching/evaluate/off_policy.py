"""What a policy would have earned, from a log that another policy made.

Rewards are those of the logged action alone; weights (target / logged probability) carry them over
to the target policy. Sources: Horvitz and Thompson 1952 (IPS), Swaminathan and Joachims 2015
(SNIPS), Dudik, Langford and Li 2011 (DM, DR), Kish 1965 (effective size).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.errors import InvalidField
from matching.evaluate.arrays import Floats, Numbers, column, probabilities
from matching.evaluate.intervals import NORMAL, Interval, interval_of


@dataclass(frozen=True, slots=True)
class Estimate:
    """A policy's value, in the rewards' unit a row, with an interval and what it rests on.

    `effective_n` is how many evenly weighted rows would be as informative, `n` how many rows there
    are, `clipped` the share of rows whose weight was cut.
    """

    value: float
    low: float
    high: float
    effective_n: float
    n: int
    clipped: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """Importance weights, `values` (n,), after clipping, and the share of rows that this cut.

    `units` (n,) numbers what was drawn independently from 0 up, None if that is each row.
    """

    values: Floats
    clipped: float = 0.0
    units: NDArray[np.intp] | None = None

    @property
    def effective_n(self) -> float:
        """Return Kish's size, (sum w)^2 / sum w^2; 0 if every weight is 0."""
        squares = float(self.values @ self.values)
        return float(self.values.sum()) ** 2 / squares if squares else 0.0


def weigh(
    propensities: Numbers,
    targets: Numbers,
    *,
    clip: float = math.inf,
    units: NDArray[np.generic] | None = None,
) -> Weights:
    """Weigh each logged action by how much more often the target policy takes it.

    `propensities` (n,): the probability with which each action was logged, in (0, 1]. `targets`
    (n,): the target policy's of the same action, in [0, 1]. Weights above `clip` are cut to it:
    less variance for some bias. `units` (n,): labels of what is independent, such as the decision
    or the day, where rows of one label go together; intervals then rest on the labels.
    Raise InvalidField, whose path is the argument at fault.
    """
    logged = probabilities(propensities, "propensities")
    if logged.min() <= 0:
        raise InvalidField(
            "an action that was logged has a probability above 0", path="propensities"
        )
    wanted = probabilities(targets, "targets", n=len(logged))
    if not clip > 0:
        raise InvalidField("above 0", path="clip")
    raw = wanted / logged
    cut = float(np.mean(raw > clip))
    return Weights(np.minimum(raw, clip), cut, _numbered(units, len(logged)))


def ips(rewards: Numbers, weights: Weights, interval: Interval = NORMAL) -> Estimate:
    """Estimate the value by inverse propensity: the mean of weight times reward.

    `rewards` (n,), any finite unit. Unbiased without clipping; heavy weights make it vary. Raise
    InvalidField.
    """
    earned = column(rewards, "rewards", n=len(weights.values))
    return _estimate(weights.values * earned, np.ones(len(earned)), weights, interval)


def snips(rewards: Numbers, weights: Weights, interval: Interval = NORMAL) -> Estimate:
    """Estimate the value by self-normalised inverse propensity: the weighted mean of rewards.

    `rewards` (n,). It stays within the rewards' range, for a bias that vanishes with n. Raise
    InvalidField, of `targets` if the target policy takes no logged action.
    """
    earned = column(rewards, "rewards", n=len(weights.values))
    if not weights.values.any():
        raise InvalidField("the target policy takes none of the logged actions", path="targets")
    return _estimate(weights.values * earned, weights.values, weights, interval)


def dm(q_target: Numbers, interval: Interval = NORMAL) -> Estimate:
    """Estimate the value by the direct method: the mean of what a reward model expects.

    `q_target` (n,): the model's reward of a row in expectation over the target policy's actions. It
    is as biased as the model is, and its interval does not know of that. Raise InvalidField.
    """
    expected = column(q_target, "q_target")
    n = len(expected)
    return _estimate(expected, np.ones(n), Weights(np.ones(n)), interval)


def dr(
    rewards: Numbers,
    weights: Weights,
    q_logged: Numbers,
    q_target: Numbers,
    interval: Interval = NORMAL,
) -> Estimate:
    """Estimate the value doubly robustly: the model's, corrected by its weighted errors.

    `rewards` (n,); `q_logged` (n,): the model's reward of the logged action; `q_target` (n,): in
    expectation over the target policy's actions. Unbiased without clipping if the propensities are
    right, or if the model is. The model must not have seen the rows: fit it on others, or in folds.
    Raise InvalidField.
    """
    n = len(weights.values)
    earned = column(rewards, "rewards", n=n)
    guessed = column(q_logged, "q_logged", n=n)
    expected = column(q_target, "q_target", n=n)
    corrected = expected + weights.values * (earned - guessed)
    return _estimate(corrected, np.ones(n), weights, interval)


def _numbered(units: NDArray[np.generic] | None, n: int) -> NDArray[np.intp] | None:
    if units is None:
        return None
    if units.shape != (n,):
        raise InvalidField(f"{n} rows expected, shape {units.shape} found", path="units")
    numbers: NDArray[np.intp] = np.unique(units, return_inverse=True)[1]
    return numbers


def _estimate(upper: Floats, lower: Floats, weights: Weights, interval: Interval) -> Estimate:
    value = float(upper.sum() / lower.sum())
    if weights.units is not None:
        upper, lower = _summed(upper, weights.units), _summed(lower, weights.units)
    low, high = interval_of(upper, lower, interval)
    return Estimate(value, low, high, weights.effective_n, len(weights.values), weights.clipped)


def _summed(values: Floats, units: NDArray[np.intp]) -> Floats:
    sums: Floats = np.zeros(units.max() + 1)
    np.add.at(sums, units, values)
    return sums
