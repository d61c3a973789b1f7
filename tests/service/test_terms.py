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


@pytest.mark.parametrize(
    ("late_ms", "taken"),
    [(-86_400_000, False), (-300_000, True), (60_000, True), (61_000, False)],
)
def test_only_now(admission: Admission, *, late_ms: int, taken: bool) -> None:
    """A minute from now is now: clocks and typing take time."""
    params = asked(starts_at=rfc3339(NOW + late_ms))
    if taken:
        assert admission.terms(KARI, params)["starts_at"].startswith("20")
        return
    with pytest.raises(InvalidParams) as refused:
        admission.terms(KARI, params)
    assert refused.value.path == "starts_at"


DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("late_ms", "start_ms"),
    [(0, None), (60_000, None), (61_000, NOW + 61_000), (700 * DAY_MS, NOW + 700 * DAY_MS)],
)
def test_a_search_may_look_ahead(admission: Admission, late_ms: int, start_ms: int | None) -> None:
    params = asked(starts_at=rfc3339(NOW + late_ms), timezone="Europe/Oslo")
    assert admission.terms(KARI, params, later=True).get("start_ms") == start_ms


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"starts_at": rfc3339(NOW - 301_000)}, "starts_at"),
        ({"starts_at": rfc3339(NOW + 733 * DAY_MS)}, "starts_at"),
        ({"starts_at": rfc3339(NOW), "timezone": "Europe/Atlantis"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
    ],
)
def test_times_that_no_search_takes(admission: Admission, terms: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        admission.terms(KARI, asked(**terms), later=True)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"interpreters_needed": 2}, "interpreters_needed"),
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
