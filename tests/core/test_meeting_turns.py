"""A meeting's sockets, its silence and its end: who is told what, and when."""

from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import room_events as room
from signalling.core.effects import Key, Send, Tell
from signalling.core.meeting import decide
from signalling.core.room import Meeting
from signalling.core.room_table import Event
from signalling.errors import Gone, IllegalTransition, NotFound
from tests.core.samples import ANN, CUSTOMER, NOW, moment
from tests.core.test_meeting import ENDED, GUEST, LIVE, OPEN, changes, present

DROP = on.SocketDropped("s-kari", 1)
DUE = on.Deadline()


def after(m: Meeting, *events: tuple[int, Event]) -> Meeting:
    """Return the meeting after those events, each at its ms since NOW."""
    for ms, event in events:
        m, _ = decide(m, event, moment(NOW + ms))
    return m


def told(m: Meeting, ms: int, event: Event) -> list[tuple[str, Any]]:
    return changes(decide(m, event, moment(NOW + ms))[1])


def states(m: Meeting) -> list[str]:
    return [str(p.state) for p in m.participants]


# --- sockets ------------------------------------------------------------------------------


def test_a_short_blip_is_nobody_s_business() -> None:
    gone = after(LIVE, (0, DROP))

    assert states(gone) == ["reconnecting", "joined"]
    assert told(LIVE, 0, DROP) == []
    assert told(gone, 2_999, DUE) == told(gone, 2_999, on.SocketResumed("s-kari", 2)) == []
    assert states(after(gone, (2_999, on.SocketResumed("s-kari", 2)))) == ["joined", "joined"]


def test_after_3_s_the_others_see_reconnecting_and_then_the_return() -> None:
    gone = after(LIVE, (0, DROP))

    assert gone.wake_at_ms == NOW + 3_000
    assert told(gone, 3_000, DUE) == [(ANN, "reconnecting")]
    seen = after(gone, (3_000, DUE))
    assert told(seen, 4_000, DUE) == []
    assert told(seen, 9_000, on.SocketResumed("s-kari", 2)) == [(ANN, "returned")]


def test_after_20_s_they_have_left_and_the_assignment_knows() -> None:
    gone = after(LIVE, (0, DROP), (3_000, DUE))

    assert gone.wake_at_ms == NOW + 20_000
    new, effects = decide(gone, DUE, moment(NOW + 20_000))
    assert changes(effects) == [(ANN, "left"), (CUSTOMER, "left")]
    assert present(effects) == [(ANN,)]
    assert (states(new), new.participants[0].reason) == (["left", "joined"], "connection_lost")


def test_a_deadline_that_comes_late_does_everything_at_once() -> None:
    gone = after(LIVE, (0, DROP))

    assert told(gone, 25_000, DUE) == [(ANN, "left"), (CUSTOMER, "left")]


def test_a_later_drop_does_not_lengthen_the_grace() -> None:
    gone = after(LIVE, (0, DROP), (2_000, on.SocketDropped("s-kari", 2)))

    assert gone.wake_at_ms == NOW + 3_000


BACK: list[Event] = [
    on.SocketResumed("s-kari", 1),
    on.SocketResumed("s-kari", 2),
    on.Join(CUSTOMER, "p-9", "s-kari", 1),
    on.Join(CUSTOMER, "p-9", "s-kari", 2),
]


@pytest.mark.parametrize("late", BACK, ids=repr)
def test_what_an_older_socket_says_late_changes_nothing(late: Event) -> None:
    """The second socket dropped too, before its own resume was heard of."""
    gone = after(LIVE, (0, on.SocketDropped("s-kari", 2)))

    assert decide(gone, late, moment()) == (gone, ())


OLDER: list[Event] = [
    DROP,
    on.Leave(CUSTOMER, "s-kari", epoch=1),
    on.SocketResumed("s-kari", 1),
    on.Leave(CUSTOMER, "s-before"),
]


@pytest.mark.parametrize("late", OLDER, ids=repr)
def test_a_late_leave_or_drop_never_removes_a_newer_join(late: Event) -> None:
    back = after(LIVE, (0, on.Join(CUSTOMER, "p-9", "s-kari", 2)))

    assert decide(back, late, moment(NOW + 1)) == (back, ())


@pytest.mark.parametrize("epoch", [None, 1, 2])
def test_a_leave_of_this_socket_removes(epoch: int | None) -> None:
    left = after(LIVE, (0, on.Leave(CUSTOMER, "s-kari", epoch=epoch)))

    assert states(left) == ["left", "joined"]


def test_a_leave_without_a_session_takes_every_device() -> None:
    two = after(LIVE, (0, on.Join(CUSTOMER, "p-2", "s-kari-2", 1)))

    assert states(after(two, (1, on.Leave(CUSTOMER, None)))) == ["left", "joined", "left"]


# --- alone, empty, over -------------------------------------------------------------------


def test_who_is_left_alone_gets_two_minutes() -> None:
    alone = after(LIVE, (0, on.Leave(CUSTOMER, None)))

    assert alone.wake_at_ms == NOW + 120_000
    assert after(alone, (119_999, DUE)) == alone
    over = after(alone, (120_000, DUE))
    assert (over.state, over.reason, over.wake_at_ms) == ("ended", "alone", None)


def test_company_ends_being_alone() -> None:
    again = after(LIVE, (0, on.Leave(CUSTOMER, None)), (5, on.Join(CUSTOMER, "p-2", "s-2", 1)))

    assert (again.alone_ms, again.wake_at_ms) == (None, LIVE.until_ms)


def test_the_last_to_leave_ends_it() -> None:
    alone = after(LIVE, (0, on.Leave(CUSTOMER, None)))

    over, effects = decide(alone, on.Leave(ANN, None), moment())

    assert (over.state, over.reason) == ("ended", "empty")
    assert Tell(Key("assignment", "a1"), on.MeetingOver("m1", "empty")) in effects


def test_who_looks_in_before_the_others_does_not_end_it() -> None:
    """It is bounded all the same."""
    empty, effects = decide(OPEN, on.Leave(CUSTOMER, None), moment())

    assert (empty.state, empty.wake_at_ms) == ("open", OPEN.until_ms)
    assert present(effects) == [()]


def test_who_is_revoked_is_out_and_may_not_come_back() -> None:
    out, effects = decide(LIVE, room.Revoke(ANN, "not_connected"), moment())

    assert states(out) == ["joined", "removed"]
    assert changes(effects) == [(CUSTOMER, "removed"), (ANN, "removed")]
    with pytest.raises(NotFound):
        decide(out, on.Join(ANN, "p-2", "s-ann", 2), moment())


def test_a_meeting_nobody_ends_is_over_after_four_hours() -> None:
    over = after(LIVE, (4 * 3_600_000, DUE))

    assert (over.state, over.reason) == ("ended", "too_long")


@pytest.mark.parametrize("event", [on.End(CUSTOMER), on.Leave(CUSTOMER, None), DROP, DUE], ids=repr)
def test_what_is_over_stays_as_it_ended(event: Event) -> None:
    assert decide(ENDED, event, moment(NOW + 1)) == (ENDED, ())


# --- the lock, media, messages ------------------------------------------------------------


def test_a_locked_meeting_lets_nobody_new_in() -> None:
    locked = after(LIVE, (0, on.Lock(CUSTOMER, locked=True)))

    with pytest.raises(IllegalTransition):
        decide(locked, on.Join(GUEST.address, "p-gro", "s-gro", 1), moment())
    unlocked = after(locked, (1, on.Lock(CUSTOMER, locked=False)))
    assert len(after(unlocked, (2, on.Join(GUEST.address, "p", "s", 1))).inside) == 3


def test_a_locked_meeting_lets_back_in_who_was_there() -> None:
    locked = after(LIVE, (0, on.Lock(ANN, locked=True)), (1, on.Leave(CUSTOMER, None)))

    assert len(after(locked, (2, on.Join(CUSTOMER, "p-2", "s-2", 1))).inside) == 2


def test_a_locked_meeting_lets_in_the_interpreter_it_waits_for() -> None:
    locked = after(OPEN, (0, on.Lock(CUSTOMER, locked=True)))

    assert after(locked, (1, on.Join(ANN, "p-ann", "s-ann", 1))).state == "live"


def test_a_lock_is_told_to_every_party() -> None:
    lock, unlock = on.Lock(CUSTOMER, locked=True), on.Lock(CUSTOMER, locked=False)

    assert told(LIVE, 0, lock) == [(p.address, "locked") for p in LIVE.parties]
    assert told(LIVE, 0, unlock) == [(p.address, "unlocked") for p in LIVE.parties]


def test_media_and_name_are_told_to_the_others() -> None:
    muted = after(LIVE, (0, on.Media(CUSTOMER, None, {"audio": False})))
    named = after(muted, (1, on.Media(CUSTOMER, "s-kari", name="K.")))

    assert told(LIVE, 0, on.Media(CUSTOMER, None, {"audio": False})) == [(ANN, "media")]
    assert (named.inside[0].media, named.inside[0].name) == ({"audio": False}, "K.")


def messages(m: Meeting, to: str | None) -> list[str]:
    said = on.Message(CUSTOMER, "s-kari", "x1", "hello", to)
    effects = decide(m, said, moment())[1]
    return [e.address for e in effects if isinstance(e, Send) and e.method == "meeting.message"]


def test_a_message_reaches_all_or_one_and_the_writer_s_other_devices() -> None:
    three = after(LIVE, (0, on.Join(GUEST.address, "p-gro", "s-gro", 1)))

    assert messages(three, None) == [CUSTOMER, "g:m1:gro", ANN]
    assert messages(three, "p-ann") == [CUSTOMER, ANN]
    assert messages(after(three, (0, DROP)), None) == [CUSTOMER, "g:m1:gro", ANN]
    with pytest.raises(NotFound):
        messages(three, "p-nobody")


def test_a_writer_who_is_not_inside() -> None:
    with pytest.raises(NotFound):
        decide(
            replace(LIVE, participants=LIVE.participants[1:]),
            on.Message(CUSTOMER, None, "x", ""),
            moment(),
        )


def test_a_join_that_is_repeated_after_they_left() -> None:
    """Its commit was made, and its answer lost: they are not let in a second time by it."""
    join = on.Join(GUEST.address, "p-gro", "s-gro", 1)
    left = after(LIVE, (0, join), (1, on.Leave(GUEST.address, "s-gro")))

    with pytest.raises(Gone) as caught:
        decide(left, join, moment(NOW + 2))

    assert caught.value.extra == {"reason": "left"}
