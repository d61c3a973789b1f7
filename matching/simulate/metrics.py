"""What came of a run, in figures; and figures of many seeds, with intervals.

All policies meet the same worlds, so differences are taken seed by seed before anything is
averaged: what a world adds to all of them falls out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from matching.evaluate.fairness import LEAST_H, gini
from matching.evaluate.intervals import BOOTSTRAP, interval_of
from matching.simulate.market import Open, Run
from matching.simulate.world import World
from matching.zones import HOUR_MS

Floats = NDArray[np.float64]
BASELINE: Final = "longest idle"
ORACLE: Final = "oracle"


class Figures(NamedTuple):
    """One run. Waits are seconds from request to the acceptance that led to a meeting.

    `waited_mean_s` is of all requests, one that is not filled counting until its deadline: a policy
    that fills only what is easy has short waits, but not there. What is of the filled is NaN where
    none is, and `missed` where nobody would have taken any.
    `unfilled` and `completed` are shares of all requests, `missed` is the share of those that
    somebody would have taken. `below_tier` is of the filled. `gini`: offers per online hour.
    """

    wait_median_s: float
    wait_mean_s: float
    wait_p90_s: float
    waited_mean_s: float
    unfilled: float
    missed: float
    offers_a_fill: float
    below_tier: float
    gini: float
    completed: float


class Estimate(NamedTuple):
    """A mean over seeds with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Results:
    """Figures `(n_seeds,)` by policy, and all waits of the filled, seconds, by policy."""

    scenario: str
    title: str
    seeds: tuple[int, ...]
    requests: int
    feasible: float
    figures: Mapping[str, tuple[Figures, ...]]
    waits: Mapping[str, Floats]

    def column(self, policy: str, figure: str) -> Floats:
        return np.array([getattr(each, figure) for each in self.figures[policy]])

    def estimate(self, policy: str, figure: str) -> Estimate:
        """Return the mean over seeds, Student's interval."""
        return _mean(self.column(policy, figure))

    def difference(self, policy: str, figure: str, other: str = BASELINE) -> Estimate:
        """Return the mean of policy minus *other*, seed by seed."""
        return _mean(self.column(policy, figure) - self.column(other, figure))

    def ratio(self, policy: str, figure: str, other: str = BASELINE) -> Estimate:
        """Return the mean of *policy* over that of *other*; the interval resamples seeds."""
        return _ratio(self.column(policy, figure), self.column(other, figure))

    def gap_closed(self, policy: str, figure: str) -> Estimate:
        """Return how far *policy* gets from the baseline (0) to the oracle (1).

        NaN where the oracle is no better than the baseline: then there is no gap.
        """
        start = self.column(BASELINE, figure)
        gap = start - self.column(ORACLE, figure)
        return _ratio(start - self.column(policy, figure), gap)


def _mean(values: Floats) -> Estimate:
    value = float(values.mean())
    if len(values) < 2:
        return Estimate(value, -math.inf, math.inf)
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    return Estimate(value, value - half, value + half)


def _ratio(upper: Floats, lower: Floats) -> Estimate:
    if not lower.sum() > 0:  # nor where it is not known
        return Estimate(math.nan, math.nan, math.nan)
    return Estimate(float(upper.sum() / lower.sum()), *interval_of(upper, lower, BOOTSTRAP))


def figures_of(run: Run, feasible: frozenset[str], tiers: Sequence[str]) -> tuple[Figures, Floats]:
    """Return the figures of a run and the waits of the filled, seconds `(n_filled,)`.

    *feasible* are the requests that somebody would have taken; *tiers* the letters, rising.
    """
    filled = [open_ for open_ in run.opens if open_.winner is not None]
    waits = np.array([_wait_s(open_) for open_ in filled])
    below = [_tier(run.world, open_, tiers) < open_.ask.tier for open_ in filled]
    missed = [o.winner is None for o in run.opens if o.ask.id in feasible]
    offers = sum(len(open_.offers) for open_ in run.opens)
    asked = len(run.opens)
    deadline_s = run.world.scenario.clock.request_s
    return Figures(
        wait_median_s=float(np.median(waits)) if filled else math.nan,
        wait_mean_s=_share(waits),
        wait_p90_s=float(np.percentile(waits, 90)) if filled else math.nan,
        waited_mean_s=float((waits.sum() + deadline_s * (asked - len(filled))) / asked),
        unfilled=1 - len(filled) / asked,
        missed=_share(missed),
        offers_a_fill=offers / len(filled) if filled else math.nan,
        below_tier=_share(below),
        gini=gini(offers_an_hour(run)),
        completed=sum(job.minutes > 0 for job in run.jobs) / asked,
    ), waits


def _share(values: Floats | Sequence[bool]) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def offers_an_hour(run: Run) -> Floats:
    """Return offers per online hour of everybody who was online for `LEAST_H`, `(n,)`."""
    hours: dict[str, float] = {}
    for spell in run.world.spells:
        online = (spell.to_ms - spell.from_ms) / HOUR_MS
        hours[spell.interpreter] = hours.get(spell.interpreter, 0.0) + online
    offers = dict.fromkeys(hours, 0)
    for open_ in run.opens:
        for offer in open_.offers:
            offers[offer.interpreter] += 1
    return np.array([offers[who] / h for who, h in hours.items() if h >= LEAST_H])


def _wait_s(open_: Open) -> float:
    assert open_.winner is not None and open_.winner.answered_ms is not None  # noqa: S101, PT018 - for mypy
    return (open_.winner.answered_ms - open_.ask.at_ms) / 1000


def _tier(world: World, open_: Open, tiers: Sequence[str]) -> int:
    """Return the winner's tier in the language of the request, 0 for none."""
    assert open_.winner is not None  # noqa: S101 - for mypy
    for skill in world.people[open_.winner.interpreter].profile.languages:
        if skill.tag == open_.ask.request.language_to and skill.qualification is not None:
            return tiers.index(skill.qualification.category) + 1
    return 0
