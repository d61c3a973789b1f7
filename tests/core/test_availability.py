"""Every event in every availability of an interpreter, as states.md words it."""

from itertools import product
from typing import Any, get_args

import msgpack
import pytest
from msgspec.structs import replace

from signalling.core import availability as life
from signalling.core import events as on
from signalling.core.availability import Availability, Connection, Engagement, Status, decide
from signalling.core.booking_events import Engage, Suspend
from signalling.core.effects import Announce, Effect, Key, Log, Send, Tell
from signalling.core.track import Counts
from signalling.errors import IllegalTransition, NotEligible
from signalling.store.records import pack, unpack
from tests.core.grid import refusal, rows
from tests.core.samples import LATER, NOW, moment

PHONE = Connection("phone", 1)
ENGAGED = {"ringing", "held", "in_meeting", "wrap_up"}


def interpreter(status: str, **changes: Any) -> Availability:
    """Return Ann in *status*, over her phone; engaged, she wishes to be available after."""
    engaged = status in ENGAGED
    record = Availability(
        id="ann",
        status=Status(status),
        wish=Status.AVAILABLE if engaged else Status(status),
        sessions=(PHONE,),
        engagement=Engagement("a1", "o1", LATER if status == "wrap_up" else None)
        if engaged
        else None,
    )
    return replace(record, **changes)


EVENTS: dict[str, life.Event] = {
    "connect": on.Connect("laptop", 1),
    "connect_again": on.Connect("phone", 1),
    "drop": on.Drop("phone", 1),
    "drop_older": on.Drop("phone", 0),
    "drop_other": on.Drop("laptop", 1),
    "close": on.Close("phone"),
    "set_available": on.SetStatus("available"),
    "set_busy": on.SetStatus("busy"),
    "set_away": on.SetStatus("away"),
    "set_offline": on.SetStatus("offline"),
    "ring": on.Ring("a2", "o2", {}),
    "acked": on.Acked("o1"),
    "unring": on.Unring("o1", "taken"),
    "unring_other": on.Unring("o9", "taken"),
    "hold": on.Hold("o1"),
    "hold_other": on.Hold("o9"),
    "engage": Engage("a7"),
    "meet": on.Meet("a1"),
    "meet_other": on.Meet("a9"),
    "release": on.Release("a1"),
    "release_other": on.Release("a9"),
    "early": on.Deadline(),
    "due": on.Deadline(),
    "forget": on.Forget(),
    "checked": on.Checked(passed=True),
    "suspend": Suspend(LATER + 1),
}
ROWS = rows("""
              offline     away        busy        available   ringing   held        in_meeting wrap_up
connect       offline     away        busy        available   ringing   held        in_meeting wrap_up
connect_again =           =           =           =           =         =           =          =
drop          offline     away        busy        available   ringing   held        in_meeting wrap_up
drop_older    =           =           =           =           =         =           =          =
drop_other    =           =           =           =           =         =           =          =
close         offline     offline     offline     offline     ringing   held        in_meeting wrap_up
set_available available   available   available   =           =         =           =          =
set_busy      busy        busy        =           busy        ringing   held        in_meeting wrap_up
set_away      away        =           away        away        ringing   held        in_meeting wrap_up
set_offline   =           offline     offline     offline     ringing   held        in_meeting wrap_up
ring          NotEligible NotEligible NotEligible ringing     NotEligible NotEligible NotEligible NotEligible
acked         =           =           =           =           =         =           =          =
unring        =           =           =           =           available =           =          =
unring_other  =           =           =           =           =         =           =          =
hold          Refused     Refused     Refused     Refused     held      =           Refused    Refused
hold_other    Refused     Refused     Refused     Refused     NotEligible NotEligible Refused  Refused
engage        in_meeting  in_meeting  in_meeting  in_meeting  in_meeting held       in_meeting in_meeting
meet          Refused     Refused     Refused     Refused     Refused   in_meeting  =          Refused
meet_other    Refused     Refused     Refused     Refused     Refused   NotEligible NotEligible Refused
release       =           =           =           =           =         available   wrap_up    available
release_other =           =           =           =           =         =           =          =
early         =           =           =           =           =         =           =          =
due           =           =           =           =           =         =           =          available
forget        None        None        None        None        Refused   Refused     Refused    None
checked       offline     away        busy        available   ringing   held        in_meeting wrap_up
suspend       offline     away        busy        away        ringing   held        in_meeting wrap_up
""")  # noqa: E501


@pytest.mark.parametrize(("status", "event", "want"), ROWS)
def test_row(status: str, event: str, want: str) -> None:
    """Each event in each state leads where the product says, or is refused."""
    old = interpreter(status)
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
        assert (new and new.status) == (None if want == "None" else want)
        assert new != old


def test_rows_are_complete() -> None:
    """No state or event was added without saying what it does."""
    said = {(status, type(EVENTS[event])) for status, event, _ in ROWS}

    assert set(product(map(str, Status), get_args(life.Event))) == said


MATCHED = [(status, status == "available") for status in Status]


@pytest.mark.parametrize(("status", "want"), MATCHED)
def test_only_the_available_are_matched(status: Status, want: bool) -> None:
    """And only over a socket that lives."""
    there = interpreter(status)
    gone, _ = decide(there, on.Drop("phone", 1), moment())

    assert there.matchable is want
    assert gone is not None
    assert not gone.matchable
    assert (there.feed["matchable"], there.indexes) == (want, {"availability": 0})
    assert there.feed["counts"] is there.counts


@pytest.mark.parametrize("status", Status)
def test_whoever_is_connected_and_free_needs_no_wake(status: Status) -> None:
    assert (interpreter(status).wake_at_ms is not None) == (status == "wrap_up")


# --- what others are told -----------------------------------------------------------------


def kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [type(e).__name__ for e in effects]


def test_a_ring_is_sent_and_announced() -> None:
    old = interpreter("available", status_since_ms=NOW)

    new, effects = decide(old, on.Ring("a1", "o1", {"offer": "o1"}), moment())

    rung = Counts(at_ms=NOW, offers=1)
    assert new == replace(interpreter("ringing"), status_since_ms=NOW, counts=rung)
    assert effects[0] == Send("i:ann", "offer.made", {"offer": "o1"})
    assert kinds(effects[1:]) == ["Announce", "Log", "Log"]


def test_a_withdrawal_says_why() -> None:
    new, effects = decide(interpreter("ringing"), on.Unring("o1", "taken"), moment())

    assert new is not None
    assert (new.engagement, new.idle_since_ms) == (None, NOW)
    told = {"offer": "o1", "assignment": "a1", "reason": "taken"}
    told["text"] = "Another interpreter has taken it."
    assert effects[0] == Send("i:ann", "offer.withdrawn", told)


def test_a_change_of_status_is_announced_and_logged() -> None:
    """And the spell of being available goes into the log of decisions."""
    old = interpreter("available", modes=("audio",), status_since_ms=NOW - 5)

    _, effects = decide(old, on.SetStatus("busy"), moment())

    seen = {
        "interpreter": "ann",
        "status": "busy",
        "since": "2023-11-14T22:13:20.000Z",
        "modes": ("audio",),
    }
    assert effects == (
        Announce("presence:ann", "presence.changed", {"presence": seen}),
        Log("presence:ann", {"status": "busy", "at_ms": NOW}),
        Log(
            "decisions",
            {"kind": "online", "interpreter": "ann", "from_ms": NOW - 5, "to_ms": NOW},
            1_000_000,
        ),
    )


@pytest.mark.parametrize("status", ["busy", "away", "offline"])
def test_who_leaves_while_ringing_declines(status: str) -> None:
    """Unless the offer has expired just now: then it is over for them anyhow."""
    new, effects = decide(interpreter("ringing"), on.SetStatus(status), moment())

    decline = on.Decline("o1", "ann", "unavailable")
    over = on.Unring("o1", "expired")
    assert effects == (Tell(Key("assignment", "a1"), decline, refused=over),)
    assert new is not None
    assert (new.status, new.wish) == ("ringing", status)
    after, _ = decide(new, over, moment())
    assert after is not None
    assert after.status == status


def test_what_they_say_is_kept() -> None:
    where = {"lat": 59.9, "lon": 10.7}
    said = on.SetStatus("available", ("audio",), where, until_ms=LATER)

    new, _ = decide(interpreter("away"), said, moment())
    later, _ = decide(new or interpreter("away"), on.SetStatus("busy"), moment())

    assert new is not None
    assert (new.modes, new.position, new.until_ms) == (("audio",), where, LATER)
    assert later is not None
    assert (later.modes, later.position, later.until_ms) == (("audio",), where, None)


def test_availability_needs_a_live_socket() -> None:
    """It ends by lease, never by a browser's goodwill; the other wishes need none."""
    gone = interpreter("offline", sessions=())

    with pytest.raises(NotEligible):
        decide(gone, on.SetStatus("available"), moment())
    assert decide(gone, on.SetStatus("away"), moment())[0] == replace(gone, wish=Status.AWAY)


@pytest.mark.parametrize("status", ["held", "wrap_up"])
def test_what_they_wish_while_engaged_shows_after(status: str) -> None:
    wished, _ = decide(interpreter(status), on.SetStatus("busy"), moment())
    assert wished is not None
    after, _ = decide(wished, on.Release("a1"), moment())

    assert after is not None
    assert after.status == "busy"


def test_wrap_up_ends_by_itself() -> None:
    wrapping, _ = decide(interpreter("in_meeting"), on.Release("a1"), moment())

    assert wrapping is not None
    assert wrapping.wake_at_ms == NOW + 120_000
    free, _ = decide(wrapping, on.Deadline(), moment(NOW + 120_000))
    assert free is not None
    assert (free.status, free.engagement, free.wake_at_ms) == ("available", None, None)


# --- what is counted of their work --------------------------------------------------------


def counted(status: str, *events: life.Event) -> Counts:
    old = interpreter(status, status_since_ms=NOW, counts=Counts(at_ms=NOW))
    for event in events:
        new, _ = decide(old, event, moment())
        assert new is not None
        old = new
    return old.counts


DONE = on.Release("a1", on.Work("completed", minutes=30))
FAILED = on.Release("a1", on.Work("failed", "interpreter", came=False))
COUNTED: list[tuple[str, life.Event, dict[str, float]]] = [
    ("available", on.Ring("a1", "o1", {}), {"offers": 1}),
    ("held", on.Meet("a1"), {"connects": 1}),
    ("in_meeting", DONE, {"completed": 1, "streak_min": 30}),
    ("held", DONE, {"completed": 1, "streak_min": 30}),
    ("held", FAILED, {"failed": 1, "connect_failures": 1}),
    ("wrap_up", on.Release("a1"), {}),
    ("ringing", on.Unring("o1", "taken"), {}),
    ("ringing", on.Unring("o1", "declined"), {"answered": 1}),
    ("ringing", on.Unring("o1", "expired", rang_out=True), {"silent": 1}),
    ("ringing", on.Unring("o9", "expired", rang_out=True), {}),
    ("ringing", on.Hold("o1"), {"answered": 1}),
    ("held", on.Hold("o1"), {}),
    ("available", on.SetStatus("busy"), {}),
]


@pytest.mark.parametrize(("status", "event", "want"), COUNTED)
def test_what_counts(status: str, event: life.Event, want: dict[str, float]) -> None:
    counts = counted(status, event)

    names = (
        *("offers", "answered", "silent", "connects", "connect_failures", "completed", "failed"),
        "streak_min",
    )
    found = {name: getattr(counts, name) for name in names}
    assert {name: value for name, value in found.items() if value} == want


def test_work_is_counted_when_it_is_released_and_not_when_its_wrap_up_ends() -> None:
    assert counted("in_meeting", DONE, on.Release("a1"), on.Release("a1")).completed == 1


def test_an_older_record_has_no_counts() -> None:
    old, _ = unpack(Availability, msgpack.packb({"schema": 1, "id": "ann", "status": "busy"}))

    assert old == Availability("ann", status=Status.BUSY)
    assert unpack(Availability, pack(old, old.schema))[0].counts == Counts()


# --- work that was booked -----------------------------------------------------------------


def test_an_offer_that_rings_as_booked_work_begins_has_not_reached_them() -> None:
    new, effects = decide(interpreter("ringing"), Engage("a7"), moment())

    assert new is not None
    assert (new.status, new.engagement) == ("in_meeting", Engagement("a7", ""))
    told = {"offer": "o1", "assignment": "a1", "reason": "unavailable"}
    assert effects[:2] == (
        Send("i:ann", "offer.withdrawn", told),
        Tell(Key("assignment", "a1"), on.Undelivered("o1", "ann")),
    )


@pytest.mark.parametrize("status", ["held", "in_meeting"])
def test_who_begins_what_was_booked_before_other_work_is_over(status: str) -> None:
    """Once that is, they are at the booked work, and nobody may ring."""
    both, _ = decide(interpreter(status), Engage("a7"), moment())
    assert both is not None
    assert both.status == status
    assert decide(both, Engage("a7"), moment()) == (both, ())
    begun, _ = decide(both, on.Release("a1"), moment())
    assert begun is not None
    assert (begun.status, begun.engagement) == ("in_meeting", Engagement("a7", ""))
    over, _ = decide(begun, on.Release("a7"), moment())
    assert over is not None
    assert over.status == "wrap_up"


def test_booked_work_may_be_over_first() -> None:
    both, _ = decide(interpreter("in_meeting"), Engage("a7"), moment())
    assert both is not None

    assert decide(both, on.Release("a7"), moment()) == (interpreter("in_meeting"), ())
