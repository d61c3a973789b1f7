"""A request made ready for the index: bits that are needed, people left out, wishes as numbers.

One plan serves every pair of languages of a request; `eligible_rows` applies the hard rules
to one pair's table; it is tested against `eligibility.Judge`, which states them plainly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching import geo, holders
from matching.capabilities import ADULT, FREE, GENDERS, MODES, Kind, Term, at_least
from matching.eligibility import Rule
from matching.features import DialectFit
from matching.languages import Pair
from matching.pairtable import PairTable
from matching.population import Population
from matching.scoring import Ask
from matching.types import Mode, Request

Rows = NDArray[np.intp]
Members = frozenset[int] | set[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What ranking and counting need of a request; numbers are the population's.

    `need` are the bits by rule; `late` the required terms without a bit; `out` who may not be asked
    at all; `wished` the bits and `wished_late` the terms of the specialisms called for.
    """

    request: Request
    ask: Ask
    need: dict[Rule, int]
    late: tuple[tuple[Rule, Term], ...]
    out: dict[int, Rule]
    wished: int
    wished_late: tuple[Term, ...]
    preferred: tuple[int, ...]
    at: geo.Vector | None
    limit2: float
    now_min: int
    cap_cents: int | None

    @property
    def bits(self) -> int:
        """All needed bits together."""
        together = 0
        for bits in self.need.values():
            together |= bits
        return together


def make_plan(
    population: Population, request: Request, now_ms: int, exclude: frozenset[str]
) -> Plan:
    """Compile a request (admitted) against a population."""
    required = request.requirements
    floor = population.tables.qualifications.floor(request)
    need = {
        Rule.RESERVED: FREE,
        Rule.NOT_ADULT: ADULT,
        Rule.MODE: MODES[request.mode],
        Rule.QUALIFICATION: at_least(floor),
        Rule.GENDER: GENDERS[required.gender] if required.gender is not None else 0,
    }
    late: list[tuple[Rule, Term]] = []
    if required.specialisms or required.clearances:
        for rule, kind, words in (
            (Rule.SPECIALISM, Kind.SPECIALISM, required.specialisms),
            (Rule.CLEARANCE, Kind.CLEARANCE, required.clearances),
        ):
            need[rule], without = _bits(population, kind, words)
            late += [(rule, term) for term in without]
    wishes = required.specialisms | request.preferences.specialisms
    wished, wished_late = _bits(population, Kind.SPECIALISM, wishes)
    onsite = request.mode is Mode.ONSITE
    return Plan(
        request=request,
        ask=Ask(floor, len(wishes), wishes > required.specialisms),
        need=need,
        late=tuple(late),
        out=_left_out(population, request, exclude),
        wished=wished,
        wished_late=wished_late,
        preferred=_numbers(population, request.preferences.preferred),
        at=geo.vector(request.location) if onsite else None,
        limit2=geo.reach2(
            geo.FARTHEST_KM if request.max_distance_km is None else request.max_distance_km
        ),
        now_min=now_ms // 60_000,
        cap_cents=None if request.price_cap is None else round(request.price_cap * 100),
    )


def _bits(
    population: Population, kind: Kind, words: frozenset[str]
) -> tuple[int, tuple[Term, ...]]:
    """Return the bits of *words*, and the terms that have none."""
    bits, late = 0, []
    for word in words:
        bit = population.lexicon.bit(kind, word)
        bits |= bit
        if not bit:
            late.append((kind, word))
    return bits, tuple(late)


def _numbers(population: Population, ids: frozenset[str]) -> tuple[int, ...]:
    if not ids:
        return ()
    found = (population.number(each) for each in ids)
    return tuple(number for number in found if number is not None)


def _left_out(population: Population, request: Request, exclude: frozenset[str]) -> dict[int, Rule]:
    """Return who may not be asked, each with the first rule that says so."""
    out: dict[int, Rule] = {}
    facts = population.holders
    for party in request.parties | ({request.customer} - {None}):
        for number in facts.of(holders.conflict(str(party))):
            out.setdefault(number, Rule.CONFLICT)
    for number in _numbers(population, request.preferences.blocked):
        out.setdefault(number, Rule.BLOCKED)
    if request.customer is not None:
        for number in facts.of(holders.blocks(request.customer)):
            out.setdefault(number, Rule.BLOCKED)
    if request.caller is not None:
        for number in _numbers(population, frozenset({request.caller})):
            out.setdefault(number, Rule.CALLER)
    for number in _numbers(population, exclude):
        out.setdefault(number, Rule.ALREADY_ASKED)
    return out


def unservable(population: Population, request: Request, pair: Pair) -> bool:
    """Say whether a pair's modality rules the request out: no voice carries a sign language."""
    return request.mode is Mode.AUDIO and any(map(population.tables.languages.signed, pair))


def eligible_rows(population: Population, plan: Plan, pair: Pair, table: PairTable) -> Rows:
    """Return the rows of a pair's table that no hard rule excludes, rising, shape `(m,)`."""
    if unservable(population, plan.request, pair):
        return np.empty(0, np.intp)
    need = np.uint64(plan.bits)
    keep: NDArray[np.bool_] = (table.caps[: table.n] & need) == need
    for number in plan.out:
        row = population.slots.row_in(number, table)
        if row != population.slots.ABSENT:
            keep[row] = False
    rows: Rows = keep.nonzero()[0]
    if plan.late:
        for _, term in plan.late:
            known = population.holders.of(holders.holds(term))
            rows = rows[held_by(population, table, rows, known)]
    if plan.request.requirements.dialect is not None:
        fit = dialect_fits(population, pair, table, rows, plan.request.requirements.dialect)
        rows = rows[fit >= DialectFit.NEAR]
    if plan.at is not None:
        rows = rows[within_reach(plan, table, rows)]
    return rows


def held_by(
    population: Population, table: PairTable, rows: Rows, numbers: Members
) -> NDArray[np.bool_]:
    """Return which *rows* belong to one of *numbers*, shape `rows.shape`."""
    if not numbers:
        return np.zeros(rows.shape, np.bool_)
    known = np.fromiter(numbers, np.int32, len(numbers))
    held: NDArray[np.bool_] = np.isin(population.slots.owners(table, rows), known)
    return held


def dialect_fits(
    population: Population, pair: Pair, table: PairTable, rows: Rows, dialect: str
) -> NDArray[np.intp]:
    """Return the `DialectFit` of each row to the dialect asked for, shape `rows.shape`."""
    languages, facts = population.tables.languages, population.holders
    tag = languages.dialect_language(pair, dialect)
    wanted = languages.dialect(tag, dialect) or dialect
    fit = np.full(rows.shape, DialectFit.UNSTATED, np.intp)
    stated = facts.of(holders.states_dialect(tag))
    fit[held_by(population, table, rows, stated)] = DialectFit.OTHER
    for near in languages.near(tag, wanted):
        served = facts.of(holders.speaks(tag, near))
        fit[held_by(population, table, rows, served)] = DialectFit.NEAR
    exact = facts.of(holders.speaks(tag, wanted))
    fit[held_by(population, table, rows, exact)] = DialectFit.EXACT
    return fit


def distances2(plan: Plan, table: PairTable, rows: Rows) -> NDArray[np.float32]:
    """Return squared chords to the place of the request, shape `rows.shape`.

    The arithmetic is that of `geo.chord2`, step by step in float32.
    """
    at = plan.at or geo.NOWHERE
    total = table.x.take(rows)
    total -= np.float32(at.x)
    total *= total
    for column, value in ((table.y, at.y), (table.z, at.z)):
        delta = column.take(rows)
        delta -= np.float32(value)
        delta *= delta
        total += delta
    return total


def within_reach(plan: Plan, table: PairTable, rows: Rows) -> NDArray[np.bool_]:
    """Return which rows are near enough for interpreter and customer, false where unknown."""
    limit = np.minimum(table.reach.take(rows), np.float32(plan.limit2))
    near: NDArray[np.bool_] = distances2(plan, table, rows) <= limit
    return near
