"""What a request may expect: how likely it is filled, and how long that takes.

From who is online (or, of a booking, free then) and how earlier requests of the pair and mode
fared. Of a few people, and of those left when others are blocked, the usual chance is taken instead
of their own, and probabilities are rounded: nobody's own chance of accepting is to be read off by
asking again without them.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from matching.ahead import Opening, next_opening
from matching.chances import step_of
from matching.plan import ask_of
from matching.population import Population
from matching.ranking import rank
from matching.types import Preferences, Ranking, Request, Requirements
from matching.waiting import Asking, Outcome, Wait, modelled, wait_of, with_past

RANKED: Final = (
    40  # rung within a deadline of three minutes, about; so many are counted of bookings
)
FEW: Final = 3
ROUNDED: Final = 20  # probabilities are in steps of one twentieth
AT_ONCE_MS: Final = 2_000  # whoever was rung so soon was online when the request came


class Estimate(NamedTuple):
    """What to expect, for people to read.

    Of a request for now: the `probability` that somebody accepts before its deadline, and if so
    after how many seconds (median, and an interval that holds 80 %). Of a booking: that somebody
    free then takes it. `available` people can be asked; a booking stops counting at `RANKED`.
    `recent` earlier requests were taken into account. Where nobody can be had now, `opening` is
    when that changes, if it is known.
    """

    probability: float
    wait_s: int | None
    low_s: int | None
    high_s: int | None
    available: int
    recent: int
    opening: Opening | None = None


def estimate(
    population: Population,
    request: Request,
    now_ms: int,
    asking: Asking,
    past: Sequence[Outcome] = (),
) -> Estimate:
    """Return what an admitted request may expect; *past* is that of its pair and mode."""
    ranking = rank(population, request, now_ms, RANKED)
    chances = _chances(population, request, ranking, now_ms)
    if request.start_ms is not None:
        nobody = math.prod(1 - chance for chance in chances)
        return _rounded(Wait(1 - nobody, None, None, None), ranking.eligible, 0)
    like = _alike(past, online=ranking.eligible > 0)
    share = _share(population, request, ranking.eligible, now_ms) if like and chances else 1.0
    within = with_past(modelled(chances, asking), like, now_ms, share)
    return _rounded(wait_of(within), ranking.eligible, len(like))


def estimate_ahead(
    population: Population,
    request: Request,
    now_ms: int,
    asking: Asking,
    past: Sequence[Outcome] = (),
) -> Estimate:
    """Return the same, and where nobody can be had, when that changes: a search of its own."""
    found = estimate(population, request, now_ms, asking, past)
    if found.available:
        return found
    return found._replace(opening=next_opening(population, request, now_ms))


def _chances(
    population: Population, request: Request, ranking: Ranking, now_ms: int
) -> list[float]:
    if ranking.eligible >= FEW and not request.preferences.blocked:
        return [each.p_accept for each in ranking.matches]
    usual = ask_of(population, request, now_ms).accept
    chance = population.scorer.chances.by_accept[step_of(usual)]
    return [chance] * len(ranking.matches)


def _alike(past: Sequence[Outcome], *, online: bool) -> list[Outcome]:
    """Return what became of requests that found somebody online at once, or that did not."""
    return [
        each for each in past if online == (each.rung_ms is not None and each.rung_ms <= AT_ONCE_MS)
    ]


def _share(population: Population, request: Request, eligible: int, now_ms: int) -> float:
    """Return how many of all who are online in the pair and mode a request leaves, 0–1.

    The past is that of all requests, most of which leave most people.
    """
    anybody = replace(
        request,
        requirements=Requirements(),
        preferences=Preferences(),
        location=None,
        public_body=False,
    )
    return min(1.0, eligible / max(1, rank(population, anybody, now_ms, limit=0).eligible))


def _rounded(wait: Wait, available: int, recent: int) -> Estimate:
    """Round for people; what is possible is never certain, nor what is not tried impossible."""
    probability = round(wait.probability * ROUNDED) / ROUNDED
    if available:
        probability = min(max(probability, 1 / ROUNDED), 1 - 1 / ROUNDED)
    times = (wait.median_s, wait.low_s, wait.high_s)
    median, low, high = (None if each is None else round(each) for each in times)
    return Estimate(probability, median, low, high, available, recent)
