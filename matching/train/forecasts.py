"""Whoever says how likely an offer is accepted, so that they can be held against each other."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from matching.chances import MODES, USUAL, USUAL_ANSWERED, HandChances
from matching.model import INPUTS, Floats, Model
from matching.policy import Policy
from matching.train.fit import chances_of, log_odds_by, log_odds_of, logit


class Forecast(Protocol):
    """Chances 0–1 of inputs (n, 23), whose columns are `model.INPUTS`: (n,) each."""

    def accept(self, inputs: Floats, ring_s: Floats) -> Floats:
        """Return the chance of an acceptance within *ring_s* seconds, (n,)."""

    def complete(self, inputs: Floats) -> Floats:
        """Return the chance that accepted work is completed."""


class Learnt:
    """A model's tables, as they serve."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def accept(self, inputs: Floats, ring_s: Floats) -> Floats:
        return self._model.accept.p_within_each(log_odds_of(self._model.accept, inputs), ring_s)

    def complete(self, inputs: Floats) -> Floats:
        head = self._model.complete
        return chances_of(head.scale * log_odds_of(head, inputs) + head.shift)


class Hand:
    """The policy's constants, which serve until there is a model."""

    def __init__(self, policy: Policy) -> None:
        self._by_mode = np.array(
            [policy.acceptance[mode] for mode in sorted(MODES, key=lambda mode: MODES[mode])]
        )
        self._chances = HandChances(policy)

    def accept(self, inputs: Floats, ring_s: Floats) -> Floats:  # noqa: ARG002 -- knows no time
        mode = inputs[:, INPUTS.index("mode")].astype(int)
        log_odds = self._by_mode[mode]
        for name, unknown in (("travel", 0.0), ("responsiveness", USUAL_ANSWERED)):
            values = np.nan_to_num(inputs[:, INPUTS.index(name)], nan=unknown).tolist()
            log_odds = log_odds + np.array(self._chances.accept(name, values))
        return chances_of(log_odds)

    def complete(self, inputs: Floats) -> Floats:
        reliability = inputs[:, INPUTS.index("reliability")].tolist()
        usual = math.log(USUAL / (1 - USUAL))
        return chances_of(usual + np.array(self._chances.complete("reliability", reliability)))


class Constant(NamedTuple):
    """The same for everybody: what any model must be better than."""

    accepted: float
    completed: float

    def accept(self, inputs: Floats, ring_s: Floats) -> Floats:  # noqa: ARG002 -- tells nobody apart
        return np.full(len(inputs), self.accepted)

    def complete(self, inputs: Floats) -> Floats:
        return np.full(len(inputs), self.completed)


class Boosted(NamedTuple):
    """An ensemble and the calibration of its log-odds."""

    estimator: HistGradientBoostingClassifier
    scale: float = 1.0
    shift: float = 0.0


class Challenger:
    """The same boosting with interactions: what being explainable costs."""

    def __init__(self, accept: Boosted, complete: Boosted, ends_s: Sequence[float]) -> None:
        self._accept, self._complete, self._ends_s = accept, complete, ends_s

    def accept(self, inputs: Floats, ring_s: Floats) -> Floats:
        refused = np.zeros(len(inputs))
        for period, end in enumerate(self._ends_s):
            rows = np.column_stack([np.full(len(inputs), float(period)), inputs])
            odds = log_odds_by(self._accept.estimator, rows)
            refused -= np.where(end <= ring_s, np.logaddexp(0.0, odds), 0.0)
        return self._calibrated(self._accept, -np.expm1(refused))

    def complete(self, inputs: Floats) -> Floats:
        odds = log_odds_by(self._complete.estimator, inputs)
        return self._calibrated(self._complete, chances_of(odds))

    @staticmethod
    def _calibrated(boosted: Boosted, chances: Floats) -> Floats:
        return chances_of(boosted.scale * logit(chances) + boosted.shift)
