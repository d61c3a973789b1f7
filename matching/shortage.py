"""Why a list is thin: who is excluded by what, and which single relaxation would add most people.

Runs outside the hot path, when a ranking has fewer people than were asked for.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matching import holders
from matching.agenda import CLASH, window_of
from matching.eligibility import Rule, Service, services
from matching.features import DialectFit
from matching.pairtable import UNTIL, PairTable
from matching.plan import (
    Mask,
    Plan,
    PutOff,
    Rows,
    dialect_fits,
    eligible_rows,
    held_by,
    leave_site,
    make_plan,
    needs,
    take_rows,
    unservable,
    within_reach,
)
from matching.population import Population
from matching.qualifications import NO_TIER
from matching.scheduling import everyone, take_listed
from matching.types import NONE, Mode, Relaxation, Request, Shortage
from matching.zones import DAY_MS, HOUR_MS

RULES = tuple(Rule)  # bit i of a mask is RULES[i]
FARTHER = (2, 4)  # times the customer's own distance limit
SHORTEST_MIN = 15
OTHER_TIMES = (("1 h earlier", -HOUR_MS), ("1 h later", HOUR_MS), ("1 day later", DAY_MS))
MOST_ONLINE = 5_000  # told what excluded them
Numbers = NDArray[np.int32]


def shortage(
    population: Population,
    request: Request,
    now_ms: int,
    exclude: frozenset[str] = NONE,
    quiet: frozenset[str] = NONE,
) -> Shortage:
    """Return what excludes whom from an admitted request, and what would help, best first.

    Everyone who lacks the languages counts under `language` alone, everyone absent under
    `not_present` alone; someone present counts once under each rule that excludes them. For a
    booking nobody needs to be present.
    """
    population.lapse(now_ms)
    plan = make_plan(population, request, now_ms, exclude, put_off=PutOff(quiet))
    served = _eligible(population, plan)
    excluded = _excluded(population, plan, served)
    helpful = []
    for change, relaxed in single_changes(population, request, now_ms):
        other = make_plan(population, relaxed, now_ms, exclude, put_off=PutOff(quiet))
        adds = len(_eligible(population, other)) - len(served)
        if adds > 0:
            helpful.append(Relaxation(change, adds))
    return Shortage(
        {rule.value: excluded[rule] for rule in Rule if excluded[rule]},
        tuple(sorted(helpful, key=lambda each: -each.adds)),
    )


def _eligible(population: Population, plan: Plan) -> Numbers:
    """Return the numbers of all who are eligible, each once."""
    found: list[Numbers] = []
    window = window_of(plan.request)
    if window is not None:
        found += [rows.owners for _, _, rows in everyone(population, plan, window)]
    else:
        for service, table in _tables(population, plan):
            rows = eligible_rows(population, plan, service.pair, table)
            if rows is not None:
                found.append(rows.owners)
    return _distinct(found)


def _distinct(parts: Sequence[Numbers]) -> Numbers:
    """Return the numbers of several pairs, each once; within one nobody is twice."""
    filled = [each for each in parts if each.size]
    if len(filled) == 1:
        return filled[0]
    distinct: Numbers = np.unique(np.concatenate([np.empty(0, np.int32), *filled]))
    return distinct


def _tables(population: Population, plan: Plan) -> Iterator[tuple[Service, PairTable]]:
    for service in services(plan.request, population.tables.languages):
        table = population.slots.find(service.pair)
        if table is not None:
            yield service, table


def _considered(population: Population, plan: Plan) -> Iterator[tuple[Service, Rows]]:
    """Yield each pair that serves with the rows of whoever is not excluded by absence."""
    if plan.request.start_ms is None:
        for service, table in _tables(population, plan):
            yield service, take_rows(plan, table, np.arange(table.n))
        return
    for service in services(plan.request, population.tables.languages):
        roster = population.slots.roster(service.pair)
        if roster is not None:
            yield service, take_listed(population, plan, roster, np.arange(roster.n))


def exclusions(population: Population, plan: Plan) -> tuple[dict[int, int], Counter[Rule]]:
    """Return who is online in a request's pairs and what excludes them, and counts of all.

    By number, a mask of `RULES`; 0 is eligible. For a booking that is
    everybody in the pairs, but no more than `MOST_ONLINE`.
    """
    served = _eligible(population, plan)
    masks: dict[int, int] = dict.fromkeys(served[:MOST_ONLINE].tolist(), 0)
    return masks, _excluded(population, plan, served, masks)


def _excluded(
    population: Population, plan: Plan, served: Numbers, masks: dict[int, int] | None = None
) -> Counter[Rule]:
    """Count the excluded by rule; someone present is judged in the first pair they have.

    What excludes each is added to *masks*, by number, if they are given.
    """
    counts: Counter[Rule] = Counter()
    offered = services(plan.request, population.tables.languages)
    members = [population.slots.members(service.pair) for service in offered]
    spoken = _distinct(members).size
    counts[Rule.LANGUAGE] = len(population) - spoken
    seen: Numbers = np.empty(0, np.int32)
    for service, here in _considered(population, plan):
        fresh = ~np.isin(here.owners, seen)
        seen = np.concatenate([seen, here.owners[fresh]])
        rows = here.where(fresh & ~np.isin(here.owners, served))
        for rule, excluded in _rules(population, plan, service, rows):
            counts[rule] += int(np.count_nonzero(excluded))
            if masks is not None:
                bit = 1 << RULES.index(rule)
                for number in rows.owners[excluded].tolist():
                    if number in masks or len(masks) < MOST_ONLINE:
                        masks[number] = masks.get(number, 0) | bit
    counts[Rule.NOT_PRESENT] = spoken - seen.size
    return counts


def _rules(
    population: Population, plan: Plan, service: Service, rows: Rows
) -> Iterator[tuple[Rule, Mask]]:
    """Yield each rule with the rows it excludes, shape `(m,)`."""
    if unservable(population, plan.request, service.pair):
        yield Rule.MODALITY, np.ones(rows.at.shape, np.bool_)
    lacking = {
        rule: np.asarray((rows.caps & np.uint64(bits)) != np.uint64(bits))
        for rule, bits in needs(population, plan.request, plan.ask.floor).items()
    }
    for rule, term in plan.late:
        lacking[rule] |= ~held_by(rows, population.holders.of(holders.holds(term)))
    yield from lacking.items()
    for rule in set(plan.out.values()):
        numbers = {number for number, why in plan.out.items() if why is rule}
        yield rule, held_by(rows, numbers)
    dialect = plan.request.requirements.dialect
    if dialect is not None:
        yield Rule.DIALECT, dialect_fits(population, service.pair, rows, dialect) < DialectFit.NEAR
    window = window_of(plan.request)
    if window is None:
        if plan.at is not None:
            leave_site(population, plan, rows)
        yield Rule.UNTIL, rows.whole[:, UNTIL] < plan.end_min
    else:
        yield Rule.CALENDAR, ~population.agendas.open_during(rows.owners, window)
        yield Rule.BOOKED, population.agendas.slack(rows.owners, window) == CLASH
    yield Rule.DISTANCE, ~within_reach(plan, rows)


def single_changes(
    population: Population, request: Request, now_ms: int
) -> Iterator[tuple[str, Request]]:
    """Yield every single relaxation in words, with the request it makes."""
    required = request.requirements
    yield from _lower_floors(population, request)
    for word in sorted(required.specialisms):
        fewer = required.specialisms - {word}
        yield (
            f"without specialism {word}",
            replace(request, requirements=replace(required, specialisms=fewer)),
        )
    for word in sorted(required.clearances):
        fewer = required.clearances - {word}
        yield (
            f"without clearance {word}",
            replace(request, requirements=replace(required, clearances=fewer)),
        )
    for mode in Mode:
        if mode is not request.mode and (mode is not Mode.ONSITE or request.location):
            yield f"{mode} instead of {request.mode}", replace(request, mode=mode)
    if request.max_distance_km:
        for times in FARTHER:
            km = request.max_distance_km * times
            yield f"within {km:g} km", replace(request, max_distance_km=km)
    if required.gender is not None:
        any_gender = replace(required, gender=None)
        yield "any gender", replace(request, requirements=any_gender)
    if required.dialect is not None:
        any_dialect = replace(required, dialect=None)
        yield "any dialect", replace(request, requirements=any_dialect)
    if not required.accept_substitutes:
        consented = replace(request, requirements=replace(required, accept_substitutes=True))
        offered = services(consented, population.tables.languages)[1:]
        names = sorted(
            {
                population.tables.languages.name(each.substitute[0])
                for each in offered
                if each.substitute
            }
        )
        if names:
            yield f"accept {' or '.join(names)}", consented
    yield from _other_times(request, now_ms)  # last: what is found of one time is kept till then


def _other_times(request: Request, now_ms: int) -> Iterator[tuple[str, Request]]:
    """Yield half the duration, and other times of a booking that are still to come."""
    half = request.duration_min // 2
    if half >= SHORTEST_MIN:
        yield f"{half} min instead of {request.duration_min}", replace(request, duration_min=half)
    if request.start_ms is not None:
        for text, later_ms in OTHER_TIMES:
            if request.start_ms + later_ms >= now_ms:
                yield text, replace(request, start_ms=request.start_ms + later_ms)


def _lower_floors(population: Population, request: Request) -> Iterator[tuple[str, Request]]:
    """Yield lower floors of qualification, down to what the law lets the customer choose."""
    scales = population.tables.qualifications
    floor = scales.floor(request)
    free = replace(request, requirements=replace(request.requirements, min_qualification=None))
    for tier in range(floor - 1, scales.floor(free) - 1, -1):
        letter = scales.letter(tier)
        if tier == NO_TIER or letter is None:
            yield "no qualification required", free
        else:
            lower = replace(request.requirements, min_qualification=scales.parse(letter))
            text = f"category {letter} instead of {scales.letter(floor)}"
            yield text, replace(request, requirements=lower)
