"""A request made ready for the index: bits that are needed, people left out, wishes as numbers.

One plan serves every pair of languages of a request; `eligible_rows` applies the hard rules
to one pair's table; it is tested against `eligibility.Judge`, which states them plainly.
"""

from collections.abc import Callable, Iterable, KeysView
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import geo, holders
from matching.capabilities import ADULT, CAR, FREE, GENDERS, MODES, Kind, Term, at_least
from matching.eligibility import Rule, end_minute
from matching.features import DialectFit, continuity_code
from matching.languages import Pair
from matching.pairtable import FOREVER, NUMBER, PLACE, REACH, UNTIL, PairTable
from matching.population import Population
from matching.scoring import Ask
from matching.travel import Means
from matching.types import NONE, Mode, Request
from matching.zones import MINUTE_MS

Members = frozenset[int] | set[int] | KeysView[int]
Mask = NDArray[np.bool_]


class Plan(NamedTuple):
    """What ranking and counting need of a request; numbers are the population's.

    `bits` are needed; `late` the required terms without a bit; `out` those present who may not be
    asked at all; `wished` the bits and `wished_late` the terms of the specialisms called for.
    """

    request: Request
    ask: Ask
    bits: int
    late: tuple[tuple[Rule, Term], ...]
    out: dict[int, Rule]
    wished: int
    wished_late: tuple[Term, ...]
    preferred: list[int]
    known: tuple[tuple[int, int], ...]  # numbers and `features.continuity_code`, rising
    dialect: str | None  # wished for or required
    at: NDArray[np.float32] | None  # unit vector, on site only
    density: int  # of people where it is, on site only
    limit2: float | None
    now_ms: int
    now_min: int
    end_min: int  # rounded up
    cap_cents: int | None

    @property
    def scheduled(self) -> bool:
        """Whether it is a booking: for a time to come, whoever is present now."""
        return self.request.start_ms is not None


class Rows(NamedTuple):
    """Some rows of a table, copied: `at` (rising), `caps` `(m,)`; `reals`, `whole` `(m, WIDTH)`.

    The last two share memory, as they do in the table.
    `distance2` `(m,)` are squared chords to the place of the request, None unless it is on site.
    """

    at: NDArray[np.intp]
    caps: NDArray[np.uint64]
    reals: NDArray[np.float32]
    whole: NDArray[np.int32]
    distance2: NDArray[np.float32] | None

    def where(self, keep: Mask) -> "Rows":
        """Return the rows that *keep* `(m,)` marks."""
        distance2 = None if self.distance2 is None else self.distance2[keep]
        reals = self.reals[keep]
        return Rows(self.at[keep], self.caps[keep], reals, reals.view(np.int32), distance2)

    @property
    def owners(self) -> NDArray[np.int32]:
        """The numbers of the interpreters, `(m,)`."""
        owners: NDArray[np.int32] = self.whole[:, NUMBER]
        return owners


class PutOff(NamedTuple):
    """Who may be asked another time: *quiet* want their quiet just now, others precede *later*."""

    quiet: frozenset[str] = NONE
    later: frozenset[str] = NONE


NOBODY: Final = PutOff()


def make_plan(
    population: Population,
    request: Request,
    now_ms: int,
    exclude: frozenset[str],
    wave: int = 1,
    put_off: PutOff = NOBODY,
) -> Plan:
    """Compile a request (admitted) against a population; *wave* counts how often it is asked.

    *exclude* have been asked already, *put_off* may be another time.
    """
    required, preferences = request.requirements, request.preferences
    ask = ask_of(population, request, now_ms, wave)
    bits = ADULT | MODES[request.mode] | at_least(ask.floor)
    if request.start_ms is None:
        bits |= FREE
    if required.gender is not None:
        bits |= GENDERS[required.gender]
    late: list[tuple[Rule, Term]] = []
    for rule, kind, words in _terms(request):
        held, without = population.lexicon.bits(kind, words)
        bits |= held
        late += [(rule, term) for term in without]
    wishes = required.specialisms | preferences.specialisms
    wished, wished_late = population.lexicon.bits(Kind.SPECIALISM, wishes)
    at, cap, farthest, density = None, request.price_cap, request.max_distance_km, 0
    if request.mode is Mode.ONSITE and request.location is not None:
        at = np.array(geo.vector(request.location), np.float32)
        density = population.tables.travel.density(request.location)
    known: tuple[tuple[int, int], ...] = ()
    customer = request.known_as or request.customer
    if customer is not None:
        known = _known(population, customer, now_ms)
    return Plan(
        request,
        ask,
        bits,
        tuple(late),
        _left_out(population, request, exclude, put_off, now_ms),
        wished,
        tuple(wished_late),
        concerned(population, request)(preferences.preferred),
        known,
        preferences.dialect or required.dialect,
        at,
        density,
        None if farthest is None else geo.reach2(farthest),
        now_ms,
        now_ms // MINUTE_MS,
        end_minute(request, now_ms),
        None if cap is None else round(cap * 100),
    )


def ask_of(population: Population, request: Request, now_ms: int, wave: int = 1) -> Ask:
    """Return what the features need to know of a request."""
    required, tables = request.requirements, population.tables
    wished = request.preferences.specialisms
    wanted = required.specialisms | wished if wished else required.specialisms
    chances = population.scorer.chances
    return Ask(
        tables.qualifications.floor(request),
        len(wanted),
        len(wanted) > len(required.specialisms),
        *chances.start(request, lambda: tables.hour(now_ms), wave),
    )


def _known(population: Population, customer: str, now_ms: int) -> tuple[tuple[int, int], ...]:
    """Return who has worked well for a customer, by number, and how much that counts now."""
    known = population.personal.known_to(customer)
    coded = ((n, continuity_code(good, now_ms - last)) for n, (good, last) in known.items())
    return tuple(sorted(each for each in coded if each[1]))


def needs(population: Population, request: Request, floor: int) -> dict[Rule, int]:
    """Return the bits of `Plan.bits` by the rule that needs them."""
    gender = request.requirements.gender
    need = {
        Rule.RESERVED: FREE if request.start_ms is None else 0,
        Rule.NOT_ADULT: ADULT,
        Rule.MODE: MODES[request.mode],
        Rule.QUALIFICATION: at_least(floor),
        Rule.GENDER: GENDERS[gender] if gender is not None else 0,
    }
    for rule, kind, words in _terms(request):
        need[rule], _ = population.lexicon.bits(kind, words)
    return need


def _terms(request: Request) -> list[tuple[Rule, Kind, frozenset[str]]]:
    """Return the required words by rule, where there are any."""
    found, required = [], request.requirements
    if required.specialisms:
        found.append((Rule.SPECIALISM, Kind.SPECIALISM, required.specialisms))
    if required.clearances:
        found.append((Rule.CLEARANCE, Kind.CLEARANCE, required.clearances))
    return found


def _left_out(
    population: Population,
    request: Request,
    exclude: frozenset[str],
    put_off: PutOff,
    now_ms: int,
) -> dict[int, Rule]:
    """Return who is present and may not be asked, each with the first rule that says so."""
    facts, customer, caller = population.holders, request.customer, request.caller
    out: dict[int, Rule] = {}
    for party in request.parties if customer is None else (*request.parties, customer):
        out |= dict.fromkeys(facts.of(holders.conflict(party)), Rule.CONFLICT)
    known = concerned(population, request)
    for number in known(request.preferences.blocked):
        out.setdefault(number, Rule.BLOCKED)
    if customer is not None:
        for number in facts.of(holders.blocks(customer)):
            out.setdefault(number, Rule.BLOCKED)
    for ids, rule in (
        (NONE if caller is None else (caller,), Rule.CALLER),
        (exclude, Rule.ALREADY_ASKED),
        (put_off.quiet, Rule.QUIET),
        (put_off.later, Rule.LATER),
        ([who for who, end in population.suspended.items() if end > now_ms], Rule.SUSPENDED),
    ):
        for number in known(ids) if ids else ():
            out.setdefault(number, rule)
    return out


def concerned(population: Population, request: Request) -> Callable[[Iterable[str]], list[int]]:
    """Return how ids are told as numbers: for work now, of those present alone."""
    return population.present if request.start_ms is None else population.numbers


def unservable(population: Population, request: Request, pair: Pair) -> bool:
    """Say whether a pair's modality rules the request out: no voice carries a sign language."""
    return request.mode is Mode.AUDIO and any(map(population.tables.languages.signed, pair))


def eligible_rows(population: Population, plan: Plan, pair: Pair, table: PairTable) -> Rows | None:
    """Return the rows of a pair's table that no hard rule excludes, None if there are none."""
    if unservable(population, plan.request, pair):
        return None
    need = np.array(plan.bits, np.uint64)  # an array of no dimension: numpy's scalars cost more
    keep: Mask = (table.caps[: table.n] & need) == need
    for number in plan.out:
        row = population.slots.row_in(number, table)
        if row != population.slots.ABSENT:
            keep[row] = False
    at = keep.nonzero()[0]
    if not at.size:
        return None
    rows = meeting_terms(population, plan, pair, take_rows(plan, table, at))
    if rows.distance2 is not None:
        leave_site(population, plan, rows)
    if table.bound:
        rows = rows.where(rows.whole[:, UNTIL] >= plan.end_min)
    return rows if rows.at.size else None


def meeting_terms(population: Population, plan: Plan, pair: Pair, rows: Rows) -> Rows:
    """Return those of *rows* who meet the rules that no bit says: late terms, dialect and place."""
    for _, term in plan.late:
        rows = rows.where(held_by(rows, population.holders.of(holders.holds(term))))
    dialect = plan.request.requirements.dialect
    if dialect is not None:
        rows = rows.where(dialect_fits(population, pair, rows, dialect) >= DialectFit.NEAR)
    return rows if rows.distance2 is None else rows.where(within_reach(plan, rows))


def leave_site(population: Population, plan: Plan, rows: Rows) -> None:
    """Let who has bookings set out for the next from the site of the work, not from home.

    Nor is anybody free for the work while on the way to it.
    """
    agendas, request = population.agendas, plan.request
    for at in agendas.booked(rows.owners).nonzero()[0].tolist():
        number = int(rows.owners[at])
        agenda = agendas.of(number)
        until_ms = agenda and agenda.diary.free_until_ms(
            plan.now_ms, None, request.site, agenda.trip
        )
        leave = FOREVER if until_ms is None else until_ms // MINUTE_MS
        rows.whole[at, UNTIL] = min(leave, population.own_until(number))
    until = rows.whole[:, UNTIL]
    if rows.distance2 is not None and (until != FOREVER).any():
        ways = _ways(population, plan, rows, rows.distance2)
        until[until != FOREVER] -= ways[until != FOREVER]


def _ways(
    population: Population, plan: Plan, rows: Rows, distance2: NDArray[np.float32]
) -> NDArray[np.intp]:
    """Return the minutes of each one's way to the site, `(m,)`, 0 from nowhere."""
    travel = population.tables.travel
    km = np.minimum(geo.whole_km(np.nan_to_num(distance2)), travel.farthest_km)
    car, transit = (travel.table(plan.density, means) for means in (Means.CAR, Means.TRANSIT))
    drives = (rows.caps & np.array(CAR, np.uint64)).astype(np.bool_)
    minutes = np.where(drives, car.take(km), transit.take(km))
    minutes[np.isnan(distance2)] = 0
    return minutes


def take_rows(plan: Plan, table: PairTable, at: NDArray[np.intp]) -> Rows:
    """Copy the rows *at* `(m,)` of a table."""
    reals = table.reals.take(at, 0)
    distance2 = None if plan.at is None else distances2(plan.at, reals)
    return Rows(at, table.caps.take(at), reals, reals.view(np.int32), distance2)


def held_by(rows: Rows, numbers: Members) -> Mask:
    """Return which *rows* belong to one of *numbers*, shape `(m,)`."""
    if not numbers:
        return np.zeros(rows.at.shape, np.bool_)
    held: Mask = np.isin(rows.owners, np.fromiter(numbers, np.int32, len(numbers)))
    return held


def dialect_fits(population: Population, pair: Pair, rows: Rows, dialect: str) -> NDArray[np.intp]:
    """Return the `DialectFit` of each row to the dialect asked for, shape `(m,)`."""
    languages, facts = population.tables.languages, population.holders
    tag = languages.dialect_language(pair, dialect)
    wanted = languages.dialect(tag, dialect) or dialect
    fit = np.full(rows.at.shape, DialectFit.UNSTATED, np.intp)
    fit[held_by(rows, facts.of(holders.states_dialect(tag)))] = DialectFit.OTHER
    for near in languages.near(tag, wanted):
        fit[held_by(rows, facts.of(holders.speaks(tag, near)))] = DialectFit.NEAR
    fit[held_by(rows, facts.of(holders.speaks(tag, wanted)))] = DialectFit.EXACT
    return fit


def distances2(at: NDArray[np.float32], reals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return squared chords from *at* `(3,)` to rows `(m, WIDTH)`, shape `(m,)`.

    The arithmetic is that of `geo.chord2`, step by step in float32.
    """
    delta = reals[:, PLACE] - at
    delta *= delta
    total: NDArray[np.float32] = delta[:, 0] + delta[:, 1]
    total += delta[:, 2]
    return total


def within_reach(plan: Plan, rows: Rows) -> Mask:
    """Return which rows are near enough for interpreter and customer, false where unknown.

    Unless it is on site, everyone is.
    """
    distance2 = rows.distance2
    if distance2 is None:
        return np.ones(rows.at.shape, np.bool_)
    near: Mask = distance2 <= rows.reals[:, REACH]
    if plan.limit2 is not None:
        near &= distance2 <= np.float32(plan.limit2)
    return near
