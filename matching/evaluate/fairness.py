"""How evenly offers fall on people, for the time they were online.

Even is not the aim by itself: people differ in languages, qualifications and hours of day. Compare
like with like (the people of one pair, one policy beside another) before calling it unfair.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.errors import InvalidField
from matching.evaluate.arrays import Floats, Numbers, column
from matching.evaluate.exposure import Exposure
from matching.evaluate.intervals import BOOTSTRAP, Interval, resampled
from matching.zones import DAY_MS

CHANCE_DRAWS = 200
LEAST_H = 1.0  # online so long, at least, to count: a rate over minutes says little


@dataclass(frozen=True, slots=True)
class Inequality:
    """How unequal offers per online hour are among `people`, whose mean is `mean`.

    `gini` runs from 0 (all alike) to (people - 1) / people (one has all); `gini_by_chance` is what
    it would be on average if all had the same rate and offers came at random, so that only the
    excess is the policy's. `lowest_decile` is the share of the rates' sum that the lowest tenth
    has: 0.1 if all are alike.
    """

    people: int
    mean: float
    gini: float
    gini_by_chance: float
    lowest_decile: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Offers per online hour of some people beside all others, hours pooled on both sides.

    `ratio` is rate / others_rate (inf or NaN if the others had no offer), with its interval.
    """

    people: int
    others: int
    rate: float
    others_rate: float
    ratio: float
    low: float
    high: float


def gini(values: Numbers) -> float:
    """Return the Gini coefficient of *values* (n,), each 0 or more; 0 if all are 0.

    Raise InvalidField. Source: Gini 1912, by ranks.
    """
    ordered = _amounts(values)
    n, total = len(ordered), ordered.sum()
    if not total:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total))


def lowest_share(values: Numbers, part: float = 0.1) -> float:
    """Return the share of the sum that the lowest *part* of *values* (n,) has, each 0 or more.

    It is the Lorenz curve at *part*, straight between people where *part* cuts one in two; *part*
    itself if all are 0. Raise InvalidField.
    """
    ordered = _amounts(values)
    if not 0 <= part <= 1:
        raise InvalidField("between 0 and 1", path="part")
    total = ordered.sum()
    if not total:
        return part
    curve = np.concatenate([[0.0], np.cumsum(ordered) / total])
    return float(np.interp(part, np.linspace(0, 1, len(curve)), curve))


def inequality(exposure: Exposure, *, seed: int = 0) -> Inequality:
    """Measure how unequal offers per online hour are among who was online for `LEAST_H` or more.

    A rate over a few minutes says little, hence the limit. *seed* draws the offers by chance. Raise
    InvalidField if nobody is left.
    """
    kept = exposure.hours >= LEAST_H
    if not kept.any():
        raise InvalidField("nobody was online for so long", path="exposure")
    offers, hours = exposure.offers[kept], exposure.hours[kept]
    rates = offers / hours
    draw = np.random.default_rng(seed)
    fair = draw.poisson(hours * (offers.sum() / hours.sum()), (CHANCE_DRAWS, len(hours))) / hours
    return Inequality(
        len(rates),
        float(rates.mean()),
        gini(rates),
        float(np.mean([gini(each) for each in fair])),
        lowest_share(rates),
    )


def newcomers(exposure: Exposure, days: float, interval: Interval = BOOTSTRAP) -> Comparison | None:
    """Compare who was first seen within *days* before the window's end with everybody else.

    The log must reach farther back than that, by as long as people stay away: someone who was away
    since its beginning looks new. Otherwise as `compare`.
    """
    return compare(exposure, exposure.first_ms >= exposure.to_ms - days * DAY_MS, interval)


def by_group(
    exposure: Exposure, groups: Mapping[str, str], interval: Interval = BOOTSTRAP
) -> dict[str, Comparison | None]:
    """Compare the people of each label in *groups* (interpreter to label) with everybody else.

    Labels come sorted, and only those that somebody has who was online; people without a label are
    among the others. Otherwise as `compare`.
    """
    labels = [groups.get(who) for who in exposure.interpreters]
    return {
        label: compare(exposure, np.array([each == label for each in labels]), interval)
        for label in sorted({each for each in labels if each is not None})
    }


def compare(
    exposure: Exposure, chosen: NDArray[np.bool_], interval: Interval = BOOTSTRAP
) -> Comparison | None:
    """Compare the rate of the *chosen* (n,) with that of the others; None if a side is empty.

    The interval resamples people on each side. It is 0 to inf where a side is one person, or where
    the others had no offer. Raise InvalidField of `resamples` if these are 0, for a quotient of two
    rates has no normal interval worth giving, and of `chosen` if its shape is not that of people.
    """
    if chosen.shape != exposure.offers.shape:
        raise InvalidField(f"{len(exposure.offers)} people expected", path="chosen")
    if not interval.resamples:
        raise InvalidField("a quotient of rates needs resamples", path="resamples")
    if chosen.all() or not chosen.any():
        return None
    rate, others_rate = _rate(exposure, chosen), _rate(exposure, ~chosen)
    low, high = _quotient_interval(exposure, chosen, interval)
    people = int(chosen.sum())
    return Comparison(
        people,
        len(chosen) - people,
        rate,
        others_rate,
        _quotient(rate, others_rate),
        low,
        high,
    )


def _quotient_interval(
    exposure: Exposure, chosen: NDArray[np.bool_], interval: Interval
) -> tuple[float, float]:
    sides = chosen, ~chosen
    if min(side.sum() for side in sides) < 2 or not exposure.offers[~chosen].any():
        return 0.0, math.inf
    draw = np.random.default_rng(interval.seed)
    ours, theirs = (
        resampled(exposure.offers[side], exposure.hours[side], interval.resamples, draw)
        for side in sides
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        quotients = ours / theirs
    tail = (1 - interval.level) / 2
    # By order, not between two: a resample whose others had no offer is infinite.
    low, high = np.nanquantile(quotients, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)


def _rate(exposure: Exposure, chosen: NDArray[np.bool_]) -> float:
    return float(exposure.offers[chosen].sum() / exposure.hours[chosen].sum())


def _quotient(upper: float, lower: float) -> float:
    if lower:
        return upper / lower
    return math.inf if upper else math.nan


def _amounts(values: Numbers) -> Floats:
    """Return *values* in ascending order; refuse negative ones."""
    ordered = np.sort(column(values, "values"))
    if ordered[0] < 0:
        raise InvalidField("negative", path="values")
    return ordered
