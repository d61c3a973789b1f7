"""A recording in each state: it is on only while everybody inside has agreed to it."""

from itertools import product

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Bounds, CarrierOption, Moment
from signalling.core.meeting import decide
from signalling.core.policy import Policy
from signalling.core.recording import CHANGES, TABLE
from signalling.core.room import Meeting, Recording, RecordingState
from signalling.core.room_table import Event
from signalling.errors import Forbidden, Gone, IllegalTransition, NotFound, TooLarge, Unavailable
from tests.core.grid import refusal, rows
from tests.core.samples import ANN, CUSTOMER, NOW
from tests.core.test_lobby import COMES, EVA, INVITE, LET_IN
from tests.core.test_meeting import GUEST, LIVE, OPEN, changes

RELAY, RELAY_2 = CarrierOption("md-1", "relay"), CarrierOption("md-2", "relay")
OWN = replace(LIVE, assignment=None)
START = room.Record(CUSTOMER, on=True, id="r1")
STOP = room.Record(ANN, on=False)
ANN_AGREES = room.Consent(ANN, given=True)
GRO_COMES = on.Join(GUEST.address, "p-gro", "s-gro", 1)
OLGA = "o:hospital:olga"


def at(*carriers: CarrierOption, ms: int = 0, **bounds: int) -> Moment:
    return Moment(NOW + ms, Bounds(**bounds), carriers or (RELAY,))


def after(m: Meeting, *events: Event, ms: int = 0) -> Meeting:
    for event in events:
        m, _ = decide(m, event, at(ms=ms))
    return m


def told(m: Meeting, event: Event) -> list[str]:
    """Return what everybody inside hears of the recording by that event, each alike."""
    new, effects = decide(m, event, at())
    heard = [(who, what) for who, what in changes(effects) if what.startswith("recording")]
    words = list(dict.fromkeys(what for _, what in heard))
    assert heard == [(p.address, word) for word in words for p in new.inside]
    return words


ASKED = after(OWN, START)
ON = after(ASKED, ANN_AGREES)
PAUSED = after(ON, GRO_COMES)
STATES = {"off": OWN, "asked": ASKED, "on": ON, "paused": PAUSED}

EVENTS: dict[str, Event] = {
    "start": START,
    "start_another": room.Record(ANN, on=True, id="r2"),
    "stop": STOP,
    "starter_agrees": room.Consent(CUSTOMER, given=True),
    "all_agree": ANN_AGREES,
    "guest_agrees": room.Consent(GUEST.address, given=True),
    "takes_back": room.Consent(CUSTOMER, given=False),
    "guest_comes": GRO_COMES,
    "interpreter_leaves": on.Leave(ANN, "s-ann"),
    "guest_leaves": on.Leave(GUEST.address, "s-gro"),
    "socket_lost": on.SocketDropped("s-ann", 1),
    "failed": room.Recorder("r1", "failed", "no disk"),
    "another_failed": room.Recorder("r0", "failed", "no disk"),
    "well": room.Recorder("r1", "running"),
    "carrier_lost": room.CarrierLost("md-1.1", "gone"),
    "end": on.End(CUSTOMER),
}
# `=` leaves the recording as it was.
ROWS = rows("""
                   off    asked  on     paused
start              asked  =      =      =
start_another      asked  =      =      =
stop               =      off    off    off
starter_agrees     Gone   =      =      =
all_agree          Gone   on     =      =
guest_agrees       Gone   asked  on     on
takes_back         =      asked  paused paused
guest_comes        =      =      paused =
interpreter_leaves =      on     =      =
guest_leaves       =      =      =      on
socket_lost        =      =      =      =
failed             =      off    off    off
another_failed     =      =      =      =
well               =      =      =      =
carrier_lost       =      =      paused =
end                =      off    off    off
""")


@pytest.mark.parametrize(("state", "event", "want"), ROWS)
def test_row(state: str, event: str, want: str) -> None:
    old = STATES[state]

    if error := refusal(want):
        with pytest.raises(error):
            decide(old, EVENTS[event], at())
        return
    new, _ = decide(old, EVENTS[event], at())

    if want == "=":
        assert new.recording == old.recording
    else:
        assert (new.recording.state, new.recording != old.recording) == (want, True)


def test_rows_are_complete() -> None:
    assert {(s, e) for s, e, _ in ROWS} == set(product(map(str, RecordingState), EVENTS))
    assert set(TABLE) == set(CHANGES) == set(RecordingState)


def test_each_leads_only_where_the_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, RecordingState.ASKED, (RecordingState.ASKED,))

    with pytest.raises(IllegalTransition):
        decide(ASKED, ANN_AGREES, at())


# --- who agrees ---------------------------------------------------------------------------


def test_asking_agrees_for_oneself() -> None:
    assert (ASKED.recording.by, ASKED.recording.id) == (CUSTOMER, "r1")
    assert ASKED.recording.consents == {CUSTOMER: NOW}
    by_app = after(OWN, room.Record(OLGA, on=True, id="r1"))
    assert (by_app.recording.state, by_app.recording.consents) == ("asked", {})


def test_one_alone_is_recorded_at_once() -> None:
    alone = replace(OPEN, assignment=None)

    assert after(alone, START).recording.state == "on"
    assert told(alone, START) == ["recording_started"]


def test_what_is_told() -> None:
    """Who asked, who agreed, that it runs, pauses and stops; each to everybody inside."""
    assert told(OWN, START) == ["recording_asked"]
    assert told(ASKED, ANN_AGREES) == ["recording_started"]
    assert told(ON, GRO_COMES) == ["recording_paused"]
    assert told(PAUSED, room.Consent(ANN, given=False)) == ["recording_consent"]
    assert told(PAUSED, EVENTS["guest_agrees"]) == ["recording_started"]
    assert told(ON, STOP) == ["recording_stopped"]
    assert told(ON, EVENTS["failed"]) == ["recording_failed"]
    assert told(ON, ANN_AGREES) == []


def test_consent_holds_while_they_are_away_and_when_they_come_back() -> None:
    """Over a new session too; it counts from when it was given first."""
    left = after(ON, on.Leave(ANN, "s-ann"), ms=5)
    back = after(left, on.Join(ANN, "p-ann2", "s-ann2", 1), ms=9)
    again = after(back, ANN_AGREES, ms=12)

    assert [m.recording.state for m in (left, back, again)] == ["on"] * 3
    assert again.recording.consents == {CUSTOMER: NOW, ANN: NOW}


def test_one_who_reconnects_still_counts() -> None:
    lost = after(PAUSED, on.SocketDropped("s-gro", 1))
    assert lost.recording.state == "paused"

    gone = after(lost, on.Deadline(), ms=20_000)

    assert (gone.participants[-1].state, gone.recording.state) == ("left", "on")


def test_a_guest_in_the_lobby_is_asked_once_they_are_in() -> None:
    """They do not stop it while they wait, and may agree before."""
    waits = after(ON, INVITE, COMES)
    agreed = after(waits, room.Consent(EVA.address, given=True))

    assert (waits.recording.state, after(waits, LET_IN).recording.state) == ("on", "paused")
    assert after(agreed, LET_IN).recording.state == "on"


def test_only_parties_agree() -> None:
    """Neither who was put out, nor staff who are not in it."""
    for who in (OLGA, "i:eve", EVA.address):
        with pytest.raises(NotFound):
            decide(ON, room.Consent(who, given=True), at())


def test_what_was_agreed_to_ends_with_the_recording() -> None:
    stopped = after(ON, STOP)

    assert stopped.recording == Recording(id="r1", by=CUSTOMER, made=1)
    again = after(stopped, room.Record(CUSTOMER, on=True, id="r2"))
    assert (again.recording.state, again.recording.consents) == ("asked", {CUSTOMER: NOW})


def test_a_failure_is_shown_until_the_next() -> None:
    failed = after(ON, EVENTS["failed"])

    assert (failed.recording.state, failed.recording.failure) == ("off", "no disk")
    assert after(failed, EVENTS["failed"]) == failed
    assert after(failed, START).recording.failure is None


def test_nobody_left_to_record() -> None:
    empty = after(ASKED, on.Leave(CUSTOMER, "s-kari"), on.Leave(ANN, "s-ann"))

    assert (empty.state, empty.recording.state) == ("ended", "off")


# --- where it is written ------------------------------------------------------------------


def test_a_recording_moves_a_mesh_to_the_relay() -> None:
    assert (OWN.topology, ASKED.topology) == ("mesh", "relay")


def test_it_goes_on_at_another_relay_and_pauses_without_one() -> None:
    lost = room.CarrierLost("md-1.1", "gone")

    moved, _ = decide(ON, lost, at(RELAY_2))
    left, effects = decide(ON, lost, at(CarrierOption("md-j", "janus")))

    assert (moved.topology, moved.recording.state) == ("relay", "on")
    assert (left.topology, left.recording.state) == ("mesh", "paused")
    assert [what for _, what in changes(effects)] == ["topology"] * 2 + ["recording_paused"] * 2
    back, _ = decide(left, on.Media(ANN, "s-ann", {"audio": True}), at(RELAY_2))
    assert (back.topology, back.recording.state) == ("relay", "on")


def test_what_cannot_be_recorded() -> None:
    nobody = replace(OPEN, participants=())
    janus = CarrierOption("md-j", "janus")
    by_janus, _ = decide(OWN, replace(GRO_COMES, policy=Policy(topology="janus")), at(janus))
    crowd = tuple(replace(OWN.inside[0], id=f"q{n}", session=f"q{n}") for n in range(6))

    for m in (nobody, by_janus, replace(OWN, participants=crowd)):
        with pytest.raises(IllegalTransition):
            decide(m, START, at(RELAY, janus))
    for kind in ("mesh", "janus"):
        only = replace(OWN, policy=Policy(topology=kind))
        with pytest.raises(IllegalTransition, match=kind):
            decide(only, START, at())
    for carriers in ((janus,), (replace(RELAY, load=1.0),)):
        with pytest.raises(Unavailable):
            decide(OWN, START, at(*carriers))


def test_a_meeting_that_is_relayed_already_needs_no_other_relay() -> None:
    relayed = after(ON, STOP)
    changed = replace(relayed, policy=Policy(topology="mesh"))

    for m in (relayed, changed):
        busy, _ = decide(m, START, at(replace(RELAY, load=1.0)))
        assert busy.recording.state == "asked"


def test_recordings_are_counted() -> None:
    m = OWN
    for n in range(20):
        m = after(m, room.Record(CUSTOMER, on=True, id=f"r{n}"), STOP)

    with pytest.raises(TooLarge):
        decide(m, START, at())


@pytest.mark.parametrize("event", [START, STOP], ids=["start", "stop"])
def test_guests_neither_start_nor_stop_it(event: room.Record) -> None:
    with pytest.raises(Forbidden):
        decide(PAUSED, replace(event, by=GUEST.address), at())


def test_agreeing_to_nothing() -> None:
    with pytest.raises(Gone) as caught:
        decide(OWN, ANN_AGREES, at())

    assert caught.value.extra == {"reason": "stopped"}
