"""Device checks: whom they let be available, and what they count for."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.availability import Availability, decide
from signalling.core.effects import Bounds, Moment
from signalling.errors import NotEligible
from tests.core.samples import NOW, moment
from tests.core.test_availability import ENGAGED, interpreter

DAY_MS = 24 * 3_600_000
CHECKED = on.SetStatus("available", checked=True)


def check(record: Availability, ms: int, *, passed: bool = True) -> Availability:
    new, effects = decide(record, on.Checked(passed), moment(NOW + ms))
    assert new is not None
    assert (new.status, effects) == (record.status, ())
    return new


NEVER = interpreter("away")
PASSED = check(NEVER, 0)
MAY = {
    "never": (NEVER, 0, False),
    "just now": (PASSED, 0, True),
    "today": (PASSED, DAY_MS - 1, True),
    "a day ago": (PASSED, DAY_MS, False),
    "failed since": (check(PASSED, 10, passed=False), 20, False),
    "passed after a failure": (check(check(NEVER, 0, passed=False), 10), 20, True),
}


@pytest.mark.parametrize("case", MAY)
def test_who_may_be_available_where_a_check_is_asked_for(case: str) -> None:
    record, ms, may = MAY[case]

    if may:
        new, _ = decide(record, CHECKED, moment(NOW + ms))
        assert new is not None
        assert new.status == "available"
        return
    with pytest.raises(NotEligible, match="device check"):
        decide(record, CHECKED, moment(NOW + ms))
    without, _ = decide(record, replace(CHECKED, checked=False), moment(NOW + ms))
    assert without is not None
    assert without.status == "available"


def test_the_time_a_check_counts_is_set() -> None:
    short = Moment(NOW + 5_000, Bounds(device_check=5_000))

    with pytest.raises(NotEligible):
        decide(PASSED, CHECKED, short)


@pytest.mark.parametrize("status", ["busy", "away", "offline"])
def test_nobody_needs_a_check_for_anything_else(status: str) -> None:
    new, _ = decide(interpreter("available"), on.SetStatus(status, checked=True), moment())

    assert new is not None
    assert new.status == status


@pytest.mark.parametrize("status", sorted(ENGAGED))
def test_a_check_during_work_changes_nothing_of_it(status: str) -> None:
    record = interpreter(status)

    assert check(record, 1, passed=False).engagement == record.engagement


def test_what_a_check_counts_for() -> None:
    """As a connect that worked or did not; good ones once an hour, so that nobody earns by them."""
    twice = check(PASSED, 3_599_999)
    later = check(twice, 3_599_999 + 3_600_000)
    failed = check(twice, 3_600_001, passed=False)

    assert PASSED.counts.connects == 1
    assert twice.counts.connects == pytest.approx(1, abs=0.01)
    assert later.counts.connects == pytest.approx(2, abs=0.01)
    assert (failed.counts.connect_failures, failed.passed_ms) == (1, 0)
