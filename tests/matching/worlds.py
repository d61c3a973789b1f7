"""Whole markets drawn from a seed: people with every attribute, a history, and hard questions.

Drawn densely rather than by hypothesis's own strategies: most requests must find someone, or the
comparison with the oracle compares nothing.
"""

from dataclasses import dataclass, field
from random import Random

from matching import (
    Interpreter,
    LanguageSkill,
    Mode,
    Place,
    Population,
    Preferences,
    Qualification,
    Request,
    Requirements,
    Track,
)
from matching.bookings import Booking
from matching.calendar import Calendar, TimeOff, WeeklyHours
from tests.matching.builders import MINUTE, NOW, person
from tests.matching.conftest import TABLES

IDS = [f"i{number:02d}" for number in range(40)]
WORDS = ["medical", "court", "asylum"]
SELDOM = ["birth", "police", "tax"]
HOUR = 60 * MINUTE
# NOW is a Friday, 09:00 in Oslo.
CALENDARS = [
    Calendar("Europe/Oslo", tuple(WeeklyHours(day, "08:00", "16:00") for day in range(5))),
    Calendar("Europe/Oslo", (WeeklyHours(4, "10:00", "22:00"), WeeklyHours(5, "00:00", "12:00"))),
    Calendar("UTC", off=(TimeOff(NOW + HOUR, NOW + 3 * HOUR),)),
    Calendar("UTC", ()),
]
STARTS = [None, None, *(NOW + hours * HOUR for hours in (0, 1, 2, 5, 9, 26))]
# So many other words that some of the three come too late for a bit (holders.py).
FILLER = person("filler", "no en", specialisms=frozenset(f"w{n}" for n in range(46)))


@dataclass
class World:
    """A population, and the profiles it was given."""

    population: Population = field(default_factory=lambda: Population(TABLES))
    profiles: dict[str, Interpreter] = field(default_factory=dict)

    def put(self, interpreter: Interpreter) -> None:
        self.profiles[interpreter.id] = interpreter
        self.population.put(interpreter)


def some(draw: Random, values: list[str], most: int = 2) -> frozenset[str]:
    return frozenset(draw.sample(values, draw.randint(0, min(most, len(values)))))


def rarely(draw: Random, value: frozenset[str], share: float = 0.2) -> frozenset[str]:
    return value if draw.random() < share else frozenset()


def draw_place(draw: Random) -> Place:
    return Place(draw.choice([59.9, 59.95, 60.0, 60.2, 61.0]), draw.choice([10.7, 10.9, 12.0]))


def draw_modes(draw: Random) -> frozenset[Mode]:
    return frozenset(draw.sample(sorted(Mode), draw.choice([1, 2, 3, 3, 3])))


def draw_skill(draw: Random, tag: str) -> LanguageSkill:
    credential = draw.choice(
        [None, *(Qualification("NO", letter) for letter in "ABCDE"), Qualification("NAATI", "CI")]
    )
    dialect = draw.choice([None, "gheg", "tosk", "odd"]) if tag in {"sq", "sr"} else None
    return LanguageSkill(tag, dialect=dialect, qualification=credential)


def draw_person(draw: Random, name: str) -> Interpreter:
    tags = draw.sample(["sr", "hr", "sq", "nsl", "en"], draw.randint(1, 3))
    return Interpreter(
        name,
        languages=tuple(draw_skill(draw, tag) for tag in ["no", *tags, *tags[:1]]),
        specialisms=some(draw, WORDS, 3) | rarely(draw, some(draw, SELDOM), 0.15),
        modes=draw_modes(draw),
        gender=draw.choice([None, "female", "male"]),
        location=None if draw.random() < 0.1 else draw_place(draw),
        max_travel_km=draw.choice([None, 15.0, 40.0]),
        price=draw.choice([None, 400.0, 650.5]),
        blocked_customers=rarely(draw, frozenset({"c1"})),
        clearances=some(draw, ["police"]),
        conflicts=rarely(draw, some(draw, ["c1", "p1"])),
        adult=draw.random() < 0.9,
        by_car=draw.random() < 0.4,
        calendar=draw.choice([None, None, None, *CALENDARS]),
    )


def draw_request(draw: Random) -> Request:
    floor = draw.choice([None, None, Qualification("NO", "E"), Qualification("NO", "C")])
    return Request(
        *draw.choice([("no", "sr"), ("sq", "no"), ("sr", "hr"), ("no", "nsl"), ("en", "sr")]),
        mode=draw.choice([Mode.VIDEO, Mode.ONSITE, Mode.ONSITE, Mode.AUDIO]),
        requirements=Requirements(
            min_qualification=floor,
            specialisms=rarely(draw, some(draw, WORDS), 0.4),
            gender=draw.choice([None, None, None, "female"]),
            dialect=draw.choice([None, None, None, "gheg", "odd"]),
            clearances=rarely(draw, frozenset({"police"})),
            accept_substitutes=draw.random() < 0.5,
        ),
        preferences=Preferences(
            preferred=some(draw, IDS, 6),
            blocked=some(draw, IDS, 3),
            dialect=draw.choice([None, None, "tosk"]),
            specialisms=some(draw, WORDS, 3),
        ),
        location=draw_place(draw),
        max_distance_km=draw.choice([None, None, 25.0]),
        price_cap=draw.choice([None, 0.0, 500.0]),
        public_body=draw.random() < 0.3,
        emergency=draw.random() < 0.2,
        customer=draw.choice([None, "c1"]),
        caller=draw.choice([None, *IDS[:5]]),
        parties=rarely(draw, frozenset({"p1"})),
        start_ms=draw.choice(STARTS),
    )


def draw_world(draw: Random, full_words: float = 0.3) -> World:
    """Draw a population with a history: people come, change, work, are reserved, and leave.

    *full_words* is the chance that the words with a bit are used up before.
    """
    world = World()
    if draw.random() < full_words:
        world.put(FILLER)
    for _ in range(60):
        name = draw.choice(IDS)
        if name not in world.profiles or draw.random() < 0.3:
            world.put(draw_person(draw, name))
        if draw.random() < 0.8:
            place = draw_place(draw) if draw.random() < 0.3 else None
            world.population.set_presence(
                name, available=True, modes=draw_modes(draw), position=place
            )
        act(world, name, draw)
    return world


def draw_bookings(draw: Random) -> list[Booking]:
    starts = [NOW + draw.randint(-6, 110) * 15 * MINUTE for _ in range(draw.randint(0, 5))]
    return [
        Booking(
            start,
            start + draw.choice([30, 60, 240]) * MINUTE,
            draw_place(draw) if draw.random() < 0.5 else None,
        )
        for start in starts
    ]


def act(world: World, name: str, draw: Random) -> None:
    population, what = world.population, draw.randint(0, 24)
    if what == 0:
        population.remove(name)
        del world.profiles[name]
    elif what == 1:
        population.set_presence(name, available=False)
    elif what == 2:
        population.reserve(name, NOW + draw.randint(-1, 2) * MINUTE)
    elif what == 3:
        population.release(name)
    elif what < 10:
        population.touch(name, NOW - draw.randint(0, 500) * MINUTE)
        population.set_load(name, draw.randint(0, 500), draw.choice([0, 0, 20, 100]))
    elif what < 12:
        population.set_track(name, draw_track(draw))
    elif what == 12:
        ends = draw.choice([None, *(NOW + minutes * MINUTE for minutes in (10, 32, 47, 95, 300))])
        population.set_free_until(name, ends)
    elif what > 19:
        population.set_bookings(name, draw_bookings(draw))
    elif what == 14:
        population.suspended[name] = NOW + draw.randint(-1, 2) * MINUTE
    elif what == 13:
        population.set_exposure_target(draw.choice([0.0, 0.5, 2.0]))


def draw_track(draw: Random) -> Track:
    customers = {"c1": (draw.choice([0.5, 3.0]), NOW - draw.randint(0, 400) * 24 * 60 * MINUTE)}
    return Track(
        sessions={"no-sr": draw.randint(0, 90), "no-sq": draw.randint(0, 3)},
        completed=draw.randint(0, 60),
        failed=draw.choice([0.0, 1.0, 9.5]),
        stars=draw.randint(10, 50),
        rated=10.0,
        offers=draw.uniform(0, 90),
        online_h=draw.uniform(0, 60),
        answered=draw.choice([0, 3, 20]),
        silent=draw.choice([0, 0, 1, 12]),
        connects=draw.randint(0, 20),
        connect_failures=draw.choice([0, 0, 4]),
        customers=customers if draw.random() < 0.5 else {},
    )
