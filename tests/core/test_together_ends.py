"""The life cycles joined in memory: failing holds, and every way to an end."""

import pytest

from signalling.core import events as on
from signalling.core.profile import PutProfile, RecordDecision, Remember, RemoveProfile
from signalling.errors import Gone, IllegalTransition
from tests.core.conductor import Conductor
from tests.core.samples import ANN, CUSTOMER, TERMS, candidate, hours
from tests.core.story import accept, join, request, ring, status


def test_a_hold_fails_and_another_comes_into_the_same_meeting(c: Conductor) -> None:
    """The customer waits inside, Ann never comes; Bo, who had lost to her, is asked again."""
    deadline = request(c).deadline_ms
    ring(c, "ann", "bo")
    accept(c, "ann")
    join(c, CUSTOMER)
    c.advance(30_000)
    assert (request(c).state, status(c, "ann")) == ("searching", "available")
    assert request(c).deadline_ms == deadline + 30_000

    ring(c, "ann", "bo", wave=2)
    assert (status(c, "ann"), status(c, "bo")) == ("available", "ringing")
    accept(c, "bo", wave=2)
    assert (request(c).state, request(c).meeting) == ("held", "m-ann")
    join(c, "i:bo")

    assert (request(c).state, status(c, "bo")) == ("in_progress", "in_meeting")


def test_nobody_comes_at_all(c: Conductor) -> None:
    ring(c, "ann")
    accept(c, "ann")
    c.advance(60_000)

    assert (request(c).state, status(c, "ann")) == ("searching", "available")
    with pytest.raises(Gone, match="not_connected"):
        accept(c, "ann")


def test_the_customer_never_comes(c: Conductor) -> None:
    ring(c, "ann")
    accept(c, "ann")
    join(c, ANN)
    c.advance(30_000)

    assert (request(c).state, status(c, "ann")) == ("no_show", "available")
    assert c.get("meeting", "m-ann").state == "ended"


def test_the_customer_looks_in_too_early_and_comes_again(c: Conductor) -> None:
    ring(c, "ann")
    accept(c, "ann")
    join(c, CUSTOMER)
    c.tell("meeting", "m-ann", on.Leave(CUSTOMER, "s-kari"))
    join(c, ANN)
    join(c, CUSTOMER)

    assert request(c).state == "in_progress"


def test_the_waiting_customer_leaves_and_the_search_goes_on(c: Conductor) -> None:
    ring(c, "ann", "bo")
    accept(c, "ann")
    join(c, CUSTOMER)
    c.advance(30_000)
    c.tell("meeting", "m-ann", on.Leave(CUSTOMER, "s-kari"))
    ring(c, "bo", wave=2)

    assert accept(c, "bo", wave=2).state == "held"


def test_an_interpreter_gives_back(c: Conductor) -> None:
    ring(c, "ann", "bo")
    accept(c, "ann")
    c.tell("assignment", "a1", on.Cancel(ANN))

    assert (request(c).state, status(c, "ann")) == ("searching", "available")
    c.tell("assignment", "a1", on.Cancel(ANN))
    assert request(c).state == "searching"


STAGES = ["searching", "offering", "held", "connecting", "confirmed"]


@pytest.mark.parametrize("stage", STAGES)
def test_cancelling_lets_everybody_go(c: Conductor, stage: str) -> None:
    if stage == "confirmed":
        c.tell("assignment", "a1", on.Update(CUSTOMER, {"mode": "onsite"}))
    if stage != "searching":
        ring(c, "ann", "bo")
    if stage not in ("searching", "offering"):
        accept(c, "ann")
    if stage == "connecting":
        join(c, ANN)
    assert request(c).state == stage

    c.tell("assignment", "a1", on.Cancel(CUSTOMER))

    assert (request(c).state, status(c, "ann"), status(c, "bo")) == (
        "cancelled",
        "available",
        "available",
    )
    assert c.due() == []
    meeting = c.get("meeting", "m-ann")
    assert meeting is None or meeting.state == "ended"


def test_work_in_progress_is_completed_not_cancelled(c: Conductor) -> None:
    ring(c, "ann")
    accept(c, "ann")
    join(c, ANN)
    join(c, CUSTOMER)
    with pytest.raises(IllegalTransition):
        c.tell("assignment", "a1", on.Cancel(CUSTOMER))

    c.tell("assignment", "a1", on.Complete(ANN, hours(20)))
    assert (request(c).state, status(c, "ann")) == ("wrap_up", "wrap_up")
    assert c.get("meeting", "m-ann").reason == "completed"
    c.tell("assignment", "a1", on.Complete(ANN))
    assert (request(c).state, status(c, "ann")) == ("completed", "available")


def test_completing_after_the_interpreter_is_rung_for_another(c: Conductor) -> None:
    """Their wrap-up ended a moment before the assignment's."""
    ring(c, "ann")
    accept(c, "ann")
    join(c, ANN)
    join(c, CUSTOMER)
    c.tell("assignment", "a1", on.Complete(ANN))
    c.now_ms += 120_000
    c.tell("availability", "ann", on.Deadline())
    c.tell("assignment", "a2", on.Create("a2", "court", "per", TERMS))
    c.tell("assignment", "a2", on.Wave("1", (candidate("x", "ann"),), 1, "dx"))

    c.tell("assignment", "a1", on.Complete(ANN))

    assert (request(c).state, status(c, "ann")) == ("completed", "ringing")


def test_onsite_work_needs_no_meeting_and_ends_if_forgotten(c: Conductor) -> None:
    c.tell("assignment", "a1", on.Update(CUSTOMER, {"mode": "onsite"}))
    ring(c, "ann")
    accept(c, "ann")
    assert (request(c).state, status(c, "ann"), request(c).meeting) == ("confirmed", "held", None)

    c.advance(24 * 3_600_000)

    assert request(c).state == "completed"
    assert status(c, "ann") == "available"


def test_a_profile_is_not_removed_from_under_its_work(c: Conductor) -> None:
    c.tell("interpreter", "ann", PutProfile({"id": "ann"}))
    ring(c, "ann")

    with pytest.raises(IllegalTransition):
        c.tell("interpreter", "ann", RemoveProfile())
    assert c.get("interpreter", "ann") is not None

    c.tell("assignment", "a1", on.Cancel(CUSTOMER))
    c.tell("interpreter", "ann", RemoveProfile())
    assert c.get("interpreter", "ann") is None
    assert status(c, "ann") == "offline"


def test_records_that_only_remember(c: Conductor) -> None:
    c.tell("decision", "d1", RecordDecision({"model": 1}))
    c.tell("answer", "k1", Remember("digest", "a1"))

    assert c.get("decision", "d1").body == {"model": 1}
    assert c.get("answer", "k1").created == "a1"
