"""Contributions as tables: what explains is what ranks."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Contribution, Tables, features, reasons_for
from matching.curves import Curve, Point
from matching.features import CODES
from matching.model import Hazard, Head, Model, Step, versioned
from matching.scoring import Ask, Codes, Scorer
from tests.matching.conftest import TABLES

PLAIN = Ask(0, 0, wishes=False, accept=0.0, complete=0.0)
NAMES = {"streak": "back_to_back", "media": "media_health"}


def learnt() -> Model:
    """Return a model with steps on both kinds of features and on the context."""
    accept = {
        "travel": Step((0.2, 0.6), (0.5, 0.0, -0.9), 0.1),
        "idle": Step((0.3,), (-0.2, 0.4), 0.0),
        "tier": Step((0.5,), (0.3, -0.1), 0.0),
        "slack": Step((0.5,), (0.25, -0.5), 0.0),
        "responsiveness": Step((0.7,), (-0.6, 0.3), 0.0),
        "dialect": Step((0.4,), (-0.1, 0.2), 0.7),
        "hour": Step((7.5,), (-1.0, 0.5), 0.0),
    }
    complete = {
        "reliability": Step((0.9,), (-1.0, 0.5), 0.0),
        "media": Step((-0.5,), (-2.0, 0.25), 0.4),
        "continuity": Step((0.5,), (0.5, 1.5), 0.0),
    }
    hazard = Hazard(-1.0, accept, ends_s=(5.0, 20.0), by_period=(0.0, -0.5))
    return versioned(hazard, Head(2.0, complete), {})


@pytest.fixture
def scorer(tables: Tables) -> Scorer:
    return Scorer(tables.policy, tables.qualifications.tiers)


def curves(scorer: Scorer) -> Iterator[tuple[str, Curve]]:
    for name in CODES:
        if name != "specialism":
            yield NAMES.get(name, name), getattr(scorer, name)


def test_every_entry_is_value_times_weight(scorer: Scorer, tables: Tables) -> None:
    seen = set()
    for name, curve in curves(scorer):
        for code, point in enumerate(curve.points):
            for entry in point.told:
                seen.add(name)
                assert entry.feature == name
                assert entry.contribution == entry.value * tables.policy.weights[name]
                assert entry.text == f"{entry.contribution:+.2f} {entry.told}"
            assert curve.table[code] == np.float32(curve.total[code])
    assert seen == set(tables.policy.weights) - {
        *("tier_surplus", "p_accept", "p_complete", "specialism")
    }


def test_what_moves_the_order_is_all_that_is_told(tables: Tables) -> None:
    weights = tables.policy.weights
    for model in (None, learnt()):
        made = Scorer(tables.policy, tables.qualifications.tiers, model)
        for name, curve in curves(made):
            for code, (total, point) in enumerate(zip(curve.total, curve.points, strict=True)):
                hand = sum(entry.contribution for entry in point.told)
                if name == "tier":
                    hand = weights["tier_surplus"] * code / 5
                chances = weights["p_accept"] * point.accept
                chances += weights["p_complete"] * point.complete
                assert total == pytest.approx(hand + chances, abs=1e-12)


def codes() -> st.SearchStrategy[Codes]:
    def whole(most: int) -> st.SearchStrategy[int]:
        return st.integers(0, most)

    maybe = st.none() | whole(90)
    return st.builds(
        Codes,
        *(whole(5), whole(15), whole(100), whole(50), whole(40), whole(64), whole(32), whole(20)),
        *(st.none() | whole(20), whole(480), st.none(), st.none() | whole(3), maybe),
        *(whole(24), whole(1), whole(10), whole(2), st.none() | whole(100), whole(1)),
    )


RAISED = ("media", "dialect", "travel", "cost")  # for all candidates of a request, or for none


@given(codes(), codes(), st.sampled_from([None, learnt()]), st.integers(0, 5))
def test_scores_differ_as_orders_do(
    one: Codes, other: Codes, model: Model | None, floor: int
) -> None:
    """Two candidates of one request: what they are told adds up to what ranked them."""
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in RAISED}
    alone: dict[str, Any] = {name: None for name, pair in pairs.items() if None in pair}
    one, other = one._replace(**alone), other._replace(**alone)
    scorer = Scorer(TABLES.policy, TABLES.qualifications.tiers, model)
    ask = PLAIN._replace(floor=floor)
    scores = [sum(e.contribution for e in scorer.contributions(c, ask)[0]) for c in (one, other)]
    orders = [scorer.order(c, ask) for c in (one, other)]
    assert scores[0] - scores[1] == pytest.approx(orders[0] - orders[1], abs=1e-4)


def test_travel_says_when_it_has_reached_its_limit(scorer: Scorer) -> None:
    assert [entry.text for entry in scorer.travel.points[90].told] == [
        "-1.50 travel: 90 min or more"
    ]
    assert [entry.text for entry in scorer.travel.points[45].told] == ["-0.75 travel: 45 min"]
    assert len(scorer.travel.points) == 91


def test_zeros_are_left_out(scorer: Scorer) -> None:
    nothing = Codes(tier=1, reliability=95, rating=34, media=19, idle=0, dialect=0, cost=0)
    assert scorer.contributions(nothing, PLAIN._replace(floor=1))[0] == ()


def test_answers_count_through_the_chance_of_accepting_alone(scorer: Scorer) -> None:
    """Customers read no number of it, whoever is new has none, and silence never helps."""
    weight, curve = scorer.policy.weights["p_accept"], scorer.responsiveness
    usual = features.USUAL_RESPONSIVENESS
    for code, (point, total) in enumerate(zip(curve.points, curve.total, strict=True)):
        assert (point.told, point.amount, point.complete) == ((), 0, 0)
        assert total == weight * point.accept
        assert (point.accept > 0, point.accept < 0) == (code > usual, code < usual)
    assert list(curve.total) == sorted(curve.total)
    someone = Codes(tier=1, reliability=95, rating=34, media=19, idle=0, responsiveness=25)
    told, p_accept = scorer.contributions(someone, PLAIN._replace(floor=1))
    assert [(each.feature, each.audience) for each in told] == [("p_accept", "operator")]
    assert p_accept < 0.5
    assert reasons_for(told, "customer") == ()


def test_who_prefers_or_knows_is_for_customers_and_chances_for_operators(scorer: Scorer) -> None:
    def audiences(curve: Curve) -> set[str]:
        return {entry.audience for point in curve.points for entry in point.told}

    assert audiences(scorer.preference) == audiences(scorer.continuity) == {"customer"}
    assert audiences(scorer.idle) == {"everyone"}
    ((lines, score, p_accept),) = scorer.with_chances([Point((), 0.0, 0.5, 0.5)], PLAIN)
    assert score == 0.5
    assert p_accept == pytest.approx(1 / (1 + math.exp(-0.5)), abs=0.004)
    assert [(each.feature, each.audience) for each in lines] == [
        ("p_accept", "operator"),
        ("p_complete", "operator"),
    ]


def test_specialisms_are_named(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.scoring.REMEMBERED", 1)
    ask = PLAIN._replace(wanted=2, wishes=True)

    def told(*matched: str) -> Contribution:
        held = Codes(tier=0, rating=34, media=19, idle=0, specialism=len(matched))
        return next(
            each
            for each in scorer.contributions(held, ask, matched)[0]
            if each.feature == "specialism"
        )

    assert [told("court", "medical").text, told("court").text, told().text, told().text] == [
        "+0.80 specialism: court, medical",
        "+0.53 specialism: court",
        "+0.27 specialism: none of those wished for",
        "+0.27 specialism: none of those wished for",
    ]


def test_a_substitute_is_named_where_names_are_known(scorer: Scorer) -> None:
    codes = Codes(reliability=95, rating=34, media=19, idle=0, substitute=1)
    named, _ = scorer.contributions(codes, PLAIN, names=("Serbian", "Bosnian"))
    bare, _ = scorer.contributions(codes, PLAIN)
    assert named[-1].text == "-1.50 substitute: Serbian in place of Bosnian"
    assert (bare[-1].feature, bare[-1].contribution) == ("substitute", named[-1].contribution)
