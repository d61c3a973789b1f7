"""Suspended after no-shows: what they may do meanwhile, and that it ends."""

import pytest

from signalling.core import events as on
from signalling.core.availability import Availability, Event, decide
from signalling.core.booking_events import Suspend
from signalling.core.track import Counts
from signalling.errors import NotEligible
from tests.core.samples import LATER, NOW, moment
from tests.core.test_availability import interpreter


def tell(record: Availability, event: Event, ms: int = NOW) -> Availability:
    new, _ = decide(record, event, moment(ms))
    assert new is not None
    return new


def test_nobody_who_is_suspended_becomes_available() -> None:
    """They hear until when, and how to have a human look at it."""
    record = tell(interpreter("available", until_ms=LATER), Suspend(LATER))

    assert (record.status, record.wish, record.until_ms) == ("away", "away", None)
    assert record.feed["suspended_until_ms"] == LATER
    with pytest.raises(NotEligible) as refused:
        tell(record, on.SetStatus("available"), LATER - 1)
    until = "2023-11-14T22:13:30.000Z"
    assert until in refused.value.detail
    assert refused.value.extra == {"suspended_until": until, "appeal": "feedback.report"}
    assert tell(record, on.SetStatus("busy"), LATER - 1).status == "busy"
    assert tell(record, on.SetStatus("available"), LATER).status == "available"


def test_what_they_are_at_goes_on() -> None:
    """The offer that rings is still theirs to take; only then they are away."""
    record = tell(interpreter("ringing"), Suspend(LATER))
    for event in (on.Hold("o1"), on.Meet("a1"), on.Release("a1")):
        record = tell(record, event)
    assert record.status == "wrap_up"
    assert tell(record, on.Deadline(), NOW + 120_000).status == "away"


def test_a_pause_that_is_lifted_is_over_at_once() -> None:
    record = tell(tell(interpreter("busy"), Suspend(LATER)), Suspend(None))

    assert tell(record, on.SetStatus("available")).status == "available"


def test_what_was_excused_does_not_count_as_failed() -> None:
    record = interpreter("available", counts=Counts(at_ms=NOW, failed=2))

    assert tell(record, Suspend(None, excused_ms=NOW)).counts.failed == 1
    assert tell(record, Suspend(LATER)).counts.failed == 2
    assert tell(record, Suspend(LATER, failed=True)).counts.failed == 3
