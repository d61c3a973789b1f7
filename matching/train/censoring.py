"""What a ring whose end is known stands for, where others were withdrawn before theirs was.

Inverse probability of censoring (Robins and Rotnitzky 1992): 1 over the chance of not having been
withdrawn until the outcome was known. That chance depends on how many rang at once and on what they
have in common (at night few accept, so few take the job from others), so it is learnt, by the same
boosting. With these weights, accepting within the ring is a plain yes or no.
"""

from typing import Final

import numpy as np

from matching.model import Floats
from matching.train.fit import Rows, boost, chances_of, log_odds_by
from matching.train.hazard import Rings, person_periods

PERIODS: Final = 6
ROUNDS: Final = 60
LEAST_STAYING: Final = 0.05  # no ring stands for more than twenty


def outcome_weights(rings: Rings, inputs: Floats, *, seed: int) -> Floats:
    """Weigh each of *rings*, (n,), with its *inputs* (n, k); 0 where the outcome is not known."""
    if not rings.censored.any():
        return np.ones(len(rings.censored))
    shares = np.linspace(0, 1, PERIODS + 1)[1:-1]
    inner = np.quantile(rings.known_s[rings.censored], shares)
    ends = np.unique(np.concatenate([inner, [rings.known_s.max()]]))
    ends = ends[ends > 0] if ends[-1] > 0 else np.array([1.0])
    split = person_periods(rings.known_s, rings.censored, tuple(ends.tolist()))
    beside = np.column_stack([rings.wave, inputs])
    if split.happened.all():
        return np.where(rings.censored, 0.0, 1.0)
    rows = np.column_stack([split.period, beside[split.ring]])
    fitted = boost(
        Rows(rows, split.happened, split.weight),
        [0] * rows.shape[1],
        additive=True,
        seed=seed,
        rounds=ROUNDS,
    )
    log_stays = np.log1p(-chances_of(log_odds_by(fitted, rows))) * split.weight
    stays = np.exp(np.bincount(split.ring, log_stays, minlength=len(beside)))
    return np.where(rings.censored, 0.0, 1 / np.maximum(stays, LEAST_STAYING))
