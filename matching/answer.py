"""Make the few that a search returns into objects: each with its score and why, exactly.

The one part of a search that works person by person, so it joins what was made before: what is
static of each in one piece (`Population.standing`), the rest by code (`Curve.points`).
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching import features, geo, holders
from matching.capabilities import CAR
from matching.curves import Point
from matching.eligibility import Service
from matching.pairtable import FOREVER, LAST, NUMBER, SLOT, UNTIL
from matching.plan import Plan
from matching.population import Population
from matching.travel import Means
from matching.types import Match

# One who is returned: minus the order, id, row of the pair's table, capabilities, and then, None
# where candidates do not differ in it: holders of a rare specialism, minutes of the way, squared
# chord, dialect fit, percent over the cap; at last the service.
Chosen = tuple[
    float, str, list[int], int,
    int | None, int | None, float | None, int | None, int | None, Service,
]  # fmt: skip
SCARCE: Final = 4
TRAVEL: Final = 5
DISTANCE2: Final = 6
FIT: Final = 7
COST: Final = 8
SERVICE: Final = 9
NO_WAY: Final = (None, None)
NO_POINT: Final = Point((), 0.0, 0.0, 0.0)
_new = tuple.__new__  # half the time of a NamedTuple's own


def answer(population: Population, plan: Plan, best: Sequence[Chosen]) -> tuple[Match, ...]:
    """Say of each what they score and why; the oracle is `Scorer.contributions`.

    What is small is written out here, since a call costs a twentieth of one answer.
    """
    scorer, ask, tiers = population.scorer, plan.ask, population.slots.tier
    idle, cap, now_min = scorer.idle.points, features.IDLE_CAP_MIN, plan.now_min
    if plan.scheduled:
        idle = (NO_POINT,) * len(idle)
    onsite, floor, letters = plan.at is not None, ask.floor, scorer.letters
    known, standing = population.standings.known, population.standing
    others = _others(population, plan, best)
    rest: Iterable[tuple[Point, ...]] = zip(*others, strict=True) if others else repeat(())
    trips = _tables(population, plan) if onsite else ()
    substitutes = plan.request.requirements.accept_substitutes
    sums = []
    for chosen, raised in zip(best, rest, strict=False):
        row = chosen[2]
        slot, waited = row[SLOT], now_min - row[LAST]
        still = known.get((slot, floor, onsite))
        if still is None:
            still = standing(row[NUMBER], slot, floor, onsite=onsite)
        told, score, accept, complete = still
        code = cap if waited > cap else max(waited, 0)  # as `features.idle_code`
        for more, amount, by_accept, by_complete in (idle[code], *raised):
            told += more
            score += amount
            accept += by_accept
            complete += by_complete
        sums.append((told, score, accept, complete))
    matches = []
    for chosen, (told, score, p_accept) in zip(best, scorer.with_chances(sums, ask), strict=True):
        way: tuple[str | None, int | None] = NO_WAY
        if onsite:
            way = way_of(chosen[DISTANCE2] or 0.0, trips[1 if chosen[3] & CAR else 0])
        served = served_by(population, chosen[SERVICE]) if substitutes else None
        letter = letters[tiers[chosen[2][SLOT]]]
        matches.append(_new(Match, (chosen[1], score, told, p_accept, letter, *way, served)))
    return tuple(matches)


def _tables(population: Population, plan: Plan) -> Sequence[NDArray[np.intp]]:
    """Return the minutes by whole km, by transit and by car."""
    table = population.tables.travel.table
    return table(plan.density, Means.TRANSIT), table(plan.density, Means.CAR)


def way_of(distance2: float, minutes: NDArray[np.intp]) -> tuple[str, int]:
    """Return the band of a squared chord, and the *minutes* `(n_km,)` of the way, however long."""
    km = geo.chord_km(distance2)
    return geo.distance_band(km), int(minutes[min(int(km), len(minutes) - 1)])


def _others(population: Population, plan: Plan, best: Sequence[Chosen]) -> list[list[Point]]:
    """Return the features besides idle that a request raises, in the order of `Scorer.moving`."""
    scorer, parts = population.scorer, []
    if plan.ask.wanted:
        parts.append(_specialisms(population, plan, best))
    if plan.dialect is not None:
        parts.append([scorer.dialect.points[each[FIT] or 0] for each in best])
    if plan.at is not None:
        parts.append([scorer.travel.points[each[TRAVEL] or 0] for each in best])
    if any([each[2][UNTIL] != FOREVER for each in best]):  # noqa: C419 - a third of the time
        left = [each[2][UNTIL] - plan.end_min for each in best]
        parts.append([scorer.slack.points[features.slack_code(minutes)] for minutes in left])
    if plan.preferred:
        named = scorer.preference.points
        parts.append([named[each[2][NUMBER] in plan.preferred] for each in best])
    if plan.known:
        known, curve = dict(plan.known), scorer.continuity.points
        parts.append([curve[known.get(each[2][NUMBER], 0)] for each in best])
    if any([each[SCARCE] for each in best]):  # noqa: C419 - as above
        parts.append([scorer.scarcity.points[each[SCARCE] or 0] for each in best])
    if plan.cap_cents is not None:
        parts.append([scorer.cost.points[each[COST] or 0] for each in best])
    if plan.request.requirements.accept_substitutes:
        parts.append([_stand_in(population, each[SERVICE]) for each in best])
    return parts


def _specialisms(population: Population, plan: Plan, best: Sequence[Chosen]) -> list[Point]:
    """Return what the wanted specialisms of each add, told by their words, sorted."""
    wanted, wished = plan.ask.wanted, plan.wished
    words, named = population.lexicon.words, population.scorer.named
    if not plan.wished_late:
        held = [each[3] & wished for each in best]
        points = {bits: named(wanted, words(bits)) for bits in set(held)}
        return [points[bits] for bits in held]
    late = [(term[1], population.holders.of(holders.holds(term))) for term in plan.wished_late]
    matched = [
        (*words(each[3] & wished), *(word for word, who in late if each[2][NUMBER] in who))
        for each in best
    ]
    return [named(wanted, tuple(sorted(each))) for each in matched]


def served_by(population: Population, service: Service) -> str | None:
    """Return the name of the language served, if it is not the one asked for."""
    if service.substitute is None:
        return None
    return population.tables.languages.name(service.substitute[0])


def _stand_in(population: Population, service: Service) -> Point:
    if service.substitute is None:
        return population.scorer.substitute.points[0]
    served, asked = map(population.tables.languages.name, service.substitute)
    return population.scorer.stand_in((served, asked))
