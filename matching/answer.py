"""Make the few that a search returns into objects: each with its score and why, exactly.

The one part of a search that works person by person. It goes feature by feature, so that each
costs only where the request asks for it, and joins tuples that were made before (`Feature.told`).
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import add, attrgetter
from typing import NamedTuple

from matching import features, geo, holders
from matching.eligibility import Service
from matching.plan import Plan
from matching.population import NO_PRICE, Population
from matching.scoring import Told
from matching.types import Match

_amount = attrgetter("contribution")


class Best(NamedTuple):
    """Those who are returned, as columns alike in length, best first.

    `km`, `distance2` (squared chords) and `fit` (dialect) are zeros where the request does not ask.
    """

    minus_order: Sequence[float]
    name: Sequence[str]
    number: Sequence[int]
    caps: Sequence[int]
    standing: Sequence[int]
    idle: Sequence[int]
    scarce: Sequence[int]
    km: Sequence[int]
    distance2: Sequence[float]
    fit: Sequence[int]
    service: Sequence[Service]


def answer(population: Population, plan: Plan, best: Best) -> tuple[Match, ...]:
    """Say of each what they score and why."""
    scorer, tables, mode = population.scorer, population.tables, plan.request.mode
    told = _told(population, plan, best)
    chance: Iterable[float] = repeat(scorer.chance[mode])
    band: Iterable[str | None] = repeat(None)
    minutes: Iterable[int | None] = repeat(None)
    substitute: Iterable[str | None] = repeat(None)
    if plan.at is not None:
        straight = list(map(geo.chord_km, best.distance2))
        band, minutes = map(geo.distance_band, straight), map(geo.travel_min, straight)
        chance = map(scorer.chance_by_km[mode].__getitem__, best.km)
    if plan.request.requirements.accept_substitutes:
        name = tables.languages.name
        substitute = [each.substitute and name(each.substitute[0]) for each in best.service]
    columns = zip(
        best.name,
        [sum(map(_amount, each)) for each in told],
        told,
        chance,
        map(scorer.letters.__getitem__, best.standing),
        band,
        minutes,
        substitute,
        strict=False,  # what is not asked for repeats for ever
    )
    return tuple([tuple.__new__(Match, each) for each in columns])  # half the time of Match(*each)


def _told(population: Population, plan: Plan, best: Best) -> list[Told]:
    """Return the contributions of each, in the order of `Scorer.contributions`."""
    scorer, ask = population.scorer, plan.ask
    standing, idle = scorer.standing_told[ask.floor], scorer.idle.told
    told = list(
        map(add, map(standing.__getitem__, best.standing), map(idle.__getitem__, best.idle))
    )
    if ask.wanted:
        told = _join(told, _specialisms(population, plan, best))
    if plan.dialect is not None:
        told = _join(told, map(scorer.dialect.told.__getitem__, best.fit))
    if plan.at is not None:
        told = _join(told, map(scorer.travel.told.__getitem__, best.km))
    if plan.preferred:
        preferred = scorer.preference.told
        told = _join(told, [preferred[number in plan.preferred] for number in best.number])
    if any(best.scarce):
        told = _join(told, map(scorer.scarcity.told.__getitem__, best.scarce))
    if plan.cap_cents is not None:
        prices, cap, cost = population.price, plan.cap_cents, scorer.cost.told
        told = _join(told, [cost[_over(prices[number], cap)] for number in best.number])
    if plan.request.requirements.accept_substitutes:
        told = _join(told, [_stand_in(population, service) for service in best.service])
    return told


def _join(told: list[Told], more: Iterable[Told]) -> list[Told]:
    return list(map(add, told, more))


def _specialisms(population: Population, plan: Plan, best: Best) -> list[Told]:
    """Return what the wanted specialisms of each add, by their words, sorted."""
    told, wanted, wished = population.scorer.specialism, plan.ask.wanted, plan.wished
    held = [caps & wished for caps in best.caps]
    words = {bits: population.lexicon.words(bits) for bits in set(held)}
    if not plan.wished_late:
        of = {bits: told(wanted, matched) for bits, matched in words.items()}
        return [of[bits] for bits in held]
    late = [(term[1], population.holders.of(holders.holds(term))) for term in plan.wished_late]
    return [
        told(wanted, tuple(sorted((*words[bits], *(word for word, who in late if number in who)))))
        for bits, number in zip(held, best.number, strict=True)
    ]


def _over(price_cents: int, cap_cents: int) -> int:
    return 0 if price_cents == NO_PRICE else features.cost_code(price_cents, cap_cents)


def _stand_in(population: Population, service: Service) -> Told:
    if service.substitute is None:
        return ()
    served, asked = map(population.tables.languages.name, service.substitute)
    return population.scorer.stand_in((served, asked))
