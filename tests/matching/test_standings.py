"""Standings are remembered, and forgotten when something static changes."""

import pytest

from matching import Population, Tables
from matching.scoring import Scorer
from tests.matching.builders import person


def test_what_is_static_is_told_once_until_it_changes(population: Population) -> None:
    population.put(person("a", "no so:B"))
    standings = population.standings
    first = standings.standing(0, 0, 1, onsite=False)
    assert first == population.scorer.standing(standings.codes(0, 0, onsite=False), 1)
    assert standings.standing(0, 0, 1, onsite=False) is first
    population.set_load("a", 300)
    assert len(standings.standing(0, 0, 1, onsite=False).told) == len(first.told) + 1
    standings.forget(0)
    standings.forget(0)
    assert standings.codes(0, 0, onsite=True).media is None


def test_memory_is_bounded(population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.standings.REMEMBERED", 2)
    population.put(person("a"))
    told = [population.standing(0, 0, floor, onsite=False) for floor in range(4)]
    assert [population.standing(0, 0, floor, onsite=False) for floor in range(4)] == told


def test_another_scorer_sums_up_anew(population: Population, tables: Tables) -> None:
    population.put(person("a", "no so:B"))
    before = population.standings.bases(0, 0)
    scorer = Scorer(tables.policy, tables.qualifications.tiers)
    population.standings.use(scorer)
    assert population.standings.bases(0, 0) == before
    assert population.standings.scorer is scorer
