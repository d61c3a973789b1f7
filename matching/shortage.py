"""Why a list is thin: who is excluded by what, and which single relaxation would add most people.

Relaxations are looked for outside the hot path, when a ranking has fewer people than were asked
for; the exclusions are part of every decision's record.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import holders
from matching.agenda import CLASH, window_of
from matching.eligibility import Rule, Service, services
from matching.features import DialectFit
from matching.pairtable import NUMBER, UNTIL, PairTable
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
PLACES: Final = {rule: place for place, rule in enumerate(RULES)}
FARTHER = (2, 4)  # times the customer's own distance limit
SHORTEST_MIN = 15
OTHER_TIMES = (("1 h earlier", -HOUR_MS), ("1 h later", HOUR_MS), ("1 day later", DAY_MS))
MOST_ONLINE = 5_000  # told what excluded them
Numbers = NDArray[np.int32]


class Online(NamedTuple):
    """Who is online in a request's pairs, by rising number: a mask of `RULES` each, 0 is eligible.

    Arrays of shape `(m,)`.
    """

    numbers: Numbers
    masks: Numbers


class Judged(NamedTuple):
    """Some who are online and not eligible, `(m,)`, and whom of them each rule excludes."""

    owners: Numbers
    told: list[tuple[Rule, Mask]]


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
    excluded, _ = _excluded(population, plan, served)
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


def exclusions(
    population: Population, plan: Plan, eligible: Sequence[Numbers]
) -> tuple[Online, Counter[Rule]]:
    """Return who is online in a request's pairs and what excludes them, and counts of all.

    *eligible* are who is, by pair. For a booking "online" is everybody in the pairs. No more than
    `MOST_ONLINE` are told of, the eligible and whom the first rules exclude before others.
    """
    served = _distinct(eligible)
    counts, judged = _excluded(population, plan, served)
    numbers = [served[:MOST_ONLINE]]
    masks, room = [np.zeros(numbers[0].shape, np.int32)], MOST_ONLINE - numbers[0].size
    for owners, told in judged:
        mask = np.zeros(owners.shape, np.int32)
        for rule, excluded in told:
            mask |= excluded * np.int32(1 << PLACES[rule])
        at = mask.nonzero()[0]
        if at.size > room:
            first = np.argmax([excluded[at] for _, excluded in told], axis=0)
            at = at[np.argsort(first, kind="stable")[:room]]
        numbers.append(owners[at])
        masks.append(mask[at])
        room -= at.size
    online = Online(np.concatenate(numbers), np.concatenate(masks))
    by_number = np.argsort(online.numbers)
    return Online(*(each[by_number] for each in online)), counts


def _excluded(
    population: Population, plan: Plan, served: Numbers
) -> tuple[Counter[Rule], list[Judged]]:
    """Count the excluded by rule, and say who: those present are judged in their first pair."""
    counts: Counter[Rule] = Counter()
    offered = services(plan.request, population.tables.languages)
    spoken = _distinct([population.slots.members(service.pair) for service in offered]).size
    counts[Rule.LANGUAGE] = len(population) - spoken
    known: Mask = np.zeros(len(population.ids), np.bool_)  # by number
    known[served] = True
    present, judged = served.size, []
    for service, rows in _unknown(population, plan, known):
        told: list[tuple[Rule, Mask]] = []
        for rule, excluded in _rules(population, plan, service, rows):
            if count := int(np.count_nonzero(excluded)):
                counts[rule] += count
                told.append((rule, excluded))
        present += rows.at.size
        judged.append(Judged(rows.owners, told))
    counts[Rule.NOT_PRESENT] = spoken - present
    return counts, judged


def _unknown(population: Population, plan: Plan, known: Mask) -> Iterator[tuple[Service, Rows]]:
    """Yield each pair that serves with whoever is not excluded by absence, nor marked *known*.

    Marks them.
    """
    slots = population.slots
    for service in services(plan.request, population.tables.languages):
        if plan.scheduled:
            if (roster := slots.roster(service.pair)) is None:
                continue
            at = (~known.take(slots.members(service.pair))).nonzero()[0]
            rows = take_listed(population, plan, roster, at)
        else:
            if (table := slots.find(service.pair)) is None:
                continue
            at = (~known.take(table.whole[: table.n, NUMBER])).nonzero()[0]
            rows = take_rows(plan, table, at)
        known[rows.owners] = True
        yield service, rows


def _rules(
    population: Population, plan: Plan, service: Service, rows: Rows
) -> Iterator[tuple[Rule, Mask]]:
    """Yield each rule that may exclude with the rows it does, shape `(m,)`."""
    if unservable(population, plan.request, service.pair):
        yield Rule.MODALITY, np.ones(rows.at.shape, np.bool_)
    late = {rule for rule, _ in plan.late}
    lacking: dict[Rule, Mask] = {}
    for rule, bits in needs(population, plan.request, plan.ask.floor).items():
        if bits or rule in late:
            need = np.array(bits, np.uint64)
            lacking[rule] = (rows.caps & need) != need
    for rule, term in plan.late:
        lacking[rule] |= ~held_by(rows, population.holders.of(holders.holds(term)))
    yield from lacking.items()
    yield from _left_out(population, plan, rows)
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
    if rows.distance2 is not None:
        yield Rule.DISTANCE, ~within_reach(plan, rows)


def _left_out(population: Population, plan: Plan, rows: Rows) -> Iterator[tuple[Rule, Mask]]:
    """Yield each rule of `Plan.out` with the rows it excludes, shape `(m,)`."""
    if plan.out:
        why = np.full(len(population.ids), -1, np.int8)
        why[list(plan.out)] = [PLACES[rule] for rule in plan.out.values()]
        here = why.take(rows.owners)
        for rule in dict.fromkeys(plan.out.values()):
            yield rule, here == PLACES[rule]


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
