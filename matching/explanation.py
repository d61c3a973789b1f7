"""Why, or why not, one interpreter for one request: every rule, and what they would score.

Works from the profile itself rather than from the index's columns, so it answers for people who
are absent too, and is the oracle that the index is tested against.
"""

from dataclasses import dataclass

import numpy as np

from matching import features, geo
from matching.capabilities import Kind
from matching.eligibility import Judge, Service, dialect_fit
from matching.population import Population, minute_of
from matching.scoring import Ask, Codes
from matching.types import (
    NONE,
    Contribution,
    Interpreter,
    Mode,
    Presence,
    Reason,
    Request,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its grounds.

    `reasons` are empty iff eligible. `contributions` and `score` say what the interpreter scores,
    or would score if no rule stood in the way; without the languages there is nothing to score.
    `order` is the float32 that ranks.
    """

    interpreter: str
    eligible: bool
    reasons: tuple[Reason, ...]
    contributions: tuple[Contribution, ...]
    score: float
    order: float
    policy: str


def explain(
    population: Population,
    interpreter: Interpreter,
    request: Request,
    now_ms: int,
    exclude: frozenset[str] = NONE,
    presence: Presence | None = None,
) -> Explanation:
    """Judge an admitted interpreter for an admitted request.

    *presence* defaults to what the population knows now; a recorded one explains the past. Only
    how scarce a specialism is comes from the population either way.
    """
    tables, scorer = population.tables, population.scorer
    if presence is None:
        known = interpreter.id in population
        presence = population.presence(interpreter.id) if known else Presence()
    judge = Judge(tables.languages, tables.qualifications)
    verdict = judge.check(interpreter, presence, request, now_ms, exclude)
    contributions: tuple[Contribution, ...] = ()
    order = float("-inf")
    if verdict.service is not None:
        ask = ask_of(population, request)
        codes = _codes(population, interpreter, presence, request, verdict.service, now_ms)
        contributions = scorer.contributions(codes, ask)
        order = scorer.order(codes, ask)
    return Explanation(
        interpreter.id,
        verdict.eligible,
        verdict.reasons,
        contributions,
        sum(each.contribution for each in contributions),
        order,
        scorer.policy.version,
    )


def ask_of(population: Population, request: Request) -> Ask:
    """Return what the features need to know of a request."""
    required = request.requirements.specialisms
    wanted = required | request.preferences.specialisms
    floor = population.tables.qualifications.floor(request)
    return Ask(floor, len(wanted), wanted > required)


def _codes(
    population: Population,
    interpreter: Interpreter,
    presence: Presence,
    request: Request,
    service: Service,
    now_ms: int,
) -> Codes:
    languages = population.tables.languages
    wanted = request.requirements.specialisms | request.preferences.specialisms
    dialect = request.preferences.dialect or request.requirements.dialect
    fit = None
    if dialect is not None:
        fit = int(dialect_fit(interpreter, service.pair, dialect, languages))
    idle = features.IDLE_CAP_MIN
    if presence.last_active_ms is not None:
        idle = features.idle_code(now_ms // 60_000 - minute_of(presence.last_active_ms))
    substitute = None
    if service.substitute is not None:
        served, asked = service.substitute
        substitute = languages.name(served), languages.name(asked)
    return Codes(
        tier=population.tables.qualifications.pair_tier(interpreter.languages, *service.pair),
        load=features.load_code(presence.minutes_today),
        idle=idle,
        matched=tuple(sorted(wanted & interpreter.specialisms)),
        dialect=fit,
        km=_km(interpreter, presence, request),
        preferred=interpreter.id in request.preferences.preferred,
        scarce=_scarce(population, interpreter, request, service),
        cost=_cost(interpreter.price, request.price_cap),
        substitute=substitute,
    )


def _km(interpreter: Interpreter, presence: Presence, request: Request) -> int | None:
    place = presence.position or interpreter.location
    if request.mode is not Mode.ONSITE or place is None:
        return None
    between = geo.chord2(geo.vector(place), geo.vector(request.location))
    return int(geo.whole_km(np.array([between], np.float32))[0])


def _scarce(
    population: Population, interpreter: Interpreter, request: Request, service: Service
) -> int:
    table = population.slots.find(service.pair)
    if table is None or request.emergency:
        return 0
    wanted = request.requirements.specialisms | request.preferences.specialisms
    unneeded = 0
    for word in interpreter.specialisms - wanted:
        unneeded |= population.lexicon.bit(Kind.SPECIALISM, word)
    return next((n for n, bits in enumerate(table.rare, start=1) if bits & unneeded), 0)


def _cost(price: float | None, cap: float | None) -> int | None:
    if cap is None:
        return None
    if price is None:
        return 0
    return features.cost_code(round(price * 100), round(cap * 100))
