"""Whom to ring now: one request by itself, or many that want the same people.

What the dispatcher and the simulator both call. Whoever calls reserves the waves in the
population before anything else may be asked.
"""

import math
from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from matching.pairing import NOBODY, pair
from matching.policy import Exploration, WaveSize
from matching.population import Population
from matching.ranking import rank
from matching.types import NONE, Match, Ranking, Request
from matching.waves import choose_wave

RANKED: Final = 20
CANDIDATES: Final = 50  # of each request, under contention
UNMATCHED: Final = 100.0  # what nobody costs, beside scores of a few log-odds
EMERGENCY: Final = 100.0  # times that
HEAVIEST: Final = 99.0  # so that no waiting outweighs an emergency, nor what `pair` can add up


class Turn(NamedTuple):
    """One request whose wave number `wave` is to go out; `asked` were asked in those before.

    `quiet` want their quiet just now, and others come before `later`: they may be asked another
    time.
    `weight` is its priority above others of its kind, 1 or more: it may grow with waiting, and
    counts up to `HEAVIEST`.
    """

    request: Request
    size: WaveSize
    asked: frozenset[str] = NONE
    wave: int = 1
    weight: float = 1.0
    seed: int = 0
    quiet: frozenset[str] = NONE
    later: frozenset[str] = NONE

    @property
    def left_out(self) -> frozenset[str]:
        """Who is not asked this time, whatever they are like."""
        return self.asked | self.quiet | self.later


class Asked(NamedTuple):
    """A ranking, whom of it to ring now, and how likely each of it was to be rung in this wave.

    `propensity` goes with `ranking.matches`; `explored` says that the lot decided the last place.
    """

    ranking: Ranking
    wave: tuple[Match, ...]
    propensity: tuple[float, ...]
    explored: bool


def ask(population: Population, turn: Turn, now_ms: int, limit: int = RANKED) -> Asked:
    """Rank for one request and choose its wave.

    In a small share of decisions, never in emergencies, the last place of the wave is drawn among
    those of the same tier behind it, better ones more likely (one step of Plackett–Luce): so the
    log tells what others would have done. The same seed draws the same.
    """
    ranking = _rank(population, turn, now_ms, limit)
    wave = choose_wave(ranking.matches, turn.size)
    how = population.scorer.policy.exploration
    if not wave or turn.request.emergency or how.share == 0:
        return Asked(ranking, wave, _certain(ranking, wave), explored=False)
    return _explore(ranking, wave, how, Random(turn.seed))  # noqa: S311 - a lot, not a secret


def _rank(population: Population, turn: Turn, now_ms: int, limit: int) -> Ranking:
    return rank(population, turn.request, now_ms, limit, turn.left_out, wave=turn.wave)


def _explore(ranking: Ranking, wave: tuple[Match, ...], how: Exploration, lot: Random) -> Asked:
    """Let the lot decide, sometimes, who of a tier has the last place of a wave."""
    first, last = wave[:-1], wave[-1]
    rivals = [each for each in ranking.matches[len(first) :] if each.tier == last.tier]
    weights = [math.exp((each.score - last.score) / how.temperature) for each in rivals]
    total = sum(weights)
    chosen, explored = last, lot.random() < how.share
    if explored:
        (chosen,) = lot.choices(rivals, weights)
    drawn = {
        each.interpreter: how.share * weight / total
        for each, weight in zip(rivals, weights, strict=True)
    }
    drawn[last.interpreter] += 1 - how.share
    drawn.update((each.interpreter, 1.0) for each in first)
    propensity = tuple(drawn.get(each.interpreter, 0.0) for each in ranking.matches)
    return Asked(ranking, (*first, chosen), propensity, explored)


def _certain(ranking: Ranking, wave: Sequence[Match]) -> tuple[float, ...]:
    rung = {each.interpreter for each in wave}
    return tuple(float(each.interpreter in rung) for each in ranking.matches)


def ask_together(
    population: Population, turns: Sequence[Turn], now_ms: int, limit: int = CANDIDATES
) -> list[Asked]:
    """Rank for many requests and choose their waves so that nobody is in two of them.

    First everybody who can have somebody gets one, emergencies first, at the least cost in all
    (`pairing`); then, in the order of the turns' priority, waves fill up with whoever is left.
    """
    rankings = [_rank(population, turn, now_ms, limit) for turn in turns]
    candidates = [_priced(population, ranking.matches) for ranking in rankings]
    weights = [
        UNMATCHED * min(turn.weight, HEAVIEST) * (EMERGENCY if turn.request.emergency else 1.0)
        for turn in turns
    ]
    chosen = pair(candidates, unmatched=weights).tolist()
    firsts = [
        None if place == NOBODY else ranking.matches[place]
        for ranking, place in zip(rankings, chosen, strict=True)
    ]
    taken = {each.interpreter for each in firsts if each is not None}
    waves: list[tuple[Match, ...]] = [()] * len(turns)
    for index in sorted(range(len(turns)), key=lambda index: -weights[index]):
        first = firsts[index]
        if first is None:
            continue
        left = [each for each in rankings[index].matches if each.interpreter not in taken]
        waves[index] = choose_wave((first, *left), turns[index].size)
        taken.update(each.interpreter for each in waves[index])
    return [
        Asked(ranking, wave, _certain(ranking, wave), explored=False)
        for ranking, wave in zip(rankings, waves, strict=True)
    ]


def _priced(population: Population, matches: Sequence[Match]) -> list[tuple[int, float]]:
    """Return the number of each match, and what it costs to choose them."""
    numbers = population.numbers(each.interpreter for each in matches)
    return list(zip(numbers, (-each.score for each in matches), strict=True))
