"""The chances: what the tables add up to is what the model says of the inputs themselves."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Mode, Requirements, chances, features
from matching.chances import Context, HandChances, LearntChances, step_of
from tests.matching.builders import OSLO, request
from tests.matching.conftest import TABLES
from tests.matching.test_scoring import learnt

MODEL = learnt()
ONSITE = request(mode=Mode.ONSITE, location=OSLO, duration_min=60)


def at(hour: int) -> Any:
    return lambda: hour


@given(st.integers(0, 90), st.integers(0, 480), st.integers(0, 24), st.integers(0, 5))
def test_tables_add_up_to_the_model(travel: int, idle: int, slack: int, tier: int) -> None:
    learnt_chances = LearntChances(MODEL)
    values = {
        "travel": features.travel(travel, 90),
        "idle": features.idle(idle, 60),
        "slack": features.slack(slack),
        "tier": features.tier_surplus(tier, 0),
    }
    start, _ = learnt_chances.start(ONSITE, at(3), 1)
    parts = [learnt_chances.accept(name, [value])[0] for name, value in values.items()]
    whole = MODEL.accept.log_odds({**values, "hour": 3.0, "dialect": math.nan})
    assert start + sum(parts) == pytest.approx(whole, abs=1e-12)
    p = learnt_chances.by_accept[step_of(whole)]
    assert p == pytest.approx(MODEL.accept.p_within(whole, 20.0), abs=1 / 256)


def test_what_a_request_asks_about_is_not_missing() -> None:
    made = LearntChances(MODEL)
    silent, _ = made.start(ONSITE, at(3), 1)
    asked, _ = made.start(replace(ONSITE, requirements=Requirements(dialect="x")), at(3), 1)
    assert silent - asked == pytest.approx(0.7)
    assert made.start(ONSITE, at(12), 1)[0] - silent == pytest.approx(1.5)
    remote, _ = made.start(request(), at(3), 1)
    assert remote - silent == pytest.approx(0.1)  # the way is not asked about


def test_what_is_known_of_meetings_says_nothing_on_site() -> None:
    made = LearntChances(MODEL)
    missing = MODEL.complete.steps["media"].missing
    remote, onsite = (made.start(each, at(3), 1)[1] for each in (request(), ONSITE))
    assert onsite - remote == pytest.approx(missing)
    assert missing


def test_the_context_is_what_models_read() -> None:
    context = Context(
        Mode.ONSITE, 23, 960, 9, emergency=True, specialism=True, dialect=False, cost=True
    )
    assert context.raised == {"idle", "specialism", "cost", "travel"}
    assert context._replace(scheduled=True).raised == {"specialism", "cost", "travel"}
    assert context.values() == {
        "mode": 2.0, "hour": 23.0, "duration": 1.0, "wave": 5.0, "emergency": 1.0
    }  # fmt: skip
    assert set(context.values()) == set(features.CONTEXT)


def test_starts_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chances, "REMEMBERED", 2)
    made = LearntChances(MODEL)
    for hour in (1, 2, 3, 1, 1):
        assert made.start(ONSITE, at(hour), 1) == LearntChances(MODEL).start(ONSITE, at(hour), 1)


def test_hand_chances_follow_mode_way_and_record() -> None:
    hand = HandChances(TABLES.policy)
    by_mode = [hand.start(replace(ONSITE, mode=mode), at(3), 1)[0] for mode in Mode]
    assert by_mode == sorted(by_mode, reverse=True)
    near, far = hand.accept("travel", (0.0, 1.0))
    assert far < near == 0
    low, usual, high = hand.complete("reliability", (0.5, 0.95, 1.0))
    assert low < usual == 0 < high
    silent, usual, answers = hand.accept("responsiveness", (0.1, 0.76, 1.0))
    assert silent < usual == 0 < answers
    assert hand.accept("responsiveness", (0.0, 0.02)) == (
        hand.accept("responsiveness", (0.02,)) * 2
    )
    assert hand.complete("responsiveness", (0.1,)) == hand.accept("reliability", (0.1,)) == (0.0,)
    assert hand.complete("idle", (0.0, 1.0)) == hand.accept("idle", (0.0, 1.0)) == (0.0, 0.0)
    usual = hand.by_complete[step_of(hand.start(ONSITE, at(3), 1)[1])]
    assert usual == pytest.approx(0.95, abs=0.001)


@pytest.mark.parametrize("made", [HandChances(TABLES.policy), LearntChances(MODEL)])
def test_chances_are_probabilities_that_rise(made: chances.Chances) -> None:
    steps = [-1e9, -20.0, -3.0, -0.5, 0.0, 0.5, 3.0, 20.0, 1e9]
    for chance in (made.by_accept, made.by_complete):
        found = [chance[step_of(step)] for step in steps]
        assert found == sorted(found)
        assert 0 <= found[0] < found[4] < found[-1] <= 1
