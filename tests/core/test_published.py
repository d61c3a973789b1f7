"""What apps are told by webhook: every step of an assignment's life, in order, each once."""

from functools import partial

import pytest
from msgspec.structs import replace

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core import views
from signalling.core.published import hooks
from signalling.core.rules import Rules
from tests.core import booked
from tests.core.booked import ANN, BO, CUSTOMER, HOUR, OPENS, START, accept, ask, confirmed, offer
from tests.core.conductor import Conductor
from tests.core.samples import assignment, candidate
from tests.core.story import join

LATER = {"start_ms": START + HOUR, "starts_at": "2023-11-17T00:13:20+01:00"}


@pytest.fixture
def c() -> Conductor:
    return booked.market()


def steps(c: Conductor) -> list[str]:
    """Return what the app was told of its assignment, but for offers to phones."""
    return [t.removeprefix("assignment.") for t in booked.hooks(c) if t != "offer.made"]


def test_the_life_of_a_booking(c: Conductor) -> None:
    confirmed(c)
    booked.until(c, OPENS)
    for who in (ANN, CUSTOMER):
        join(c, who, "room-a1")
    c.tell("assignment", "a1", on.Complete(ANN))
    c.advance(HOUR)

    assert steps(c) == [
        "created",
        "offering",
        "confirmed",
        "reminder",
        "reminder",
        "held",
        "started",
        "wrap_up",
        "completed",
    ]


def test_the_life_of_a_request_for_now(c: Conductor) -> None:
    ask(c, start_ms=None)
    offer(c, "ann", "bo")
    accept(c, "ann")
    c.tell("assignment", "a1", on.Cancel(ANN))
    c.advance(HOUR)

    assert steps(c) == ["created", "offering", "held", "reopened", "unfilled"]


def test_a_window_a_change_and_a_cancellation(c: Conductor) -> None:
    ask(c, window=True)
    booked.could(c, "ann")
    c.tell("assignment", "a1", book.Confirm(CUSTOMER, candidate("x", "ann")))
    c.tell("assignment", "a1", on.Update(CUSTOMER, LATER))
    c.tell("assignment", "a1", on.Cancel(CUSTOMER))

    life = ["created", "gathering", "confirmed", "changed", "reopened", "cancelled"]
    assert steps(c) == life


def test_who_comes_late_or_never(c: Conductor) -> None:
    confirmed(c)
    booked.until(c, START + HOUR)

    assert steps(c)[-4:] == ["reminder", "held", "late", "no_show"]


def test_an_outside_agency_hears_once_that_everybody_was_asked(c: Conductor) -> None:
    ask(c, rules=Rules(backstop=True))
    for _ in range(2):
        c.tell("assignment", "a1", on.NoMatch("1", {}, never=False))
    booked.until(c, START)

    assert steps(c) == ["created", "backstop", "unfilled"]


def test_two_places_that_take_one_step_are_one_event(c: Conductor) -> None:
    ask(c, needed=2)
    for slot, who in (("1", "ann"), ("2", "bo")):
        offer(c, who, slot=slot)
        accept(c, who, slot=slot)
    booked.until(c, OPENS)
    c.tell("assignment", "a1", on.Cancel(BO))

    assert steps(c)[-2:] == ["held", "reopened"]
    assert steps(c).count("held") == 1


def test_what_is_told_is_the_customers_view_to_their_app() -> None:
    old = assignment("offering")
    new = assignment("held")
    (hook,) = hooks(old, new, partial(views.assignment, new))

    assert (hook.type, hook.about, hook.app) == ("assignment.held", "a1", "hospital")
    assert hook.data["assignment"]["state"] == "held"
    assert hook.data["assignment"]["customer"] == "kari"


def test_what_changes_no_step_is_not_told() -> None:
    old = assignment("offering")

    for new in (old, replace(old, reminded=1)):
        assert hooks(old, new, partial(views.assignment, new)) == ()
