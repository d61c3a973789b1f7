"""What a meeting remembers: enough to say who was connected when, and why it ended."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Bounds, CarrierOption, Moment
from signalling.core.meeting import decide
from signalling.core.room import Happening, Meeting, ParticipantState
from signalling.core.room_table import Event
from signalling.core.timeline import HISTORY_MOST, connected_ms, noted
from tests.core.samples import ANN, CUSTOMER, NOW
from tests.core.test_lobby import COMES, EVA, LET_IN
from tests.core.test_meeting import KARI, LIVE, OPEN, participant

OWN = replace(OPEN, assignment=None, participants=())
RELAY = CarrierOption("md-1", "relay")
KARI_COMES = on.Join(CUSTOMER, "p-kari", "s-kari", 1)
INVITE = room.Invite(CUSTOMER, EVA, NOW + 60_000)
ANN_COMES = on.Join(ANN, "p-ann", "s-ann", 1)


def after(m: Meeting, *events: Event) -> Meeting:
    """Return the meeting after those events, a second each."""
    for n, event in enumerate(events, 1):
        m, _ = decide(m, event, Moment(NOW + 1000 * n, Bounds(), (RELAY,)))
    return m


def lines(m: Meeting) -> list[str]:
    """Return the history: second, what, of whom, and why."""
    return [
        " ".join(
            str(word)
            for word in ((h.at_ms - NOW) // 1000, h.what, h.participant, h.detail)
            if word is not None
        )
        for h in m.history
    ]


def test_a_meeting_from_its_first_join_to_its_end() -> None:
    m = after(
        OWN,
        KARI_COMES,
        ANN_COMES,
        room.Path(CUSTOMER, "s-kari", "p-ann", "connected"),
        room.Path(CUSTOMER, "s-kari", "p-ann", "connected"),
        on.SocketDropped("s-ann", 1),
        on.SocketResumed("s-ann", 2),
        on.Lock(ANN, locked=True),
        on.Lock(ANN, locked=False),
        on.Leave(ANN, "s-ann", "tired"),
        on.End(CUSTOMER, "done"),
    )

    assert lines(m) == [
        "1 joined p-kari",
        "2 joined p-ann",
        "2 live",
        "3 connected p-kari",
        "5 reconnecting p-ann",
        "6 returned p-ann",
        "7 locked",
        "8 unlocked",
        "9 left p-ann tired",
        "10 left p-kari done",
        "10 ended done",
    ]
    assert m.history[1] == Happening(NOW + 2000, "joined", "p-ann", "ann", "interpreter")


def test_the_lobby_and_who_was_put_out() -> None:
    m = after(LIVE, INVITE, COMES, LET_IN, room.Remove(CUSTOMER, "p-eva", "noise"))

    assert lines(m) == ["2 waiting p-eva", "3 admitted p-eva", "4 removed p-eva noise"]


def test_one_who_is_let_in_while_their_socket_is_lost() -> None:
    m = after(LIVE, INVITE, COMES, on.SocketDropped("s-eva", 1), LET_IN)

    assert lines(m)[-1] == "4 reconnecting p-eva"


def test_how_it_was_carried_and_recorded() -> None:
    own = replace(LIVE, assignment=None)
    m = after(
        own,
        room.Record(CUSTOMER, on=True, id="r1"),
        room.Consent(ANN, given=True),
        room.Consent(ANN, given=False),
        room.Consent(ANN, given=True),
        room.Recorder("r1", "failed", "no disk"),
    )

    assert lines(m) == [
        "1 topology relay",
        "1 recording_asked",
        "2 recording_started",
        "3 recording_paused",
        "4 recording_started",
        "5 recording_stopped",
        "5 recording_failed no disk",
    ]


@pytest.mark.parametrize(
    "event",
    [
        on.Media(CUSTOMER, "s-kari", {"audio": False}),
        on.Message(CUSTOMER, "s-kari", "x1", "hello"),
        on.SocketDropped("s-none", 1),
        on.Deadline(),
        INVITE,
    ],
    ids=repr,
)
def test_what_is_not_remembered(event: Event) -> None:
    assert after(LIVE, event).history == ()


def test_the_history_is_bounded_and_keeps_the_newest() -> None:
    m = LIVE
    for n in range(HISTORY_MOST + 7):
        m, _ = decide(m, on.Lock(CUSTOMER, locked=n % 2 == 0), Moment(NOW + n))

    assert len(m.history) == HISTORY_MOST
    assert (m.history[0].at_ms, m.history[-1].at_ms) == (NOW + 7, NOW + HISTORY_MOST + 6)
    assert noted(m, m, NOW) is m


def test_how_long_somebody_was_connected() -> None:
    """From the first media to their leaving, or to now; never less than nothing."""
    connected = participant(KARI, connected_ms=NOW + 1_000)
    left = replace(connected, state=ParticipantState.LEFT, left_ms=NOW + 5_000)

    assert connected_ms(participant(KARI), NOW + 9_000) == 0
    assert connected_ms(connected, NOW + 9_000) == 8_000
    assert connected_ms(connected, NOW) == 0  # a clock that went back
    assert connected_ms(left, NOW + 9_000) == 4_000
    assert connected_ms(replace(left, left_ms=None), NOW + 9_000) == 8_000
