"""The index kept in place: presence, reservation, work, profiles, counts."""

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from matching import (
    InvalidField,
    Mode,
    Place,
    Population,
    Presence,
    explain,
    rank,
    shortage,
)
from matching.bookings import Booking
from matching.calendar import Calendar
from tests.matching.builders import ASKER, MINUTE, NOW, OSLO, person, present, request, words
from tests.matching.conftest import TABLES
from tests.matching.test_scoring import learnt
from tests.matching.worlds import draw_request, draw_world

PAIR = ("no", "so")


def names(population: Population, now_ms: int = NOW, languages: str = "no so") -> list[str]:
    return [match.interpreter for match in rank(population, request(languages), now_ms).matches]


def test_only_the_present_are_found(population: Population) -> None:
    population.put(person("a"))
    assert names(population) == []
    population.set_presence("a", available=True)
    assert names(population) == ["a"]
    population.set_presence("a", available=True)
    assert names(population) == ["a"]
    population.set_presence("a", available=False)
    population.set_presence("a", available=False)
    assert names(population) == []


def test_the_summary_counts_free_people_by_pair_and_mode(population: Population) -> None:
    present(population, [person("a", modes=frozenset({Mode.AUDIO})), person("b", "no so en")])
    assert population.summary()[PAIR] == {Mode.AUDIO: 2, Mode.VIDEO: 1, Mode.ONSITE: 1}
    assert population.summary()["en", "so"][Mode.AUDIO] == 1
    population.reserve("b", NOW)
    assert population.summary() == {PAIR: {Mode.AUDIO: 1, Mode.VIDEO: 0, Mode.ONSITE: 0}}
    population.release("b")
    population.set_presence("b", available=True, modes=frozenset({Mode.VIDEO}))
    assert population.summary()[PAIR] == {Mode.AUDIO: 1, Mode.VIDEO: 1, Mode.ONSITE: 0}
    for name in ("a", "b"):
        population.set_presence(name, available=False)
    assert population.summary() == {}


def test_a_reservation_is_had_by_one(population: Population) -> None:
    present(population, [person("a")])
    assert population.reserve("a", NOW + 10)
    assert not population.reserve("a", NOW + 20)
    assert population.presence("a").reserved_until_ms == NOW + 10
    assert names(population) == []
    population.release("a")
    population.release("a")
    assert names(population) == ["a"]


def test_an_old_reservation_does_not_end_a_newer_one(population: Population) -> None:
    present(population, [person("a")])
    population.reserve("a", NOW + 10)
    population.release("a")
    population.reserve("a", NOW + 1000)
    assert names(population, NOW + 500) == []
    assert names(population, NOW + 1000) == ["a"]


def test_a_reservation_outlives_a_blink_and_a_change_of_profile(population: Population) -> None:
    present(population, [person("a")])
    population.reserve("a", NOW + 1)
    population.set_presence("a", available=False)
    population.set_presence("a", available=True)
    population.put(person("a", "no so ti"))
    assert names(population) == []
    assert names(population, NOW + 1) == ["a"]


def test_who_is_suspended_gets_nothing_new_until_it_is_over(population: Population) -> None:
    """Not for later either; and whoever is removed and comes back begins anew."""
    present(population, [person("a"), person("b")])
    population.suspended["a"] = NOW + 10
    wish = request()
    for asked in (wish, replace(wish, start_ms=NOW + 24 * 60 * MINUTE)):
        assert [each.interpreter for each in rank(population, asked, NOW).matches] == ["b"]
        assert shortage(population, asked, NOW).excluded == {"suspended": 1}
    assert names(population, NOW + 10) == ["a", "b"]
    population.remove("a")
    present(population, [person("a")])
    assert names(population) == ["a", "b"]


def test_a_new_person_under_a_freed_number_inherits_nothing(population: Population) -> None:
    present(population, [person("a", blocked_customers=words("c"))])
    population.touch("a", NOW)
    population.set_load("a", 300)
    population.reserve("a", NOW + 5 * MINUTE)
    population.remove("a")
    assert "a" not in population
    present(population, [person("b")])
    assert population.presence("b") == Presence(available=True)
    assert rank(population, request(customer="c"), NOW).eligible == 1
    assert names(population, NOW + 6 * MINUTE) == ["b"]


def test_a_profile_can_be_replaced_while_present(population: Population) -> None:
    present(population, [person("a"), person("b")])
    population.put(person("a", "no ti"))
    assert names(population) == ["b"]
    assert names(population, languages="no ti") == ["a"]
    assert len(population) == 2


def test_spans_of_slots_are_used_again(population: Population) -> None:
    for _ in range(50):
        population.put(person("a", "no so ti"))
        population.put(person("a", "no so"))
    assert len(population.slots.owner) == 4


def test_idle_counts_from_the_latest_moment_rounded_up(population: Population) -> None:
    present(population, [person("a")])
    population.touch("a", NOW - 10 * MINUTE - 1)
    population.touch("a", NOW - 30 * MINUTE)
    (match,) = rank(population, request(), NOW).matches
    assert match.contributions[1].told == "idle: 10 min since last work or offer"
    population.touch("a", NOW + 5 * MINUTE)  # a clock ahead of ours
    (match,) = rank(population, request(), NOW).matches
    assert [each.feature for each in match.contributions] == ["tier_surplus"]


def test_who_leaves_too_soon_is_not_asked(population: Population) -> None:
    present(population, [person("a"), person("b")])
    population.set_free_until("a", NOW + 29 * MINUTE)
    population.set_free_until("b", NOW + 50 * MINUTE)
    (match,) = rank(population, request(duration_min=30), NOW).matches
    assert match.interpreter == "b"
    assert "slack: 20 min to the next booking" in [each.told for each in match.contributions]
    population.set_presence("b", available=False)
    population.set_free_until("b", None)
    population.set_presence("b", available=True)
    (match,) = rank(population, request(duration_min=600), NOW).matches
    assert match.interpreter == "b"


def test_bookings_take_someone_away_in_time(population: Population) -> None:
    present(population, [person("a", location=ASKER)])
    booking = Booking(NOW + 60 * MINUTE, NOW + 90 * MINUTE)
    population.set_bookings("a", [booking])
    (match,) = rank(population, request(duration_min=30), NOW).matches
    assert "slack: 30 min to the next booking" in [each.told for each in match.contributions]
    assert names(population, NOW + 31 * MINUTE) == []
    assert names(population, NOW + 60 * MINUTE) == []
    assert names(population, NOW + 90 * MINUTE) == ["a"]
    population.set_bookings("a", [booking])
    population.set_free_until("a", NOW + 29 * MINUTE)
    assert names(population) == []
    assert shortage(population, request(), NOW).excluded == {"until": 1}
    population.set_free_until("a", None)
    population.set_bookings("a", [])
    assert population.agenda("a") is None
    assert names(population) == ["a"]


def test_from_the_site_it_is_another_way_to_the_next_booking(population: Population) -> None:
    present(population, [person("a", location=ASKER)])
    population.set_bookings("a", [Booking(NOW + 50 * MINUTE, NOW + 90 * MINUTE, ASKER)])
    assert names(population) == ["a"]
    onsite = request(mode=Mode.ONSITE, location=OSLO)
    assert rank(population, onsite, NOW).matches == ()
    assert shortage(population, onsite, NOW).excluded == {"until": 1}
    population.put(person("a", location=OSLO))
    assert names(population) == []
    population.set_bookings("a", [Booking(NOW + 70 * MINUTE, NOW + 90 * MINUTE, OSLO)])
    (match,) = rank(population, onsite, NOW).matches
    assert match.travel_min == 13  # across the street, by public transport
    assert "slack: 25 min to the next booking" in [each.told for each in match.contributions]


def test_bookings_are_forgotten_with_the_person(population: Population) -> None:
    population.put(person("a", calendar=Calendar("UTC", ())))
    population.set_bookings("a", [Booking(NOW, NOW + MINUTE)])
    population.remove("a")
    population.put(person("b"))
    later = request(start_ms=NOW)
    assert [m.interpreter for m in rank(population, later, NOW).matches] == ["b"]
    population.put(person("b", calendar=Calendar("UTC", ())))
    assert rank(population, later, NOW).matches == ()
    assert len(population.agendas._index) == 1


def test_a_streak_ends_with_a_break(population: Population) -> None:
    present(population, [person("a")])
    population.touch("a", NOW)
    population.set_load("a", 100, 60)
    told = [each.told for each in rank(population, request(), NOW).matches[0].contributions]
    assert "back to back: 1 h 00 without a break" in told
    later = NOW + 15 * MINUTE
    told = [each.told for each in rank(population, request(), later).matches[0].contributions]
    assert told[1:] == ["load: 1 h 45 worked today", "idle: 15 min since last work or offer"]
    assert population.presence("a").streak_min == 0


def test_work_in_the_break_goes_on_with_the_streak(population: Population) -> None:
    present(population, [person("a")])
    population.touch("a", NOW)
    population.set_load("a", 60, 60)
    population.touch("a", NOW + 10 * MINUTE)
    population.lapse(NOW + 20 * MINUTE)
    assert population.presence("a").streak_min == 60
    population.lapse(NOW + 25 * MINUTE)
    assert population.presence("a").streak_min == 0


@pytest.mark.parametrize(
    "position", [Place(math.nan, 10), Place(math.inf, 10), Place(60, math.inf), Place(91, 10)]
)
def test_a_position_that_is_nowhere_changes_nothing(
    population: Population, position: Place
) -> None:
    present(population, [person("a", location=OSLO)])
    with pytest.raises(InvalidField) as refused:
        population.set_presence("a", available=True, position=position)
    assert refused.value.path.startswith("position.")
    asked = request(mode=Mode.ONSITE, location=OSLO)
    assert [each.interpreter for each in rank(population, asked, NOW).matches] == ["a"]
    population.set_presence("a", available=False)
    assert rank(population, asked, NOW).matches == ()


@pytest.mark.parametrize("until_ms", [0, NOW - MINUTE, -(10**18)])
def test_a_day_that_ended_long_ago_is_over(population: Population, until_ms: int) -> None:
    present(population, [person("a")])
    population.set_free_until("a", until_ms)
    assert rank(population, request(), NOW).matches == ()
    population.set_free_until("a", 10**18)
    assert len(rank(population, request(), NOW).matches) == 1


def test_what_the_index_knows_of_presence(population: Population) -> None:
    population.put(person("a"))
    assert population.presence("a") == Presence()
    modes = frozenset({Mode.VIDEO})
    population.set_presence("a", available=True, modes=modes, position=OSLO)
    population.touch("a", NOW)
    population.set_load("a", 31, 20)
    population.set_free_until("a", NOW + 61 * MINUTE + 1)
    assert population.presence("a") == Presence(
        available=True,
        modes=modes,
        position=OSLO,
        last_active_ms=NOW,
        minutes_today=45,
        streak_min=30,
        free_until_ms=NOW + 61 * MINUTE,
    )
    population.set_free_until("a", None)
    assert population.presence("a").free_until_ms is None


def test_strangers_are_errors(population: Population) -> None:
    for act in (population.remove, population.release, population.presence):
        with pytest.raises(KeyError):
            act("nobody")
    assert population.numbers(["nobody"]) == []


def test_many_are_put_with_progress(population: Population) -> None:
    people = [person(f"i{number}", "no so") for number in range(10_050)]
    assert list(population.put_all(people)) == [10_000, 10_050]
    assert len(population) == 10_050


@pytest.mark.parametrize("seed", range(20))
def test_history_leaves_no_trace(seed: int) -> None:
    """A lived-in index answers as one built afresh from the same facts."""
    draw = Random(seed)
    world = draw_world(draw, full_words=0)
    fresh = Population(TABLES)
    fresh.set_exposure_target(world.population.personal.target)
    for name, profile in world.profiles.items():
        now = world.population.presence(name)
        fresh.put(profile)
        fresh.set_track(name, world.population.track(name))
        if now.last_active_ms is not None:
            fresh.touch(name, now.last_active_ms)
        fresh.set_load(name, now.minutes_today, now.streak_min)
        fresh.set_free_until(name, now.free_until_ms)
        agenda = world.population.agenda(name)
        fresh.set_bookings(name, [] if agenda is None else list(agenda.diary))
        if now.available:
            fresh.set_presence(name, available=True, modes=now.modes, position=now.position)
        if now.reserved_until_ms:
            fresh.reserve(name, now.reserved_until_ms)
        fresh.suspended[name] = now.suspended_until_ms
    assert fresh.summary() == world.population.summary()
    for languages in ("no sr", "sr hr", "no sq"):
        asked = replace(request(languages), mode=Mode.AUDIO)
        assert rank(fresh, asked, NOW) == rank(world.population, asked, NOW)
        later = replace(asked, start_ms=NOW + 120 * MINUTE)
        assert rank(fresh, later, NOW).matches == rank(world.population, later, NOW).matches


@pytest.mark.parametrize("seed", range(10))
def test_another_model_and_back_leaves_no_trace(seed: int) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    wishes = [draw_request(draw) for _ in range(6)]
    before = [rank(world.population, each, NOW) for each in wishes]
    world.population.use_model(learnt())
    for wish in wishes:
        matches = rank(world.population, wish, NOW).matches
        told = {each.interpreter: each for each in matches}
        for name, match in told.items():
            judged = explain(world.population, world.profiles[name], wish, NOW)
            assert (judged.contributions, judged.p_accept) == (match.contributions, match.p_accept)
        orders = [
            np.float32(explain(world.population, world.profiles[name], wish, NOW).order)
            for name in told
        ]
        assert orders == sorted(orders, reverse=True)
    world.population.use_model(None)
    assert [rank(world.population, each, NOW) for each in wishes] == before
