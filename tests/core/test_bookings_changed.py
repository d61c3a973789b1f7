"""Bookings that change: other terms, given back early or late, called off."""

from typing import Any

import pytest

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.effects import Log
from signalling.core.rules import Rules
from signalling.errors import IllegalTransition, InvalidParams, NotEligible
from tests.core.booked import (
    ANN,
    CUSTOMER,
    HOUR,
    MIN,
    OPENS,
    START,
    accept,
    ask,
    confirmed,
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
    return market()


def change(c: Conductor, **changes: Any) -> None:
    c.tell("assignment", "a1", on.Update(CUSTOMER, changes))


def move(c: Conductor, minutes: int) -> None:
    change(c, start_ms=START + minutes * MIN, starts_at="later")


def faults(c: Conductor) -> list[tuple[str, str]]:
    entries = [e.entry for e in c.effects if isinstance(e, Log)]
    return [(e["state"], e["fault"]) for e in entries if e.get("kind") == "work"]


# --- other terms ----------------------------------------------------------------------------


def test_whoever_accepted_other_terms_is_asked_again_first(c: Conductor) -> None:
    """Their time is free meanwhile; nobody else is asked before they answer."""
    confirmed(c)
    move(c, 60)

    slot = request(c).slots[0]
    assert (states(c), slot.first, slot.again, slot.interpreter) == (
        ["searching"],
        "ann",
        True,
        None,
    )
    assert (diary(c, "ann"), request(c).deadline_ms) == ([], START + HOUR)
    assert slot.offers[0].reason == "changed"
    assert faults(c) == []
    offer(c, "ann")
    accept(c, "ann")
    slot = request(c).slots[0]
    assert (states(c), diary(c, "ann")) == (["confirmed"], [("a1", "1", 60, 90)])
    assert (slot.first, slot.again) == (None, False)
    assert len([e for e in c.sent(ANN) if e.method == "offer.made"]) == 2


def test_if_they_decline_everybody_is_asked(c: Conductor) -> None:
    confirmed(c)
    move(c, 60)
    offer(c, "ann")
    c.tell("assignment", "a1", on.Decline("a1-ann-1-2", "ann"))
    assert (states(c), request(c).slots[0].first) == (["searching"], None)
    offer(c, "ann", "bo")

    assert [o.interpreter for o in request(c).slots[0].ringing] == ["bo"]


def test_if_they_cannot_even_be_asked_everybody_is(c: Conductor) -> None:
    confirmed(c)
    move(c, 60)
    c.tell("assignment", "a1", on.NoMatch("1", {}, never=False))

    assert (states(c), request(c).slots[0].first) == (["searching"], None)


def test_they_are_booked_at_the_new_time(c: Conductor) -> None:
    confirmed(c)
    confirmed(c, id_="a2", start_ms=START + HOUR)
    move(c, 50)
    offer(c, "ann")
    with pytest.raises(NotEligible):
        accept(c, "ann")

    assert (states(c), diary(c, "ann")) == (["offering"], [("a2", "1", 60, 90)])


def test_the_reminders_are_those_of_the_new_time(c: Conductor) -> None:
    confirmed(c)
    until(c, START - 24 * HOUR)
    move(c, 24 * 60)
    offer(c, "ann")
    accept(c, "ann")
    until(c, START - 1)
    assert hooks(c).count("assignment.reminder") == 1
    until(c, START)

    assert hooks(c).count("assignment.reminder") == 2


@pytest.mark.parametrize("changes", [{"note": "Ward 8"}, {"preferences": {}}, {"priority": 7}])
def test_what_concerns_nobody_who_accepted_changes_nothing_for_them(
    c: Conductor, changes: dict[str, Any]
) -> None:
    confirmed(c)
    change(c, **changes)

    assert (states(c), diary(c, "ann")) == (["confirmed"], [("a1", "1", 0, 30)])
    assert changes.items() <= request(c).terms.items()


def test_those_who_could_at_another_time_say_so_anew(c: Conductor) -> None:
    ask(c, window=True)
    could(c, "ann")
    change(c, start_ms=request(c).created_ms + 30 * MIN)

    assert (states(c), request(c).interests) == (["gathering"], ())
    assert request(c).interest_until_ms == c.now_ms + 15 * MIN
    assert withdrawn(c, "ann") == ["changed"]
    could(c, "ann")
    assert len(request(c).interests) == 1


def test_nobody_is_chosen_for_terms_that_they_did_not_know(c: Conductor) -> None:
    """The window was just over."""
    ask(c, window=True)
    could(c, "ann")
    until(c, START - 47 * HOUR)
    assert states(c) == ["searching"]
    move(c, 60)
    c.tell("assignment", "a1", book.Choose("1", (candidate("x", "ann"),), "d1"))

    assert (states(c), withdrawn(c, "ann")) == (["searching"], ["changed"])


def test_once_its_meeting_is_open_only_the_note_changes(c: Conductor) -> None:
    confirmed(c)
    until(c, OPENS)
    with pytest.raises(IllegalTransition, match="only its note"):
        move(c, 60)
    change(c, note="Ward 8")

    assert states(c) == ["held"]


# --- given back -----------------------------------------------------------------------------

GIVEN_BACK = [
    (START - 24 * HOUR, None, "nobody"),
    (START - 24 * HOUR + 1, None, "interpreter"),
    (START - HOUR, "illness", "excused"),
    (START - HOUR, "a better offer", "interpreter"),
    (START + MIN, None, "interpreter"),
]


@pytest.mark.parametrize(("ms", "reason", "fault"), GIVEN_BACK)
def test_whose_fault_it_is_to_give_back(
    c: Conductor, ms: int, reason: str | None, fault: str
) -> None:
    confirmed(c)
    until(c, ms)
    c.tell("assignment", "a1", on.Cancel(ANN, reason))
    given = request(c)
    c.tell("assignment", "a1", on.Cancel(ANN, reason))  # again

    assert (faults(c), diary(c, "ann")) == ([("cancelled", fault)], [])
    assert (states(c), hooks(c)[-1]) == (["searching"], "assignment.reopened")
    assert (request(c), given.cancellation) == (given, None)


LEFT = [(START - 3 * MIN, START), (START - 3 * MIN + 1, START + 1), (START + MIN, START + 4 * MIN)]


@pytest.mark.parametrize(("ms", "deadline_ms"), LEFT)
def test_what_is_given_back_at_the_last_moment_is_looked_for_as_if_for_now(
    c: Conductor, ms: int, deadline_ms: int
) -> None:
    confirmed(c)
    until(c, ms)
    c.tell("assignment", "a1", on.Cancel(ANN))
    assert request(c).deadline_ms == deadline_ms
    offer(c, "bo")

    now = ms != START - 3 * MIN
    assert str(c.get("availability", "bo").status) == ("ringing" if now else "available")
    accept(c, "bo")
    c.advance(0)
    assert states(c) == ["held"]


def test_a_booking_that_is_late_moves_to_another_time(c: Conductor) -> None:
    """What is looked for as if for now becomes a booking again."""
    confirmed(c)
    until(c, START)
    c.tell("assignment", "a1", on.Cancel(ANN))
    move(c, 120)
    offer(c, "bo")
    accept(c, "bo")

    assert (states(c), request(c).begins_ms) == (["confirmed"], START + 2 * HOUR)
    assert diary(c, "bo") == [("a1", "1", 120, 150)]


# --- called off -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["gathering", "offering", "confirmed", "held", "connecting"])
def test_calling_off_frees_everybody(c: Conductor, state: str) -> None:
    ask(c, window=state == "gathering")
    if state == "gathering":
        could(c, "ann")
    else:
        offer(c, "ann")
    if state in ("confirmed", "held", "connecting"):
        accept(c, "ann")
    if state in ("held", "connecting"):
        until(c, OPENS)
    if state == "connecting":
        join(c, ANN, ROOM)
    assert states(c) == [state]
    c.tell("assignment", "a1", on.Cancel(CUSTOMER, "recovered"))
    off = request(c)
    c.tell("assignment", "a1", on.Cancel(CUSTOMER, "again"))

    assert (states(c), diary(c, "ann"), request(c)) == (["cancelled"], [], off)
    assert (off.wake_at_ms, hooks(c)[-1]) == (None, "assignment.cancelled")
    assert withdrawn(c, "ann") == (["cancelled"] if state in ("gathering", "offering") else [])
    assert off.cancellation is not None
    assert off.cancellation["reason"] == "recovered"


def test_a_cancellation_for_no_reason_of_the_apps_is_refused(c: Conductor) -> None:
    confirmed(c, rules=Rules(cancel_reasons=("recovered",)))
    before = request(c)
    with pytest.raises(InvalidParams, match="one of: recovered"):
        c.tell("assignment", "a1", on.Cancel(CUSTOMER, "whim"))

    assert request(c) == before
