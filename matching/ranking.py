"""Rank who is eligible, in the order of (float32 score, id): see `scoring` for what is added up.

Bulk work is numpy over the rows of one pair of languages; only the few that are returned become
objects (`answer`).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import features, geo, holders, kernel, scheduling
from matching.agenda import window_of
from matching.answer import Chosen, answer
from matching.capabilities import CAR, CAR_SHIFT
from matching.columns import Column
from matching.eligibility import Service, services
from matching.pairtable import LAST, NUMBER, ONSITE, REMOTE, SLOT, UNTIL, PairTable
from matching.personal import COLUMNS
from matching.plan import (
    Plan,
    Rows,
    dialect_fits,
    eligible_rows,
    held_by,
    make_plan,
    unservable,
)
from matching.population import Population
from matching.roster import Roster
from matching.types import NONE, Ranking, Request

SOON_SORTED = 10  # so many more than asked for are sorted sooner than told apart in numpy
MANY = 24  # equals beyond this are told apart in numpy, too
BLOCKS = 64
NOTHING = repeat(None)
SLACK_CODES = np.arange(features.ROOMY + 1)
CAR_BIT = np.array(CAR, np.uint64)
CAR_AT = np.array(CAR_SHIFT, np.uint64)
Floats = NDArray[np.float32]


class Field(NamedTuple):
    """The eligible rows of one pair, and what they are ordered by; arrays of shape `(m,)`.

    `whole` `(m, WIDTH)` are the rows. The names of the others are those of `Chosen`; None where
    candidates do not differ in them.
    """

    order: Floats
    caps: NDArray[np.uint64]
    whole: NDArray[np.int32]
    scarce: NDArray[np.intp] | None
    travel: NDArray[np.intp] | None
    distance2: Floats | None
    fit: NDArray[np.intp] | None
    cost: NDArray[np.intp] | None
    matched: NDArray[np.intp] | None
    slack: NDArray[np.intp] | None

    @property
    def number(self) -> NDArray[np.int32]:
        """The numbers of the interpreters, `(m,)`."""
        numbers: NDArray[np.int32] = self.whole[:, NUMBER]
        return numbers


def rank(
    population: Population,
    request: Request,
    now_ms: int,
    limit: int = 10,
    exclude: frozenset[str] = NONE,
    *,
    wave: int = 1,
) -> Ranking:
    """Return the best *limit* of those present for an admitted request, best first.

    *exclude* are those who have been asked already, in *wave* − 1 waves. Reservations that are
    over lapse. A person who serves the request in its own languages is not considered for a
    substitute's.
    """
    population.lapse(now_ms)
    plan = make_plan(population, request, now_ms, exclude, wave)
    found: list[Chosen] = []
    eligible = 0
    window = window_of(request)
    if window is not None:
        sifted: tuple[int, list[Chosen]] | None = scheduling.search(
            population, plan, window, limit, scheduling.Scoring(_field, _best)
        )
    elif kernel.usable(plan, limit):
        sifted = _sifted(population, plan, limit)
    else:
        sifted = None
    if sifted is not None:
        eligible, found = sifted
    else:
        for service, field in survey(population, plan):
            eligible += field.order.size
            if limit > 0:
                found += _best(population, field, service, limit)
    found.sort()  # by minus the order, then id, and never further
    matches, scorer = answer(population, plan, found[:limit]), population.scorer
    return Ranking(matches, eligible, scorer.policy.version, scorer.model)


def _sifted(population: Population, plan: Plan, limit: int) -> tuple[int, list[Chosen]] | None:
    """Let the kernel answer for the one pair that serves a request, None where it cannot."""
    (service,) = services(plan.request, population.tables.languages)
    table = population.slots.find(service.pair)
    if table is None or table.n == 0 or unservable(population, plan.request, service.pair):
        return 0, []
    if plan.at is not None and table.bound:
        return None  # ways there and on count: `plan.leave_site`
    return kernel.best_of(population, plan, service, table, limit)


def survey(population: Population, plan: Plan) -> Iterator[tuple[Service, Field]]:
    """Yield each pair that serves a request with its eligible rows; nobody is in two."""
    window = window_of(plan.request)
    if window is not None:
        for service, roster, rows in scheduling.everyone(population, plan, window):
            yield service, _field(population, plan, service, rows, roster)
        return
    seen: list[NDArray[np.int32]] = []
    for service in services(plan.request, population.tables.languages):
        table = population.slots.find(service.pair)
        if table is None or table.n == 0:
            continue
        found = eligible_rows(population, plan, service.pair, table)
        if found is None:
            continue
        if seen:
            found = found.where(~np.isin(found.owners, np.concatenate(seen)))
        seen.append(found.owners)
        yield service, _field(population, plan, service, found, table)


def _rare(population: Population, plan: Plan, table: PairTable | Roster) -> list[int]:
    """Return, for 1 … `features.RARE` holders, the rare specialisms the job does not need."""
    if plan.request.emergency or not any(table.rare):
        return []
    unneeded = population.lexicon.specialisms & ~plan.wished
    return [bits & unneeded for bits in table.rare]


def _field(
    population: Population,
    plan: Plan,
    service: Service,
    rows: Rows,
    table: PairTable | Roster,
) -> Field:
    """Add up the order of the eligible rows; the steps are those of `Scorer.order`."""
    scorer, onsite = population.scorer, rows.distance2 is not None
    order = rows.reals[:, ONSITE if onsite else REMOTE].copy()
    if not plan.scheduled:
        # A clock that went back, or a long wait, is clipped as `features.idle_code` does.
        order += scorer.idle.table.take(plan.now_min - rows.whole[:, LAST], mode="clip")
    fit, travel, slack, scarce, matched, cost = None, None, None, None, None, None
    if plan.ask.wishes:
        matched = _count_matches(population, plan, rows)
        order += scorer.specialism(plan.ask.wanted).table.take(matched)
    if plan.dialect is not None:
        fit = dialect_fits(population, service.pair, rows, plan.dialect)
        order += scorer.dialect.table.take(fit)
    if rows.distance2 is not None:
        travel = _trips(population, plan, rows, rows.distance2)
        order += scorer.travel.table.take(travel)
    if table.bound:
        steps = (rows.whole[:, UNTIL] - plan.end_min) // features.SLACK_STEP_MIN
        slack = SLACK_CODES.take(steps, mode="clip")
        order += scorer.slack.table.take(slack)
    for each in plan.preferred:
        order[rows.owners == each] += scorer.preference.table[1]
    for each, code in plan.known:
        order[rows.owners == each] += scorer.continuity.table[code]
    rare = _rare(population, plan, table)
    if any(rare):
        scarce = _scarce(rows.caps, rare)
        order += scorer.scarcity.table.take(scarce)
    if plan.cap_cents is not None:
        cost = _cost(population, plan.cap_cents, rows)
        order += scorer.cost.table.take(cost)
    if service.substitute is not None:
        order += scorer.substitute.table[1]
    others = scarce, travel, rows.distance2, fit, cost, matched, slack
    return Field(order, rows.caps, rows.whole, *others)


def codes_of(
    population: Population,
    plan: Plan,
    service: Service,
    field: Field,
    at: NDArray[np.intp],
) -> dict[str, Column]:
    """Return the codes of some rows *at* `(k,)` of a field, by name in the order of `CODES`."""
    whole, slots, personal = field.whole.take(at, 0), population.slots, population.personal
    numbers, owned = whole[:, NUMBER], whole[:, SLOT]
    idle: Column = None

    def looked_up(column: NDArray[Any] | None, same: int | None = None) -> Column:
        return same if column is None else column.take(at)

    if not plan.scheduled:
        waited = np.maximum(plan.now_min - whole[:, LAST], 0)
        idle = np.minimum(waited, features.IDLE_CAP_MIN)
    past: dict[str, Column] = {name: personal.column(name, numbers) for name in COLUMNS}
    if field.distance2 is not None:
        past["media"] = None
    return {
        "tier": np.frombuffer(slots.tier, np.uint8).take(owned),
        "experience": np.frombuffer(slots.experience, np.uint8).take(owned),
        **past,
        "idle": idle,
        # Where none is only wished for, all hold all that are wanted.
        "specialism": looked_up(field.matched, plan.ask.wanted or None),
        "dialect": looked_up(field.fit),
        "travel": looked_up(field.travel),
        "slack": looked_up(field.slack, features.ROOMY),
        "preference": _codes_by(dict.fromkeys(plan.preferred, 1), numbers),
        "continuity": _codes_by(dict(plan.known), numbers),
        "scarcity": looked_up(field.scarce, 0),
        "cost": looked_up(field.cost),
        "substitute": int(service.substitute is not None),
    }


def _codes_by(code: Mapping[int, int], numbers: NDArray[np.int32]) -> Column:
    """Return the code of each number, 0 of those who have none."""
    return np.array([code.get(each, 0) for each in numbers.tolist()]) if code else 0


def _trips(population: Population, plan: Plan, rows: Rows, distance2: Floats) -> NDArray[np.intp]:
    """Return the minutes of each one's way by their own means, up to the longest that counts."""
    minutes = population.trips(plan.density)
    km = np.minimum(geo.whole_km(distance2), minutes.shape[1] - 1)
    drives = (rows.caps & CAR_BIT) >> CAR_AT
    found: NDArray[np.intp] = minutes[drives.astype(np.intp), km]
    return found


def _best(population: Population, field: Field, service: Service, limit: int) -> list[Chosen]:
    """Return the best *limit*, and a few more."""
    if field.order.size > limit + SOON_SORTED:
        chosen = foremost(population, field, limit)
        field = Field._make([None if each is None else each.take(chosen, 0) for each in field])
    rows, ids = field.whole.tolist(), population.ids
    names = [ids[row[NUMBER]] for row in rows]
    others = [NOTHING if each is None else each.tolist() for each in field[3:8]]
    orders, caps = (-field.order).tolist(), field.caps.tolist()
    return list(zip(orders, names, rows, caps, *others, repeat(service), strict=False))


def foremost(population: Population, field: Field, limit: int) -> NDArray[np.intp]:
    """Return the rows of the best *limit* of a field that has more, and of a few more."""
    chosen = (field.order >= _reached(field.order, limit)).nonzero()[0]
    if chosen.size > limit + MANY:
        return _first_by_id(population, field, chosen, limit)
    return chosen


def _reached(order: Floats, limit: int) -> np.float32:
    """Return a value that *limit* of *order* `(m,)` reach, and few more.

    Of many, those of the greatest of each block do: numpy's partition takes milliseconds where
    thousands are equal, as those are who have waited long enough.
    """
    if order.size > BLOCKS * limit and limit < BLOCKS // 2:
        order = order[: order.size // BLOCKS * BLOCKS].reshape(BLOCKS, -1).max(1)
    reached: np.float32 = np.partition(order, order.size - limit)[order.size - limit]
    return reached


def _first_by_id(
    population: Population, field: Field, chosen: NDArray[np.intp], limit: int
) -> NDArray[np.intp]:
    """Return *chosen* `(k,)` without those who equal the last of the best and come late by id.

    Told by the first bytes of the ids: to read thousands of strings takes most of a millisecond.
    """
    order = field.order.take(chosen)
    last = np.partition(order, order.size - limit)[order.size - limit]
    equal = chosen[order == last]
    prefix = np.frombuffer(population.prefix, np.uint64).take(field.number.take(equal))
    first = np.partition(prefix, min(limit, prefix.size) - 1)[min(limit, prefix.size) - 1]
    return np.concatenate([chosen[order > last], equal[prefix <= first]])


def _count_matches(population: Population, plan: Plan, rows: Rows) -> NDArray[np.intp]:
    wished = rows.caps & np.array(plan.wished, np.uint64)
    held: NDArray[np.intp] = np.bitwise_count(wished).astype(np.intp)
    for term in plan.wished_late:
        held += held_by(rows, population.holders.of(holders.holds(term)))
    return held


def _scarce(caps: NDArray[np.uint64], rare: Sequence[int]) -> NDArray[np.intp]:
    """Return how many hold the rarest unneeded specialism of each row, 0 if none is rare."""
    codes = np.zeros(caps.shape, np.intp)
    for holding in range(len(rare), 0, -1):
        if bits := rare[holding - 1]:
            codes[(caps & np.array(bits, np.uint64)).astype(np.bool_)] = holding
    return codes


def _cost(population: Population, cap: int, rows: Rows) -> NDArray[np.int64]:
    """Return `features.cost_code` of each row; who states no price is not over the cap."""
    prices = np.frombuffer(population.price, np.int32).take(rows.owners).astype(np.int64)
    over = prices - cap
    percent = over * 100 // cap if cap else np.full(over.shape, features.COST_CAP_PERCENT)
    codes: NDArray[np.int64] = np.where(over > 0, np.minimum(percent, features.COST_CAP_PERCENT), 0)
    return codes
