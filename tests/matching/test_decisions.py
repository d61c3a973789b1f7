"""What is recorded of a decision is enough to make it again, to the last bit."""

import json
import sys
from dataclasses import asdict
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InvalidField, Mode, Population, explain, rank
from matching.asking import Turn, ask
from matching.decisions import record, replay
from matching.eligibility import Judge, Rule
from matching.features import CODES
from matching.model import Model
from matching.shortage import RULES
from tests.matching.builders import NOW, OSLO, person, present, request, words
from tests.matching.conftest import TABLES
from tests.matching.test_scoring import learnt
from tests.matching.worlds import IDS, draw_request, draw_world, some

WAVES = TABLES.policy.waves["waves"]


def decide(population: Population, turn: Turn) -> dict[str, Any]:
    """Return what a decision leaves after a journey through JSON."""
    asked = ask(population, turn, NOW)
    decision: dict[str, Any] = json.loads(json.dumps(record(population, turn, asked, NOW)))
    matches = asked.ranking.matches
    assert [each["interpreter"] for each in decision["candidates"]][: len(matches)] == [
        match.interpreter for match in matches
    ]
    for each, match in zip(decision["candidates"], matches, strict=False):
        assert (each["score"], each["p_accept"]) == (match.score, match.p_accept)
        assert each["rung"] == (match in asked.wave)
    return decision


@given(st.integers(0, 2**32), st.sampled_from([None, learnt()]))
def test_a_decision_is_made_again_bit_for_bit(seed: int, model: Model | None) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    world.population.use_model(model)
    turn = Turn(draw_request(draw), WAVES, some(draw, IDS, 2), seed=seed)
    decision = decide(world.population, turn)
    again = replay(decision, world.population.scorer)
    assert again.same
    assert [name for name, *_ in again.ranking] == [
        each["interpreter"] for each in decision["candidates"]
    ]


@given(st.integers(0, 2**32))
def test_the_masks_say_what_excluded_each_one_online(seed: int) -> None:
    draw = Random(seed)
    world, judge = draw_world(draw), Judge(TABLES.languages, TABLES.qualifications, TABLES.travel)
    turn = Turn(draw_request(draw), WAVES)
    decision = decide(world.population, turn)
    online = decision["online"]
    personal = {Rule.CONFLICT, Rule.BLOCKED, Rule.CALLER, Rule.ALREADY_ASKED, Rule.SUSPENDED}
    for name, mask in zip(online["interpreters"], online["excluded"], strict=True):
        presence = world.population.presence(name)
        agenda = world.population.agenda(name)
        verdict = judge.check(world.profiles[name], presence, turn.request, NOW, agenda=agenda)
        told = {rule for bit, rule in enumerate(RULES) if mask >> bit & 1}
        assert bool(mask) is not verdict.eligible
        if not turn.request.requirements.accept_substitutes:
            due = {reason.rule for reason in verdict.reasons}
            assert told - personal == due - personal
            assert bool(told & personal) is bool(due & personal)
    eligible = [each for each, mask in zip(*online_of(decision), strict=True) if not mask]
    assert len(eligible) == decision["eligible"]


def online_of(decision: dict[str, Any]) -> tuple[list[str], list[int]]:
    return decision["online"]["interpreters"], decision["online"]["excluded"]


def test_it_keeps_all_that_a_later_look_needs(population: Population) -> None:
    present(population, [person("a", location=OSLO), person("b", gender="male")])
    wish = request(
        mode=Mode.ONSITE, location=OSLO, duration_min=45, gender="male", specialisms=words("court")
    )
    decision = decide(population, Turn(wish, WAVES, words("c"), wave=2, seed=9))
    assert decision["context"] == {
        "mode": "onsite",
        "hour": 9,
        "duration_min": 45,
        "emergency": False,
        "scheduled": False,
    }
    assert (decision["wave"], decision["seed"], decision["at_ms"]) == (2, 9, NOW)
    assert decision["policy"] == TABLES.policy.version
    assert decision["model"] == "hand"
    assert decision["features"] == list(CODES)
    assert decision["request"]["requirements"] == {
        "specialisms": ["court"], "gender": "male", "accept_substitutes": False
    }  # fmt: skip
    assert decision["excluded"] == {"gender": 1, "specialism": 2, "distance": 1}
    assert dict(zip(*online_of(decision), strict=True)) == {
        "a": 1 << RULES.index(Rule.GENDER) | 1 << RULES.index(Rule.SPECIALISM),
        "b": 1 << RULES.index(Rule.SPECIALISM) | 1 << RULES.index(Rule.DISTANCE),
    }


@given(st.integers(0, 2**32))
def test_a_request_is_kept_as_it_was_said(seed: int) -> None:
    draw = Random(seed)
    wish = draw_request(draw)
    decision = decide(draw_world(draw).population, Turn(wish, WAVES))
    assert decision["request"] == said(asdict(wish))


def said(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: said(value)
        if isinstance(value, dict)
        else sorted(value)
        if isinstance(value, frozenset)
        else value
        for name, value in fields.items()
        if value not in (None, frozenset(), "")
    }


def test_codes_are_those_that_explain(population: Population) -> None:
    someone = person("a", "no so:B", specialisms=words("court"), price=500.0)
    present(population, [someone])
    wish = request(specialisms=words("court"), price_cap=400.0)
    (candidate,) = decide(population, Turn(wish, WAVES))["candidates"]
    codes = dict(zip(CODES, candidate["codes"], strict=True))
    assert codes == {
        "tier": 4, "experience": 0, "reliability": 95, "responsiveness": 38, "rating": 34,
        "load": 0, "streak": 0, "exposure": 10, "media": 19, "idle": 480, "specialism": 1,
        "dialect": None, "travel": None, "slack": 24, "preference": 0, "continuity": 0,
        "scarcity": 0, "cost": 25, "substitute": 0,
    }  # fmt: skip
    told = explain(population, someone, wish, NOW)
    assert (candidate["score"], candidate["order"]) == (told.score, told.order)


def test_a_changed_record_is_found_out(population: Population) -> None:
    present(population, [person("a"), person("b", "no so:B")])
    decision = decide(population, Turn(request(), WAVES))
    assert replay(decision, population.scorer).same
    decision["candidates"][0]["codes"][0] = 1
    again = replay(decision, population.scorer)
    assert not again.same
    assert [name for name, *_ in again.ranking] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "value"), [("schema", 2), ("policy", "hand-0"), ("model", "x"), ("features", ["tier"])]
)
def test_another_policy_or_model_cannot_replay_it(
    population: Population, name: str, value: Any
) -> None:
    decision = decide(population, Turn(request(), WAVES)) | {name: value}
    with pytest.raises(InvalidField, match="recorded with") as refused:
        replay(decision, population.scorer)
    assert refused.value.path == name


def test_of_very_many_the_best_are_recorded_and_all_are_counted(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.decisions.MOST_CANDIDATES", 3)
    monkeypatch.setattr(sys.modules["matching.shortage"], "MOST_ONLINE", 5)
    present(population, [person(f"i{number}") for number in reversed(range(9))])
    decision = record(population, Turn(request(), WAVES), ask_all(population), NOW)
    assert decision["eligible"] == 9
    assert [each["interpreter"] for each in decision["candidates"]] == ["i0", "i1", "i2"]
    assert len(decision["online"]["interpreters"]) == 5


def ask_all(population: Population) -> Any:
    asked = ask(population, Turn(request(), WAVES), NOW)
    assert asked.ranking == rank(population, request(), NOW, 20)
    return asked
