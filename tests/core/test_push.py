"""Who is rung while no app of theirs is open, and for how long that is believed."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core import reasons
from signalling.core.availability import Availability, Event, Status, decide, view
from signalling.core.effects import Bounds, Effect, Hook, Key, Moment, Send, Tell
from signalling.errors import InvalidParams, NotEligible
from tests.core.samples import NOW, moment
from tests.core.test_availability import interpreter
from tests.core.test_availability_sockets import DROP, DUE, UNDELIVERED, after, effects_of

HOUR_MS = 3_600_000
END = NOW + HOUR_MS
LEASE = on.SetStatus("available", until_ms=END, push=True)
MADE = {"offer": "o1", "assignment": {"id": "a1"}}
RING = on.Ring("a1", "o1", MADE)
UNREACHED = Tell(Key("assignment", "a1"), on.Undelivered("o1", "ann", "unreached"))
LOST = on.Unring("o1", "undelivered")


def closed(**changes: object) -> Availability:
    """Return Ann, available by push, her app closed a minute ago."""
    shut = after(interpreter("away"), (0, LEASE), (0, DROP), (60_000, DUE))
    assert shut.sessions == ()
    return replace(shut, **changes)


def hooks(effects: tuple[Effect, ...]) -> list[Hook]:
    return [e for e in effects if isinstance(e, Hook)]


def over(reason: str) -> Hook:
    told = {"interpreter": "ann", **reasons.withdrawn("o1", "a1", reason)}
    return Hook("offer.withdrawn", "a1", told)


# --- the lease ----------------------------------------------------------------------------


@pytest.mark.parametrize("ms", [0, 5_000, 20_000, 60_000, HOUR_MS - 1])
def test_who_asked_for_push_stays_available_without_a_socket(ms: int) -> None:
    gone = after(interpreter("away"), (0, LEASE), (0, DROP))
    for at in sorted({5_000, 20_000, 60_000, ms}):
        gone = after(gone, (at, DUE)) if at <= ms else gone

    assert (gone.status, gone.matchable, gone.by_push) == ("available", True, True)
    assert gone.feed["by_push"] is True


def test_the_lease_ends_for_certain() -> None:
    """Nothing else wakes the record until then, and afterwards they are not there."""
    shut = closed()

    assert shut.wake_at_ms == END
    over_ = after(shut, (HOUR_MS, DUE))
    assert (over_.status, over_.wish, over_.push) == ("offline", "away", False)
    assert (over_.until_ms, over_.wake_at_ms) == (None, None)
    with pytest.raises(NotEligible):
        decide(shut, RING, moment(END))  # before its deadline was fed


def test_an_app_closed_on_purpose_changes_nothing() -> None:
    shut = after(interpreter("away"), (0, LEASE), (0, on.Close("phone")))

    assert (shut.status, shut.sessions, shut.until_ms) == ("available", (), END)


def test_push_needs_no_open_session() -> None:
    """A phone renews it over HTTP."""
    assert after(closed(), (60_000, replace(LEASE, until_ms=END + 1))).until_ms == END + 1


@pytest.mark.parametrize("status", ["available", "busy", "away", "offline"])
def test_whatever_they_say_next_ends_it(status: str) -> None:
    there = after(interpreter("away"), (0, LEASE), (0, on.SetStatus(status)))

    assert (there.status, there.push) == (status, False)
    assert "push" not in view(there)
    assert after(there, (0, DROP), (20_000, DUE)).status == "offline"


def test_over_a_socket_it_makes_no_difference() -> None:
    there = after(interpreter("away"), (0, LEASE))

    assert (there.matchable, there.by_push, view(there)["push"]) == (True, False, True)
    assert hooks(effects_of(there, 0, RING)) == []
    dropped = after(there, (0, RING), (0, DROP))
    assert dropped.wake_at_ms == NOW + 5_000
    assert effects_of(dropped, 5_000, DUE) == (UNDELIVERED,)
    again = after(dropped, (5_000, LOST))
    assert (again.status, again.by_push, again.unreached) == ("available", True, 0)


WRONG = [
    (on.SetStatus("busy", until_ms=END, push=True), "push"),
    (on.SetStatus("available", push=True), "until"),
    (on.SetStatus("available", until_ms=NOW + 12 * HOUR_MS + 1, push=True), "until"),
]


@pytest.mark.parametrize(("event", "path"), WRONG)
def test_a_wish_for_push_that_nothing_would_end(event: on.SetStatus, path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        decide(interpreter("away"), event, moment())
    assert refused.value.path == path


def test_the_longest_lease_is_set() -> None:
    longest = replace(LEASE, until_ms=NOW + 12 * HOUR_MS)

    assert after(interpreter("away"), (0, longest)).push
    with pytest.raises(InvalidParams, match="at most 1 hours"):
        decide(interpreter("away"), longest, Moment(NOW, Bounds(push_lease=HOUR_MS)))


def test_work_goes_on_while_the_lease_ends() -> None:
    held = after(closed(), (0, RING), (0, on.Hold("o1")), (HOUR_MS, DUE))

    assert (held.status, held.wish, held.push) == ("held", "away", False)
    assert after(held, (HOUR_MS, on.Release("a1"))).status == "offline"


# --- ringing ------------------------------------------------------------------------------


def test_a_ring_with_no_live_socket_is_pushed() -> None:
    """And stands in the inbox, for an app that opens."""
    effects = effects_of(closed(), 0, RING)

    assert effects[0] == Send("i:ann", "offer.made", MADE)
    assert hooks(effects) == [Hook("offer.made", "a1", {"interpreter": "ann", **MADE})]
    assert after(closed(), (0, RING)).status == "ringing"


def test_a_push_that_is_not_acknowledged_has_reached_nobody() -> None:
    rung = after(closed(), (0, RING))

    assert rung.wake_at_ms == NOW + 10_000
    assert effects_of(rung, 9_999, DUE) == ()
    assert effects_of(rung, 10_000, DUE) == (UNREACHED,)
    free = after(rung, (10_000, LOST))
    assert (free.status, free.unreached) == ("available", 1)
    assert hooks(effects_of(rung, 10_000, LOST)) == [over("undelivered")]


def test_one_that_is_acknowledged_rings_on() -> None:
    """For as long as the assignment lets it."""
    rung = after(closed(), (0, RING), (3_000, on.Acked("o1")))

    assert rung.wake_at_ms == END
    assert after(rung, (19_000, DUE)) == rung
    assert effects_of(rung, 19_000, DUE) == ()


def test_an_acknowledgement_of_another_offer_is_none() -> None:
    rung = after(closed(), (0, RING))

    assert after(rung, (0, on.Acked("o9"))) == rung
    assert after(closed(), (0, on.Acked("o1"))) == closed()


def test_an_app_that_opens_has_the_offer() -> None:
    """Over its socket no acknowledgement is waited for; lost again, it has what is left."""
    opened = after(closed(), (0, RING), (4_000, on.Connect("phone", 2)))

    assert opened.wake_at_ms == END
    assert after(opened, (10_000, DUE)) == opened
    early = after(opened, (4_500, on.Drop("phone", 2)))
    assert early.wake_at_ms == NOW + 10_000
    late = after(opened, (8_000, on.Drop("phone", 2)))
    assert late.wake_at_ms == NOW + 13_000
    assert effects_of(late, 13_000, DUE) == (UNREACHED,)


def test_closing_the_app_does_not_take_back_what_was_pushed() -> None:
    opened = after(closed(), (0, RING), (4_000, on.Connect("phone", 2)))
    shut = after(opened, (5_000, on.Close("phone")))

    assert (shut.status, shut.wake_at_ms) == ("ringing", NOW + 10_000)


ENDS: list[tuple[Event, str]] = [
    (on.Unring("o1", "taken"), "taken"),
    (on.Unring("o1", "cancelled"), "cancelled"),
    (on.Unring("o1", "expired"), "expired"),
    (on.Unring("o1", "declined"), "declined"),
    (on.Hold("o1"), "accepted"),
]


@pytest.mark.parametrize(("event", "reason"), ENDS)
def test_a_phone_that_rings_is_told_when_that_is_over(event: Event, reason: str) -> None:
    """Also if they answered on another device; whoever rings over a socket needs no push."""
    assert hooks(effects_of(after(closed(), (0, RING)), 0, event)) == [over(reason)]
    assert hooks(effects_of(interpreter("ringing"), 0, event)) == []


def test_what_is_over_is_not_told_twice() -> None:
    held = after(closed(), (0, RING), (0, on.Hold("o1")))

    assert hooks(effects_of(held, 0, on.Hold("o1"))) == []
    assert hooks(effects_of(held, 0, on.Release("a1"))) == []


# --- a phone that is gone -----------------------------------------------------------------

MISSED: list[tuple[int, Event]] = [(0, RING), (0, LOST)]


def test_three_in_a_row_end_the_lease() -> None:
    two = after(closed(), *MISSED, *MISSED)
    three = after(two, *MISSED)

    assert (two.status, two.unreached) == ("available", 2)
    assert (three.status, three.wish, three.push) == ("offline", "away", False)
    assert (three.until_ms, three.unreached, three.wake_at_ms) == (None, 0, None)


def test_how_many_is_set() -> None:
    rung = after(closed(), (0, RING))
    once, _ = decide(rung, LOST, Moment(NOW, Bounds(pushes=1)))

    assert once is not None
    assert once.status == "offline"


SIGNS: dict[str, list[tuple[int, Event]]] = {
    "acknowledged": [(0, RING), (0, on.Acked("o1")), (0, on.Unring("o1", "expired"))],
    "declined": [(0, RING), (0, on.Unring("o1", "declined"))],
    "accepted": [(0, RING), (0, on.Hold("o1")), (0, on.Release("a1"))],
    "opened": [(0, on.Connect("phone", 2)), (0, on.Drop("phone", 2))],
    "said so": [(0, LEASE)],
}


@pytest.mark.parametrize("sign", SIGNS)
def test_any_sign_of_life_begins_the_count_anew(sign: str) -> None:
    alive = after(closed(unreached=2), *SIGNS[sign])

    assert (alive.status, alive.unreached) == ("available", 0)


@pytest.mark.parametrize("reason", ["taken", "cancelled", "changed", "emergency"])
def test_an_offer_taken_back_says_nothing_of_the_phone(reason: str) -> None:
    assert after(closed(unreached=2), (0, RING), (0, on.Unring("o1", reason))).unreached == 2


def test_an_older_record_has_no_push() -> None:
    assert (Availability("ann").push, Availability("ann").wish) == (False, Status.OFFLINE)
