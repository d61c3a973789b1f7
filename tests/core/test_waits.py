"""How long requests for now waited, by the stories that they come from."""

from typing import Any

from signalling.core import events as on
from signalling.core.effects import Bounds, Log
from signalling.core.waits import MOST, log_of
from tests.core.conductor import Conductor
from tests.core.samples import CUSTOMER, NOW, TERMS, candidate
from tests.core.story import accept, join, ring


def lines(c: Conductor, mode: str = "video") -> list[dict[str, Any]]:
    found = [e for e in c.effects if isinstance(e, Log) and e.name == log_of("no-ti", mode)]
    assert all(each.most == MOST for each in found)
    return [dict(each.entry) for each in found]


def test_who_accepts_ends_the_wait(c: Conductor) -> None:
    c.now_ms += 300
    ring(c, "ann", "bo")
    c.now_ms += 4_000
    accept(c, "ann")
    assert lines(c) == [{"at_ms": NOW + 4_300, "wait_ms": 4_300, "rung_ms": 300}]


def test_nobody_in_time_is_no_wait(c: Conductor) -> None:
    ring(c, "ann")
    c.advance(180_000)
    assert c.get("assignment", "a1").state == "unfilled"
    assert lines(c) == [{"at_ms": NOW + 180_000, "wait_ms": None, "rung_ms": 0}]


def test_nobody_was_rung(c: Conductor) -> None:
    c.tell("assignment", "a1", on.NoMatch("1", {}, never=True))
    assert lines(c) == [{"at_ms": NOW, "wait_ms": None, "rung_ms": None}]


def test_a_request_is_counted_once(c: Conductor) -> None:
    """Whoever accepts after a hold that failed adds nothing, nor does nobody."""
    ring(c, "ann")
    accept(c, "ann")
    c.advance(60_000)
    ring(c, "bo", wave=2)
    accept(c, "bo", wave=2)
    c.advance(60_000)
    c.advance(180_000)
    assert c.get("assignment", "a1").state == "unfilled"
    assert len(lines(c)) == 1


def test_work_on_site_has_a_log_of_its_own(c: Conductor) -> None:
    c.tell("assignment", "a1", on.Update(CUSTOMER, {"mode": "onsite"}))
    ring(c, "ann")
    accept(c, "ann")
    assert (lines(c), len(lines(c, "onsite"))) == ([], 1)


def test_a_hand_over_is_no_request(c: Conductor) -> None:
    ring(c, "ann")
    accept(c, "ann")
    join(c, "i:ann")
    join(c, CUSTOMER)
    c.tell("assignment", "a1", on.Transfer(CUSTOMER, None))
    c.tell("assignment", "a1", on.Wave("2", (candidate("bo-2", "bo"),), 1, "d2"))
    c.tell("assignment", "a1", on.Accept("bo-2", "bo", "m-unused"))
    assert len(lines(c)) == 1


def test_a_booking_is_no_wait(c: Conductor) -> None:
    c.tell("assignment", "a1", on.Update(CUSTOMER, {"start_ms": NOW + 3_600_000}))
    ring(c, "ann")
    accept(c, "ann")
    assert lines(c) == []


def test_a_booking_whose_time_has_come_is_no_wait(c: Conductor) -> None:
    """It is looked for as if for now, but was asked for long ago."""
    later = Bounds(request=86_400_000)
    booked = Conductor(c.now_ms, later)
    booked.records = dict(c.records)
    booked.tell("assignment", "a2", on.Create("a2", "hospital", "kari", TERMS))
    booked.bounds = Bounds()
    booked.now_ms += 3_600_000
    booked.tell("assignment", "a2", on.Wave("1", (candidate("a2-ann", "ann"),), 1, "d1"))
    booked.tell("assignment", "a2", on.Accept("a2-ann", "ann", "m-2"))
    assert booked.get("assignment", "a2").state == "held"
    assert lines(booked) == []


def test_who_called_it_off_is_not_counted(c: Conductor) -> None:
    ring(c, "ann")
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))
    assert lines(c) == []
