"""The index kept in place: presence, reservation, work, profiles, counts."""

from dataclasses import replace
from random import Random

import pytest

from matching import Mode, Population, Presence, rank
from matching.population import prefix_of
from tests.matching.builders import MINUTE, NOW, OSLO, person, present, request, words
from tests.matching.conftest import TABLES
from tests.matching.worlds import draw_world

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
    assert "idle: 10 min since last work or offer" in match.contributions[1].text
    population.touch("a", NOW + 5 * MINUTE)  # a clock ahead of ours
    (match,) = rank(population, request(), NOW).matches
    assert [each.feature for each in match.contributions] == ["tier_surplus"]


def test_load_weighs_whether_present_or_not(population: Population) -> None:
    population.put(person("a"))
    population.set_load("a", 180)
    present(population, [person("b")])
    population.set_presence("a", available=True)
    population.set_load("b", 360)
    loads = [m.contributions[1].text for m in rank(population, request(), NOW).matches]
    assert loads == ["-0.20 load: 3 h 00 worked today", "-0.40 load: 6 h 00 worked today"]


def test_what_the_index_knows_of_presence(population: Population) -> None:
    population.put(person("a"))
    assert population.presence("a") == Presence()
    modes = frozenset({Mode.VIDEO})
    population.set_presence("a", available=True, modes=modes, position=OSLO)
    population.touch("a", NOW)
    population.set_load("a", 31)
    assert population.presence("a") == Presence(True, modes, OSLO, 0, NOW, 45)


def test_prefixes_are_in_the_order_of_ids() -> None:
    ids = ["", "a", "a\0", "ab", "b", "ø", "øøøøøøøø", "\ud800", "\ue000", "\U0001f600"]
    assert [prefix_of(each) for each in ids] == sorted(prefix_of(each) for each in ids)
    assert len({prefix_of(each) for each in ids}) == 9


def test_strangers_are_errors(population: Population) -> None:
    for act in (population.remove, population.release, population.presence):
        with pytest.raises(KeyError):
            act("nobody")
    assert population.number("nobody") is None


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
    for name, profile in world.profiles.items():
        now = world.population.presence(name)
        fresh.put(profile)
        fresh.set_load(name, now.minutes_today)
        if now.last_active_ms is not None:
            fresh.touch(name, now.last_active_ms)
        if now.available:
            fresh.set_presence(name, available=True, modes=now.modes, position=now.position)
        if now.reserved_until_ms:
            fresh.reserve(name, now.reserved_until_ms)
    assert fresh.summary() == world.population.summary()
    for languages in ("no sr", "sr hr", "no sq"):
        asked = replace(request(languages), mode=Mode.AUDIO)
        assert rank(fresh, asked, NOW) == rank(world.population, asked, NOW)
