"""Which requests are taken, and how often."""

from typing import Any

import msgspec
import pytest

from signalling.core.slot import Assignment, Slot
from signalling.core.times import rfc3339
from signalling.errors import DragomanError, InvalidParams, RateLimited
from signalling.protocol.messages.assignment import (
    AssignmentCreateParams,
    AssignmentUpdateParams,
)
from signalling.protocol.messages.common import LanguagePair, Point
from signalling.service.call import Caller
from signalling.service.terms import Admission
from tests.world import TABLES, request

NOW = 1_800_000_000_000
KARI = Caller("m", "hospital", "kari", "customer", name="Kari N.")
APP = Caller("m", "hospital", "server", "app", name="Server")


@pytest.fixture
def admission() -> Admission:
    return Admission(TABLES, lambda: NOW, 2, 2)


def asked(**terms: Any) -> AssignmentCreateParams:
    return msgspec.convert(request(**terms), AssignmentCreateParams)


def update(**changes: Any) -> AssignmentUpdateParams:
    return msgspec.convert({"assignment": "a1", **changes}, AssignmentUpdateParams)


def old(admission: Admission, **terms: Any) -> Assignment:
    kept = admission.terms(KARI, asked(**terms))
    return Assignment("a1", "hospital", "kari", kept, NOW, NOW + 1, (Slot("1"),))


def test_terms_are_kept_plain(admission: Admission) -> None:
    """What was not said is not kept; who asks for themselves is named by their token."""
    terms = admission.terms(
        KARI, asked(idempotency_key="k", customer="kari", note="x", emergency=True)
    )
    assert terms == {
        "languages": {"from": "so", "to": "no"},
        "mode": "video",
        "duration_min": 30,
        "requirements": {},
        "preferences": {},
        "public_body": False,
        "emergency": True,
        "priority": 5,
        "strategy": "waves",
        "note": "x",
        "customer_name": "Kari N.",
    }
    assert "customer_name" not in admission.terms(APP, asked(customer="kari"))


DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("late_ms", "start_ms"),
    [
        (-300_000, None),
        (0, None),
        (60_000, None),
        (61_000, NOW + 61_000),
        (700 * DAY_MS, NOW + 700 * DAY_MS),
    ],
)
def test_a_start_within_a_minute_is_now(
    admission: Admission, late_ms: int, start_ms: int | None
) -> None:
    """Clocks and typing take time; what is for now has no start of its own."""
    params = asked(starts_at=rfc3339(NOW + late_ms), timezone="Europe/Oslo")
    terms = admission.terms(KARI, params)
    assert terms.get("start_ms") == start_ms
    assert ("starts_at" in terms) is (start_ms is not None)


def test_a_start_is_kept_as_its_zone_shows_it(admission: Admission) -> None:
    """1.8e12 ms is 2027-01-15 08:00 UTC: nine o'clock in Oslo."""
    terms = admission.terms(KARI, asked(starts_at="2027-01-15T10:00", timezone="Europe/Oslo"))
    assert terms["starts_at"] == "2027-01-15T10:00:00+01:00"
    assert terms["start_ms"] == NOW + 3_600_000
    assert terms["timezone"] == "Europe/Oslo"


@pytest.mark.parametrize(
    ("wall", "why"),
    [("2027-03-28T02:30", "does not exist"), ("2027-10-31T02:30", "twice")],
)
def test_a_clock_that_is_set_is_not_guessed_at(admission: Admission, wall: str, why: str) -> None:
    params = msgspec.structs.replace(asked(), starts_at=wall, timezone="Europe/Oslo")
    with pytest.raises(InvalidParams, match=why) as refused:
        admission.terms(KARI, params)
    assert refused.value.path == "starts_at"


def test_a_moved_booking_keeps_its_zone(admission: Admission) -> None:
    booked = old(admission, starts_at="2027-02-01T10:00", timezone="Europe/Oslo")
    changes = admission.changes(booked, update(starts_at="2027-07-01T10:00"))
    assert changes["starts_at"] == "2027-07-01T10:00:00+02:00"
    assert changes.keys() == {"starts_at", "start_ms", "timezone"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"starts_at": "2027-03-28T02:30"}, "starts_at"),
        ({"starts_at": rfc3339(NOW)}, "starts_at"),
    ],
)
def test_where_a_booking_is_not_moved(
    admission: Admission, change: dict[str, Any], path: str
) -> None:
    booked = old(admission, starts_at="2027-02-01T10:00", timezone="Europe/Oslo")
    with pytest.raises(InvalidParams) as refused:
        admission.changes(booked, update(**change))
    assert refused.value.path == path


@pytest.mark.parametrize("change", [{"starts_at": rfc3339(NOW)}, {"starts_at": "2027-02-01T10:00"}])
def test_what_is_for_now_is_not_moved(admission: Admission, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidParams) as refused:
        admission.changes(old(admission), update(**change))
    assert refused.value.path == "starts_at"


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"starts_at": rfc3339(NOW - 301_000)}, "starts_at"),
        ({"starts_at": rfc3339(NOW + 733 * DAY_MS)}, "starts_at"),
        ({"starts_at": rfc3339(NOW), "timezone": "Europe/Atlantis"}, "timezone"),
        ({"starts_at": "2027-02-01T10:00"}, "starts_at"),
        ({"timezone": "Europe"}, "timezone"),
    ],
)
def test_times_that_are_not_taken(admission: Admission, terms: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        admission.terms(KARI, asked(**terms))
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"languages": {"from": "Kurdish", "to": "no"}}, "languages.from"),
        ({"languages": {"from": "zz-unknown", "to": "no"}}, "languages.from"),
        ({"requirements": {"min_qualification": "Q"}}, "requirements.min_qualification"),
        ({"mode": "onsite"}, "location"),
    ],
)
def test_refusals_name_the_field(admission: Admission, terms: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        admission.terms(KARI, asked(**terms))
    assert refused.value.path == path


def test_a_place_that_is_no_number(admission: Admission) -> None:
    """JSON has no NaN and the codecs take none; it would not pass here either."""
    with pytest.raises(msgspec.ValidationError, match="lat"):
        asked(location={"lat": float("nan"), "lon": 0.0})
    nowhere = AssignmentCreateParams(
        languages=LanguagePair(from_="so", to="no"),
        mode="video",
        duration_min=30,
        location=Point(lat=float("nan"), lon=0.0),
    )
    with pytest.raises(InvalidParams) as refused:
        admission.terms(KARI, nowhere)
    assert refused.value.path == "location.lat"


def test_changes_are_checked_with_what_stays(admission: Admission) -> None:
    a = old(admission, requirements={"gender": "female"}, preferences={"preferred": ["ann"]})
    assert admission.changes(a, update(note="Ward 7")) == {"note": "Ward 7"}
    changed = admission.changes(
        a, update(requirements={"min_qualification": "C"}, preferences={"blocked": ["eve"]})
    )
    assert changed == {
        "requirements": {"min_qualification": {"scale": "NO", "category": "C"}},
        "preferences": {"blocked": ("eve",)},
    }
    assert admission.changes(a, update(priority=9, duration_min=60)) == {
        "priority": 9,
        "duration_min": 60,
    }


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, ""),
        ({"starts_at": rfc3339(NOW)}, "starts_at"),
        ({"timezone": "Europe/Oslo"}, "timezone"),
        ({"requirements": {"min_qualification": "Q"}}, "requirements.min_qualification"),
    ],
)
def test_changes_that_are_refused(admission: Admission, changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        admission.changes(old(admission), update(**changes))
    assert refused.value.path == path


def test_nobody_rings_everybody_all_day(admission: Admission) -> None:
    """Each customer of each app asks so often a minute, whoever asks for them."""
    for caller in (KARI, APP):
        admission.count_ask(caller, "kari")
    with pytest.raises(RateLimited) as refused:
        admission.count_ask(APP, "kari")
    assert refused.value.extra["retry_after_ms"] == 30_000
    admission.count_ask(APP, "liv")
    admission.count_ask(Caller("m", "court", "kari", "customer"), "kari")
    assert issubclass(RateLimited, DragomanError)


@pytest.mark.parametrize("starts_at", [None, rfc3339(NOW + 30_000)])
def test_a_series_begins_later_than_now(admission: Admission, starts_at: str | None) -> None:
    """Its first is a booking like the others: they go with whoever takes it."""
    repeats = {"every": "week", "count": 3}
    asks = asked(repeats=repeats, timezone="Europe/Oslo", starts_at=starts_at)
    with pytest.raises(InvalidParams) as refused:
        admission.starts(asks)
    assert refused.value.path == "starts_at"
