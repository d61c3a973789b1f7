"""The ranking the other way round: of one interpreter and one request both say the same."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from matching import Mode, Population, Preferences, Track, rank
from matching.eligibility import services
from matching.languages import pair_key
from matching.recommendation import best_of, pairs_served, recommend
from tests.matching.builders import ASKER, MINUTE, NOW, OSLO, person, present, request, words
from tests.matching.conftest import TABLES
from tests.matching.worlds import draw_request, draw_world

ALL = 100


@given(st.integers(0, 2**32))
def test_says_what_the_ranking_says(seed: int) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    requests = [draw_request(draw) for _ in range(8)]
    ranked = [
        {match.interpreter: match for match in rank(world.population, each, NOW, ALL).matches}
        for each in requests
    ]
    for interpreter in world.profiles.values():
        fits = recommend(world.population, interpreter, requests, NOW, ALL)
        assert {fit.place: fit.match for fit in fits} == {
            place: found[interpreter.id]
            for place, found in enumerate(ranked)
            if interpreter.id in found
        }
        scores = [fit.match.score for fit in fits]
        assert scores == sorted(scores, reverse=True)


@given(st.integers(0, 2**32))
def test_knows_every_pair_that_they_might_serve(seed: int) -> None:
    draw = Random(seed)
    profiles = draw_world(draw).profiles
    for each in (draw_request(draw) for _ in range(8)):
        asked = pair_key(each.language_from, each.language_to)
        pairs = [set(service.pair) for service in services(each, TABLES.languages)]
        for who in profiles.values():
            spoken = {skill.tag for skill in who.languages}
            if any(pair <= spoken for pair in pairs):
                assert asked in pairs_served(who, TABLES.languages)


def test_a_substitute_is_served_in_its_direction() -> None:
    """Dari may stand in for Hazaragi, Hazaragi for nothing."""
    assert pairs_served(person("a", "no prs"), TABLES.languages) == {
        ("no", "prs"),
        ("haz", "no"),
        ("no", "pes"),
    }
    assert pairs_served(person("b", "no haz"), TABLES.languages) == {("haz", "no")}
    assert ("haz", "prs") not in pairs_served(person("c", "no prs"), TABLES.languages)


def test_the_best_come_first_and_equals_as_they_were_given(population: Population) -> None:
    somali = person("a", "no so:C", location=OSLO, specialisms=words("court"))
    present(population, [somali])
    near = request(mode=Mode.ONSITE, location=OSLO)
    far = request(mode=Mode.ONSITE, location=ASKER)
    requests = [far, near, near, request("no ti")]
    fits = recommend(population, somali, requests, NOW, ALL)
    assert [fit.place for fit in fits] == [1, 2, 0]
    assert recommend(population, somali, requests, NOW, 2) == fits[:2]
    assert fits[2].match.travel_min == rank(population, far, NOW).matches[0].travel_min
    assert not recommend(population, somali, [], NOW, ALL)
    parts = [fit for fit in reversed(fits) if fit.place != 2]
    assert best_of(parts, 1, "operator") == fits[:1]


def test_the_order_does_not_tell_who_prefers_them(population: Population) -> None:
    """For them, a request of somebody who prefers and knows them is like any other."""
    somali = person("a")
    present(population, [somali])
    population.set_track("a", Track(customers={"c1": (5.0, NOW)}))
    liked = request(customer="c1", preferences=Preferences(preferred=words("a")))
    equal = [request(), liked]
    fits = recommend(population, somali, equal, NOW, ALL, "everyone")
    assert [fit.place for fit in fits] == [0, 1]
    fits = recommend(population, somali, equal, NOW, ALL, "operator")
    assert [fit.place for fit in fits] == [1, 0]


def test_who_is_absent_is_shown_bookings_alone(population: Population) -> None:
    somali = person("a")
    population.put(somali)
    later = request(start_ms=NOW + 60 * MINUTE)
    assert [fit.place for fit in recommend(population, somali, [request(), later], NOW, ALL)] == [1]
