"""Bookings: everybody counts, present or not, who is open, free and in time."""

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from matching import Mode, Population, Preferences, Qualification, explain, rank, shortage
from matching.agenda import Window
from matching.bookings import Booking
from matching.calendar import Calendar, TimeOff, WeeklyHours
from matching.plan import Plan, Rows
from matching.roster import Roster
from matching.scheduling import Places, take_listed
from matching.types import Relaxation, Request, Track
from tests.matching.builders import ASKER, BERGEN, MINUTE, NOW, OSLO, person, request, words
from tests.matching.test_scoring import learnt
from tests.matching.worlds import IDS, World, act, draw_request, draw_world, some

HOUR = 60 * MINUTE
LATER = NOW + 24 * HOUR
OFFICE = Calendar("Europe/Oslo", tuple(WeeklyHours(day, "08:00", "16:00") for day in range(5)))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BLOCK", 3), ("BLOCKS_AT_FIRST", 1)):
        monkeypatch.setattr(f"matching.roster.{name}", value)
    monkeypatch.setattr("matching.population.BLOCK", 3)
    monkeypatch.setattr("matching.scheduling.AT_FIRST", 1)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("seed", range(60))
def test_finds_whom_the_oracle_finds_though_it_stops_early(seed: int) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    for number in range(6):
        if number == 3:
            world.population.use_model(learnt() if seed % 2 else None)
        for name in draw.sample(sorted(world.profiles), 5):
            if name in world.profiles:
                act(world, name, draw)
        if number % 2:
            list(world.population.tidy())
        start_ms = NOW + draw.choice([0, 2, 26]) * HOUR
        asked, exclude = replace(draw_request(draw), start_ms=start_ms), some(draw, IDS, 2)
        ranking = rank(world.population, asked, NOW, 3, exclude)
        verdicts = [
            explain(world.population, each, asked, NOW, exclude) for each in world.profiles.values()
        ]
        eligible = sorted(
            (each for each in verdicts if each.eligible),
            key=lambda each: (-np.float32(each.order), each.interpreter),
        )
        assert [(m.interpreter, m.contributions) for m in ranking.matches] == [
            (each.interpreter, each.contributions) for each in eligible[:3]
        ]


@given(st.integers(0, 2**32))
def test_counts_and_relaxations_are_of_everybody(seed: int) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    wish = replace(draw_request(draw), start_ms=NOW + 2 * HOUR)
    found = shortage(world.population, wish, NOW)
    assert "not_present" not in found.excluded
    assert "reserved" not in found.excluded
    here = fitting(world, wish)
    for change, other in (
        ("1 h later", replace(wish, start_ms=NOW + 3 * HOUR)),
        ("1 day later", replace(wish, start_ms=NOW + 26 * HOUR)),
        ("15 min instead of 30", replace(wish, duration_min=15)),
    ):
        added = fitting(world, other) - here
        assert dict(found.relaxations).get(change, 0) == max(0, added)


def fitting(world: World, wish: Request) -> int:
    verdicts = [explain(world.population, each, wish, NOW) for each in world.profiles.values()]
    return sum(each.eligible for each in verdicts)


def names(population: Population, wish: Request, limit: int = 10) -> list[str]:
    matches = rank(population, wish, NOW, limit).matches
    return [match.interpreter for match in matches]


def test_nobody_needs_to_be_present_free_or_in_a_mode(population: Population) -> None:
    for name in ("absent", "here", "reserved"):
        population.put(person(name))
    population.set_presence("here", available=True, modes=frozenset({Mode.AUDIO}), position=BERGEN)
    population.set_presence("reserved", available=True)
    population.reserve("reserved", LATER)
    assert names(population, request(start_ms=LATER)) == ["absent", "here", "reserved"]
    (match, *_) = rank(population, request(start_ms=LATER), NOW).matches
    assert match.p_accept > 0


def test_the_place_is_home(population: Population) -> None:
    population.put(person("a", location=ASKER))
    population.put(person("b", location=BERGEN))
    population.put(person("c"))
    population.set_presence("b", available=True, position=OSLO)
    wish = request(mode=Mode.ONSITE, location=OSLO, start_ms=LATER)
    (match,) = rank(population, wish, NOW).matches
    assert (match.interpreter, match.distance_band) == ("a", "15–50 km")
    assert shortage(population, wish, NOW).excluded == {"distance": 2}


def test_closed_and_booked_people_are_told_apart(population: Population) -> None:
    population.put(person("open"))
    population.put(person("office", calendar=OFFICE))
    population.put(person("off", calendar=Calendar("UTC", off=(TimeOff(LATER, LATER + 1),))))
    population.put(person("booked"))
    population.set_bookings("booked", [Booking(LATER, LATER + HOUR)])
    saturday = request(start_ms=LATER, duration_min=60)
    assert names(population, saturday) == ["open"]
    found = shortage(population, saturday, NOW)
    assert found.excluded == {"calendar": 2, "booked": 1}
    assert found.relaxations == (Relaxation("1 h earlier", 2), Relaxation("1 h later", 2),
                                 Relaxation("1 day later", 2))  # fmt: skip


def test_times_that_are_over_are_not_proposed(population: Population) -> None:
    population.put(person("a"))
    population.set_bookings("a", [Booking(NOW, NOW + HOUR)])
    changes = [each.change for each in shortage(population, request(start_ms=NOW), NOW).relaxations]
    assert changes == ["1 h later", "1 day later"]


def test_slack_ranks_and_idle_does_not(population: Population) -> None:
    for name in ("a", "b", "c"):
        population.put(person(name))
    population.touch("c", NOW)
    population.set_bookings("a", [Booking(LATER + HOUR, LATER + 2 * HOUR)])
    ranking = rank(population, request(start_ms=LATER, duration_min=50), NOW)
    assert [match.interpreter for match in ranking.matches] == ["b", "c", "a"]
    told = [each.told for each in ranking.matches[2].contributions]
    assert told == ["qualification: C", "slack: 10 min to the next booking"]


def test_named_people_are_found_wherever_they_stand(population: Population) -> None:
    for number in range(2000):
        population.put(person(f"i{number:04d}", "no so:A"))
    population.put(person("friend", "no so:E"))
    population.put(person("known", "no so:E"))
    population.set_track("known", Track(customers={"c": (9.0, NOW)}))
    list(population.tidy())
    wish = request(start_ms=LATER, customer="c", preferences=Preferences(preferred=words("friend")))
    assert names(population, wish, 3) == ["friend", "known", "i0000"]
    blocked = replace(wish, preferences=Preferences(blocked=words("i0000", "known")))
    assert names(population, blocked, 1) == ["i0001"]


def test_who_is_preferred_and_blocked_is_blocked(population: Population) -> None:
    population.put(person("a"))
    both = Preferences(preferred=words("a"), blocked=words("a"))
    wish = request(start_ms=LATER, preferences=both)
    assert names(population, wish) == []
    assert shortage(population, wish, NOW).excluded == {"blocked": 1}


def test_a_voice_for_a_sign_language_finds_nobody(population: Population) -> None:
    population.put(person("a", "no nsl"))
    wish = request("no nsl", Mode.AUDIO, start_ms=LATER)
    assert names(population, wish) == []
    found = shortage(population, wish, NOW)
    assert found.excluded == {"modality": 1}
    assert dict(found.relaxations) == {"video instead of audio": 1}


def test_nobody_at_all(population: Population) -> None:
    assert rank(population, request(start_ms=LATER), NOW).matches == ()
    assert shortage(population, request(start_ms=LATER), NOW) == ({}, ())
    population.put(person("a"))
    assert rank(population, request(start_ms=LATER), NOW, 0).matches == ()
    population.remove("a")
    assert names(population, request(start_ms=LATER)) == []


def test_it_looks_at_few_of_many(population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Random(2)
    for number in range(5000):
        population.put(person(f"i{number:04d}", f"no so:{draw.choice('ABCDE')}"))
    list(population.tidy())
    taken, asked = Counter[str](), population.agendas.open_during

    def take(population: Population, plan: Plan, roster: Roster, at: Places) -> Rows:
        taken["rows"] += at.size
        return take_listed(population, plan, roster, at)

    def open_during(numbers: NDArray[np.int32], window: Window) -> NDArray[np.bool_]:
        taken["asked"] += numbers.size
        return asked(numbers, window)

    monkeypatch.setattr("matching.scheduling.take_listed", take)
    monkeypatch.setattr(population.agendas, "open_during", open_during)
    ranking = rank(population, request(start_ms=LATER), NOW)
    assert len(ranking.matches) == 10
    assert ranking.eligible == taken["asked"] < 100
    assert taken["rows"] < 1500


def test_qualification_of_a_pair_counts(population: Population) -> None:
    population.put(person("a", "no so:D"))
    population.put(person("b", "no so:B"))
    floor = request(start_ms=LATER, min_qualification=Qualification("NO", "C"))
    assert names(population, floor) == ["b"]
    assert shortage(population, floor, NOW).relaxations[0].adds == 1
