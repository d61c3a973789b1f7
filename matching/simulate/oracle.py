"""The oracle: it sees every answer and every request to come, and assigns.

What it optimises, exactly: the sum over the filled requests of (`FILL_S` minus the seconds from
the ring to the answer), so fill first and then wait. It plans each day as a linear program in which
a person does one job at a time and takes only what they would accept if they were rested; then it
follows the plan. What the plan leaves out, or cannot have because people tire, gets at every moment
the free and willing at the least cost (a minimum-cost assignment of the seconds, and `FILL_S` for
each planned job that it would make impossible). Nobody is rung in vain: offers a fill are one.

It is no proven optimum: a plan starts each job when it is asked for, and never later. A test
holds it above every policy on fill and wait.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_array

from matching.simulate.answers import Standing
from matching.simulate.market import Market, Open, Patient, Ring
from matching.simulate.policies import eligible
from matching.simulate.world import Ask, World
from matching.tables import Tables
from matching.types import Match
from matching.zones import DAY_MS, MINUTE_MS

FILL_S = 500.0
NEVER_S = 1e9
LEAST = 1e-6  # of the program's solution: less is nothing
TIRED = Standing(hour=0, worked_min=120, since_work_min=0, travel_min=None, ghost=False)
DOUBTFUL = 0.5  # worth of who would not take it any more when tired


class Willing(NamedTuple):
    """Someone who would accept in time and come: the seconds until then, and the way there."""

    delay_s: float
    travel_min: int
    worth: float
    match: Match


class Survey(Patient):
    """A strategy that rings nobody, and notes who would take each request before its deadline."""

    name = "survey"

    def __init__(self) -> None:
        self.willing: dict[str, dict[str, Willing]] = defaultdict(dict)

    def ring(self, market: Market, waiting: Sequence[Open], now_ms: int) -> Iterator[Ring]:
        for open_ in waiting:
            for who, found in _willing(market, open_, now_ms).items():
                self.willing[open_.ask.id].setdefault(who, found)
        return iter(())


class Oracle(Patient):
    """See the module. One is made for one world; `feasible` are the requests that anybody takes."""

    name = "oracle"

    def __init__(self, world: World, tables: Tables) -> None:
        survey = Survey()
        Market(world, tables, survey).run()
        self.feasible = frozenset(ask for ask, who in survey.willing.items() if who)
        self._planned: dict[str, str] = {}
        for day_ms in world.days_ms:
            asks = [ask for ask in world.asks if 0 <= ask.at_ms - day_ms < DAY_MS]
            self._planned |= plan(world, asks, survey.willing)
        self._jobs: dict[str, list[tuple[int, str]]] = defaultdict(list)  # of people, in time
        for ask in world.asks:
            if ask.id in self._planned:
                self._jobs[self._planned[ask.id]].append((ask.at_ms, ask.id))
        self._done: set[str] = set()
        self._patience_ms = world.scenario.clock.request_s * 1000

    def ring(self, market: Market, waiting: Sequence[Open], now_ms: int) -> Iterator[Ring]:
        willing = [_willing(market, open_, now_ms) for open_ in waiting]
        people = sorted({who for each in willing for who in each})
        column = {who: index for index, who in enumerate(people)}
        cost = np.full((len(waiting), len(people) + len(waiting)), FILL_S)
        cost[:, : len(people)] = NEVER_S
        for row, (open_, each) in enumerate(zip(waiting, willing, strict=True)):
            for who, found in each.items():
                busy_ms = _busy_ms(market.world, open_.ask, found)
                lost = self._lost(who, open_.ask.id, now_ms, now_ms + busy_ms)
                cost[row, column[who]] = found.delay_s + FILL_S * lost
        for row, paired in zip(*linear_sum_assignment(cost), strict=True):
            if paired < len(people):
                self._done.add(waiting[row].ask.id)
                yield Ring(waiting[row], (willing[row][people[paired]].match,))

    def _lost(self, who: str, ask: str, now_ms: int, end_ms: float) -> int:
        """Count the planned jobs of a person, but for *ask*, that begin before they are free."""
        jobs = self._jobs.get(who, [])
        first = bisect_right(jobs, (now_ms - self._patience_ms, ""))
        due = jobs[first : bisect_right(jobs, (end_ms, ""))]
        return sum(each != ask and each not in self._done for _, each in due)


def plan(
    world: World, asks: Sequence[Ask], willing: Mapping[str, Mapping[str, Willing]]
) -> dict[str, str]:
    """Return who does which of a day's *asks*, so that the sum of the module is greatest.

    Variables are pairs of a request and someone willing. A request is done at most once, and of
    the jobs that a person would be busy with at the start of any of them, at most one is done.
    """
    pairs = [(ask, who, found) for ask in asks for who, found in willing.get(ask.id, {}).items()]
    if not pairs:
        return {}
    groups: dict[str, list[int]] = defaultdict(list)
    jobs: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for index, (ask, who, found) in enumerate(pairs):
        groups[ask.id].append(index)
        jobs[who] = [job for job in jobs[who] if job[0] > ask.at_ms]  # those that are not over
        jobs[who].append((ask.at_ms + _busy_ms(world, ask, found), index))
        groups[f"{who} {ask.id}"] = [each for _, each in jobs[who]]
    rows = [row for row, group in enumerate(groups.values()) for _ in group]
    columns = [index for group in groups.values() for index in group]
    at_most = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(groups), len(pairs)))
    gain = np.array([FILL_S * found.worth - found.delay_s for _, _, found in pairs])
    solved = linprog(-gain, at_most.tocsr(), np.ones(len(groups)), bounds=(0, 1), method="highs")
    chosen, full = {}, np.zeros(len(groups), np.bool_)
    of_pair: dict[int, list[int]] = defaultdict(list)
    for row, index in zip(rows, columns, strict=True):
        of_pair[index].append(row)
    for index in np.argsort(-solved.x, kind="stable").tolist():  # whole but for a few: round those
        if solved.x[index] < LEAST:
            break
        if not full[of_pair[index]].any():
            full[of_pair[index]] = True
            chosen[pairs[index][0].id] = pairs[index][1]
    return chosen


def _busy_ms(world: World, ask: Ask, found: Willing) -> float:
    scenario = world.scenario
    rests_s = found.delay_s + scenario.network.join_s + scenario.clock.wrap_up_s
    return (ask.request.duration_min + found.travel_min) * MINUTE_MS + rests_s * 1000


def _willing(market: Market, open_: Open, now_ms: int) -> dict[str, Willing]:
    found: dict[str, Willing] = {}
    for match in eligible(market, open_, now_ms):
        given = market.foresee(open_, match, now_ms)
        in_time = now_ms + given.delay_s * 1000 < open_.deadline_ms
        if given.accepts and not given.fails and in_time:
            tired = TIRED._replace(hour=market.hour(now_ms), travel_min=match.travel_min)
            still = market.foresee(open_, match, now_ms, tired).accepts
            worth = 1.0 if still else DOUBTFUL
            found[match.interpreter] = Willing(given.delay_s, match.travel_min or 0, worth, match)
    return found
