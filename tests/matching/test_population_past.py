"""What the index knows of people's past: their track record, their share, their load."""

from dataclasses import Field, fields, replace
from typing import Any

import pytest

from matching import (
    Population,
    Track,
    rank,
)
from matching.types import NEW
from tests.matching.builders import NOW, person, present, request
from tests.matching.test_population import names


def test_a_track_record_weighs_and_is_forgotten_with_the_person(population: Population) -> None:
    record = Track(
        sessions={"no-so": 31.0},
        completed=99.0,
        stars=50.0,
        rated=10.0,
        connect_failures=9.5,
        customers={"c": (2.0, NOW)},
    )
    present(population, [person("a")])
    population.set_track("a", record)
    (match,) = rank(population, request(customer="c"), NOW).matches
    told = {each.feature: each.text for each in match.contributions}
    assert told["experience"] == "+0.10 experience: 31 sessions or more in these languages"
    assert told["rating"] == "+0.01 rating: 4.7 of 5"
    assert told["media_health"] == "-0.15 connections: 45 % of recent meetings"
    assert told["continuity"] == "+0.48 continuity: earlier good sessions with this customer"
    assert "p_complete" in told
    assert population.track("a") == record
    population.put(person("a", "no so:C ti"))
    (match,) = rank(population, request(customer="c"), NOW).matches
    assert told.keys() == {each.feature for each in match.contributions}
    population.remove("a")
    present(population, [person("a")])
    (match,) = rank(population, request(customer="c"), NOW).matches
    assert [each.feature for each in match.contributions] == ["tier_surplus", "idle"]


@pytest.mark.parametrize("each", fields(Track), ids=lambda each: each.name)
def test_one_change_of_a_track_record_is_taken(population: Population, each: Field[Any]) -> None:
    population.put(person("a"))
    whole = replace(NEW, sessions={"no-so": 2.0}, customers={"c": (1.0, NOW)})
    other: dict[str, Any] = {"sessions": {"no-so": 3.0}, "customers": {"c": (1.0, NOW + 1)}}
    changed = replace(whole, **{each.name: other.get(each.name, 1.0)})
    for track in (whole, whole, changed, whole):
        population.set_track("a", track)
        assert population.track("a") == track


def test_who_had_fewer_offers_than_their_share_comes_first(population: Population) -> None:
    present(population, [person("a"), person("b"), person("new")])
    population.set_track("a", Track(offers=40.0, online_h=20.0))
    population.set_track("b", Track(offers=10.0, online_h=20.0))
    assert names(population) == ["a", "b", "new"]  # nobody's share is known yet
    population.set_exposure_target(1.0)
    assert names(population) == ["b", "new", "a"]
    texts = [m.contributions[1].told for m in rank(population, request(), NOW).matches]
    assert texts[0] == "exposure: 40 % fewer offers than their share"
    assert texts[2] == "exposure: 70 % more offers than their share"


def test_silence_weighs_and_a_refusal_does_not(population: Population) -> None:
    """Who answers everything is as good however often it is no; whoever is new is between."""
    present(population, [person("lets-ring"), person("new"), person("speaks")])
    population.set_track("lets-ring", Track(silent=8.0))
    population.set_track("speaks", Track(answered=8.0))
    assert names(population) == ["speaks", "new", "lets-ring"]
    chances = {m.interpreter: m.p_accept for m in rank(population, request(), NOW).matches}
    assert chances["speaks"] > chances["new"] > chances["lets-ring"]
    population.set_track("lets-ring", NEW)
    assert names(population) == ["speaks", "lets-ring", "new"]


def test_load_weighs_whether_present_or_not(population: Population) -> None:
    population.put(person("a"))
    population.set_load("a", 180)
    present(population, [person("b")])
    population.set_presence("a", available=True)
    population.set_load("b", 360)
    loads = [m.contributions[1].text for m in rank(population, request(), NOW).matches]
    assert loads == ["-0.20 load: 3 h 00 worked today", "-0.40 load: 6 h 00 worked today"]
