"""Who is to be had at a time to come: the rules and the search for bookings.

Searches everybody of a pair, present or not, in their rosters: by what can be told in bulk, best
first, and only the few at the head are asked for their calendars and diaries, until as many as
wanted are free and none of the rest can beat them. Presence, reservations and idle time do not
count; the place is home, slack is the room between bookings.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.agenda import CLASH, Window
from matching.answer import Chosen
from matching.eligibility import Service, services
from matching.features import ROOMY, SLACK_STEP_MIN
from matching.pairtable import (
    FOREVER,
    LAST,
    NUMBER,
    ONSITE,
    PLACE,
    REACH,
    REMOTE,
    SLOT,
    UNTIL,
    WIDTH,
)
from matching.plan import Plan, Rows, distances2, held_by, meeting_terms, unservable
from matching.population import Population
from matching.profiles import prefix_of
from matching.roster import Roster

AT_FIRST: Final = 32  # asked for their calendars together; then twice as many each time
ROUNDING: Final = 1e-4  # more than a dozen steps of float32 lose of a score
Places = NDArray[np.intp]
Score = Callable[[Population, Plan, Service, Rows, Roster], Any]
Choose = Callable[[Population, Any, Service, int], list[Chosen]]


class Serving(NamedTuple):
    """A pair of languages that can serve a request, and who has it."""

    service: Service
    roster: Roster


class Scoring(NamedTuple):
    """How rows are scored (`ranking.Field`) and how the best of them become `Chosen`."""

    score: Score
    choose: Choose


def everyone(
    population: Population, plan: Plan, window: Window
) -> Iterator[tuple[Service, Roster, Rows]]:
    """Yield each pair that serves a booking with all who are eligible; nobody is in two."""
    seen = np.empty(0, np.int32)
    for serving in listed(population, plan):
        rows = _fitting(population, plan, serving, np.arange(serving.roster.n))
        if seen.size:
            rows = rows.where(~np.isin(rows.owners, seen))
        rows = _free(population, plan, rows, window)
        if rows.at.size:
            seen = np.concatenate([seen, rows.owners])
            yield *serving, rows


def whenever(population: Population, plan: Plan) -> NDArray[np.int32]:
    """Return the numbers of all whom no rule but time excludes from a booking, each once."""
    found = [
        _fitting(population, plan, serving, np.arange(serving.roster.n)).owners
        for serving in listed(population, plan)
    ]
    numbers: NDArray[np.int32] = np.unique(np.concatenate([np.empty(0, np.int32), *found]))
    return numbers


def search(
    population: Population, plan: Plan, window: Window, limit: int, scoring: Scoring
) -> tuple[int, list[Chosen]]:
    """Return how many were found free, and the best *limit* of all, best first."""
    best = _Best(window, limit, scoring)
    earlier: list[Serving] = []
    for serving in listed(population, plan) if limit > 0 else ():
        most = _most_beside(population, plan, serving.service)
        for at, top in _parts(population, plan, serving.roster):
            if best.full and top + most + ROUNDING < best.last_order:
                break
            rows = _fitting(population, plan, serving, at, earlier)
            if rows.at.size:
                _take_in(population, plan, serving, rows, best)
        earlier.append(serving)
    return best.eligible, best.found


def listed(population: Population, plan: Plan) -> Iterator[Serving]:
    """Yield each pair that can serve a request with its roster, unless it is empty."""
    for service in services(plan.request, population.tables.languages):
        roster = population.slots.roster(service.pair)
        if roster is None or not roster.n or unservable(population, plan.request, service.pair):
            continue
        yield Serving(service, roster)


def take_listed(population: Population, plan: Plan, roster: Roster, at: Places) -> Rows:
    """Copy the rows *at* `(m,)` of a roster as those of people at home who have no bookings."""
    reals = np.empty((at.size, WIDTH), np.float32)
    whole = reals.view(np.int32)
    reals[:, REMOTE] = roster.bases[at]
    whole[:, SLOT] = slots = roster.slots.take(at)
    whole[:, NUMBER] = owners = population.slots.owners(slots)
    whole[:, LAST] = plan.now_min
    whole[:, UNTIL] = FOREVER
    distance2 = None
    if plan.at is not None:
        profiles = population.profiles
        reals[:, ONSITE] = population.standings.bases_of(slots, onsite=True)
        for column, axis in enumerate(profiles.home, start=PLACE.start):
            reals[:, column] = np.frombuffer(axis, np.float32).take(owners)
        reals[:, REACH] = np.frombuffer(profiles.reach, np.float32).take(owners)
        distance2 = distances2(plan.at, reals)
    return Rows(at, roster.caps.take(at), reals, whole, distance2)


class _Best:
    """The best so far, best first, and how many were found free."""

    def __init__(self, window: Window, limit: int, scoring: Scoring) -> None:
        self.window = window
        self.limit = limit
        self.scoring = scoring
        self.found: list[Chosen] = []
        self.eligible = 0

    @property
    def full(self) -> bool:
        return len(self.found) == self.limit

    @property
    def last_order(self) -> float:
        return -self.found[-1][0]

    def beats(self, order: float, prefix: int) -> bool:
        """Say whether someone might come before the last, by order and by how their id begins."""
        if not self.full or order != self.last_order:
            return not self.full or order > self.last_order
        return prefix <= prefix_of(self.found[-1][1])

    def add(self, chosen: list[Chosen], eligible: int) -> None:
        self.found += chosen
        self.found.sort()  # by minus the order, then id, and never further
        del self.found[self.limit :]
        self.eligible += eligible


def _parts(population: Population, plan: Plan, roster: Roster) -> Iterator[tuple[Places, float]]:
    """Yield the rows of a roster, those whom the request names at once: no bound holds for them."""
    named = {*plan.preferred, *(number for number, _ in plan.known)}
    rows = [population.slots.listed_in(number, roster) for number in named]
    first = np.array([row for row in rows if row != population.slots.ABSENT], np.intp)
    parts = roster.parts()
    if not first.size:
        yield from parts
        return
    others = np.ones(roster.n, np.bool_)
    others[first] = False
    at, _ = next(parts)
    yield np.concatenate([first, at[others[at]]]), float("inf")
    for at, top in parts:
        yield at[others[at]], top


def _most_beside(population: Population, plan: Plan, service: Service) -> float:
    """Return the most that all but the static part can add for someone the request names not."""
    scorer = population.scorer
    tables = [scorer.slack.table, scorer.scarcity.table]
    if plan.ask.wishes:
        tables.append(scorer.specialism(plan.ask.wanted).table)
    if plan.dialect is not None:
        tables.append(scorer.dialect.table)
    if plan.at is not None:
        # Bases are those of remote work; on site, media health is not counted.
        tables += [scorer.travel.table, -scorer.media.table]
    if plan.cap_cents is not None:
        tables.append(scorer.cost.table)
    if service.substitute is not None:
        tables.append(scorer.substitute.table[1:])
    return sum(float(table.max()) for table in tables)


def _fitting(
    population: Population,
    plan: Plan,
    serving: Serving,
    at: Places,
    earlier: Sequence[Serving] = (),
) -> Rows:
    """Return those of the rows *at* whom no rule but time excludes, and no *earlier* pair has."""
    service, roster = serving
    need = np.array(plan.bits, np.uint64)
    at = at[(roster.caps.take(at) & need) == need]
    rows = take_listed(population, plan, roster, at)
    if plan.out:
        rows = rows.where(~held_by(rows, plan.out.keys()))
    rows = meeting_terms(population, plan, service.pair, rows)
    for before in earlier:
        listed_in, numbers = population.slots.listed_in, rows.owners.tolist()
        places = np.array([listed_in(number, before.roster) for number in numbers], np.intp)
        there = places[places != population.slots.ABSENT]
        served = _fitting(population, plan, before, there).owners
        rows = rows.where(~np.isin(rows.owners, served))
    return rows


def _free(population: Population, plan: Plan, rows: Rows, window: Window) -> Rows:
    """Return those who are open and not booked, with what room they have as `UNTIL`."""
    agendas = population.agendas
    opened = agendas.open_during(rows.owners, window)
    if not opened.all():
        rows = rows.where(opened)
    slack = agendas.slack(rows.owners, window)
    if (slack == CLASH).any():
        rows, slack = rows.where(slack != CLASH), slack[slack != CLASH]
    _set_slack(plan, rows, slack)
    return rows


def _set_slack(plan: Plan, rows: Rows, slack: Places) -> None:
    rows.whole[:, UNTIL] = np.where(slack == ROOMY, FOREVER, plan.end_min + slack * SLACK_STEP_MIN)


def _take_in(population: Population, plan: Plan, serving: Serving, rows: Rows, best: _Best) -> None:
    """Ask those who might be among the best for their time, best first.

    First everyone with a diary is taken to have the room that scores highest; who comes in is
    scored by the room they have.
    """
    service, roster = serving
    hopes = int(population.scorer.slack.table.argmax())
    booked = population.agendas.booked(rows.owners)
    _set_slack(plan, rows, np.where(booked, hopes, ROOMY))
    order = best.scoring.score(population, plan, service, rows, roster).order
    prefix = np.frombuffer(population.prefix, np.uint64).take(rows.owners)
    if best.full:
        might = order >= np.float32(best.last_order)
        rows, order, prefix = rows.where(might), order[might], prefix[might]
    by = np.lexsort((prefix, -order))
    start, count = 0, AT_FIRST + best.limit
    while start < by.size and best.beats(float(order[by[start]]), int(prefix[by[start]])):
        asked = np.zeros(by.shape, np.bool_)
        asked[by[start : start + count]] = True
        free = _free(population, plan, rows.where(asked), best.window)
        if free.at.size:
            field = best.scoring.score(population, plan, service, free, roster)
            best.add(best.scoring.choose(population, field, service, best.limit), free.at.size)
        start, count = start + count, count * 2
