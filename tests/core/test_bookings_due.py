"""When the time of a booking comes: reminders, its meeting, who is late, who never comes."""

import pytest
from msgspec.structs import replace

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Send
from signalling.core.rules import Rules
from signalling.errors import IllegalTransition
from tests.core.booked import (
    ANN,
    BO,
    CUSTOMER,
    HOUR,
    LATE,
    MIN,
    NO_SHOW,
    OPENS,
    START,
    accept,
    ask,
    confirmed,
    diary,
    hooks,
    market,
    offer,
    request,
    states,
    until,
)
from tests.core.conductor import Conductor
from tests.core.samples import moment, told
from tests.core.story import join

ROOM = "room-a1"


@pytest.fixture
def c() -> Conductor:
    return market()


def reminders(c: Conductor) -> list[tuple[str, int]]:
    """Return who was reminded, and how many minutes before."""
    sends = [e for e in c.effects if isinstance(e, Send)]
    return [(e.address, e.params["in_min"]) for e in sends if e.method == "assignment.reminder"]


# --- reminders ------------------------------------------------------------------------------


def test_reminders_come_to_the_millisecond(c: Conductor) -> None:
    confirmed(c)
    until(c, START - 24 * HOUR - 1)
    assert reminders(c) == []
    until(c, START - 24 * HOUR)
    assert reminders(c) == [(CUSTOMER, 1440), (ANN, 1440)]
    until(c, START - HOUR - 1)
    assert len(reminders(c)) == 2
    until(c, START - HOUR)

    assert reminders(c)[2:] == [(CUSTOMER, 60), (ANN, 60)]
    assert hooks(c).count("assignment.reminder") == 2


def test_two_reminders_that_are_due_at_once_are_one(c: Conductor) -> None:
    confirmed(c)
    c.now_ms = START - 30 * MIN  # nobody fed a deadline until now
    c.advance(0)

    assert reminders(c) == [(CUSTOMER, 30), (ANN, 30)]


def test_who_asks_or_accepts_late_is_not_reminded_of_what_was_due_before(c: Conductor) -> None:
    until(c, START - 2 * HOUR)
    ask(c)
    until(c, START - 50 * MIN)
    offer(c, "ann")
    accept(c, "ann")
    until(c, START)

    assert reminders(c) == []


def test_what_is_given_back_reminds_nobody_until_another_has_it(c: Conductor) -> None:
    confirmed(c)
    until(c, START - 23 * HOUR)
    c.tell("assignment", "a1", on.Cancel(ANN))
    offer(c, "bo")
    until(c, START - HOUR + 1)
    assert reminders(c) == [(CUSTOMER, 1440), (ANN, 1440)]
    offer(c, "cy")
    accept(c, "cy")
    until(c, OPENS)

    assert len(reminders(c)) == 2


@pytest.mark.parametrize("event", [on.Cancel(CUSTOMER), on.Cancel("a:hospital")])
def test_what_is_called_off_reminds_nobody(c: Conductor, event: on.Cancel) -> None:
    """Also by a timer that comes all the same."""
    confirmed(c)
    off = c.tell("assignment", "a1", event)

    assert decide(off, on.Deadline(), moment(START)) == (off, ())


def test_a_reminder_after_the_meeting_has_opened(c: Conductor) -> None:
    confirmed(c, rules=Rules(reminders_min=(5,)))
    until(c, START)

    assert reminders(c) == [(CUSTOMER, 5), (ANN, 5)]


# --- its meeting ----------------------------------------------------------------------------


def test_its_meeting_opens_a_while_before_the_start(c: Conductor) -> None:
    confirmed(c)
    until(c, OPENS - 1)
    assert (states(c), request(c).meeting) == (["confirmed"], None)
    until(c, OPENS)

    assert (states(c), request(c).meeting) == (["held"], ROOM)
    assert {p.address for p in c.get("meeting", ROOM).parties} == {CUSTOMER, ANN}
    assert str(c.get("availability", "ann").status) == "available"
    assert hooks(c)[-1] == "assignment.held"


def test_both_come_and_the_work_begins(c: Conductor) -> None:
    """Before the start, too; whoever comes first has until the start and longer."""
    confirmed(c)
    until(c, OPENS)
    join(c, ANN, ROOM)
    assert (states(c), request(c).wake_at_ms) == (["connecting"], LATE)
    until(c, OPENS + MIN)
    join(c, CUSTOMER, ROOM)

    assert (states(c), request(c).slots[0].started_ms) == (["in_progress"], OPENS + MIN)
    assert str(c.get("availability", "ann").status) == "in_meeting"
    c.tell("assignment", "a1", on.Complete(ANN))
    assert (states(c), diary(c, "ann")) == (["wrap_up"], [])
    c.advance(2 * MIN)
    assert states(c) == ["completed"]


def test_a_meeting_that_could_not_open_in_time_stands_open_for_a_while(c: Conductor) -> None:
    """All workers were dead: nobody is blamed for what they could not come to."""
    confirmed(c)
    c.now_ms = NO_SHOW + MIN
    c.advance(0)
    assert (states(c), request(c).meeting) == (["held"], ROOM)
    c.advance(MIN - 1)
    assert states(c) == ["held"]
    join(c, CUSTOMER, ROOM)
    join(c, ANN, ROOM)

    assert states(c) == ["in_progress"]


ENDS = [(ANN, "held"), ("o:hospital:op", "held"), (None, "held"), (CUSTOMER, "cancelled")]


@pytest.mark.parametrize(("by", "want"), ENDS)
def test_a_meeting_that_ends_before_the_work_begins(
    c: Conductor, by: str | None, want: str
) -> None:
    """Another opens, again and again; only the customer's own end calls it off."""
    confirmed(c)
    until(c, OPENS)
    c.tell("meeting", ROOM, on.End(by))
    c.tell("assignment", "a1", on.MeetingOver(ROOM, "ended", by))  # again

    assert states(c) == [want]
    if want == "cancelled":
        assert request(c).cancellation == {"by": "customer", "late": True, "notice_min": 10}
        assert diary(c, "ann") == []
        return
    assert request(c).meeting == f"{ROOM}.2"
    assert request(c).wake_at_ms == LATE
    c.tell("meeting", f"{ROOM}.2", on.End(by))
    join(c, ANN, f"{ROOM}.3")
    join(c, CUSTOMER, f"{ROOM}.3")
    assert states(c) == ["in_progress"]


def test_a_meeting_that_ends_while_another_is_looked_for(c: Conductor) -> None:
    """Whoever takes it then meets the customer in a new one."""
    confirmed(c)
    until(c, OPENS)
    c.tell("assignment", "a1", on.Cancel(ANN))
    c.tell("meeting", ROOM, on.End("o:hospital:op"))
    assert (states(c), request(c).meeting) == (["searching"], None)
    offer(c, "bo")
    accept(c, "bo")
    c.advance(0)

    assert (states(c), request(c).meeting) == (["held"], f"{ROOM}.2")
    join(c, BO, f"{ROOM}.2")
    join(c, CUSTOMER, f"{ROOM}.2")
    assert states(c) == ["in_progress"]


def test_a_meeting_that_ends_just_before_the_next_is_let_in(c: Conductor) -> None:
    confirmed(c)
    until(c, OPENS)
    c.tell("assignment", "a1", on.Cancel(ANN))
    offer(c, "bo")
    accept(c, "bo")
    assert states(c) == ["confirmed"]
    c.tell("meeting", ROOM, on.End("o:hospital:op"))
    c.advance(0)

    assert (states(c), request(c).meeting) == (["held"], f"{ROOM}.2")


def test_a_customer_who_waits_is_known_to_be_there(c: Conductor) -> None:
    """Though they came while another held it: it is the second who never comes."""
    confirmed(c)
    until(c, OPENS)
    join(c, CUSTOMER, ROOM)
    c.tell("assignment", "a1", on.Cancel(ANN))
    offer(c, "bo")
    accept(c, "bo")
    until(c, NO_SHOW)

    assert states(c) == ["searching"]
    assert "assignment.no_show" not in hooks(c)


# --- late, and never ------------------------------------------------------------------------


def test_who_is_not_there_is_late_and_then_a_no_show(c: Conductor) -> None:
    """The customer waits: another is looked for as if for now, for three minutes."""
    confirmed(c)
    until(c, OPENS)
    join(c, CUSTOMER, ROOM)
    until(c, LATE - 1)
    assert not request(c).slots[0].late
    until(c, LATE)
    assert (request(c).slots[0].late, hooks(c)[-1]) == (True, "assignment.late")
    until(c, NO_SHOW - 1)
    assert states(c) == ["connecting"]
    until(c, NO_SHOW)

    a = request(c)
    assert (states(c), a.slots[0].late, a.slots[0].offers[0].reason) == (
        ["searching"],
        False,
        "no_show",
    )
    assert (a.start_ms, a.planned_ms, a.deadline_ms) == (None, START, NO_SHOW + 3 * MIN)
    assert diary(c, "ann") == []
    assert "searching" in a.indexes
    assert a.indexes[f"starts:{CUSTOMER}"] == START


def test_another_rings_and_comes_instead(c: Conductor) -> None:
    confirmed(c)
    until(c, OPENS)
    join(c, CUSTOMER, ROOM)
    until(c, NO_SHOW)
    offer(c, "ann", "bo")
    assert [o.interpreter for o in request(c).slots[0].ringing] == ["bo"]
    assert str(c.get("availability", "bo").status) == "ringing"
    accept(c, "bo")
    assert (states(c), request(c).wake_at_ms) == (["held"], NO_SHOW + MIN)
    assert diary(c, "bo") == [("a1", "1", 15, 45)]
    join(c, BO, ROOM)

    assert states(c) == ["in_progress"]


def test_a_customer_who_never_comes(c: Conductor) -> None:
    confirmed(c)
    until(c, OPENS)
    join(c, ANN, ROOM)
    until(c, LATE)
    assert not request(c).slots[0].late
    until(c, NO_SHOW)

    assert (states(c), request(c).outcome) == (["no_show"], {"reason": "customer_never_came"})
    assert str(c.get("meeting", ROOM).state) == "ended"
    assert (hooks(c)[-1], diary(c, "ann")) == ("assignment.no_show", [])


def test_neither_comes(c: Conductor) -> None:
    confirmed(c)
    until(c, NO_SHOW)

    assert (states(c), request(c).outcome) == (["no_show"], {"reason": "nobody_came"})


SAID = [
    (CUSTOMER, LATE - 1, None),
    (CUSTOMER, LATE, "searching"),
    (ANN, NO_SHOW - 1, None),
    (ANN, NO_SHOW, "no_show"),
]


@pytest.mark.parametrize(("by", "ms", "want"), SAID)
def test_whoever_waited_long_enough_is_believed(
    c: Conductor, by: str, ms: int, want: str | None
) -> None:
    confirmed(c)
    until(c, OPENS)
    held, event = request(c), book.NeverCame(by)
    if want is None:
        with pytest.raises(IllegalTransition, match="wait until"):
            decide(held, event, moment(ms))
        return
    new, effects = decide(held, event, moment(ms))

    assert new.state == want
    assert ("diary", "ann", "Unbook") in told(effects)
    assert any(what == "NoShow" for _, _, what in told(effects)) == (by == CUSTOMER)


def test_nobody_is_believed_of_who_is_there(c: Conductor) -> None:
    confirmed(c)
    until(c, OPENS)
    for there, by in ((ANN, CUSTOMER), (CUSTOMER, ANN)):
        slot = replace(request(c).slots[0], present=(there,))
        with pytest.raises(IllegalTransition, match="they are in the meeting"):
            decide(replace(request(c), slots=(slot,)), book.NeverCame(by), moment(NO_SHOW))


def test_what_is_shown_of_its_times(c: Conductor) -> None:
    confirmed(c)

    assert c.sent(CUSTOMER)[-1].params["assignment"]["opens_at"] == "2023-11-16T22:03:20.000Z"
