"""What becomes of an interpreter after a socket drops: the table at the end of states.md."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.availability import Availability, Connection, Event, Status, decide
from signalling.core.effects import Effect, Key, Tell
from signalling.errors import NotEligible
from tests.core.samples import NOW, moment
from tests.core.test_availability import interpreter

UNDELIVERED = Tell(Key("assignment", "a1"), on.Undelivered("o1", "ann"))


def after(old: Availability, *events: tuple[int, Event]) -> Availability:
    """Return the record after those events, each at its ms since NOW."""
    for ms, event in events:
        new, _ = decide(old, event, moment(NOW + ms))
        assert new is not None
        old = new
    return old


def effects_of(old: Availability, ms: int, event: Event) -> tuple[Effect, ...]:
    return decide(old, event, moment(NOW + ms))[1]


DROP = on.Drop("phone", 1)
DUE = on.Deadline()


def test_0_s_no_new_offers() -> None:
    """They stay what they were, but nobody rings them."""
    gone = after(interpreter("available"), (0, DROP))

    assert (gone.status, gone.matchable) == ("available", False)
    with pytest.raises(NotEligible):
        decide(gone, on.Ring("a1", "o1", {}), moment())


def test_5_s_a_ringing_offer_is_undelivered() -> None:
    gone = after(interpreter("ringing"), (0, DROP))

    assert gone.wake_at_ms == NOW + 5_000
    assert effects_of(gone, 4_999, DUE) == ()
    assert effects_of(gone, 5_000, DUE) == (UNDELIVERED,)
    free = after(gone, (5_000, on.Unring("o1", "undelivered")))
    assert (free.status, free.matchable) == ("available", False)


def test_20_s_presence_is_offline() -> None:
    gone = after(interpreter("available"), (0, DROP))

    assert gone.wake_at_ms == NOW + 20_000
    assert after(gone, (19_999, DUE)) == gone
    offline = after(gone, (20_000, DUE))
    assert (offline.status, offline.wake_at_ms) == ("offline", NOW + 60_000)


@pytest.mark.parametrize("ms", [3_000, 20_000, 59_999])
def test_until_60_s_they_come_back_as_they_were(ms: int) -> None:
    gone = after(interpreter("available"), (0, DROP), (ms, DUE))

    back = after(gone, (ms, on.Connect("phone", 2)))

    assert (back.status, back.matchable, back.wake_at_ms) == ("available", True, None)


def test_60_s_the_wish_is_forgotten() -> None:
    """Whoever comes back says anew that they are available; until then they are offline."""
    asked = on.SetStatus("available", until_ms=NOW + 90_000)
    gone = after(interpreter("away"), (0, asked), (0, DROP), (60_000, DUE))

    assert (gone.status, gone.wish, gone.sessions) == ("offline", "offline", ())
    assert (gone.until_ms, gone.wake_at_ms) == (None, None)
    assert after(gone, (61_000, on.Connect("tablet", 1))).status == "offline"


@pytest.mark.parametrize("status", ["held", "in_meeting"])
def test_a_socket_that_is_gone_does_not_take_work_away(status: str) -> None:
    """The hold, and the meeting, have times of their own."""
    gone = after(interpreter(status), (0, DROP), (60_000, DUE))

    assert (gone.status, gone.wish, gone.sessions) == (status, "offline", ())
    assert gone.wake_at_ms is None


def test_a_second_device_keeps_them_there() -> None:
    both = after(interpreter("available"), (0, on.Connect("laptop", 1)), (0, DROP))

    assert both.matchable
    assert both.wake_at_ms == NOW + 60_000
    later = after(both, (60_000, DUE))
    assert (later.status, [s.id for s in later.sessions]) == ("available", ["laptop"])


def test_the_last_socket_to_drop_counts() -> None:
    """And a deadline that is fed moves on: the timers never spin."""
    two = after(
        interpreter("available"),
        (0, on.Connect("laptop", 1)),
        (0, DROP),
        (3_000, on.Drop("laptop", 1)),
    )

    assert two.wake_at_ms == NOW + 23_000
    assert after(two, (20_000, DUE)) == two
    assert after(two, (23_000, DUE)).status == "offline"


def test_the_last_socket_to_drop_counts_while_ringing() -> None:
    two = after(
        interpreter("ringing"),
        (0, on.Connect("laptop", 1)),
        (0, DROP),
        (3_000, on.Drop("laptop", 1)),
    )

    assert two.wake_at_ms == NOW + 8_000
    assert effects_of(two, 5_000, DUE) == ()
    assert effects_of(two, 8_000, DUE) == (UNDELIVERED,)


def test_closing_the_only_session_while_ringing_is_undelivered_at_once() -> None:
    new = after(interpreter("ringing"), (0, on.Close("phone")))

    assert effects_of(interpreter("ringing"), 0, on.Close("phone")) == (UNDELIVERED,)
    assert after(new, (0, on.Unring("o1", "undelivered"))).status == "offline"


def test_closing_one_device_leaves_the_other_its_grace() -> None:
    """The phone lost its socket a second ago and may be back."""
    one = after(interpreter("ringing"), (0, on.Connect("laptop", 1)), (0, DROP))

    assert effects_of(one, 1_000, on.Close("laptop")) == ()
    closed = after(one, (1_000, on.Close("laptop")))
    assert (closed.status, closed.wake_at_ms) == ("ringing", NOW + 5_000)


def test_closing_forgets_the_wish() -> None:
    asked = on.SetStatus("available", until_ms=NOW + 90_000)
    closed = after(interpreter("away"), (0, asked), (0, on.Close("phone")))

    assert (closed.status, closed.wish, closed.until_ms) == ("offline", "offline", None)
    assert closed.wake_at_ms is None


def test_closing_while_nothing_rings_asks_nobody() -> None:
    """A record that rings without an offer cannot be; it is left alone."""
    odd = interpreter("ringing", engagement=None)

    assert effects_of(odd, 0, on.Close("phone")) == ()


LATE = [on.Connect("phone", 1), on.Connect("phone", 2)]


@pytest.mark.parametrize("late", LATE, ids=repr)
def test_a_late_connect_does_not_bring_a_lost_socket_back(late: on.Connect) -> None:
    """The drop of the second socket overtook its connect."""
    gone = after(interpreter("available"), (0, on.Drop("phone", 2)))

    assert after(gone, (1, late)) == gone


def test_a_late_drop_does_not_take_a_newer_socket_away() -> None:
    back = after(interpreter("available"), (0, on.Connect("phone", 2)))

    assert after(back, (1, on.Drop("phone", 1))) == back


def test_until_a_time() -> None:
    """Availability ends at the time they said, to away, also while they are engaged."""
    said = on.SetStatus("available", until_ms=NOW + 9_000)
    free = after(interpreter("away"), (0, said))

    assert free.wake_at_ms == NOW + 9_000
    assert after(free, (8_999, DUE)) == free
    over = after(free, (9_000, DUE))
    assert (over.status, over.until_ms, over.wake_at_ms) == ("away", None, None)
    held = after(interpreter("held"), (0, said), (9_000, DUE))
    assert (held.status, held.wish) == ("held", "away")


def test_a_session_without_a_trace_is_not_there() -> None:
    nobody = Availability("ann")

    assert after(nobody, (0, DROP)) == nobody
    assert not nobody.connected
    assert Connection("phone", 1).connected
    assert replace(nobody, wish=Status.AWAY).wake_at_ms is None
