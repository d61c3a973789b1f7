"""Every event in every state of a delivery, and when it is tried again."""

from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace

from signalling.core import delivery as life
from signalling.core.delivery import (
    Abandon,
    Arrived,
    Attempt,
    Delivery,
    DeliveryState,
    Drop,
    Failed,
    Queue,
    Redeliver,
    decide,
    view,
)
from signalling.core.effects import Announce
from signalling.core.events import Deadline
from tests.core.grid import rows
from tests.core.samples import NOW, moment

HOUR = 3_600_000
DAY = 24 * HOUR
WEEK = 7 * DAY
QUEUE = Queue(
    "dl1", "wh1", "hospital", "assignment.held", "a1", {"n": 1}, (NOW, 0), happened_ms=NOW - 5
)
PENDING = Delivery(
    "dl1", "wh1", "hospital", "assignment.held", "a1", {"n": 1}, (NOW, 0), NOW - 5, NOW, NOW
)
WEARY = replace(PENDING, attempts=30, since_ms=NOW - DAY)
DELIVERED = replace(
    PENDING,
    state=DeliveryState.DELIVERED,
    attempts=1,
    last=Attempt(NOW, 200),
    wake_at_ms=NOW + WEEK,
)
DEAD = replace(DELIVERED, state=DeliveryState.DEAD, last=Attempt(NOW, 500, "answered 500"))
KEPT = replace(DEAD, wake_at_ms=NOW)
RECORDS = {
    "none": None,
    "pending": PENDING,
    "weary": WEARY,
    "delivered": DELIVERED,
    "dead": DEAD,
    "kept": KEPT,
}
EVENTS: dict[str, life.Event] = {
    "queue": QUEUE,
    "arrived": Arrived(204),
    "failed": Failed("answered 500", 500),
    "abandon": Abandon("the webhook is disabled"),
    "again": Redeliver(),
    "drop": Drop(),
    "deadline": Deadline(),
}
# weary: it has failed for a day; kept: it is dead for a week.
ROWS = rows("""
          none     pending   weary     delivered dead      kept
queue     pending  =         =         =         =         =
arrived   none     delivered delivered =         =         =
failed    none     pending   dead      =         =         =
abandon   none     dead      dead      =         =         =
again     none     pending   pending   pending   pending   pending
drop      none     none      none      none      none      none
deadline  none     =         =         =         =         none
""")


@pytest.mark.parametrize(("state", "event", "want"), ROWS)
def test_row(state: str, event: str, want: str) -> None:
    """Each event in each state leads where the product says; none is refused."""
    old = RECORDS[state]
    new, effects = decide(old, EVENTS[event], moment())
    if want == "=":
        assert (new, effects) == (old, ())
    else:
        assert (new.state if new else "none") == want


def test_rows_are_complete() -> None:
    said = {(state, type(EVENTS[event])) for state, event, _ in ROWS}
    states = ("none", *map(str, DeliveryState))
    assert set(product(states, get_args(life.Event))) <= said


def test_it_waits_longer_each_time_and_is_given_up_after_a_day() -> None:
    """Five seconds, doubled up to an hour. The last time is when a day is over."""
    delivery, pauses = PENDING, []
    while delivery.wake_at_ms is None:
        now = delivery.due_ms
        new, _ = decide(delivery, Failed("no answer"), moment(now))
        assert new is not None
        pauses.append(new.due_ms - now)
        delivery = new

    assert (delivery.state, delivery.last) == ("dead", Attempt(NOW + DAY, None, "no answer"))
    assert delivery.attempts == len(pauses) > 20
    seconds = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert [pause / 1000 for pause in pauses[:12]] == seconds


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 5.0), (0.5, 3.75), (1.0, 2.5)])
def test_chance_takes_up_to_half_of_a_pause(chance: float, seconds: float) -> None:
    new, _ = decide(PENDING, Failed("no answer", chance=chance), moment())
    assert new is not None
    assert new.due_ms == NOW + seconds * 1000


def test_who_asks_to_be_left_alone_is_for_an_hour_at_most() -> None:
    def due(after_ms: int) -> int:
        new, _ = decide(PENDING, Failed("answered 429", 429, after_ms), moment())
        assert new is not None
        return new.due_ms - NOW

    assert due(120_000) == 120_000
    assert due(30 * DAY) == HOUR
    assert due(-1) == due(0) == 5_000


def test_one_that_waited_for_a_day_behind_others_is_tried_all_the_same() -> None:
    late = moment(NOW + 2 * DAY)
    assert decide(PENDING, Failed("no answer"), late)[0].state == "dead"  # type: ignore[union-attr]
    assert decide(PENDING, Arrived(200), late)[0].state == "delivered"  # type: ignore[union-attr]


def test_once_more_is_a_new_day_under_the_same_id() -> None:
    """Whoever delivers is told, and an attempt that was counted stays counted."""
    new, effects = decide(DEAD, Redeliver(), moment(NOW + HOUR))
    again = {"since_ms": NOW + HOUR, "due_ms": NOW + HOUR, "wake_at_ms": None}
    assert new == replace(DEAD, state=DeliveryState.PENDING, **again)
    assert effects == (Announce("hooks", "delivery.again", {"delivery": "dl1"}),)


def test_lists() -> None:
    """Its webhook's, by state and all; and those that are still to be made."""
    at = NOW - 5
    assert PENDING.indexes == {"deliveries:wh1": at, "deliveries:wh1:pending": at, "deliveries": at}
    assert DEAD.indexes == {"deliveries:wh1": at, "deliveries:wh1:dead": at}


def test_its_app_sees_how_it_fares() -> None:
    shown = {
        "id": "dl1",
        "state": "dead",
        "type": "assignment.held",
        "about": "a1",
        "happened_at": "2023-11-14T22:13:19.995Z",
        "attempts": 1,
        "tried_at": "2023-11-14T22:13:20.000Z",
        "status": 500,
        "why": "answered 500",
    }
    assert view(DEAD) == shown
    assert view(PENDING)["next_at"] == "2023-11-14T22:13:20.000Z"
