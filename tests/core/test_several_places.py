"""Assignments for two interpreters: each place lives by itself, in one meeting."""

import pytest

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.errors import IllegalTransition
from tests.core.booked import (
    ANN,
    BO,
    CLOSES,
    CUSTOMER,
    HOUR,
    LATE,
    MIN,
    NO_SHOW,
    OPENS,
    START,
    accept,
    ask,
    could,
    diary,
    hooks,
    market,
    offer,
    request,
    states,
    until,
    withdrawn,
)
from tests.core.conductor import Conductor
from tests.core.samples import candidate
from tests.core.story import join

ROOM = "room-a1"


@pytest.fixture
def c() -> Conductor:
    """Ann and Bo are booked for one talk."""
    c = market()
    ask(c, needed=2)
    both(c)
    return c


def both(c: Conductor) -> None:
    for slot, who in (("1", "ann"), ("2", "bo")):
        offer(c, who, slot=slot)
        accept(c, who, slot=slot)


def at_work(c: Conductor, *who: str) -> None:
    until(c, OPENS)
    for each in (CUSTOMER, *who):
        join(c, each, ROOM)


def ended(c: Conductor) -> bool:
    return str(c.get("meeting", ROOM).state) == "ended"


def test_nobody_is_asked_for_both_places() -> None:
    c = market()
    ask(c, needed=2)
    offer(c, "ann", slot="1")
    offer(c, "ann", "bo", slot="2")
    assert [o.interpreter for o in request(c).slot("2").ringing] == ["bo"]
    accept(c, "ann", slot="1")
    accept(c, "bo", slot="2")

    assert (states(c), diary(c, "ann")) == (["confirmed"] * 2, [("a1", "1", 0, 30)])


def test_both_meet_the_customer_in_one_meeting(c: Conductor) -> None:
    at_work(c)
    assert {p.address for p in c.get("meeting", ROOM).parties} == {CUSTOMER, ANN, BO}
    join(c, ANN, ROOM)
    assert states(c) == ["in_progress", "connecting"]
    assert str(request(c).state) == "connecting"
    join(c, BO, ROOM)

    assert states(c) == ["in_progress"] * 2


def test_one_completes_before_the_other(c: Conductor) -> None:
    """The meeting goes on without them, and ends with the other."""
    at_work(c, ANN, BO)
    c.tell("assignment", "a1", on.Complete(ANN))
    assert (states(c), ended(c)) == (["wrap_up", "in_progress"], False)
    assert {p.address for p in c.get("meeting", ROOM).inside} == {CUSTOMER, BO}
    c.advance(2 * MIN)
    assert states(c) == ["completed", "in_progress"]
    c.tell("assignment", "a1", on.Complete(BO))

    assert (states(c), ended(c)) == (["completed", "wrap_up"], True)


def test_one_gives_back_and_the_other_stays(c: Conductor) -> None:
    until(c, START - HOUR)
    c.tell("assignment", "a1", on.Cancel(ANN))
    assert states(c) == ["searching", "confirmed"]
    assert hooks(c).count("assignment.reminder") == 2
    offer(c, "bo", "cy", slot="1")
    accept(c, "cy", slot="1")
    until(c, OPENS)

    assert states(c) == ["held"] * 2
    assert hooks(c).count("assignment.reminder") == 2
    assert {p.address for p in c.get("meeting", ROOM).parties} == {CUSTOMER, BO, "i:cy"}


def test_a_place_that_is_not_filled_leaves_the_other(c: Conductor) -> None:
    until(c, START - HOUR)
    c.tell("assignment", "a1", on.Cancel(ANN))
    until(c, START)

    assert (states(c), ended(c)) == (["unfilled", "held"], False)


@pytest.mark.parametrize("there", [ANN, BO])
def test_one_never_comes_while_the_other_works(c: Conductor, there: str) -> None:
    """Another is looked for as if for now; the booking of who came stays what it was."""
    at_work(c, there)
    until(c, NO_SHOW)
    place, came = ("2", "1") if there == ANN else ("1", "2")
    assert request(c).slot(place).state == "searching"
    assert request(c).slot(came).state == "in_progress"
    offer(c, "cy", slot=place)
    accept(c, "cy", slot=place)
    join(c, "i:cy", ROOM)

    assert (states(c), request(c).begins_ms) == (["in_progress"] * 2, START)


def test_one_gives_back_at_the_last_moment_and_the_other_waits_as_booked(c: Conductor) -> None:
    """What is looked for as if for now is one place, not the other."""
    until(c, OPENS)
    join(c, CUSTOMER, ROOM)
    until(c, START)
    c.tell("assignment", "a1", on.Cancel(ANN))
    assert (states(c), request(c).slot("2").until_ms) == (["searching", "connecting"], LATE)
    until(c, LATE)
    assert states(c) == ["unfilled", "connecting"]
    join(c, BO, ROOM)

    assert states(c) == ["unfilled", "in_progress"]
    assert str(c.get("availability", "bo").status) == "in_meeting"


def test_a_letter_that_is_accepted_after_the_other_place_is_urgent(c: Conductor) -> None:
    until(c, START - HOUR)
    c.tell("assignment", "a1", on.Cancel(BO))
    until(c, START - 3 * MIN - 30_000)
    offer(c, "cy", slot="2")
    until(c, START - 3 * MIN + 1)
    c.tell("assignment", "a1", on.Cancel(ANN))
    assert request(c).start_ms is None
    assert states(c) == ["searching", "offering"]
    accept(c, "cy", slot="2")
    c.advance(0)

    assert (states(c), diary(c, "cy")) == (["searching", "held"], [("a1", "2", 0, 30)])


def test_neither_comes(c: Conductor) -> None:
    until(c, NO_SHOW)

    assert (states(c), request(c).outcome) == (["no_show"] * 2, {"reason": "nobody_came"})
    assert ended(c)


def test_the_customer_never_comes_to_both(c: Conductor) -> None:
    until(c, OPENS)
    join(c, ANN, ROOM)
    join(c, BO, ROOM)
    until(c, NO_SHOW)

    assert (states(c), ended(c)) == (["no_show"] * 2, True)
    assert (diary(c, "ann"), diary(c, "bo")) == ([], [])


def test_the_customer_says_who_never_came(c: Conductor) -> None:
    """Without a name it is those who are not there."""
    until(c, OPENS)
    join(c, ANN, ROOM)
    until(c, LATE)
    c.tell("assignment", "a1", book.NeverCame(CUSTOMER))
    assert states(c) == ["connecting", "searching"]
    with pytest.raises(IllegalTransition, match="they are in the meeting"):
        c.tell("assignment", "a1", book.NeverCame(CUSTOMER, "ann"))


def test_calling_off_leaves_who_works_at_work(c: Conductor) -> None:
    at_work(c, ANN)
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))
    once = request(c)
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))

    assert (states(c), ended(c)) == (["in_progress", "cancelled"], False)
    assert {p.address for p in c.get("meeting", ROOM).parties} == {CUSTOMER, ANN}
    assert request(c) == once
    c.tell("assignment", "a1", on.Complete(ANN))
    c.advance(2 * MIN)
    assert (states(c), str(request(c).state)) == (["completed", "cancelled"], "completed")


def test_calling_off_once_one_is_done(c: Conductor) -> None:
    at_work(c, ANN)
    c.tell("assignment", "a1", on.Complete(ANN))
    c.advance(2 * MIN)
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))

    assert (states(c), ended(c)) == (["completed", "cancelled"], True)
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))  # again


ENDS = [(CUSTOMER, ["cancelled"] * 2), ("o:hospital:op", ["held"] * 2)]


@pytest.mark.parametrize(("by", "want"), ENDS)
def test_the_meeting_ends_before_the_work(c: Conductor, by: str, want: list[str]) -> None:
    """One new meeting opens for both places."""
    until(c, OPENS)
    c.tell("meeting", ROOM, on.End(by))

    assert states(c) == want
    if want[0] == "held":
        parties = c.get("meeting", f"{ROOM}.2").parties
        assert {p.address for p in parties} == {CUSTOMER, ANN, BO}


@pytest.mark.parametrize("gone", [ANN, BO])
def test_the_meeting_ends_while_one_place_is_looked_for(c: Conductor, gone: str) -> None:
    """Whoever stays meets in the next, and who takes the place comes there, too."""
    until(c, OPENS)
    c.tell("assignment", "a1", on.Cancel(gone))
    c.tell("meeting", ROOM, on.End("o:hospital:op"))
    place = "1" if gone == ANN else "2"
    assert sorted(states(c)) == ["held", "searching"]
    assert request(c).meeting == f"{ROOM}.2"
    offer(c, "cy", slot=place)
    accept(c, "cy", slot=place)
    c.advance(0)

    stays = BO if gone == ANN else ANN
    parties = c.get("meeting", f"{ROOM}.2").parties
    assert {p.address for p in parties} == {CUSTOMER, stays, "i:cy"}


def test_the_meeting_ends_while_only_one_works(c: Conductor) -> None:
    at_work(c, BO)
    c.tell("meeting", ROOM, on.End(CUSTOMER))

    assert states(c) == ["cancelled", "wrap_up"]
    assert (diary(c, "ann"), diary(c, "bo")) == ([], [])


def test_both_places_are_chosen_from_those_who_could() -> None:
    c = market()
    ask(c, needed=2, window=True)
    could(c, "ann", "bo", "cy")
    until(c, CLOSES)
    ranked = ("cy", "ann", "bo")
    for slot in ("1", "2"):
        candidates = tuple(candidate(f"chosen-{who}-{slot}", who) for who in ranked)
        c.tell("assignment", "a1", book.Choose(slot, candidates, "d1"))

    assert [s.interpreter for s in request(c).slots] == ["cy", "ann"]
    assert [withdrawn(c, who) for who in ranked] == [[], [], ["another_chosen"]]


def test_the_customer_chooses_one_and_then_the_other() -> None:
    c = market()
    ask(c, needed=2, window=True)
    could(c, "ann", "bo", "cy")
    for who in ("ann", "ann", "bo"):  # once more for Ann is a retry
        c.tell("assignment", "a1", book.Confirm(CUSTOMER, candidate(f"c-{who}", who)))

    assert [s.interpreter for s in request(c).slots] == ["ann", "bo"]
    assert withdrawn(c, "cy") == ["another_chosen"]


def test_two_interpreters_for_now() -> None:
    """The customer ends the waiting room: both places are called off."""
    c = market()
    ask(c, needed=2, start_ms=None)
    both(c)
    c.tell("meeting", "m-a1", on.End(CUSTOMER))

    assert states(c) == ["cancelled"] * 2
    assert str(c.get("availability", "bo").status) == "available"


def test_a_waiting_room_for_two_that_ends_by_itself() -> None:
    c = market()
    ask(c, needed=2, start_ms=None)
    both(c)
    c.tell("meeting", "m-a1", on.End(None))

    assert (states(c), request(c).meeting) == (["searching"] * 2, None)


def test_a_customer_who_waits_for_the_other_place_is_not_sent_home() -> None:
    c = market()
    ask(c, needed=2, start_ms=None)
    both(c)
    join(c, CUSTOMER, "m-a1")
    c.tell("assignment", "a1", on.Cancel(ANN))
    c.tell("assignment", "a1", on.Cancel(BO))
    c.tell("assignment", "a1", on.NoMatch("1", {}, never=True))
    assert (states(c), str(c.get("meeting", "m-a1").state)) == (["unfilled", "searching"], "open")
    c.tell("assignment", "a1", on.NoMatch("2", {}, never=True))

    assert str(c.get("meeting", "m-a1").state) == "ended"


def test_booked_work_is_handed_over_by_a_ring(c: Conductor) -> None:
    """It is wanted now, whatever the booking was; the other place stays booked."""
    at_work(c, ANN)
    c.tell("assignment", "a1", on.Transfer(ANN))
    offer(c, "cy", slot="3")
    assert str(c.get("availability", "cy").status) == "ringing"
    accept(c, "cy", slot="3")
    assert states(c) == ["in_progress", "connecting", "held"]
    join(c, BO, ROOM)

    assert states(c)[:2] == ["in_progress"] * 2
    with pytest.raises(IllegalTransition):
        c.tell("assignment", "a1", on.Cancel(CUSTOMER))
