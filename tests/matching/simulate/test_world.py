"""Worlds: the same seed draws the same one, and its shares are the scenario's."""

from collections import Counter
from dataclasses import replace

import pytest

from matching.simulate.answers import Answer, Standing, acceptance, answer, fate
from matching.simulate.scenario import Scenario, load_scenario
from matching.simulate.world import Places, World, make_world, norwegian_places
from matching.types import Mode
from tests.matching.conftest import TABLES

FRESH = Standing(hour=12, worked_min=0, since_work_min=1e9, travel_min=None, ghost=False)


@pytest.fixture(scope="module")
def places() -> Places:
    return norwegian_places()


@pytest.fixture(scope="module")
def norway() -> Scenario:
    return load_scenario("norway")


@pytest.fixture(scope="module")
def world(norway: Scenario, places: Places) -> World:
    return make_world(norway, 11, TABLES, places)


def test_the_same_seed_draws_the_same_world(world: World, places: Places) -> None:
    again = make_world(world.scenario, 11, TABLES, places)
    other = make_world(world.scenario, 12, TABLES, places)
    assert again == world
    assert other.asks != world.asks


def test_the_shares_are_the_scenarios(world: World) -> None:
    asks = len(world.asks)
    assert asks == pytest.approx(1650 * (1.0043 + 0.9467), abs=170)  # three deviations
    languages = Counter(ask.request.language_to for ask in world.asks)
    assert languages["arb"] / asks == pytest.approx(1 / 3, abs=0.03)
    modes = Counter(ask.request.mode for ask in world.asks)
    assert modes[Mode.ONSITE] / asks == pytest.approx(0.03, abs=0.01)
    floors = sum(ask.request.public_body for ask in world.asks)
    assert floors / asks == pytest.approx(0.95 * 0.6, abs=0.03)
    registered = [
        any(skill.qualification for skill in each.profile.languages)
        for each in world.people.values()
    ]
    assert (len(registered), sum(registered)) == (3654, 2194)


def test_rare_languages_are_thin(world: World) -> None:
    noon = world.days_ms[0] + 12 * 3_600_000
    online = Counter(
        skill.tag
        for spell in world.spells
        if spell.from_ms <= noon < spell.to_ms
        for skill in world.people[spell.interpreter].profile.languages
    )
    rarest = [each.tag for each in world.scenario.languages if each.register <= 10]
    assert len(rarest) == 28
    assert sum(online[tag] for tag in rarest) / len(rarest) < 3
    assert online["arb"] > 30


def test_people_are_online_within_the_day_and_once_at_a_time(world: World) -> None:
    until: dict[str, int] = {}
    for spell in world.spells:
        day = max(day for day in world.days_ms if day <= spell.from_ms)
        hours = (spell.from_ms - day) / 3_600_000, (spell.to_ms - day) / 3_600_000
        assert 7 <= hours[0] < hours[1] <= 21
        assert spell.from_ms >= until.get(spell.interpreter, 0)
        until[spell.interpreter] = spell.to_ms


def answers_to_random_offers(world: World) -> list[Answer]:
    people = list(world.people.values())
    return [
        answer(
            world.scenario.answers,
            people[number % len(people)],
            ask,
            FRESH,
            fate(world.seed, ask.id, people[number % len(people)].profile.id),
            20,
        )
        for number, ask in enumerate(world.asks)
    ]


def test_of_random_offers_four_in_ten_are_taken(world: World) -> None:
    given = answers_to_random_offers(world)
    accepted = sorted(each.delay_s for each in given if each.accepts)
    assert len(accepted) / len(given) == pytest.approx(0.43, abs=0.04)
    assert accepted[len(accepted) // 2] == pytest.approx(6, abs=0.6)
    assert accepted[-1] < 20


def test_what_moves_an_answer_moves_it_as_the_scenario_says(world: World) -> None:
    answers = world.scenario.answers
    person = next(iter(world.people.values()))
    ask = next(each for each in world.asks if each.request.mode is Mode.AUDIO)
    chance = acceptance(answers, person, ask, FRESH)
    tired = [FRESH._replace(worked_min=240), FRESH._replace(since_work_min=5)]
    for standing in (*tired, FRESH._replace(hour=18)):
        assert acceptance(answers, person, ask, standing) < chance
    away = replace(ask, request=replace(ask.request, mode=Mode.ONSITE))
    trips = [
        acceptance(answers, person, away, FRESH._replace(travel_min=trip)) for trip in (10, 50)
    ]
    assert chance > trips[0] > trips[1]


def test_nobody_answers_in_a_ghost_spell(world: World) -> None:
    person = next(iter(world.people.values()))
    standing = FRESH._replace(ghost=True)
    for ask in world.asks[:50]:
        drawn = fate(world.seed, ask.id, person.profile.id)
        assert answer(world.scenario.answers, person, ask, standing, drawn, 20).accepts is None


def test_an_answer_is_fixed_by_who_is_asked_for_what() -> None:
    assert fate(1, "r00001", "i0001") == fate(1, "r00001", "i0001")
    assert len({fate(1, "r1", "i1"), fate(2, "r1", "i1"), fate(1, "r2", "i1")}) == 3
