"""Which requests fit one interpreter: the ranking the other way round.

`ranking.rank` compares many people for one request, this many requests for one person; of the
same pair both say the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from matching import geo
from matching.answer import NO_WAY, served_by, way_of
from matching.eligibility import Judge
from matching.explanation import Person, person_in, score
from matching.languages import Languages, Pair, pair_key
from matching.population import Population
from matching.travel import Means
from matching.types import Audience, Interpreter, Match, Mode, Request, reasons_for


class Fit(NamedTuple):
    """A request that fits, by its *place* among those given, and what `rank` says of them."""

    place: int
    match: Match


def recommend(
    population: Population,
    interpreter: Interpreter,
    requests: Sequence[Request],
    now_ms: int,
    limit: int,
    reader: Audience = "operator",
) -> tuple[Fit, ...]:
    """Return the best *limit* of admitted requests for an admitted interpreter, best first.

    They are in the order of what *reader* may read of the score: else their places would tell of
    the rest, who prefers or knows them. Equals stay in the order given.
    """
    population.lapse(now_ms)
    person = person_in(population, interpreter)
    return best_of(_fits(population, person, requests, now_ms), limit, reader)


def best_of(fits: Iterable[Fit], limit: int, reader: Audience) -> tuple[Fit, ...]:
    """Return the best *limit*, in that order: of several lists that were found one by one, too."""

    def told(fit: Fit) -> float:
        return sum(each.contribution for each in reasons_for(fit.match.contributions, reader))

    return tuple(sorted(fits, key=told, reverse=True)[:limit])


def pairs_served(interpreter: Interpreter, languages: Languages) -> frozenset[Pair]:
    """Return the pairs of the requests that somebody might serve, as a substitute or not."""
    spoken = sorted({skill.tag for skill in interpreter.languages})
    own = [pair_key(*pair) for pair in combinations(spoken, 2)]
    stood_in = (
        pair_key(asked, kept)
        for served in spoken
        for asked in languages.stood_in_for(served)
        for kept in spoken
        if kept not in (served, asked)
    )
    return frozenset((*own, *stood_in))


def _fits(
    population: Population, person: Person, requests: Sequence[Request], now_ms: int
) -> Iterator[Fit]:
    tables, scorer = population.tables, population.scorer
    judge = Judge(tables.languages, tables.qualifications, tables.travel)
    interpreter, presence, _, agenda, _ = person
    for place, request in enumerate(requests):
        service, reasons = judge.check(interpreter, presence, request, now_ms, agenda=agenda)
        if reasons or service is None:
            continue
        scored = score(population, person, request, service, now_ms)
        yield Fit(
            place,
            Match(
                interpreter.id,
                sum(each.contribution for each in scored.contributions),
                scored.contributions,
                scored.p_accept,
                scorer.letters[scored.codes.tier],
                *_way(population, person, request),
                served_by(population, service),
            ),
        )


def _way(population: Population, person: Person, request: Request) -> tuple[str | None, int | None]:
    """Return the band of the distance to work on site, and the minutes of the way."""
    here = person.presence.position if request.start_ms is None else None
    place = here or person.interpreter.location
    if request.mode is not Mode.ONSITE or request.location is None or place is None:
        return NO_WAY
    travel = population.tables.travel
    means = Means.CAR if person.interpreter.by_car else Means.TRANSIT
    between = geo.chord2(geo.vector(place), geo.vector(request.location))
    return way_of(between, travel.table(travel.density(request.location), means))
