"""Make the few that a search returns into objects: each with its score and why, exactly.

The one part of a search that works person by person. It goes feature by feature, so that each
costs only where the request asks for it, and joins tuples that were made before (`Feature.told`).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matching import features, geo, holders
from matching.capabilities import CAR
from matching.curves import Curve, Told
from matching.eligibility import Service
from matching.plan import Plan
from matching.population import Population
from matching.travel import Means
from matching.types import Match


class Best(NamedTuple):
    """Those who are returned, as columns alike in length, best first.

    `slack`, `scarce`, `travel` (minutes), `distance2` (squared chords), `fit` (dialect), `matched`
    (specialisms) and `cost` are None where candidates do not differ in them.
    """

    minus_order: Sequence[float]
    name: Sequence[str]
    number: Sequence[int]
    slot: Sequence[int]
    caps: Sequence[int]
    idle: Sequence[int]
    slack: Sequence[int | None]
    scarce: Sequence[int | None]
    travel: Sequence[int | None]
    distance2: Sequence[float | None]
    fit: Sequence[int | None]
    matched: Sequence[int | None]
    cost: Sequence[int | None]
    service: Sequence[Service]


class _Part(NamedTuple):
    """One feature of those returned: what is told of each, and log-odds of the two chances."""

    told: list[Told]
    accept: list[float]
    complete: list[float]


def answer(population: Population, plan: Plan, best: Best) -> tuple[Match, ...]:
    """Say of each what they score and why."""
    scorer, slots, onsite = population.scorer, population.slots, plan.at is not None
    floor, ask = plan.ask.floor, plan.ask
    parts = list(_parts(population, plan, best))
    remembered, lines, letters = population.standing, scorer.lines, scorer.letters
    matches = []
    for index, (name, number, slot) in enumerate(
        zip(best.name, best.number, best.slot, strict=True)
    ):
        told, score, accept, complete = remembered(number, slot, floor, onsite=onsite)
        for part in parts:
            more = part.told[index]
            if more:
                told += more
                score += more[0][2]
            accept += part.accept[index]
            complete += part.complete[index]
        chances, p_accept = lines(accept, complete, ask)
        for line in chances:
            score += line[2]
        way = _way(population, plan, best, index) if onsite else (None, None)
        substitute = best.service[index].substitute
        served = population.tables.languages.name(substitute[0]) if substitute else None
        letter = letters[slots.tier[slot]]
        fields = (name, score, told + chances, p_accept, letter, *way, served)
        matches.append(tuple.__new__(Match, fields))  # half the time of Match(*fields)
    return tuple(matches)


def _way(population: Population, plan: Plan, best: Best, index: int) -> tuple[str, int]:
    """Return the band of the distance and the minutes of the way, unclipped."""
    km = geo.chord_km(best.distance2[index] or 0.0)
    means = Means.CAR if best.caps[index] & CAR else Means.TRANSIT
    return geo.distance_band(km), population.tables.travel.minutes(km, plan.density, means)


def _parts(population: Population, plan: Plan, best: Best) -> Iterator[_Part]:
    """Yield each feature that the request raises, in the order of `Scorer.moving`."""
    scorer = population.scorer
    yield _looked_up(scorer.idle, best.idle)
    if plan.ask.wanted:
        yield _specialisms(population, plan, best)
    if plan.dialect is not None:
        yield _looked_up(scorer.dialect, best.fit)
    if plan.at is not None:
        yield _looked_up(scorer.travel, best.travel)
    if any(each is not None for each in best.slack):
        yield _looked_up(scorer.slack, best.slack, features.ROOMY)
    if plan.preferred:
        named = [int(number in plan.preferred) for number in best.number]
        yield _looked_up(scorer.preference, named)
    if plan.known:
        known = dict(plan.known)
        yield _looked_up(scorer.continuity, [known.get(number, 0) for number in best.number])
    if any(best.scarce):
        yield _looked_up(scorer.scarcity, best.scarce)
    if plan.cap_cents is not None:
        yield _looked_up(scorer.cost, best.cost)
    if plan.request.requirements.accept_substitutes:
        stands_in = [int(each.substitute is not None) for each in best.service]
        part = _looked_up(scorer.substitute, stands_in)
        yield part._replace(told=[_stand_in(population, service) for service in best.service])


def _looked_up(curve: Curve, codes: Sequence[int | None], absent: int = 0) -> _Part:
    known = [absent if code is None else code for code in codes]
    return _Part(
        [curve.told[code] for code in known],
        [curve.accept[code] for code in known],
        [curve.complete[code] for code in known],
    )


def _specialisms(population: Population, plan: Plan, best: Best) -> _Part:
    """Return what the wanted specialisms of each add, told by their words, sorted."""
    wanted, wished = plan.ask.wanted, plan.wished
    words = population.lexicon.words
    late = [(term[1], population.holders.of(holders.holds(term))) for term in plan.wished_late]
    matched = [words(caps & wished) for caps in best.caps]
    if late:
        matched = [
            tuple(sorted((*held, *(word for word, who in late if number in who))))
            for held, number in zip(matched, best.number, strict=True)
        ]
    scorer = population.scorer
    part = _looked_up(scorer.specialism(wanted), [len(held) for held in matched])
    return part._replace(told=[scorer.specialism_told(wanted, held) for held in matched])


def _stand_in(population: Population, service: Service) -> Told:
    if service.substitute is None:
        return ()
    served, asked = map(population.tables.languages.name, service.substitute)
    return population.scorer.stand_in((served, asked))
