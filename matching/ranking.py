"""Rank who is eligible, in the order of (float32 score, id): see `scoring` for what is added up.

Bulk work is numpy over the rows of one pair of languages; only the few that are returned become
objects (`answer`).
"""

from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import features, geo, holders
from matching.answer import Best, answer
from matching.eligibility import Service, services
from matching.pairtable import LAST, STANDING, PairTable
from matching.plan import Plan, Rows, dialect_fits, eligible_rows, held_by, make_plan
from matching.population import Population
from matching.types import NONE, Ranking, Request

SOON_SORTED = 10  # so many more than asked for are sorted sooner than told apart in numpy
MANY = 24  # equals beyond this are told apart in numpy, too
BLOCKS = 64
IDLE_CODES = np.arange(features.IDLE_CAP_MIN + 1)  # to clip with
Floats = NDArray[np.float32]


class Field(NamedTuple):
    """The eligible rows of one pair, and what they are ordered by; arrays of shape `(m,)`.

    The names are those of `Best`; None where the request does not ask.
    """

    order: Floats
    number: NDArray[np.int32]
    caps: NDArray[np.uint64]
    standing: NDArray[np.int32]
    idle: NDArray[np.intp]
    scarce: NDArray[np.intp] | None
    km: NDArray[np.intp] | None
    distance2: Floats | None
    fit: NDArray[np.intp] | None


def rank(
    population: Population,
    request: Request,
    now_ms: int,
    limit: int = 10,
    exclude: frozenset[str] = NONE,
) -> Ranking:
    """Return the best *limit* of those present for an admitted request, best first.

    *exclude* are those who have been asked already. Reservations that are over lapse. A person
    who serves the request in its own languages is not considered for a substitute's.
    """
    population.lapse(now_ms)
    plan = make_plan(population, request, now_ms, exclude)
    found: list[tuple[Any, ...]] = []
    eligible = 0
    seen: list[NDArray[np.int32]] = []
    for service in services(request, population.tables.languages):
        table = population.slots.find(service.pair)
        if table is None or table.n == 0:
            continue
        rows = eligible_rows(population, plan, service.pair, table)
        if rows is None:
            continue
        if seen:
            rows = rows.where(~np.isin(rows.owners, np.concatenate(seen)))
        seen.append(rows.owners)
        eligible += rows.at.size
        if limit > 0:
            field = _field(population, plan, service, rows, _rare(population, plan, table))
            found += _best(population, field, service, limit)
    version = population.scorer.policy.version
    if not found:
        return Ranking((), eligible, version)
    found.sort()  # by minus the order, then id, and never further
    best = Best(*zip(*found[:limit], strict=True))
    return Ranking(answer(population, plan, best), eligible, version)


def _rare(population: Population, plan: Plan, table: PairTable) -> list[int]:
    """Return, for 1 … `features.RARE` holders, the rare specialisms the job does not need."""
    if plan.request.emergency or not any(table.rare):
        return []
    unneeded = population.lexicon.specialisms & ~plan.wished
    return [bits & unneeded for bits in table.rare]


def _field(
    population: Population, plan: Plan, service: Service, rows: Rows, rare: Sequence[int]
) -> Field:
    """Add up the order of the eligible rows; the steps are those of `Scorer.order`."""
    scorer = population.scorer
    idle = IDLE_CODES.take(plan.now_min - rows.whole[:, LAST], mode="clip")
    standing = rows.whole[:, STANDING]
    order = scorer.standing.take(standing)
    order += scorer.idle.table.take(idle)
    if plan.ask.wishes:
        table = scorer.specialism_table(plan.ask.wanted)
        order += table.take(_count_matches(population, plan, rows))
    fit, km, scarce = None, None, None
    if plan.dialect is not None:
        fit = dialect_fits(population, service.pair, rows, plan.dialect)
        order += scorer.dialect.table.take(fit)
    if rows.distance2 is not None:
        km = np.minimum(geo.whole_km(rows.distance2), scorer.farthest_km)
        order += scorer.travel.table.take(km)
    for number in plan.preferred:
        order[rows.owners == number] += scorer.preference.table[1]
    if any(rare):
        scarce = _scarce(rows.caps, rare)
        order += scorer.scarcity.table.take(scarce)
    if plan.cap_cents is not None:
        order += scorer.cost.table.take(_cost(population, plan.cap_cents, rows))
    if service.substitute is not None:
        order += np.float32(scorer.substitute)
    return Field(order, rows.owners, rows.caps, standing, idle, scarce, km, rows.distance2, fit)


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
    columns = [repeat(0) if each is None else each.tolist() for each in others]
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
