"""Small markets: one drawn from Norway's scenario, and ones made by hand with known answers."""

from dataclasses import replace
from functools import cache
from typing import Any

from matching import Mode, Place, Qualification, Request, admit_interpreter, admit_request
from matching.simulate.scenario import Scenario, load_scenario
from matching.simulate.world import Ask, Person, Places, Spell, World, make_world, norwegian_places
from matching.types import Interpreter, LanguageSkill
from tests.matching.conftest import TABLES

DAY_MS = 1_772_492_400_000  # 2026-03-03 in Oslo
NOON_MS = DAY_MS + 12 * 3_600_000
SURE, NEVER = 40.0, -40.0  # log-odds


@cache
def places() -> Places:
    return norwegian_places()


def small() -> Scenario:
    """Return Norway with a tenth of its requests and a quarter of its people, for one day."""
    norway = load_scenario("norway")
    return replace(
        norway,
        days=1,
        arrivals=replace(norway.arrivals, per_day=200),
        people=replace(norway.people, register=500, outside=350),
    )


@cache
def small_world(seed: int = 5) -> World:
    return make_world(small(), seed, TABLES, places())


def calm() -> Scenario:
    """Return Norway's scenario where nothing but themselves moves people's answers."""
    norway = load_scenario("norway")
    still: dict[str, Any] = dict.fromkeys(
        ("experience", "video", "onsite", "travel", "strange", "poorly_paid", "hour_worked"), 0.0
    ) | dict.fromkeys(("back_to_back", "after_17", "long_hour"), 0.0)
    delay = {"median_s": 6.0, "person_sigma": 0.0, "offer_sigma": 0.0}
    return replace(norway, days=1, answers=replace(norway.answers, delay=delay, **still))


def person(
    name: str,
    accepts: float = SURE,
    *,
    letter: str = "C",
    delay_s: float = 6.0,
    silent: float = 0.0,
    fails: float = 0.0,
    lat: float = 59.9,
) -> Person:
    profile = Interpreter(
        name,
        languages=(LanguageSkill("no"), LanguageSkill("so", qualification=_letter(letter))),
        modes=frozenset(Mode),
        location=Place(lat, 10.7),
    )
    return Person(
        admit_interpreter(profile, TABLES), False, {"so": 10}, accepts, silent, delay_s, fails
    )


def _letter(letter: str) -> Qualification | None:
    return Qualification("NO", letter) if letter else None


def ask(number: int, after_s: float = 0.0, minutes: int = 30) -> Ask:
    request = Request("no", "so", mode=Mode.AUDIO, duration_min=minutes, location=Place(59.9, 10.7))
    at_ms = NOON_MS + round(after_s * 1000)
    return Ask(f"r{number}", at_ms, admit_request(request, TABLES), "health", 3)


def hand_made(people: list[Person], asks: list[Ask], online_min: dict[str, int]) -> World:
    """Return a world whose people have been online for so many minutes at noon (default 60)."""
    spells = [
        Spell(
            each.profile.id,
            NOON_MS - 60_000 * online_min.get(each.profile.id, 60),
            NOON_MS + 6 * 3_600_000,
            ghost=False,
        )
        for each in people
    ]
    return World(
        calm(),
        1,
        {each.profile.id: each for each in people},
        tuple(sorted(spells, key=lambda spell: spell.from_ms)),
        tuple(asks),
        (DAY_MS,),
    )
