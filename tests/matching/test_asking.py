"""Whom to ring: waves, the lot within a tier, and many requests at once."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Population, Tables, load_tables, rank
from matching.asking import Turn, ask, ask_together
from matching.policy import Exploration, WaveSize
from tests.matching.builders import MINUTE, NOW, person, present, request

ONE = WaveSize(0.9, 1, 1)
WAVES = WaveSize(0.9, 1, 6)


def curious(share: float) -> Tables:
    tables = load_tables()
    policy = replace(tables.policy, exploration=Exploration(share, 0.5))
    return replace(tables, policy=policy)


def market(share: float, people: list[tuple[str, str]]) -> Population:
    population = Population(curious(share))
    present(population, [person(name, languages) for name, languages in people])
    return population


SEVERAL = [("a", "no so:C"), ("b", "no so:C"), ("c", "no so:C"), ("d", "no so:E")]


def test_without_exploring_the_best_are_rung_for_certain() -> None:
    population = market(0.0, SEVERAL)
    asked = ask(population, Turn(request(), WaveSize(0.8, 1, 2)), NOW)
    assert asked.ranking == rank(population, request(), NOW, 20)
    assert [each.interpreter for each in asked.wave] == ["a", "b"]
    assert asked.propensity == (1.0, 1.0, 0.0, 0.0)
    assert not asked.explored


def test_the_lot_falls_as_often_as_it_says_and_never_across_tiers() -> None:
    population = market(0.05, SEVERAL)
    population.touch("c", NOW - 30 * MINUTE)  # the last of three, by idleness
    size = WaveSize(0.8, 2, 2)
    rung: Counter[str] = Counter()
    draws = 20_000
    for seed in range(draws):
        asked = ask(population, Turn(request(), size, seed=seed), NOW)
        rung.update(each.interpreter for each in asked.wave)
        assert asked.explored or [each.interpreter for each in asked.wave] == ["a", "b"]
    names = [each.interpreter for each in asked.ranking.matches]
    told = dict(zip(names, asked.propensity, strict=True))
    assert told["a"] == 1.0
    assert told["d"] == rung["d"] == 0.0
    assert told["b"] + told["c"] == pytest.approx(1.0)
    assert 0.005 < told["c"] < 0.025
    assert rung["c"] / draws == pytest.approx(told["c"], abs=0.004)


def test_the_same_seed_draws_the_same_and_emergencies_never_draw() -> None:
    population = market(0.05, SEVERAL)
    lots = [ask(population, Turn(request(), ONE, seed=7), NOW) for _ in range(2)]
    assert lots[0] == lots[1]
    for seed in range(300):
        asked = ask(population, Turn(request(emergency=True), ONE, seed=seed), NOW)
        assert (asked.explored, asked.wave[0].interpreter) == (False, "a")


def test_nobody_is_an_empty_wave(population: Population) -> None:
    asked = ask(population, Turn(request(), WAVES), NOW)
    assert (asked.wave, asked.propensity, asked.explored) == ((), (), False)
    assert ask_together(population, [], NOW) == []
    assert ask_together(population, [Turn(request(), WAVES)], NOW)[0].wave == ()


def test_who_was_asked_is_left_out_and_waves_count() -> None:
    population = market(0.0, SEVERAL)
    turn = Turn(request(), ONE, frozenset({"a", "b"}), wave=2)
    assert [each.interpreter for each in ask(population, turn, NOW).wave] == ["c"]
    assert [each.interpreter for each in ask_together(population, [turn], NOW)[0].wave] == ["c"]


def test_together_nobody_is_rung_twice_and_each_gets_somebody() -> None:
    population = market(0.0, [("only", "no so:E sr:E"), ("a", "no so:A"), ("b", "no so:A")])
    asked = ask_together(
        population, [Turn(request("no so"), WAVES), Turn(request("no sr"), WAVES)], NOW
    )
    assert [each.interpreter for each in asked[1].wave] == ["only"]
    assert [each.interpreter for each in asked[0].wave] == ["a", "b"]
    assert asked[0].propensity == (1.0, 1.0, 0.0)


def test_an_emergency_comes_before_any_weight_and_weight_before_the_rest() -> None:
    population = market(0.0, [("one", "no so")])
    turns = [
        Turn(request(), ONE, weight=1.0),
        Turn(request(), ONE, weight=5.0),
        Turn(request(emergency=True), ONE),
    ]
    rung = [len(each.wave) for each in ask_together(population, turns, NOW)]
    assert rung == [0, 0, 1]
    assert [len(each.wave) for each in ask_together(population, turns[:2], NOW)] == [0, 1]


def test_no_waiting_is_too_long_and_none_outweighs_an_emergency() -> None:
    population = market(0.0, [("one", "no so")])
    patient, urgent = Turn(request(), ONE, weight=1e9), Turn(request(emergency=True), ONE)
    for turns in ([patient, urgent], [patient, urgent._replace(weight=1e9)]):
        assert [len(each.wave) for each in ask_together(population, turns, NOW)] == [0, 1]


@given(st.lists(st.sampled_from(["no so", "no sr", "no ti"]), max_size=8), st.integers(0, 2**31))
def test_together_is_never_fewer_than_one_after_the_other(pairs: list[str], seed: int) -> None:
    people = [
        (f"i{number}", languages)
        for number, languages in enumerate(["no so", "no so sr", "no sr ti", "no ti so sr"])
    ]
    population = market(0.0, people)
    turns = [Turn(request(pair), ONE, seed=seed) for pair in pairs]
    together = ask_together(population, turns, NOW)
    rung = [each.interpreter for asked in together for each in asked.wave]
    assert len(rung) == len(set(rung))
    served = 0
    for turn in turns:
        wave: Any = ask(population, turn, NOW).wave
        served += len(wave)
        for match in wave:
            population.reserve(match.interpreter, NOW + MINUTE)
    assert len(rung) >= served
