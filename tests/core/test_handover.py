"""Running work that is handed to another: an overlap, not a gap, and no harm if nobody comes."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.errors import Forbidden, IllegalTransition
from tests.core.conductor import Conductor
from tests.core.samples import ANN, CUSTOMER, candidate
from tests.core.story import accept, join, marketplace, request, ring, status

BO = "i:bo"


@pytest.fixture
def running() -> Conductor:
    """Ann works for Kari in a meeting; Bo is available."""
    c = marketplace()
    ring(c, "ann")
    accept(c, "ann")
    join(c, ANN)
    join(c, CUSTOMER)
    return c


def hand_over(c: Conductor, by: str = CUSTOMER, to: str | None = None) -> None:
    c.tell("assignment", "a1", on.Transfer(by, to))


def find_bo(c: Conductor) -> None:
    """Ring Bo for the slot of the successor, who accepts."""
    c.tell("assignment", "a1", on.Wave("2", (candidate("bo-2", "bo"),), 1, "d2"))
    c.tell("assignment", "a1", on.Accept("bo-2", "bo", "m-unused"))


def connect(c: Conductor, who: str, peer: str) -> None:
    user = who.rsplit(":", 1)[-1]
    c.tell("meeting", "m-ann", room.Path(who, f"s-{user}", peer, "connected"))


def inside(c: Conductor) -> set[str]:
    return {p.address for p in c.get("meeting", "m-ann").inside}


def test_the_other_is_connected_before_the_first_is_out(running: Conductor) -> None:
    c = running
    hand_over(c)
    assert (request(c).state, request(c).slot("2").state) == ("in_progress", "searching")
    assert request(c).slot("2").looking
    assert "searching" in request(c).indexes

    find_bo(c)
    assert (status(c, "ann"), status(c, "bo")) == ("in_meeting", "held")
    join(c, BO)
    assert inside(c) == {CUSTOMER, ANN, BO}
    assert (status(c, "ann"), status(c, "bo")) == ("in_meeting", "in_meeting")

    connect(c, BO, "p-kari")
    assert inside(c) == {CUSTOMER, BO}
    assert (status(c, "ann"), status(c, "bo")) == ("wrap_up", "in_meeting")
    slots = {s.id: s.state for s in request(c).slots}
    assert (request(c).state, slots) == ("in_progress", {"1": "wrap_up", "2": "in_progress"})
    (out,) = [p for p in c.get("meeting", "m-ann").participants if p.address == ANN]
    assert (out.state, out.reason) == ("removed", "handed_over")

    c.tell("assignment", "a1", on.Complete(BO))
    c.advance(120_000)
    assert {s.state for s in request(c).slots} == {"completed"}
    assert c.due() == []


def test_who_cannot_connect_takes_over_after_a_while(running: Conductor) -> None:
    hand_over(running)
    find_bo(running)
    join(running, BO)

    running.advance(29_999)
    assert ANN in inside(running)
    running.advance(1)
    assert inside(running) == {CUSTOMER, BO}


def test_nobody_comes_and_all_is_as_before(running: Conductor) -> None:
    c = running
    hand_over(c)
    c.advance(180_000)

    assert [(s.id, s.state) for s in request(c).slots] == [("1", "in_progress")]
    assert request(c).outcome == {"reason": "not_handed_over"}
    assert (inside(c), status(c, "ann")) == ({CUSTOMER, ANN}, "in_meeting")
    hand_over(c)  # once more
    assert request(c).slot("2").looking


def test_nobody_ever_could(running: Conductor) -> None:
    hand_over(running)
    running.tell("assignment", "a1", on.NoMatch("2", {"excluded": {}}, never=True))

    assert len(request(running).slots) == 1
    assert running.get("meeting", "m-ann").state == "live"


@pytest.mark.parametrize("end", [on.Complete(CUSTOMER), "meeting"])
def test_the_work_ends_before_anybody_came(running: Conductor, end: object) -> None:
    """Whoever was found is let go, and no fault is theirs."""
    hand_over(running)
    find_bo(running)
    if end == "meeting":
        running.tell("meeting", "m-ann", on.End(CUSTOMER))
    else:
        running.tell("assignment", "a1", end)

    assert [s.id for s in request(running).slots] == ["1"]
    assert (request(running).state, status(running, "bo")) == ("wrap_up", "available")
    assert running.get("availability", "bo").counts.failed == 0


def test_offers_that_ring_for_it_are_withdrawn_with_it(running: Conductor) -> None:
    hand_over(running)
    running.tell("assignment", "a1", on.Wave("2", (candidate("bo-2", "bo"),), 1, "d2"))
    assert status(running, "bo") == "ringing"
    running.tell("assignment", "a1", on.Complete(CUSTOMER))

    assert status(running, "bo") == "available"


def test_the_work_ends_while_the_other_is_on_their_way(running: Conductor) -> None:
    """The meeting is over for all."""
    hand_over(running)
    find_bo(running)
    running.tell("assignment", "a1", on.Complete(ANN))

    assert (request(running).state, status(running, "bo")) == ("wrap_up", "available")
    assert running.get("meeting", "m-ann").state == "ended"


def test_the_successor_gives_it_back(running: Conductor) -> None:
    """Another is looked for; who is at work stays."""
    hand_over(running)
    find_bo(running)
    running.tell("assignment", "a1", on.Cancel(BO))

    slot = request(running).slot("2")
    assert (slot.state, slot.interpreter) == ("searching", None)
    assert request(running).unwanted(slot) == {"ann", "bo"}
    assert (request(running).state, status(running, "ann")) == ("in_progress", "in_meeting")


def test_the_customer_is_away_just_then(running: Conductor) -> None:
    """The successor is at work all the same: the customer comes back to them."""
    hand_over(running)
    find_bo(running)
    running.tell("meeting", "m-ann", on.Leave(CUSTOMER, "s-kari"))
    join(running, BO)
    connect(running, BO, "p-ann")

    assert {s.id: s.state for s in request(running).slots} == {"1": "wrap_up", "2": "in_progress"}
    assert status(running, "bo") == "in_meeting"


def test_who_may_hand_over_what(running: Conductor) -> None:
    with pytest.raises(Forbidden):
        hand_over(running, by=BO)
    with pytest.raises(IllegalTransition, match="already"):
        hand_over(running, to="ann")
    hand_over(running, by=ANN, to="bo")
    assert request(running).slot("2").only == "bo"
    with pytest.raises(IllegalTransition, match="already"):
        hand_over(running)


def test_the_second_hands_over_too(running: Conductor) -> None:
    hand_over(running)
    find_bo(running)
    join(running, BO)
    connect(running, BO, "p-kari")
    hand_over(running, by=BO)

    assert request(running).slot("3").replaces == "2"
    note = running.tell("assignment", "a1", on.Update(CUSTOMER, {"note": "Ward 8"}))
    assert note.terms["note"] == "Ward 8"


def test_a_handover_of_another_meeting_is_not_ours(running: Conductor) -> None:
    before = request(running)
    running.tell("assignment", "a1", on.HandedOver("m-other", ANN, BO))
    running.tell("assignment", "a1", on.HandedOver("m-ann", "i:cy", BO))

    assert request(running) == replace(before)


def test_who_has_left_ends_their_own_work_only(running: Conductor) -> None:
    """Whoever came works on, whatever the one before says is done, and however often."""
    hand_over(running)
    find_bo(running)
    join(running, BO)
    connect(running, BO, "p-kari")
    for _ in range(2):  # a retry
        running.tell("assignment", "a1", on.Complete(ANN))
        slots = {s.id: s.state for s in request(running).slots}
        assert slots == {"1": "completed", "2": "in_progress"}
    assert inside(running) == {CUSTOMER, BO}
