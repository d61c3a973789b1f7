"""How sure a ratio of two sums is: by the normal approximation or by the bootstrap.

A mean is a ratio too: its lower sum counts the rows.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from matching.errors import InvalidField
from matching.evaluate.arrays import Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """Which interval to give: normal if `resamples` is 0, else percentiles of that many resamples.

    `level` is the share of such intervals that hold the truth, in (0, 1). The normal one linearises
    the ratio (Taylor) and is cheap; the bootstrap (Efron, 1979) follows skew, which few and heavy
    weights bring, and needs a thousand resamples or more. `seed` draws them.
    """

    level: float = 0.95
    resamples: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise InvalidField("between 0 and 1", path="level")
        if self.resamples < 0:
            raise InvalidField("0 or more", path="resamples")


NORMAL = Interval()
BOOTSTRAP = Interval(resamples=2_000)


def interval_of(upper: Floats, lower: Floats, interval: Interval = NORMAL) -> tuple[float, float]:
    """Return the low and high end for sum(upper) / sum(lower).

    `upper`, `lower`: (n,) of independent units, n of at least 1, with sum(lower) > 0. One unit
    shows no spread: it gives -inf and inf. Units that are all alike give an interval of no width,
    so a log without any reward looks surer than it is.
    """
    if len(upper) < 2:
        return -math.inf, math.inf
    tail = (1 - interval.level) / 2
    if interval.resamples:
        draw = np.random.default_rng(interval.seed)
        ratios = resampled(upper, lower, interval.resamples, draw)
        low, high = np.nanquantile(ratios, [tail, 1 - tail])
        return float(low), float(high)
    value = upper.sum() / lower.sum()
    half = NormalDist().inv_cdf(1 - tail) * standard_error(upper, lower)
    return float(value - half), float(value + half)


def standard_error(upper: Floats, lower: Floats) -> float:
    """Return the linearised standard error of sum(upper) / sum(lower), each (n,) with n >= 2."""
    n = len(upper)
    spread = upper - upper.sum() / lower.sum() * lower
    return float(math.sqrt(n / (n - 1) * (spread @ spread)) / lower.sum())


def resampled(upper: Floats, lower: Floats, resamples: int, draw: np.random.Generator) -> Floats:
    """Return sum(upper) / sum(lower) of each resample of the units, (resamples,).

    A resample in which the lower sum is 0 has no ratio and is NaN.
    """
    n = len(upper)
    both = np.stack([upper, lower])
    sums = np.empty((2, resamples))
    for each in range(resamples):
        sums[:, each] = both[:, draw.integers(0, n, n)].sum(axis=1)
    ratios: Floats = np.full(resamples, math.nan)
    np.divide(sums[0], sums[1], out=ratios, where=sums[1] > 0)
    return ratios
