"""The chances: what the tables add up to is what the model says of the inputs themselves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Mode, chances, features
from matching.chances import Context, HandChances, LearntChances
from tests.matching.conftest import TABLES
from tests.matching.test_scoring import learnt

MODEL = learnt()
AT_NIGHT = Context(Mode.VIDEO, 3, 60, 1, emergency=False, raised=("travel",))


@given(st.integers(0, 90), st.integers(0, 480), st.integers(0, 24), st.integers(0, 5))
def test_tables_add_up_to_the_model(travel: int, idle: int, slack: int, tier: int) -> None:
    learnt_chances = LearntChances(MODEL)
    values = {
        "travel": features.travel(travel, 90),
        "idle": features.idle(idle, 60),
        "slack": features.slack(slack),
        "tier": features.tier_surplus(tier, 0),
    }
    start, _ = learnt_chances.start(AT_NIGHT)
    parts = [learnt_chances.accept(name, [value])[0] for name, value in values.items()]
    inputs = {**values, **AT_NIGHT.values(), "dialect": math.nan}
    whole = MODEL.accept.log_odds(inputs)
    assert start + sum(parts) == pytest.approx(whole, abs=1e-12)
    p = learnt_chances.p_accept(whole)
    assert p == pytest.approx(MODEL.accept.p_within(whole, 20.0), abs=1 / 256)


def test_what_a_request_asks_about_is_not_missing() -> None:
    asked = AT_NIGHT._replace(raised=("travel", "dialect"))
    one, other = (LearntChances(MODEL).start(each)[0] for each in (AT_NIGHT, asked))
    assert one - other == pytest.approx(0.7)
    day = LearntChances(MODEL).start(AT_NIGHT._replace(hour=12))[0]
    assert day - one == pytest.approx(1.5)


def test_starts_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chances, "REMEMBERED", 2)
    made = LearntChances(MODEL)
    for hour in (1, 2, 3, 1, 1):
        found = made.start(AT_NIGHT._replace(hour=hour))
        assert found == LearntChances(MODEL).start(AT_NIGHT._replace(hour=hour))


def test_hand_chances_follow_mode_and_way_and_reliability() -> None:
    hand = HandChances(TABLES.policy)
    by_mode = [hand.start(AT_NIGHT._replace(mode=mode))[0] for mode in Mode]
    assert by_mode == sorted(by_mode, reverse=True)
    near, far = hand.accept("travel", (0.0, 1.0))
    assert far < near == 0
    low, usual, high = hand.complete("reliability", (0.5, 0.95, 1.0))
    assert low < usual == 0 < high
    assert hand.complete("idle", (0.0, 1.0)) == hand.accept("idle", (0.0, 1.0)) == (0.0, 0.0)
    assert hand.p_complete(hand.start(AT_NIGHT)[1]) == pytest.approx(0.95, abs=0.001)


@pytest.mark.parametrize("made", [HandChances(TABLES.policy), LearntChances(MODEL)])
def test_chances_are_probabilities_that_rise(made: chances.Chances) -> None:
    steps = [-1e9, -20.0, -3.0, -0.5, 0.0, 0.5, 3.0, 20.0, 1e9]
    for chance in (made.p_accept, made.p_complete):
        found = [chance(step) for step in steps]
        assert found == sorted(found)
        assert 0 <= found[0] < found[4] < found[-1] <= 1
