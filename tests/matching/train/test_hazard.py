from typing import Any

import numpy as np
import pytest

from matching.train.hazard import periods_of, person_periods, rings_of
from matching.train.log import Offers, read_log
from tests.matching.train.test_log import DECISION, NAMES, offer


def offers(*lines: dict[str, Any]) -> Offers:
    return read_log([DECISION, *lines]).offers


def one(**changes: Any) -> Offers:
    return offers(offer(NAMES[0], delivered_ms=1_000, **changes))


def taken_at(moment_ms: int, **changes: Any) -> Offers:
    """Return an offer, and another of the same wave that took the job in that moment."""
    return offers(
        offer(NAMES[0], delivered_ms=1_000, **changes),
        offer(NAMES[1], delivered_ms=1_001, state="accepted", answered_ms=moment_ms, made_ms=1_001),
    )


@pytest.mark.parametrize(
    ("made", "ends_s", "accepted", "censored"),
    [
        (one(state="accepted", answered_ms=4_500), 3.5, True, False),
        (one(state="declined", answered_ms=4_500), 20.0, False, False),
        (one(state="expired"), 20.0, False, False),
        (one(state="withdrawn", answered_ms=9_000), 8.0, False, True),
        (taken_at(9_000, state="withdrawn", answered_ms=9_000), 8.0, False, True),
        (taken_at(9_000, state="withdrawn"), 8.0, False, True),
        (taken_at(9_000, state="declined", answered_ms=3_000), 8.0, False, False),
    ],
)
def test_who_declines_stays_at_risk_and_who_is_withdrawn_is_censored(
    made: Offers, ends_s: float, accepted: bool, censored: bool
) -> None:
    rings, dropped = rings_of(made)
    assert rings.ends_s[0] == ends_s
    assert rings.accepted[0] == accepted
    assert rings.censored[0] == censored
    assert rings.ring_s[0] == 20.0
    assert dropped == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "undelivered", "delivered_ms": None}, "undelivered"),
        ({"state": "expired", "delivered_ms": None}, "undelivered"),
        ({"state": "expired", "seen_ms": None}, "unseen"),
        ({"state": "accepted"}, "unanswered"),
        ({"state": "declined"}, "unanswered"),
        ({"state": "withdrawn"}, "unanswered"),
        ({"state": "accepted", "answered_ms": 900}, "clock_went_back"),
        ({"state": "expired", "delivered_ms": 900}, "clock_went_back"),
        ({"state": "expired", "expires_ms": 1_000}, "clock_went_back"),
    ],
)
def test_who_was_not_reached_was_not_asked(changes: dict[str, Any], reason: str) -> None:
    rings, dropped = rings_of(offers(offer(NAMES[0], **changes)))
    assert len(rings.offers) == 0
    assert dropped == {reason: 1}


def test_a_wave_counts_all_that_rang_at_once() -> None:
    rings, _ = rings_of(offers(*(offer(name) for name in NAMES[:3])))
    assert rings.wave.tolist() == [3, 3, 3]


def test_a_ring_is_split_by_what_of_each_period_was_at_risk() -> None:
    rows = person_periods(
        np.array([3.0, 20.0, 12.5, 0.0, 0.0]),
        np.array([True, False, False, True, False]),
        (5.0, 10.0, 20.0),
    )
    assert rows.ring.tolist() == [0, 1, 1, 1, 2, 2, 2, 3]
    assert rows.period.tolist() == [0, 0, 1, 2, 0, 1, 2, 0]
    assert rows.happened.tolist() == [True] + [False] * 6 + [True]
    assert rows.weight.tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.25, 1.0]


def test_an_event_after_the_last_period_does_not_fall_into_it() -> None:
    rows = person_periods(np.array([30.0]), np.array([True]), (5.0, 20.0))
    assert rows.happened.tolist() == [False, False]


def test_periods_end_where_rings_end_and_acceptances_fall() -> None:
    answers = np.linspace(1_500, 9_000, 40).astype(int).tolist()
    lines = [{**DECISION, "id": f"d{n}", "assignment": f"a{n}"} for n in range(40)]
    lines += [
        offer(NAMES[0], offer=f"o{n}", decision=f"d{n}", state="accepted", answered_ms=at)
        for n, at in enumerate(answers)
    ]
    ends = periods_of(rings_of(read_log(lines).offers)[0])
    assert list(ends) == sorted(set(ends))
    assert ends[-1] == 20.0
    assert 5 <= len(ends) <= 10
    assert sum(end < 9 for end in ends) >= 5
