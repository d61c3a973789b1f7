"""Whether a probability means what it says: of those said 0.7, seven in ten should come true."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.errors import InvalidField
from matching.evaluate.arrays import Floats, Numbers, column, probabilities

CERTAIN = 1e-15  # a certainty that fails costs 34.5 nats, not infinitely many
Z = 1.959964  # of 95 %


@dataclass(frozen=True, slots=True)
class Bin:
    """The n predictions in [low, high), in the last bin to high: their mean, and what came true.

    `observed_low` and `observed_high` are the Wilson interval of 95 % for `observed`.
    """

    low: float
    high: float
    n: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Figures of n predictions: their mean, the share that came true, errors and the curve.

    `ece`: the mean gap between predicted and observed over the bins, by their size, 0..1. `brier`:
    the mean squared error, 0..1. `log_loss`: in nats a prediction. All are better when lower.
    """

    n: int
    predicted: float
    observed: float
    ece: float
    brier: float
    log_loss: float
    bins: tuple[Bin, ...]


def calibration(predicted: Numbers, outcomes: Numbers, bins: int = 10) -> Calibration:
    """Measure probabilities (n,) against *outcomes* (n,), each 0 or 1, in *bins* of equal width.

    Raise InvalidField, whose path is the argument at fault.
    """
    said = probabilities(predicted, "predicted")
    came = column(outcomes, "outcomes", n=len(said))
    if not np.isin(came, (0, 1)).all():
        raise InvalidField("0 or 1 expected", path="outcomes")
    if bins < 1:
        raise InvalidField("1 or more", path="bins")
    table = _reliability(said, came, bins)
    return Calibration(
        len(said),
        float(said.mean()),
        float(came.mean()),
        _expected_error(table),
        float(np.mean((said - came) ** 2)),
        _log_loss(said, came),
        table,
    )


def _reliability(said: Floats, came: Floats, bins: int) -> tuple[Bin, ...]:
    """Return the reliability curve by bins of equal width, ascending, without the empty ones."""
    # Quotients, so that an edge of 0.3 is the 0.3 of a prediction; linspace's is not.
    edges = np.arange(bins + 1) / bins
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, bins - 1)
    return tuple(_bin(edges, each, said, came, place) for each in np.unique(place).tolist())


def _expected_error(table: tuple[Bin, ...]) -> float:
    """Return the mean of |observed - predicted| over the bins, by their n (Naeini et al. 2015)."""
    total = sum(each.n for each in table)
    return math.fsum(each.n * abs(each.observed - each.predicted) for each in table) / total


def _log_loss(said: Floats, came: Floats) -> float:
    """Return the mean of -log of the probability given to what came, in nats.

    A probability of 0 or 1 counts as 1e-15 off it.
    """
    given = np.where(came == 1, said, 1 - said)
    return float(-np.log(np.clip(given, CERTAIN, 1)).mean())


def _bin(edges: Floats, which: int, said: Floats, came: Floats, place: NDArray[np.intp]) -> Bin:
    here = place == which
    n, share = int(here.sum()), float(came[here].mean())
    low, high = wilson(share, n)
    return Bin(
        float(edges[which]), float(edges[which + 1]), n, float(said[here].mean()), share, low, high
    )


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's interval (1927) of 95 % for a share of n trials, n of at least 1."""
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)
