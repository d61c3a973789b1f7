"""What an assignment remembers and tells at its turns: holds, changes, ends."""

from typing import Any

import msgpack
import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Bounds, Key, Tell
from signalling.core.offer import OfferState
from signalling.core.slot import Assignment
from signalling.store.records import pack, unpack
from tests.core.samples import (
    ANN,
    CUSTOMER,
    END,
    LATER,
    NOW,
    TERMS,
    assignment,
    candidate,
    follow,
    hours,
    moment,
    offer,
    sent,
    told,
)

# Ann's time is her own again, now and in her diary.
LET_GO = [("availability", "ann", "Release"), ("diary", "ann", "Unbook")]

# --- accepting and holding ----------------------------------------------------------------


def test_an_accept_is_told_to_all_whom_it_concerns() -> None:
    old = assignment("offering")

    new, effects = decide(old, on.Accept("o2", "bo", "m5"), moment(NOW + 1))

    assert (new.slots[0].interpreter, new.meeting) == ("bo", "m5")
    assert new.slots[0].until_ms == NOW + 1 + 60_000
    assert set(told(effects)) == {
        ("availability", "bo", "Hold"),
        ("availability", "ann", "Unring"),
        ("interpreter", "bo", "Book"),
        ("meeting", "m5", "Open"),
    }
    assert sent(effects) == [(CUSTOMER, "assignment.changed"), ("i:bo", "assignment.changed")]


def test_a_second_winner_comes_into_the_same_meeting() -> None:
    new, effects = decide(
        assignment("offering", meeting="m1"), on.Accept("o2", "bo", "m5"), moment()
    )

    assert new.meeting == "m1"
    assert ("meeting", "m1", "Admit") in told(effects)


def test_an_onsite_accept_is_a_booking_without_a_meeting() -> None:
    """It ends by itself, long after its time, should nobody say that it is done."""
    old = assignment("offering", terms=TERMS | {"mode": "onsite"})

    new, effects = decide(old, on.Accept("o1", "ann", "m5"), moment())

    assert (new.state, new.meeting) == ("confirmed", None)
    assert new.wake_at_ms == NOW + Bounds().meeting + 30 * 60_000
    assert ("availability", "ann", "Hold") in told(effects)


def test_a_hold_that_is_over_searches_on_and_the_clock_stood_still() -> None:
    old = assignment("held")

    new, effects = decide(old, on.Deadline(), moment(LATER))

    assert (new.state, new.slots[0].interpreter) == ("searching", None)
    assert new.deadline_ms == END + (LATER - NOW)
    assert told(effects) == [*LET_GO, ("meeting", "m1", "Revoke")]
    assert new.slots[0].offer("o1").reason == "not_connected"


def test_after_a_failed_hold_the_losers_may_be_asked_again_but_not_the_winner() -> None:
    failed = follow(assignment("held"), on.Deadline(), ms=LATER)

    wave = on.Wave("1", (candidate("o8", "ann"), candidate("o9", "bo")), 2, "d2")

    assert [o.id for o in follow(failed, wave, ms=LATER).slots[0].ringing] == ["o9"]


PRESENT = [
    ((), "searching"),
    ((CUSTOMER,), "searching"),
    ((ANN,), "no_show"),
]


@pytest.mark.parametrize(("present", "want"), PRESENT)
def test_who_never_came(present: tuple[str, ...], want: str) -> None:
    """Only the customer's own absence ends it; otherwise offering goes on."""
    slot = replace(assignment("connecting").slots[0], present=present)

    new, effects = decide(assignment("connecting", slots=(slot,)), on.Deadline(), moment(LATER))

    assert new.state == want
    assert ("availability", "ann", "Release") in told(effects)
    assert (("meeting", "m1", "End") in told(effects)) == (want == "no_show")


def test_the_first_to_join_gives_the_other_half_a_minute() -> None:
    first = follow(assignment("held"), on.Present("m1", (ANN, "g:m1:guest")))
    gone = follow(first, on.Present("m1", ()), ms=NOW + 5)

    assert (first.state, first.slots[0].present) == ("connecting", (ANN,))
    assert (first.wake_at_ms, gone.wake_at_ms) == (NOW + 30_000, NOW + 30_000)
    assert (gone.state, gone.slots[0].present) == ("connecting", ())


def test_a_customer_who_waits_in_the_meeting_does_not_shorten_the_next_hold() -> None:
    """They were there before; the hold runs until the interpreter comes."""
    waiting = follow(
        assignment("offering", meeting="m1"),
        on.Present("m1", (CUSTOMER,)),
        on.Accept("o1", "ann", "m5"),
        on.Present("m1", (CUSTOMER, "g:m1:guest")),
    )

    assert (waiting.state, waiting.wake_at_ms) == ("held", NOW + 60_000)
    assert follow(waiting, on.Present("m1", (CUSTOMER, ANN))).state == "in_progress"


def test_a_meeting_that_ends_while_nobody_is_held_is_replaced() -> None:
    old = assignment("offering", meeting="m1")

    new, effects = decide(
        follow(old, on.MeetingOver("m1", "ended", "o:hospital:op")),
        on.Accept("o1", "ann", "m5"),
        moment(),
    )

    assert new.meeting == "m5"
    assert ("meeting", "m5", "Open") in told(effects)


@pytest.mark.parametrize("state", ["searching", "offering"])
def test_a_customer_who_ends_the_waiting_room_has_given_up(state: str) -> None:
    event = on.MeetingOver("m1", "ended", CUSTOMER)

    new, effects = decide(assignment(state, meeting="m1"), event, moment())

    assert new.state == "cancelled"
    assert (("availability", "ann", "Unring") in told(effects)) == (state == "offering")


def test_a_meeting_that_is_over_while_held_is_replaced() -> None:
    new, effects = decide(assignment("held"), on.MeetingOver("m1", "too_long"), moment())

    assert (new.state, new.meeting) == ("searching", None)
    assert told(effects) == LET_GO


# --- changing, cancelling, completing -----------------------------------------------------


def test_a_change_of_terms_asks_everybody_anew() -> None:
    """Also who declined; and what they answered then is kept."""
    declined = follow(assignment("offering"), on.Decline("o1", "ann", "too short"))

    new, effects = decide(declined, on.Update(CUSTOMER, {"duration_min": 60}), moment())
    again = follow(new, on.Wave("1", (candidate("o8", "ann"), candidate("o9", "bo")), 2, "d2"))

    assert [(str(o.state), o.reason) for o in new.slots[0].offers] == [
        ("declined", "too short"),
        ("withdrawn", "changed"),
    ]
    assert told(effects) == [("availability", "bo", "Unring")]
    assert [o.id for o in again.slots[0].ringing] == ["o8", "o9"]


def test_spares_of_a_changed_request_may_have_been_asked_before() -> None:
    changed = follow(assignment("offering"), on.Update(CUSTOMER, {"duration_min": 60}))
    ringing = follow(
        changed, on.Wave("1", (candidate("cy-1", "cy"), candidate("o8", "ann")), 1, "d2")
    )

    new, _ = decide(ringing, on.CouldNotRing("cy-1", (candidate("o8", "ann"),)), moment())

    assert [o.id for o in new.slots[0].ringing] == ["o8"]


def test_a_note_reaches_the_interpreter_who_will_read_it() -> None:
    new, effects = decide(assignment("held"), on.Update(CUSTOMER, {"note": "Ward 8"}), moment())

    assert new.terms["note"] == "Ward 8"
    assert sent(effects) == [(CUSTOMER, "assignment.changed"), (ANN, "assignment.changed")]


TELLS: dict[str, set[tuple[str, str, str]]] = {
    "searching": set(),
    "offering": {("availability", "ann", "Unring"), ("availability", "bo", "Unring")},
    "confirmed": {*LET_GO, ("meeting", "m1", "End")},
    "held": {*LET_GO, ("meeting", "m1", "End")},
    "connecting": {*LET_GO, ("meeting", "m1", "End")},
}


@pytest.mark.parametrize(("state", "tells"), TELLS.items())
def test_a_cancellation_lets_everybody_go(state: str, tells: set[tuple[str, str, str]]) -> None:
    new, effects = decide(assignment(state), on.Cancel(CUSTOMER, "recovered"), moment())

    assert set(told(effects)) == tells
    assert (new.outcome, new.slots[0].ended_ms) == ({"reason": "recovered"}, NOW)
    assert new.wake_at_ms is None


def test_who_gives_back_is_not_asked_again_and_counts_as_gone() -> None:
    given, effects = decide(assignment("held"), on.Cancel(ANN), moment(LATER))

    assert (given.state, given.slots[0].offer("o1").reason) == ("searching", "given_back")
    assert told(effects) == [*LET_GO, ("meeting", "m1", "Revoke")]
    assert decide(given, on.Cancel(ANN), moment(LATER)) == (given, ())
    assert "ann" in given.slots[0].asked


def test_completing_ends_the_meeting_and_wraps_up() -> None:
    new, effects = decide(assignment("in_progress"), on.Complete(ANN, hours(25)), moment())
    done, more = decide(new, on.Complete(ANN), moment(NOW + 5))

    assert (new.state, new.wake_at_ms, new.slots[0].minutes) == ("wrap_up", NOW + 120_000, 25)
    assert set(told(effects)) == {*LET_GO, ("meeting", "m1", "End")}
    assert (done.state, done.slots[0].minutes) == ("completed", 25)
    assert told(more) == [*LET_GO, ("interpreter", "ann", "Finished")]


UNFILLED: list[tuple[Any, int]] = [
    (on.NoMatch("1", {}, never=True), NOW),
    (on.Deadline(), END),
]


@pytest.mark.parametrize(("event", "ms"), UNFILLED)
def test_a_customer_who_waits_in_the_meeting_is_sent_home_when_unfilled(
    event: Any, ms: int
) -> None:
    _, effects = decide(assignment("searching", meeting="m1"), event, moment(ms))

    assert Tell(Key("meeting", "m1"), on.End(None, "unfilled")) in effects


def test_the_lists_it_stands_in() -> None:
    offering, held = assignment("offering"), assignment("held")
    own = {"assignments:a:hospital": NOW, f"assignments:{CUSTOMER}": NOW}

    is_open = own | {"open:no-ti": NOW}
    assert assignment("searching").indexes == is_open | {"searching": NOW}
    assert offering.indexes == is_open | {"offers:i:ann": NOW, "offers:i:bo": NOW}
    assert held.indexes == own | {"assignments:i:ann": NOW}


def test_an_offer_that_was_over_is_not_rung_by_a_late_undelivered() -> None:
    slot = assignment("offering").slots[0]
    over = assignment("offering", slots=(slot.with_offer(offer("o1", "ann", OfferState.DECLINED)),))

    assert decide(over, on.Undelivered("o1", "ann"), moment()) == (over, ())


def test_a_record_of_before_there_were_bookings() -> None:
    """What its fields did not say is as it was: for now, under the usual rules."""
    new = {"rules", "room", "interests", "interest_until_ms", "series", "reminded", "backstopped"}
    new |= {
        "cancellation",
        "planned_ms",
        "waits",
        "letter",
        "late",
        "checked_in_ms",
        "their_rating",
    }
    stored = msgpack.unpackb(pack(assignment("held"), 1), strict_map_key=False)
    old, _ = unpack(Assignment, msgpack.packb(_without(stored, new)))

    assert old == assignment("held")
    assert decide(old, on.Deadline(), moment(LATER))[0].state == "searching"


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {k: _without(v, names) for k, v in value.items() if k not in names}
    return [_without(v, names) for v in value] if isinstance(value, list) else value
