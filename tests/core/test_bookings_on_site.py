"""Bookings on site: checking in, being late, and work that nobody ends."""

import pytest

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core import views
from signalling.core.assignment import decide
from signalling.errors import IllegalTransition
from tests.core.booked import (
    ANN,
    BO,
    CUSTOMER,
    HOUR,
    LATE,
    MIN,
    NO_SHOW,
    NOW,
    START,
    confirmed,
    diary,
    hooks,
    market,
    request,
    states,
    until,
)
from tests.core.conductor import Conductor
from tests.core.samples import moment


@pytest.fixture
def c() -> Conductor:
    return market()


CHECKED_IN: list[tuple[int, int | None]] = [
    (START - 60 * MIN - 1, None),
    (START - 60 * MIN, START),
    (START + 7 * MIN, START + 7 * MIN),
]


@pytest.mark.parametrize(("ms", "began"), CHECKED_IN)
def test_checking_in_begins_the_work(c: Conductor, ms: int, began: int | None) -> None:
    """An hour early at most, and then it counts from the start."""
    confirmed(c, mode="onsite")
    until(c, ms)
    if began is None:
        with pytest.raises(IllegalTransition, match="not begin yet"):
            c.tell("assignment", "a1", book.CheckIn(ANN))
        return
    c.tell("assignment", "a1", book.CheckIn(ANN))
    there = request(c)
    c.tell("assignment", "a1", book.CheckIn(ANN))  # again

    slot = request(c).slots[0]
    assert request(c) == there
    assert (states(c), slot.started_ms, slot.checked_in_ms) == (["in_progress"], began, ms)
    assert str(c.get("availability", "ann").status) == "in_meeting"
    with pytest.raises(IllegalTransition, match="no place"):
        c.tell("assignment", "a1", book.CheckIn(BO))


def test_whoever_does_not_check_in_is_late(c: Conductor) -> None:
    confirmed(c, mode="onsite")
    until(c, LATE - 1)
    assert not request(c).slots[0].late
    until(c, LATE)

    assert (states(c), hooks(c)[-1]) == (["confirmed"], "assignment.late")
    c.tell("assignment", "a1", book.CheckIn(ANN))
    assert states(c) == ["in_progress"]


FORGOTTEN = 30 * MIN + 4 * HOUR


@pytest.mark.parametrize("checked_in", [True, False])
def test_work_on_site_that_nobody_ends(c: Conductor, checked_in: bool) -> None:
    """It is over four hours after its time, and counts."""
    confirmed(c, mode="onsite")
    until(c, START)
    if checked_in:
        c.tell("assignment", "a1", book.CheckIn(ANN))
    until(c, START + FORGOTTEN - 1)
    assert states(c) == ["in_progress" if checked_in else "confirmed"]
    until(c, START + FORGOTTEN)
    assert states(c) == ["wrap_up"]
    c.advance(2 * MIN)

    assert (states(c), diary(c, "ann")) == (["completed"], [])


def test_nobody_says_that_it_is_done_before_it_begins(c: Conductor) -> None:
    confirmed(c, mode="onsite")
    until(c, START - 1)
    with pytest.raises(IllegalTransition, match="not begun"):
        c.tell("assignment", "a1", on.Complete(ANN))
    until(c, START)
    c.tell("assignment", "a1", on.Complete(ANN))

    assert states(c) == ["wrap_up"]


def test_a_customer_who_is_not_there_on_site(c: Conductor) -> None:
    """Who has checked in may say so; only on site, and only who waited."""
    confirmed(c, mode="onsite")
    until(c, START)
    c.tell("assignment", "a1", book.CheckIn(ANN))
    until(c, NO_SHOW)
    with pytest.raises(IllegalTransition, match="both"):
        c.tell("assignment", "a1", book.NeverCame(CUSTOMER))
    c.tell("assignment", "a1", book.NeverCame(ANN))
    c.tell("assignment", "a1", book.NeverCame(ANN))  # again

    assert (states(c), request(c).outcome) == (["no_show"], {"reason": "customer_never_came"})
    assert diary(c, "ann") == []


def test_work_for_now_waits_from_the_accept(c: Conductor) -> None:
    """On site, where nobody sees who comes."""
    confirmed(c, start_ms=None, mode="onsite")
    event = book.NeverCame(CUSTOMER)
    with pytest.raises(IllegalTransition):
        decide(request(c), event, moment(NOW + 5 * MIN - 1))
    new, _ = decide(request(c), event, moment(NOW + 5 * MIN))

    assert (new.state, new.deadline_ms) == ("searching", NOW + 8 * MIN)


def test_remote_work_is_not_checked_in_to(c: Conductor) -> None:
    confirmed(c)
    with pytest.raises(IllegalTransition, match="only onsite"):
        c.tell("assignment", "a1", book.CheckIn(ANN))


def test_only_staff_see_where_somebody_checked_in(c: Conductor) -> None:
    confirmed(c, mode="onsite")
    until(c, START)
    c.tell("assignment", "a1", book.CheckIn(ANN, {"lat": 59.91, "lon": 10.75}))

    shown = {who: views.assignment(request(c), who)["slots"][0] for who in ("customer", "operator")}
    assert shown["operator"]["checked_in_position"] == {"lat": 59.91, "lon": 10.75}
    assert "checked_in_position" not in shown["customer"]
    assert shown["customer"]["checked_in_at"] == shown["operator"]["checked_in_at"]
