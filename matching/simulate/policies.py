"""The policies that are compared: whom to ring, each one class behind `Strategy.ring`.

All take who is eligible from `rank`, as the server does. The plain ones then order by a rule of
their own; `Waves` and `Broadcast` keep the order of the library.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from zlib import crc32

from matching.asking import Asked, Turn, ask, ask_together
from matching.decisions import record
from matching.geo import haversine_km
from matching.model import Model
from matching.population import Population
from matching.ranking import rank
from matching.simulate.market import Market, Open, Patient, Ring
from matching.tables import Tables
from matching.types import Match

EVERYBODY = 10_000

Key = Callable[[Market, Open, Match], Any]


def eligible(market: Market, open_: Open, now_ms: int) -> tuple[Match, ...]:
    """Return everybody who may be rung for a request now, in the library's order."""
    request = open_.ask.request
    return rank(market.population, request, now_ms, EVERYBODY, open_.asked).matches


@dataclass(frozen=True)
class OneAtATime(Patient):
    """Ring the first by a rule, wait for the answer or the end of the ring, then the next."""

    name: str
    key: Key

    def ring(self, market: Market, waiting: Sequence[Open], now_ms: int) -> Iterator[Ring]:
        for open_ in waiting:
            matches = eligible(market, open_, now_ms)
            if matches:
                first = min(matches, key=lambda match: self.key(market, open_, match))
                yield Ring(open_, (first,))


def at_random(market: Market, open_: Open, match: Match) -> float:
    """Order by chance that the seed, the request and the person fix."""
    return Random(f"{market.world.seed}/{open_.ask.id}/{match.interpreter}/order").random()  # noqa: S311 - a lot, not a secret


def by_idle(market: Market, open_: Open, match: Match) -> tuple[int, str]:
    """Order by the time since work, an offer or coming online, to the millisecond."""
    del open_
    return market.idle_since[match.interpreter], match.interpreter


def by_distance(market: Market, open_: Open, match: Match) -> tuple[float, str]:
    """Order by the way from customer to home, even where nobody travels."""
    here, there = open_.ask.request.location, market.world.people[match.interpreter].profile
    if here is None or there.location is None:
        return float("inf"), match.interpreter
    return haversine_km(here, there.location), match.interpreter


def by_tier_and_idle(market: Market, open_: Open, match: Match) -> tuple[int, int, str]:
    """Order by qualification, then by idle time."""
    return -market.tier[match.tier], *by_idle(market, open_, match)


@dataclass(frozen=True)
class Broadcast(Patient):
    """Ring everybody who is eligible at once."""

    name: str = "broadcast"

    def ring(self, market: Market, waiting: Sequence[Open], now_ms: int) -> Iterator[Ring]:
        for open_ in waiting:
            yield Ring(open_, eligible(market, open_, now_ms))


@dataclass(frozen=True)
class Waves:
    """Ring as the dispatcher does, by `ask`: the head of the ranking, and a lot now and then.

    `change` replaces the tables (other weights), `model` is a learnt one. With `together`,
    requests that wait at the same moment are paired by `ask_together`. Waves overlap with `refills`
    (one more for each who declines) and `pace_s` (one more for so long a silence). With `log`,
    each decision is recorded under an id of its own and handed to it.
    """

    name: str = "waves"
    change: Callable[[Tables], Tables] | None = None
    model: Model | None = None
    together: bool = False
    pace_s: float | None = None
    refills: bool = False
    log: Callable[[str, Open, dict[str, Any]], None] | None = None

    def population(self, tables: Tables) -> Population:
        population = Population(tables if self.change is None else self.change(tables))
        if self.model is not None:
            population.use_model(self.model)
        return population

    def ring(self, market: Market, waiting: Sequence[Open], now_ms: int) -> Iterator[Ring]:
        population = market.population
        turns = [_turn(market, open_) for open_ in waiting]
        if self.together and len(turns) > 1:
            found = ask_together(population, turns, now_ms)
            made = list(zip(waiting, turns, found, strict=True))
            decisions = [self._logged(market, *each, now_ms) for each in made]  # before any rings
            for (open_, _, asked), decision in zip(made, decisions, strict=True):
                yield Ring(open_, asked.wave, decision)
            return
        for open_, turn in zip(waiting, turns, strict=True):
            asked = ask(population, turn, now_ms)
            yield Ring(open_, asked.wave, self._logged(market, open_, turn, asked, now_ms))

    def _logged(
        self, market: Market, open_: Open, turn: Turn, asked: Asked, now_ms: int
    ) -> str | None:
        """Hand a decision to the log, and return its id; None where nobody logs or is rung."""
        if self.log is None or not asked.wave:
            return None
        decision = f"{market.world.seed}-{open_.ask.id}-{turn.wave}"
        self.log(decision, open_, record(market.population, turn, asked, now_ms))
        return decision


def _turn(market: Market, open_: Open) -> Turn:
    size = market.population.scorer.policy.waves["waves"]
    if open_.ringing:  # one more while others still ring
        size = size.refill(1)
    lot = crc32(f"{market.world.seed}/{open_.ask.id}/{open_.wave}".encode())
    return Turn(open_.ask.request, size, open_.asked, open_.wave + 1, seed=lot)


RANDOM = OneAtATime("random", at_random)
LONGEST_IDLE = OneAtATime("longest idle", by_idle)
NEAREST = OneAtATime("nearest", by_distance)
TIER_THEN_IDLE = OneAtATime("tier, then idle", by_tier_and_idle)
