"""Calling off: the app's rules on how early, and for which reasons."""

from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.calling_off import noted
from signalling.core.rules import Rules
from signalling.core.slot import Assignment
from signalling.errors import InvalidParams
from tests.core.booked import ANN, CUSTOMER, HOUR, MIN, NOW, START, confirmed, market
from tests.core.samples import TERMS, assignment, moment

APP = "a:hospital"
STRICT = Rules(cancel_free_min=120, cancel_reasons=("recovered", "moved"))


def booking(state: str = "confirmed", rules: Rules = STRICT) -> Assignment:
    return assignment(state, terms=TERMS | {"start_ms": START}, rules=rules)


NOTICE = [
    (CUSTOMER, START - 2 * HOUR, 120, False),
    (CUSTOMER, START - 2 * HOUR + 1, 119, True),
    (CUSTOMER, START + MIN, -1, True),
    (APP, START - MIN, 1, False),
    ("o:hospital:op", START - MIN, 1, False),
]


@pytest.mark.parametrize(("by", "ms", "notice_min", "late"), NOTICE)
def test_who_calls_off_how_early(by: str, ms: int, notice_min: int, late: bool) -> None:
    """Only a customer is late; their app and its staff know what they do."""
    said = noted(booking(), on.Cancel(by, "moved"), moment(ms)).cancellation

    role = {"c": "customer", "a": "app", "o": "operator"}[by[0]]
    assert said == {"by": role, "reason": "moved", "notice_min": notice_min, "late": late}


def test_nobody_is_late_to_call_off_what_nobody_has() -> None:
    said = noted(booking("offering"), on.Cancel(CUSTOMER, "moved"), moment(START - 1)).cancellation

    assert said == {"by": "customer", "reason": "moved", "notice_min": 0, "late": False}


def test_a_request_for_now_has_no_notice() -> None:
    said = noted(assignment("held"), on.Cancel(CUSTOMER), moment()).cancellation

    assert said == {"by": "customer", "late": False}


def test_what_is_looked_for_as_if_for_now_was_booked_all_the_same() -> None:
    urgent = booking().for_now(NOW)
    said = noted(urgent, on.Cancel(CUSTOMER, "moved"), moment(START)).cancellation

    assert said == {"by": "customer", "reason": "moved", "notice_min": 0, "late": True}


REASONS = [
    (CUSTOMER, "whim", STRICT, False),
    (CUSTOMER, None, STRICT, False),
    (CUSTOMER, "recovered", STRICT, True),
    (CUSTOMER, "whim", Rules(), True),
    (APP, "whim", STRICT, True),
]


@pytest.mark.parametrize(("by", "reason", "rules", "allowed"), REASONS)
def test_for_which_reasons(by: str, reason: str | None, rules: Rules, allowed: bool) -> None:
    a, event = booking(rules=rules), on.Cancel(by, reason)
    if allowed:
        assert noted(a, event, moment()) != a
        return
    with pytest.raises(InvalidParams, match="one of: recovered, moved") as refused:
        noted(a, event, moment())
    assert refused.value.path == "reason"


def test_who_ends_the_meeting_is_asked_for_no_reason() -> None:
    over = on.MeetingOver("m1", "ended", CUSTOMER)
    said = noted(booking(), over, moment(START - MIN)).cancellation

    assert said == {"by": "customer", "notice_min": 1, "late": True}


def test_what_is_given_back_is_not_called_off() -> None:
    c = market()
    confirmed(c)
    given: Any = c.tell("assignment", "a1", on.Cancel(ANN, "whim"))

    assert given.cancellation is None
    assert replace(given, cancellation=None) == given
