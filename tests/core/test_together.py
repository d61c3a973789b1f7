"""The life cycles joined in memory: asking, answering, meeting."""

import pytest

from signalling.core import events as on
from signalling.errors import Gone
from tests.core.conductor import Conductor
from tests.core.samples import ANN, CUSTOMER, TERMS, candidate
from tests.core.story import accept, join, request, ring, status, told


def test_ring_accept_meet_and_part(c: Conductor) -> None:
    ring(c, "ann", "bo")
    assert (status(c, "ann"), status(c, "bo")) == ("ringing", "ringing")

    accept(c, "ann")
    assert (request(c).state, status(c, "ann"), status(c, "bo")) == ("held", "held", "available")

    join(c, ANN)
    assert (request(c).state, status(c, "ann")) == ("connecting", "held")
    join(c, CUSTOMER)
    assert (request(c).state, status(c, "ann")) == ("in_progress", "in_meeting")

    c.tell("meeting", "m-ann", on.Leave(CUSTOMER, "s-kari"))
    c.tell("meeting", "m-ann", on.Leave(ANN, "s-ann"))
    assert (request(c).state, status(c, "ann")) == ("wrap_up", "wrap_up")

    c.advance(120_000)
    assert (request(c).state, status(c, "ann")) == ("completed", "available")
    assert c.due() == []
    assert ("offer.withdrawn", "taken") in told(c, "i:bo")
    assert told(c, CUSTOMER)[0] == ("assignment.changed", "searching")


def test_an_accept_twice_is_an_accept_once(c: Conductor) -> None:
    ring(c, "ann", "bo")
    accept(c, "ann")
    before, sent = dict(c.records), list(c.effects)

    c.tell("assignment", "a1", on.Accept("ann-1", "ann", "m-other"))
    with pytest.raises(Gone, match="taken"):
        accept(c, "bo")

    assert (c.records, c.effects) == (before, sent)


def test_an_accept_that_one_of_them_refuses_changes_nothing(c: Conductor) -> None:
    """The meeting is over, which nobody told the assignment."""
    ring(c, "ann")
    accept(c, "ann")
    c.tell("availability", "bo", on.SetStatus("available"))
    c.advance(60_000)
    ring(c, "bo", wave=2)
    c.records = {k: r for k, r in c.records.items() if k.kind != "meeting"}
    before = dict(c.records)

    with pytest.raises(Exception, match="no such meeting"):
        accept(c, "bo", wave=2)

    assert c.records == before


def test_all_decline_and_the_next_wave_is_asked_for(c: Conductor) -> None:
    ring(c, "ann", "bo")
    c.tell("assignment", "a1", on.Decline("ann-1", "ann"))
    c.tell("assignment", "a1", on.Decline("bo-1", "bo"))

    assert (request(c).state, status(c, "ann"), status(c, "bo")) == (
        "searching",
        "available",
        "available",
    )
    c.advance(180_000)
    assert (request(c).state, request(c).outcome) == ("unfilled", {"reason": "nobody_accepted"})


def test_nobody_answers(c: Conductor) -> None:
    ring(c, "ann", "bo")
    c.advance(19_999)
    assert request(c).state == "offering"
    c.advance(1)

    assert (request(c).state, status(c, "ann"), status(c, "bo")) == (
        "searching",
        "available",
        "available",
    )
    assert told(c, ANN)[-1] == ("offer.withdrawn", "expired")


def answers(c: Conductor, who: str) -> tuple[float, float]:
    counts = c.get("availability", who).counts
    return round(counts.answered, 3), round(counts.silent, 3)


def test_silence_counts_where_an_offer_arrived_and_a_refusal_is_an_answer(c: Conductor) -> None:
    ring(c, "ann", "bo", "cy")
    for who in ("ann", "bo"):
        c.tell("assignment", "a1", on.Ack(f"{who}-1", who, seen=False))
    c.tell("assignment", "a1", on.Decline("bo-1", "bo"))
    c.advance(20_000)

    assert [answers(c, who) for who in ("ann", "bo", "cy")] == [(0, 1), (1, 0), (0, 0)]


def test_whoever_accepts_has_answered_and_whoever_was_too_late_counts_neither_way(
    c: Conductor,
) -> None:
    ring(c, "ann", "bo")
    for who in ("ann", "bo"):
        c.tell("assignment", "a1", on.Ack(f"{who}-1", who, seen=True))
    c.tell("assignment", "a1", on.Accept("ann-1", "ann", meeting="m1"))

    assert (answers(c, "ann"), answers(c, "bo")) == ((1, 0), (0, 0))


def test_a_ring_cut_short_by_the_end_of_the_search_is_no_silence(c: Conductor) -> None:
    c.advance(170_000)
    ring(c, "ann")
    c.tell("assignment", "a1", on.Ack("ann-1", "ann", seen=False))
    c.advance(10_000)

    assert (request(c).state, request(c).slots[0].offers[0].state) == ("unfilled", "expired")
    assert answers(c, "ann") == (0, 0)


def test_who_loses_the_socket_while_ringing_is_passed_over(c: Conductor) -> None:
    ring(c, "ann")
    c.tell("availability", "ann", on.Drop("s-ann", 1))
    c.advance(5_000)

    assert (request(c).state, request(c).slots[0].offers[0].state) == ("searching", "undelivered")
    assert (status(c, "ann"), c.get("availability", "ann").matchable) == ("available", False)
    c.advance(15_000)
    assert status(c, "ann") == "offline"


def test_who_loses_the_socket_for_a_moment_rings_on(c: Conductor) -> None:
    ring(c, "ann")
    c.tell("availability", "ann", on.Drop("s-ann", 1))
    c.advance(4_000)
    c.tell("availability", "ann", on.Connect("s-ann", 2))
    c.advance(2_000)

    assert (request(c).state, status(c, "ann")) == ("offering", "ringing")


def test_who_becomes_busy_while_ringing_declines(c: Conductor) -> None:
    ring(c, "ann")
    c.tell("availability", "ann", on.SetStatus("busy"))

    assert (request(c).state, status(c, "ann")) == ("searching", "busy")
    assert request(c).slots[0].offers[0].state == "declined"


def test_who_becomes_busy_as_the_offer_expires_is_busy(c: Conductor) -> None:
    """The deadline was not fed yet; it is, a moment later."""
    ring(c, "ann")
    c.now_ms += 20_000
    c.tell("availability", "ann", on.SetStatus("busy"))
    assert status(c, "ann") == "busy"

    c.advance(0)
    assert request(c).slots[0].offers[0].state == "expired"


def test_the_next_best_stands_in_for_whom_another_took(c: Conductor) -> None:
    c.tell("assignment", "a2", on.Create("a2", "court", "per", TERMS))
    other = on.Wave("1", (candidate("x", "ann"),), 1, "dx")
    c.tell("assignment", "a2", other)

    c.tell(
        "assignment",
        "a1",
        on.Wave("1", (candidate("ann-1", "ann"), candidate("bo-1", "bo")), 1, "d1"),
    )

    assert [o.interpreter for o in request(c).slots[0].ringing] == ["bo"]
    assert c.get("availability", "ann").engagement.assignment == "a2"


def test_nobody_can_be_rung_any_more(c: Conductor) -> None:
    for who in ("ann", "bo"):
        c.tell("availability", who, on.SetStatus("away"))
    ring(c, "ann", "bo")

    assert (request(c).state, request(c).slots[0].offers) == ("searching", ())
