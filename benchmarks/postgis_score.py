"""Our score as tables that SQL can look up, read off the ranking itself.

The score is additive, and for people without a history it depends on their tier, how long they have
waited, the wished-for specialisms they hold, the way, preference and scarcity. So a few people who
differ in one of these are ranked, and the differences between their scores are the table. Nothing
of the engine's insides is known here, and a learnt model needs no change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from benchmarks.match import NOW_MS, build
from benchmarks.people import MODES, REACH_KM, TAGS, People, Question, name, words
from matching import Mode, Place, Population, Preferences, Request, rank
from matching.features import IDLE_CAP_MIN
from matching.geo import EARTH_KM
from matching.types import NONE

PAIR = (0, 2)
HERE = Place(59.91, 10.75)
MOST_WISHED = 8
KM = int(REACH_KM)
Table = tuple[float, ...]


class Scarce(NamedTuple):
    """What it adds to hold what nobody else in the pair holds, and what one other holds."""

    sole: float
    few: float


@dataclass(frozen=True)
class Score:
    """What each part adds, up to a constant a request: by code.

    `tier` by category, `idle` by minute, `specialism[wanted][held]`; `travel` are the tables by
    whole km, as many as differ by the place of the request.
    """

    tier: Table
    idle: Table
    specialism: tuple[Table, ...]
    preference: float
    scarce: Scarce
    travel: tuple[Table, ...]


def read_score(questions: Sequence[Question]) -> tuple[Score, list[int | None]]:
    """Return the tables, and for each question which travel table is its own, None if remote."""
    travel, which = read_travel(questions)
    tier = scores(probes(category=list(range(5))))
    idle = scores(probes(idle_min=list(range(IDLE_CAP_MIN + 1))))
    pair = scores(probes(specialisms=[0, 0]), preferred=frozenset({name(0)}))
    # Only the first holds the first specialism, the next two hold the second, the last none.
    rare = scores(probes(specialisms=[1, 2, 2, 0]))
    score = Score(
        tier,
        idle,
        read_specialism(),
        pair[0] - pair[1],
        Scarce(rare[0] - rare[3], rare[1] - rare[3]),
        travel,
    )
    return score, which


def read_specialism() -> tuple[Table, ...]:
    """Return what holding 0 … n of n wished-for specialisms adds, by n."""
    held = [(1 << count) - 1 for count in range(MOST_WISHED + 1)]
    population = probes(specialisms=held)
    tables: list[Table] = [(0.0,)]
    for wanted in range(1, MOST_WISHED + 1):
        wished = words((1 << wanted) - 1)
        # Whoever holds more than is wished for may be scarce: left out.
        tables.append(scores(population, specialisms=wished)[: wanted + 1])
    return tuple(tables)


def read_travel(questions: Sequence[Question]) -> tuple[tuple[Table, ...], list[int | None]]:
    """Return the different tables by whole km, and which is each question's, None if remote."""
    population = probes(category=[0] * KM)
    tables: dict[Table, int] = {}
    which: list[int | None] = []
    for question in questions:
        place = question.request.location
        if question.request.mode is not Mode.ONSITE or place is None:
            which.append(None)
            continue
        for km in range(KM):  # one in the middle of each km, to the north
            north = place.lat + math.degrees((km + 0.5) / EARTH_KM)
            position = Place(north, place.lon)
            population.set_presence(name(km), available=True, position=position)
        table = scores(population, mode=Mode.ONSITE, location=place)
        table = tuple(round(each - table[0], 9) for each in table)
        which.append(tables.setdefault((*table, table[-1]), len(tables)))
    return tuple(tables), which


def probes(**columns: Sequence[int]) -> Population:
    """Return an index of people who differ in the columns named, and in nothing else."""
    (n,) = {len(column) for column in columns.values()}
    alike = People(
        languages=np.tile([*PAIR, -1, -1], (n, 1)),
        category=np.zeros(n, np.int64),
        specialisms=np.zeros(n, np.uint32),
        modes=np.full(n, (1 << len(MODES)) - 1),
        gender=np.zeros(n, np.int64),
        lat=np.full(n, HERE.lat),
        lon=np.full(n, HERE.lon),
        idle_min=np.full(n, IDLE_CAP_MIN),
        present=np.ones(n, np.bool_),
    )
    given = {key: np.array(each, getattr(alike, key).dtype) for key, each in columns.items()}
    return build(replace(alike, **given))


def scores(
    population: Population,
    *,
    mode: Mode = Mode.AUDIO,
    location: Place | None = None,
    preferred: frozenset[str] = NONE,
    specialisms: frozenset[str] = NONE,
) -> Table:
    """Return the scores of all probes for a request, in the order of the probes."""
    request = Request(
        language_from=TAGS[PAIR[0]],
        language_to=TAGS[PAIR[1]],
        mode=mode,
        location=location,
        preferences=Preferences(preferred=preferred, specialisms=specialisms),
    )
    matches = rank(population, request, NOW_MS, len(population)).matches
    assert len(matches) == len(population)
    return tuple(match.score for match in sorted(matches, key=lambda match: match.interpreter))
