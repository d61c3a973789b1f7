"""Rank who is eligible, in the order of (float32 score, id): see `scoring` for what is added up.

Bulk work is numpy over the rows of one pair of languages; only the few that are returned become
objects (`answer`).
"""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import features, geo, holders
from matching.answer import Best, answer
from matching.capabilities import CAR, CAR_SHIFT
from matching.eligibility import Service, services
from matching.pairtable import LAST, ONSITE, REMOTE, SLOT, UNTIL, PairTable
from matching.personal import COLUMNS
from matching.plan import Plan, Rows, dialect_fits, eligible_rows, held_by, make_plan
from matching.population import Population
from matching.types import NONE, Ranking, Request

SOON_SORTED = 10  # so many more than asked for are sorted sooner than told apart in numpy
MANY = 24  # equals beyond this are told apart in numpy, too
BLOCKS = 64
IDLE_CODES = np.arange(features.IDLE_CAP_MIN + 1)  # to clip with
SLACK_CODES = np.arange(features.ROOMY + 1)
CAR_BIT = np.array(CAR, np.uint64)
CAR_SHIFT_BITS = np.array(CAR_SHIFT, np.uint64)
Floats = NDArray[np.float32]


class Field(NamedTuple):
    """The eligible rows of one pair, and what they are ordered by; arrays of shape `(m,)`.

    The names are those of `Best`; None where the request does not ask.
    """

    order: Floats
    number: NDArray[np.int32]
    slot: NDArray[np.int32]
    caps: NDArray[np.uint64]
    idle: NDArray[np.intp]
    slack: NDArray[np.intp] | None
    scarce: NDArray[np.intp] | None
    travel: NDArray[np.intp] | None
    distance2: Floats | None
    fit: NDArray[np.intp] | None
    matched: NDArray[np.intp] | None
    cost: NDArray[np.intp] | None


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
    found: list[tuple[Any, ...]] = []
    eligible = 0
    for service, field in survey(population, plan):
        eligible += field.order.size
        if limit > 0:
            found += _best(population, field, service, limit)
    scorer = population.scorer
    if not found:
        return Ranking((), eligible, scorer.policy.version, scorer.model)
    found.sort()  # by minus the order, then id, and never further
    best = Best(*zip(*found[:limit], strict=True))
    return Ranking(answer(population, plan, best), eligible, scorer.policy.version, scorer.model)


def survey(population: Population, plan: Plan) -> Iterator[tuple[Service, Field]]:
    """Yield each pair that serves a request with its eligible rows; nobody is in two."""
    seen: list[NDArray[np.int32]] = []
    for service in services(plan.request, population.tables.languages):
        table = population.slots.find(service.pair)
        if table is None or table.n == 0:
            continue
        rows = eligible_rows(population, plan, service.pair, table)
        if rows is None:
            continue
        if seen:
            rows = rows.where(~np.isin(rows.owners, np.concatenate(seen)))
        seen.append(rows.owners)
        yield service, _field(population, plan, service, rows, table)


def _rare(population: Population, plan: Plan, table: PairTable) -> list[int]:
    """Return, for 1 … `features.RARE` holders, the rare specialisms the job does not need."""
    if plan.request.emergency or not any(table.rare):
        return []
    unneeded = population.lexicon.specialisms & ~plan.wished
    return [bits & unneeded for bits in table.rare]


def _field(
    population: Population, plan: Plan, service: Service, rows: Rows, table: PairTable
) -> Field:
    """Add up the order of the eligible rows; the steps are those of `Scorer.order`."""
    scorer, onsite = population.scorer, rows.distance2 is not None
    idle = IDLE_CODES.take(plan.now_min - rows.whole[:, LAST], mode="clip")
    order = rows.reals[:, ONSITE if onsite else REMOTE] + scorer.idle.table.take(idle)
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
    who = order, rows.owners, rows.whole[:, SLOT], rows.caps
    return Field(*who, idle, slack, scarce, travel, rows.distance2, fit, matched, cost)


def codes_of(
    population: Population,
    plan: Plan,
    service: Service,
    field: Field,
    at: NDArray[np.intp],
) -> list[tuple[int | None, ...]]:
    """Return the codes (features.CODES) of some rows *at* `(k,)` of a field, one tuple each."""
    numbers = field.number[at]
    slots, personal = population.slots, population.personal
    known, preferred = dict(plan.known), set(plan.preferred)

    def looked_up(column: NDArray[Any] | None) -> list[int | None]:
        return [None] * at.size if column is None else column[at].tolist()

    columns: dict[str, list[int | None]] = {
        "tier": [slots.tier[slot] for slot in field.slot[at].tolist()],
        "experience": [slots.experience[slot] for slot in field.slot[at].tolist()],
        **{name: personal.column(name, numbers).tolist() for name in COLUMNS},
        "idle": looked_up(field.idle),
        # Where none is only wished for, all hold all that are wanted.
        "specialism": looked_up(field.matched)
        if plan.ask.wishes
        else [plan.ask.wanted or None] * at.size,
        "dialect": looked_up(field.fit),
        "travel": looked_up(field.travel),
        "slack": [features.ROOMY if each is None else each for each in looked_up(field.slack)],
        "preference": [int(number in preferred) for number in numbers.tolist()],
        "continuity": [known.get(number, 0) for number in numbers.tolist()],
        "scarcity": [each or 0 for each in looked_up(field.scarce)],
        "cost": looked_up(field.cost),
        "substitute": [int(service.substitute is not None)] * at.size,
    }
    if field.distance2 is not None:
        columns["media"] = [None] * at.size
    return list(zip(*(columns[name] for name in features.CODES), strict=True))


def _trips(population: Population, plan: Plan, rows: Rows, distance2: Floats) -> NDArray[np.intp]:
    """Return the minutes of each one's way by their own means, up to the longest that counts."""
    minutes = population.trips(plan.density)
    km = np.minimum(geo.whole_km(distance2), minutes.shape[1] - 1)
    drives = (rows.caps & CAR_BIT) >> CAR_SHIFT_BITS
    found: NDArray[np.intp] = minutes[drives.astype(np.intp), km]
    return found


def _best(
    population: Population, field: Field, service: Service, limit: int
) -> list[tuple[Any, ...]]:
    """Return the columns of `Best` of the best *limit*, and of a few more."""
    if field.order.size > limit + SOON_SORTED:
        chosen = (field.order >= _reached(field.order, limit)).nonzero()[0]
        if chosen.size > limit + MANY:
            chosen = _first_by_id(population, field, chosen, limit)
        field = Field._make([None if each is None else each.take(chosen) for each in field])
    ids, minus_order = population.ids, (-field.order).tolist()
    names = [ids[number] for number in field.number.tolist()]
    others: tuple[NDArray[Any] | None, ...] = field[1:]
    columns = [repeat(None) if each is None else each.tolist() for each in others]
    return list(zip(minus_order, names, *columns, repeat(service), strict=False))


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
