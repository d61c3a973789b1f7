"""Every event in every state of a slot, as states.md words it."""

from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core import slot_table as life
from signalling.core.assignment import decide
from signalling.core.effects import Announce, Hook, Log, Send
from signalling.core.slot import SlotState
from signalling.errors import IllegalTransition, NotFound
from tests.core.grid import refusal, rows
from tests.core.samples import ANN, CUSTOMER, LATER, TERMS, assignment, candidate, moment

EVENTS: dict[str, life.Event] = {
    "create": on.Create("a1", "hospital", "kari", TERMS),
    "wave": on.Wave("1", (candidate("o9", "cy"),), 1, "d1"),
    "no_match": on.NoMatch("1", {"excluded": {"language": 9}}, never=False),
    "never_match": on.NoMatch("1", {"excluded": {"language": 9}}, never=True),
    "could_not_ring": on.CouldNotRing("o1"),
    "ack": on.Ack("o1", "ann", seen=True),
    "accept": on.Accept("o1", "ann", meeting="m1"),
    "decline": on.Decline("o1", "ann"),
    "undelivered": on.Undelivered("o1", "ann"),
    "update": on.Update(CUSTOMER, {"duration_min": 60}),
    "note": on.Update(CUSTOMER, {"note": "Ward 8"}),
    "cancel": on.Cancel(CUSTOMER),
    "give_back": on.Cancel(ANN),
    "complete": on.Complete(ANN),
    "rate": on.Rate(CUSTOMER, 4),
    "all_present": on.Present("m1", (CUSTOMER, ANN)),
    "one_present": on.Present("m1", (ANN,)),
    "elsewhere": on.Present("m0", (CUSTOMER, ANN)),
    "meeting_over": on.MeetingOver("m1", "too_long"),
    "customer_ends": on.MeetingOver("m1", "ended", CUSTOMER),
    "other_over": on.MeetingOver("m0", "empty"),
    "transfer": on.Transfer(CUSTOMER),
    "handed_over": on.HandedOver("m1", ANN, "i:bo"),
    "interest": book.Interest("bo", interested=True, offer="o8", card={}),
    "confirm": book.Confirm(CUSTOMER, candidate("o9", "cy")),
    "choose": book.Choose("1", (candidate("o9", "cy"),), "d1"),
    "booked": book.Booked("1", candidate("o9", "cy"), "d1"),
    "could_not_book": book.CouldNotBook("1", (), "d1"),
    "follow": book.Follow("1", candidate("o9", "cy")),
    "could_not_follow": book.CouldNotFollow("1"),
    "alone": book.Alone("1"),
    "recommended": book.Recommended("1", ()),
    "check_in": book.CheckIn(ANN),
    "never_came": book.NeverCame(CUSTOMER),
    "correct": book.Correct("o:hospital:op", "ann", 45),
    "preempt": book.Preempt("o1", "ann"),
    "early": on.Deadline(),
    "due": on.Deadline(),
}
# `=`: nothing changes, for it repeats what is so, or comes too late from a timer or a record.
UNDER_WAY = rows("""
                searching gathering offering  confirmed held        connecting  in_progress
create          =         =         =         =         =           =           =
wave            offering  =         =         =         =           =           =
no_match        searching =         =         =         =           =           =
never_match     unfilled  =         =         =         =           =           =
could_not_ring  =         =         offering  =         =           =           =
ack             Gone      Gone      offering  =         =           =           =
accept          Gone      Gone      held      =         =           =           =
decline         Gone      Gone      offering  Gone      Gone        Gone        Gone
undelivered     =         =         offering  =         =           =           =
update          searching gathering searching Refused   Refused     Refused     Refused
note            searching gathering offering  confirmed held        connecting  in_progress
cancel          cancelled cancelled cancelled cancelled cancelled   cancelled   Refused
give_back       =         =         =         searching searching   searching   Refused
complete        Refused   Refused   Refused   wrap_up   Refused     Refused     wrap_up
rate            Refused   Refused   Refused   Refused   Refused     Refused     Refused
all_present     =         =         =         confirmed in_progress in_progress =
one_present     =         =         =         confirmed connecting  connecting  in_progress
elsewhere       =         =         =         =         =           =           =
meeting_over    =         =         =         confirmed searching   searching   wrap_up
customer_ends   =         =         =         cancelled cancelled   cancelled   wrap_up
other_over      =         =         =         =         =           =           =
transfer        Refused   Refused   Refused   Refused   Refused     Refused     in_progress
handed_over     =         =         =         =         =           =           wrap_up
interest        Gone      gathering Gone      Gone      Gone        Gone        Gone
confirm         Refused   NotEligible Refused Refused   Refused     Refused     Refused
choose          =         =         =         =         =           =           =
booked          confirmed =         =         =         =           =           =
could_not_book  =         =         =         =         =           =           =
follow          =         =         =         =         =           =           =
could_not_follow =        =         =         =         =           =           =
alone           =         =         =         =         =           =           =
recommended     =         gathering =         =         =           =           =
check_in        Refused   Refused   Refused   Refused   Refused     Refused     =
never_came      Refused   Refused   Refused   Refused   Refused     Refused     Refused
correct         =         =         =         Refused   Refused     Refused     Refused
preempt         =         =         offering  =         =           =           =
early           =         =         =         =         =           =           =
due             =         searching searching wrap_up   searching   searching   =
""")
OVER = rows("""
                wrap_up   completed cancelled unfilled  no_show
create          =         =         =         =         =
wave            =         =         =         =         =
no_match        =         =         =         =         =
never_match     =         =         =         =         =
could_not_ring  =         =         =         =         =
ack             =         =         Gone      Gone      =
accept          =         =         Gone      Gone      =
decline         Gone      Gone      Gone      Gone      Gone
undelivered     =         =         =         =         =
update          Refused   Refused   Refused   Refused   Refused
note            Refused   Refused   Refused   Refused   Refused
cancel          Refused   Refused   =         Refused   Refused
give_back       Refused   Refused   =         Refused   Refused
complete        completed =         Refused   Refused   Refused
rate            wrap_up   completed Refused   Refused   Refused
all_present     =         =         =         =         =
one_present     =         =         =         =         =
elsewhere       =         =         =         =         =
meeting_over    =         =         =         =         =
customer_ends   =         =         =         =         =
other_over      =         =         =         =         =
transfer        Refused   Refused   Refused   Refused   Refused
handed_over     =         =         =         =         =
interest        Gone      Gone      Gone      Gone      Gone
confirm         Refused   Refused   Refused   Refused   Refused
choose          =         =         =         =         =
booked          =         =         =         =         =
could_not_book  =         =         =         =         =
follow          =         =         =         =         =
could_not_follow =        =         =         =         =
alone           =         =         =         =         =
recommended     =         =         =         =         =
check_in        Refused   Refused   Refused   Refused   Refused
never_came      Refused   Refused   Refused   Refused   =
correct         wrap_up   completed =         =         Refused
preempt         =         =         =         =         =
early           =         =         =         =         =
due             completed =         =         =         =
""")
ROWS = UNDER_WAY + OVER
FINISHED = ("completed", "cancelled", "unfilled", "no_show")


@pytest.mark.parametrize(("state", "event", "want"), ROWS)
def test_row(state: str, event: str, want: str) -> None:
    """Each event in each state leads where the product says, or is refused."""
    old = assignment(state)
    at = moment(LATER if event == "due" else LATER - 1)

    if want == "Refused":
        with pytest.raises(IllegalTransition):
            decide(old, EVENTS[event], at)
    elif error := refusal(want):
        with pytest.raises(error):
            decide(old, EVENTS[event], at)
    elif want == "=":
        assert decide(old, EVENTS[event], at) == (old, ())
    else:
        new, _ = decide(old, EVENTS[event], at)
        assert (new.state, new == old) == (want, False)


def test_rows_are_complete() -> None:
    """No state or event was added without saying what it does."""
    said = {(state, type(EVENTS[event])) for state, event, _ in ROWS}

    assert set(product(map(str, SlotState), get_args(life.Event))) == said


def test_every_row_is_said_once() -> None:
    assert len(ROWS) == len({(s, e) for s, e, _ in ROWS}) == len(SlotState) * len(EVENTS)


def test_the_table_holds_the_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that leads elsewhere than its cell says is refused."""
    monkeypatch.setitem(life.TABLE[SlotState.OFFERING], on.Accept, (SlotState.CONFIRMED,))

    with pytest.raises(IllegalTransition):
        decide(assignment("offering"), EVENTS["accept"], moment())


@pytest.mark.parametrize("state", SlotState)
def test_live_states_have_a_wake(state: SlotState) -> None:
    """What can still change wakes by itself; work in progress is ended by its meeting's wake."""
    wakes = assignment(state).wake_at_ms is not None

    assert wakes == (state not in (*FINISHED, "in_progress"))


@pytest.mark.parametrize("event", [e for e in EVENTS if e != "create"])
def test_nothing_happens_to_what_is_not_there(event: str) -> None:
    with pytest.raises(NotFound):
        decide(None, EVENTS[event], moment())


def test_creation() -> None:
    """A request searches at once, tells the dispatcher, and has one deadline."""
    new, effects = decide(None, EVENTS["create"], moment())

    assert new == replace(assignment("searching"), slots=new.slots)
    assert [s.state for s in new.slots] == ["searching"]
    sends, searches, hooks, logs = effects
    assert isinstance(sends, Send)
    assert (sends.address, sends.method) == (CUSTOMER, "assignment.changed")
    assert searches == Announce("work", "search", {"assignment": "a1", "slot": "1"})
    assert isinstance(hooks, Hook)
    assert (hooks.type, hooks.about, hooks.app) == ("assignment.created", "a1", "hospital")
    assert isinstance(logs, Log)
    assert logs.name == "assignment:a1"


def test_a_slot_that_is_not_there() -> None:
    """A wave for a slot that the assignment does not have changes nothing."""
    old = assignment("searching")

    assert decide(old, on.Wave("7", (candidate("o9", "cy"),), 1, "d1"), moment()) == (old, ())


def test_the_state_is_that_of_the_slot_furthest_from_its_end() -> None:
    slots = tuple(assignment(s).slots[0] for s in ("completed", "offering", "held"))

    assert assignment("held", slots=slots).state == "offering"
