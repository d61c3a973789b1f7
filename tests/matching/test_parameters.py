"""What is published is what ranks: every feature, weight and rule, each with its number."""

import pytest

from matching.eligibility import Rule
from matching.features import CODES, CONTEXT
from matching.parameters import MOST_WANTED, NEVER, RULES, WORDS, Parameter, needs, parameters
from matching.scoring import Scorer
from tests.matching.conftest import TABLES
from tests.matching.test_scoring import learnt

BY_CHANCE = ("reliability", "responsiveness")
POLICY, TIERS = TABLES.policy, TABLES.qualifications.tiers


def by_name(scorer: Scorer) -> dict[str, Parameter]:
    return {each.words.name: each for each in parameters(scorer)}


def test_every_feature_every_weight_and_nothing_else() -> None:
    found = by_name(Scorer(POLICY, TIERS))
    assert len(found) == len(WORDS)
    coded = [each.words.code for each in found.values() if each.words.code is not None]
    assert sorted(coded) == sorted(CODES)
    weighed = {name: each.weight for name, each in found.items() if each.weight is not None}
    assert weighed == dict(POLICY.weights)
    assert [name for name in found if name not in weighed] == ["reliability", "responsiveness"]


def test_every_rule_has_its_words() -> None:
    assert set(Rule) == RULES.keys()
    assert needs("blocked") == "no block between customer and interpreter"
    assert needs("of another time") == "of another time"


def test_what_never_counts_is_no_feature() -> None:
    assert {"gender", "age", "name", "nationality", "mother tongue"} < NEVER.keys()
    assert not {*NEVER} & {*CODES, *CONTEXT, *POLICY.weights}


def test_the_minutes_are_those_of_the_policy() -> None:
    shape = POLICY.shape
    said = {each.words.name: each.minutes for each in parameters(Scorer(POLICY, TIERS))}
    assert {name: minutes for name, minutes in said.items() if minutes is not None} == {
        "load": shape.load_limit_min,
        "back_to_back": shape.streak_limit_min,
        "idle": shape.idle_half_life_min,
        "travel": shape.travel_limit_min,
    }


def test_by_hand_a_score_moves_by_weight_times_value() -> None:
    """Travel also takes from the chance of accepting; two count through a chance alone."""
    found = by_name(Scorer(POLICY, TIERS))
    for name in found.keys() - {"travel", "p_accept", "p_complete", *BY_CHANCE}:
        each, weight = found[name], POLICY.weights[name]
        low, high = sorted(value * weight for value in each.value)
        assert each.score == pytest.approx((low, high)), name
        assert {*each.accept, *each.complete} == {0}
    way = POLICY.weights["travel"] + POLICY.weights["p_accept"] * POLICY.acceptance["travel"]
    assert found["travel"].score == pytest.approx((way, 0))
    answers = found["responsiveness"].accept
    assert answers[0] < 0 < answers[1]
    assert found["responsiveness"].score == pytest.approx([0.5 * each for each in answers])
    assert found["p_accept"].accept == pytest.approx(
        (answers[0] + POLICY.acceptance["travel"], answers[1])
    )
    assert found["travel"].accept == (POLICY.acceptance["travel"], 0.0)
    assert found["reliability"].complete == found["p_complete"].complete
    low, high = found["reliability"].complete
    assert low < 0 < high
    half = POLICY.weights["p_complete"]
    assert found["reliability"].score == pytest.approx((half * low, half * high))


def test_the_ranges_of_values_are_those_that_the_features_say() -> None:
    said = {name: each.value for name, each in by_name(Scorer(POLICY, TIERS)).items()}
    other = {
        "rating": (-0.85, 0.15),
        "exposure": (-1, 1),
        "media_health": (-0.95, 0.05),
        "specialism": (1 / (MOST_WANTED + 1), 1),
        "idle": (0, 1 - 2**-8),
    }
    for name, span in said.items():
        assert span == pytest.approx(other.get(name, (0, 1))), name


def test_a_learnt_model_says_what_its_curves_do() -> None:
    found = by_name(Scorer(POLICY, TIERS, learnt()))
    assert found["travel"].accept == (-0.9, 0.5)
    assert found["idle"].accept == (-0.2, 0.4)
    assert found["media_health"].complete == (-2.0, 0.25)
    assert found["continuity"].complete == (0.0, 1.0)  # beside no earlier work
    low, high = found["media_health"].score
    weight, by_chance = POLICY.weights["media_health"], POLICY.weights["p_complete"]
    assert low == pytest.approx(weight * -0.95 + by_chance * -2.0)
    assert high == pytest.approx(weight * 0.05 + by_chance * 0.25)
    reach = found["p_accept"].accept
    assert reach == pytest.approx(
        (-0.9 - 0.2 - 0.1 - 0.75 - 0.1 - 0.6, 0.5 + 0.4 + 0.3 + 0.2 + 0.3)
    )
    assert found["p_accept"].score == pytest.approx([0.5 * each for each in reach])
