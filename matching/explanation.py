"""Why, or why not, one interpreter for one request: every rule, and what they would score.

Works from the profile itself rather than from the index's columns, so it answers for people who
are absent too, and is the oracle that the index is tested against.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from matching import features
from matching.agenda import Agenda, window_of
from matching.bookings import Clash
from matching.capabilities import Kind
from matching.eligibility import Judge, Service, dialect_fit, end_minute, free_until_ms, way_min
from matching.languages import Pair
from matching.pairtable import PairTable
from matching.plan import ask_of
from matching.population import Population
from matching.roster import Roster
from matching.scoring import Ask, Codes, score_of
from matching.types import (
    NEW,
    NONE,
    Contribution,
    Interpreter,
    Mode,
    Presence,
    Reason,
    Request,
    Track,
)
from matching.zones import MINUTE_MS, minute_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its grounds.

    `reasons` are empty iff eligible. `contributions` and `score` say what the interpreter scores,
    or would score if no rule stood in the way; without the languages there is nothing to score.
    `order` is the float32 that ranks, `p_accept` for operators and the person themselves.
    """

    interpreter: str
    eligible: bool
    reasons: tuple[Reason, ...]
    contributions: tuple[Contribution, ...]
    score: float
    order: float
    p_accept: float
    policy: str
    model: str


class Person(NamedTuple):
    """Who is judged: their profile, presence, past and bookings, read once for many requests.

    `static` keeps what was worked out of them alone, by the pair of languages.
    """

    interpreter: Interpreter
    presence: Presence
    track: Track
    agenda: Agenda | None
    static: dict[Pair, Codes]


class Scored(NamedTuple):
    """What someone scores for a request, and from which codes."""

    contributions: tuple[Contribution, ...]
    p_accept: float
    codes: Codes
    ask: Ask


def person_in(
    population: Population, interpreter: Interpreter, presence: Presence | None = None
) -> Person:
    """Return an admitted interpreter with what the population knows of them, if it does.

    *presence* defaults to what it knows now. Whoever calls has let reservations lapse.
    """
    id_ = interpreter.id
    if id_ not in population:
        return Person(interpreter, presence or Presence(), NEW, None, {})
    if presence is None:
        presence = population.presence(id_)
    return Person(interpreter, presence, population.track(id_), population.agenda(id_), {})


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
    their track record and how scarce a specialism is come from the population either way.
    """
    tables, scorer = population.tables, population.scorer
    if presence is None:
        population.lapse(now_ms)
    person = person_in(population, interpreter, presence)
    judge = Judge(tables.languages, tables.qualifications, tables.travel)
    verdict = judge.check(interpreter, person.presence, request, now_ms, exclude, person.agenda)
    contributions: tuple[Contribution, ...] = ()
    order, p_accept = float("-inf"), 0.0
    if verdict.service is not None:
        scored = score(population, person, request, verdict.service, now_ms)
        contributions, p_accept = scored.contributions, scored.p_accept
        order = scorer.order(scored.codes, scored.ask)
    return Explanation(
        interpreter.id,
        verdict.eligible,
        verdict.reasons,
        contributions,
        score_of(contributions),
        order,
        p_accept,
        scorer.policy.version,
        scorer.model,
    )


def score(
    population: Population, person: Person, request: Request, service: Service, now_ms: int
) -> Scored:
    """Return what a person scores for an admitted request through one pair of languages."""
    interpreter, presence, track, agenda, static = person
    ask = ask_of(population, request, now_ms)
    codes = static.get(service.pair)
    if codes is None:
        codes = static[service.pair] = _static(population, person, service)
    if request.mode is Mode.ONSITE:
        codes = codes._replace(media=None)
    way = way_min(population.tables.travel, interpreter, presence, request)
    moment = _Moment(presence, request, now_ms, agenda, way)
    moving = _moving(population, interpreter, moment, service)
    codes = codes._replace(continuity=_continuity(track, request, now_ms), **moving)
    wanted = request.requirements.specialisms | request.preferences.specialisms
    matched = tuple(sorted(wanted & interpreter.specialisms)) if wanted else None
    contributions, p_accept = population.scorer.contributions(
        codes, ask, matched, _names(population, service)
    )
    return Scored(contributions, p_accept, codes, ask)


def _names(population: Population, service: Service) -> tuple[str, str] | None:
    if service.substitute is None:
        return None
    served, asked = map(population.tables.languages.name, service.substitute)
    return served, asked


def _static(population: Population, person: Person, service: Service) -> Codes:
    """Return the codes of what depends on the interpreter alone."""
    interpreter, presence, track, _, _ = person
    target = population.personal.target
    return Codes(
        tier=population.tables.qualifications.pair_tier(interpreter.languages, *service.pair),
        experience=features.experience_code(track.sessions.get("-".join(service.pair), 0.0)),
        reliability=features.reliability_code(track.completed, track.failed),
        responsiveness=features.responsiveness_code(track.answered, track.silent),
        rating=features.rating_code(track.stars, track.rated),
        load=features.load_code(presence.minutes_today),
        streak=features.streak_code(presence.streak_min),
        exposure=features.exposure_code(track.offers, track.online_h, target),
        media=features.media_code(track.connects, track.connect_failures),
    )


class _Moment(NamedTuple):
    """When someone is judged, for what, how far away, and what is known of them then."""

    presence: Presence
    request: Request
    now_ms: int
    agenda: Agenda | None
    way: int | None

    def idle(self) -> int | None:
        last_ms = self.presence.last_active_ms
        if self.request.start_ms is not None:
            return None
        if last_ms is None:
            return features.IDLE_CAP_MIN
        return features.idle_code(self.now_ms // MINUTE_MS - minute_of(last_ms))

    def slack(self) -> int:
        """Return the room between bookings, or until someone must be done."""
        window, agenda = window_of(self.request), self.agenda
        if window is not None:
            room = None if agenda is None else agenda.diary.room(*window, agenda.trip)
            if isinstance(room, Clash):
                return 0
            return features.ROOMY if room is None else room.slack
        until_ms = free_until_ms(self.presence, self.request, self.now_ms, agenda)
        if until_ms is None:
            return features.ROOMY
        left = until_ms // MINUTE_MS - end_minute(self.request, self.now_ms)
        return features.slack_code(left - (self.way or 0))


def _moving(
    population: Population, interpreter: Interpreter, moment: _Moment, service: Service
) -> dict[str, Any]:
    """Return the codes of what depends on the moment and the request."""
    request, languages = moment.request, population.tables.languages
    wanted = request.requirements.specialisms | request.preferences.specialisms
    dialect = request.preferences.dialect or request.requirements.dialect
    fit = None
    if dialect is not None:
        fit = int(dialect_fit(interpreter, service.pair, dialect, languages))
    return {
        "idle": moment.idle(),
        "specialism": len(wanted & interpreter.specialisms) if wanted else None,
        "dialect": fit,
        "travel": None if moment.way is None else min(moment.way, population.scorer.longest_min),
        "slack": moment.slack(),
        "preference": int(interpreter.id in request.preferences.preferred),
        "scarcity": _scarce(population, interpreter, request, service),
        "cost": _cost(interpreter.price, request.price_cap),
        "substitute": int(service.substitute is not None),
    }


def _continuity(track: Track, request: Request, now_ms: int) -> int:
    customer = request.known_as or request.customer
    if customer is None or customer not in track.customers:
        return 0
    good, last_ms = track.customers[customer]
    return features.continuity_code(good, now_ms - last_ms)


def _scarce(
    population: Population, interpreter: Interpreter, request: Request, service: Service
) -> int:
    slots = population.slots
    table: PairTable | Roster | None = slots.find(service.pair)
    if request.start_ms is not None:
        table = slots.roster(service.pair)
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
