"""Rank who is eligible, and say exactly why in that order.

Bulk work is numpy over one contiguous table a pair of languages; only the few that are returned
become objects. The order is by (float32 score, id): see `scoring` for what is added up.
"""

from heapq import nsmallest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import features, geo, holders
from matching.capabilities import tier_of
from matching.eligibility import Service, services
from matching.pairtable import PairTable
from matching.plan import (
    Plan,
    Rows,
    dialect_fits,
    distances2,
    eligible_rows,
    held_by,
    make_plan,
)
from matching.population import NO_PRICE, Population
from matching.scoring import Codes
from matching.types import NONE, Match, Ranking, Request

Order = NDArray[np.float32]


class Field(NamedTuple):
    """The eligible rows of one pair, and what they are ordered by; arrays of shape `(m,)`.

    `distance2` (squared chords), `km` and `fit` (dialect) are None where the request does not ask.
    """

    service: Service
    table: PairTable
    rows: Rows
    order: Order
    distance2: NDArray[np.float32] | None
    km: NDArray[np.intp] | None
    fit: NDArray[np.intp] | None
    rare: tuple[int, ...]


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
    best: list[tuple[float, str, Field, int]] = []
    eligible = 0
    seen: NDArray[np.int32] | None = None
    for service in services(request, population.tables.languages):
        table = population.slots.find(service.pair)
        if table is None or table.n == 0:
            continue
        rows = eligible_rows(population, plan, service.pair, table)
        if request.requirements.accept_substitutes:
            owners = population.slots.owners(table, rows)
            if seen is not None:
                fresh = ~np.isin(owners, seen)
                rows, owners = rows[fresh], owners[fresh]
            seen = owners if seen is None else np.concatenate([seen, owners])
        if rows.size and limit > 0:
            best += _best(population, _field(population, plan, service, table, rows), limit)
        eligible += rows.size
    best = nsmallest(limit, best, key=_place_in_order)
    scorer = population.scorer
    return Ranking(
        tuple(_match(population, plan, field, at) for _, _, field, at in best),
        eligible,
        scorer.policy.version,
    )


def _place_in_order(entry: tuple[float, str, Field, int]) -> tuple[float, str]:
    return -entry[0], entry[1]


def _best(population: Population, field: Field, limit: int) -> list[tuple[float, str, Field, int]]:
    """Return order, id and position of the best *limit* of a field, ties by id."""
    order = field.order
    if order.size > limit:
        least = np.partition(order, order.size - limit)[order.size - limit]
        chosen = (order >= least).nonzero()[0]
    else:
        chosen = np.arange(order.size)
    ids, owner, slot = population.ids, population.slots.owner, field.table.slot
    found = zip(order[chosen].tolist(), chosen.tolist(), slot[field.rows[chosen]], strict=True)
    entries = [(value, ids[owner[at]], field, position) for value, position, at in found]
    return nsmallest(limit, entries, key=_place_in_order)


def _field(
    population: Population, plan: Plan, service: Service, table: PairTable, rows: Rows
) -> Field:
    """Add up the order of the eligible rows; the steps are those of `Scorer.order`."""
    scorer, preferences = population.scorer, plan.request.preferences
    order = table.base.take(rows)
    order += scorer.idle.table.take(plan.now_min - table.last.take(rows), mode="clip")
    if plan.ask.wishes:
        matches = _count_matches(population, plan, table, rows)
        order += scorer.specialism_table(plan.ask.wanted).take(matches)
    fit = None
    wished_dialect = preferences.dialect or plan.request.requirements.dialect
    if wished_dialect is not None:
        fit = dialect_fits(population, service.pair, table, rows, wished_dialect)
        order += scorer.dialect.table.take(fit)
    distance2, km = None, None
    if plan.at is not None:
        distance2 = distances2(plan, table, rows)
        km = geo.whole_km(distance2)
        order += scorer.travel.table.take(km, mode="clip")
    for number in plan.preferred:
        row = population.slots.row_in(number, table)
        position = int(rows.searchsorted(row))
        if position < rows.size and rows[position] == row:
            order[position] += scorer.preference.table[1]
    rare = _rare(population, plan, table)
    if any(rare):
        order += scorer.scarcity.table.take(_scarce(table.caps.take(rows), rare))
    if plan.cap_cents is not None:
        order += scorer.cost.table.take(_cost(population, plan.cap_cents, table, rows))
    if service.substitute is not None:
        order += np.float32(scorer.substitute)
    return Field(service, table, rows, order, distance2, km, fit, rare)


def _count_matches(
    population: Population, plan: Plan, table: PairTable, rows: Rows
) -> NDArray[np.intp]:
    held = np.bitwise_count(table.caps.take(rows) & np.uint64(plan.wished))
    matches: NDArray[np.intp] = held.astype(np.intp)
    for term in plan.wished_late:
        known = population.holders.of(holders.holds(term))
        matches += held_by(population, table, rows, known)
    return matches


def _rare(population: Population, plan: Plan, table: PairTable) -> tuple[int, ...]:
    """Return, for 1 … `features.RARE` holders, the rare specialisms the job does not need."""
    if plan.request.emergency:
        return ()
    unneeded = population.lexicon.specialisms & ~plan.wished
    return tuple(bits & unneeded for bits in table.rare())


def _scarce(caps: NDArray[np.uint64], rare: tuple[int, ...]) -> NDArray[np.intp]:
    """Return how many hold the rarest unneeded specialism of each row, 0 if none is rare."""
    holders_of_rarest = np.zeros(caps.shape, np.intp)
    for number in range(len(rare), 0, -1):
        holders_of_rarest[(caps & np.uint64(rare[number - 1])) != 0] = number
    return holders_of_rarest


def _cost(population: Population, cap: int, table: PairTable, rows: Rows) -> NDArray[np.int64]:
    """Return `features.cost_code` of each row; who states no price is not over the cap."""
    prices = np.frombuffer(population.price, np.int32).astype(np.int64)
    over = prices.take(population.slots.owners(table, rows)) - cap
    percent = over * 100 // cap if cap else np.full(over.shape, features.COST_CAP_PERCENT)
    codes: NDArray[np.int64] = np.where(over > 0, np.minimum(percent, features.COST_CAP_PERCENT), 0)
    return codes


def _match(population: Population, plan: Plan, field: Field, position: int) -> Match:
    """Say what one row scores and why, exactly."""
    row = int(field.rows[position])
    number = population.slots.owner[int(field.table.slot[row])]
    caps = int(field.table.caps[row])
    scorer = population.scorer
    squared = field.distance2
    km = None if squared is None else geo.chord_km(float(squared[position]))
    codes = Codes(
        tier=tier_of(caps),
        load=population.load[number],
        idle=features.idle_code(plan.now_min - int(field.table.last[row])),
        matched=_matched(population, plan, number, caps),
        dialect=None if field.fit is None else int(field.fit[position]),
        km=None if field.km is None else int(field.km[position]),
        preferred=number in plan.preferred,
        scarce=_rarest(caps, field.rare),
        cost=_cost_of(population.price[number], plan.cap_cents),
        substitute=_names(population, field.service),
    )
    contributions = scorer.contributions(codes, plan.ask)
    return Match(
        interpreter=population.ids[number],
        score=sum([each.contribution for each in contributions]),
        contributions=contributions,
        p_accept=scorer.p_accept(codes, plan.request.mode),
        tier=population.tables.qualifications.letter(codes.tier),
        distance_band=None if km is None else geo.distance_band(km),
        travel_min=None if km is None else geo.travel_min(km),
        substitute=None if codes.substitute is None else codes.substitute[0],
    )


def _rarest(caps: int, rare: tuple[int, ...]) -> int:
    for number, bits in enumerate(rare, start=1):
        if caps & bits:
            return number
    return 0


def _matched(population: Population, plan: Plan, number: int, caps: int) -> tuple[str, ...]:
    """Return which of the wanted specialisms someone holds, sorted."""
    if not plan.ask.wanted:
        return ()
    words = population.lexicon.words(caps & plan.wished)
    if not plan.wished_late:
        return words
    facts = population.holders
    late = [term[1] for term in plan.wished_late if number in facts.of(holders.holds(term))]
    return tuple(sorted((*words, *late)))


def _cost_of(price_cents: int, cap_cents: int | None) -> int | None:
    if cap_cents is None:
        return None
    return 0 if price_cents == NO_PRICE else features.cost_code(price_cents, cap_cents)


def _names(population: Population, service: Service) -> tuple[str, str] | None:
    if service.substitute is None:
        return None
    served, asked = service.substitute
    name = population.tables.languages.name
    return name(served), name(asked)
