"""A booking is told to those whom it fits: once, until its terms change."""

from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.booking_events import Recommended, Suggestion
from signalling.core.effects import Announce, Effect
from signalling.core.slot import Assignment, Interested, SlotState
from tests.core.samples import CUSTOMER, LATER, NOW, TERMS, assignment, moment, sent

BOOKING = TERMS | {"start_ms": NOW + 3_600_000, "starts_at": "2023-11-14T23:13:20Z"}
FOUND = Recommended(
    "1",
    tuple(Suggestion(who, {"assignment": {"id": "a1"}}) for who in ("cy", "ann", "dan")),
)
OPEN = {"gathering"}  # afterwards an offer goes out, to whoever it fits


def booking(state: str, **changes: Any) -> Assignment:
    return assignment(state, terms=BOOKING, interest_until_ms=LATER, **changes)


def announced(effects: tuple[Effect, ...]) -> bool:
    return any(isinstance(e, Announce) and e.topic == "untold" for e in effects)


@pytest.mark.parametrize("state", SlotState)
def test_who_is_told(state: SlotState) -> None:
    """As long as they may say that they could, but for those who were asked; later it is late."""
    old = booking(state)
    new, effects = decide(old, FOUND, moment())
    if state not in OPEN:
        assert (new, effects) == (old, ())
        return
    assert new.recommended == ("cy", "dan")
    assert (new.state, new.untold) == (state, False)
    assert sent(effects) == [(f"i:{who}", "assignment.recommended") for who in ("cy", "dan")]


def test_nobody_is_told_twice() -> None:
    """Whether another process was faster, or a message comes again."""
    new, _ = decide(booking("gathering"), FOUND, moment())
    assert decide(new, FOUND, moment()) == (new, ())
    nobody, effects = decide(booking("gathering"), Recommended("1", ()), moment())
    assert (nobody.recommended, effects) == ((), ())


def test_not_who_has_said_that_they_could() -> None:
    could = (Interested("cy", "o9", NOW, {}),)
    _, effects = decide(booking("gathering", interests=could), FOUND, moment())
    assert sent(effects) == [("i:dan", "assignment.recommended")]


def test_what_begins_now_rings_instead() -> None:
    old = assignment("searching")
    assert decide(old, FOUND, moment()) == (old, ())


def test_other_terms_may_fit_others() -> None:
    old = booking("gathering", recommended=("cy",))
    same, effects = decide(old, on.Update(CUSTOMER, {"note": "Ward 8"}), moment())
    assert (same.recommended, announced(effects)) == (("cy",), False)
    new, effects = decide(old, on.Update(CUSTOMER, {"duration_min": 60}), moment())
    assert (new.recommended, announced(effects)) == (None, True)


def test_a_new_booking_is_announced_once() -> None:
    create = on.Create("a1", "hospital", "kari", BOOKING, interest_until_ms=LATER)
    new, effects = decide(None, create, moment())
    assert announced(effects)
    _, effects = decide(replace(new, recommended=("cy",)), on.Cancel(CUSTOMER), moment())
    assert not announced(effects)
    _, effects = decide(None, on.Create("a1", "hospital", "kari", TERMS), moment())
    assert not announced(effects)
