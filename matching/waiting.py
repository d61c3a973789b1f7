"""How long a request for now waits until somebody accepts, as a distribution over seconds.

A model says it of those who would be rung, the past of a pair and mode how such requests fared.
The model counts as so many imagined earlier requests (the mean of a Dirichlet process): without
a past it decides, the more of it the less.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.features import PRIOR_ANSWERED, PRIOR_SILENT
from matching.policy import WaveSize
from matching.waves import wave_length
from matching.zones import HOUR_MS, SECOND_MS

# From the ring to an answer, lognormal: what config/scenarios/norway.toml assumes of all people.
DELAY_MEDIAN_S: Final = 6.0
DELAY_SIGMA: Final = 0.6
ANSWERED: Final = PRIOR_ANSWERED / (PRIOR_ANSWERED + PRIOR_SILENT)
# How far the model may be off, either way: log-odds of accepting, and times the delay.
DOUBT_LOG_ODDS: Final = 0.5
DOUBT_DELAY: Final = 1.2
SHADES: Final = ((0.25, -1), (0.5, 0), (0.25, 1))  # weight, and which way
MODEL_WORTH: Final = 20.0  # outcomes
HALF_LIFE_MS: Final = 12 * HOUR_MS  # yesterday at this hour counts a quarter
LEAST: Final = 0.02  # of a probability that something can be said of when
Seconds = NDArray[np.float64]


class Asking(NamedTuple):
    """How a request is asked: the size of its waves, how long an offer rings, and its deadline."""

    size: WaveSize
    offer_s: int
    deadline_s: int


class Outcome(NamedTuple):
    """What became of one earlier request, as the log has it.

    It ended at `at_ms`, accepted after `wait_ms`, or unfilled (None); the first offer went out
    after `rung_ms`, None if none did.
    """

    at_ms: int
    wait_ms: int | None
    rung_ms: int | None


class Wait(NamedTuple):
    """The probability of being accepted before the deadline; if so, when: median, 80 % interval.

    Seconds; None where there is hardly a chance.
    """

    probability: float
    median_s: float | None
    low_s: float | None
    high_s: float | None


def modelled(chances: Sequence[float], asking: Asking) -> Seconds:
    """Return P(accepted within t), for each second t until the deadline, `(deadline_s + 1,)`.

    *chances* are those of accepting an offer, in the order in which people are rung; answers are
    taken as independent.
    """
    seconds = np.arange(asking.deadline_s + 1)
    at = rung_at(chances, asking)
    total = np.zeros(seconds.size)
    if not at.size:
        return total
    ages = np.clip(seconds - at[:, None], 0, asking.offer_s)
    chance = np.clip(np.array(chances[: at.size]), 0.001, 0.999)[:, None]
    log_odds = np.log(chance / (1 - chance))
    for weight, way in SHADES:
        p = 1 / (1 + np.exp(-(log_odds + way * DOUBT_LOG_ODDS)))
        within = _answered(asking.offer_s, DOUBT_DELAY**-way)[ages]
        total += weight * (1 - np.exp(np.log1p(-p * within).sum(0)))
    return total


def rung_at(chances: Sequence[float], asking: Asking) -> NDArray[np.intp]:
    """Return in which second each is expected to be rung while nobody accepts, rising.

    Whoever would be rung after the deadline is left out.
    """
    waves = _one_more(chances, asking) if asking.size.pace_s else _wave_by_wave(chances, asking)
    at = np.array(waves, np.intp)
    return at[at < asking.deadline_s]


def _one_more(chances: Sequence[float], asking: Asking) -> list[int]:
    """Ring one more for each who declines, and for so long a silence."""
    pace_s, within = asking.size.pace_s or math.inf, _answered(asking.offer_s, 1.0)
    seconds = np.arange(asking.deadline_s + 1)
    due = np.floor(seconds / pace_s)
    first = wave_length(chances, asking.size)
    at: list[int] = []
    for place, chance in enumerate(chances):
        more = place - first + 1
        # By half of one more, for it is whole people who decline: the median, not the mean.
        start = 0 if more <= 0 else int(np.searchsorted(due, more - 0.5))
        if start > asking.deadline_s:
            break
        at.append(start)
        ages = np.minimum(seconds[: seconds.size - start], asking.offer_s)
        due[start:] += _declines(chance) * within[ages]
    return at


def _wave_by_wave(chances: Sequence[float], asking: Asking) -> list[int]:
    """Ring a wave once that before it is over."""
    at: list[int] = []
    start, within = 0.0, _answered(asking.offer_s, 1.0)
    while len(at) < len(chances) and start < asking.deadline_s:
        wave = chances[len(at) :][: wave_length(chances[len(at) :], asking.size)]
        at += [round(start)] * len(wave)
        over = np.ones(asking.offer_s)
        for chance in wave:
            over *= within[:-1] * _declines(chance) / max(1 - chance, _declines(chance), 0.001)
        start += float((1 - over).sum())
    return at


def _declines(chance: float) -> float:
    """Return how likely somebody says no: the rest of the usual share of answers."""
    return max(0.0, ANSWERED - chance)


@lru_cache(64)
def _answered(offer_s: int, slower: float) -> Seconds:
    """Return P(answered within t) of what is answered at all, `(offer_s + 1,)`."""
    delay = NormalDist(math.log(DELAY_MEDIAN_S * slower), DELAY_SIGMA)
    found = np.array([0.0, *(delay.cdf(math.log(t)) for t in range(1, offer_s + 1))])
    answered: Seconds = found / found[-1]
    return answered


def with_past(
    model: Seconds, outcomes: Sequence[Outcome], now_ms: int, share: float = 1.0
) -> Seconds:
    """Return *model* shrunk towards it from what became of earlier requests, `(deadline_s + 1,)`.

    *share*, 0–1, says how much they are like this one; the older the less they count.
    """
    if not outcomes:
        return model
    ages = [max(0, now_ms - each.at_ms) / HALF_LIFE_MS for each in outcomes]
    weights = share * np.exp2(-np.array(ages))
    waits = np.array([np.inf if e.wait_ms is None else e.wait_ms / SECOND_MS for e in outcomes])
    seconds = np.arange(model.size)
    accepted = ((waits <= seconds[:, None]) * weights).sum(1)
    mixed: Seconds = (MODEL_WORTH * model + accepted) / (MODEL_WORTH + weights.sum())
    return mixed


def wait_of(within: Seconds) -> Wait:
    """Return what a distribution says: of those accepted at all, one in ten waits less than low."""
    probability = float(within[-1])
    if probability < LEAST:
        return Wait(probability, None, None, None)
    low, median, high = (_quantile(within, share) for share in (0.1, 0.5, 0.9))
    return Wait(probability, median, low, high)


def _quantile(within: Seconds, share: float) -> float:
    """Return the time until *share* of those accepted are, between the seconds."""
    wanted = share * float(within[-1])
    after = int(np.searchsorted(within, wanted))
    if after == 0:
        return 0.0
    before, then = float(within[after - 1]), float(within[after])
    return after - 1 + (wanted - before) / (then - before)
