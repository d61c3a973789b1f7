"""A customer who wants to choose has time for it after the window, and loses nothing by waiting."""

from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import booking_events as book
from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Hook, Log, Send
from signalling.core.slot import Assignment
from tests.core.samples import NOW, TERMS, moment

HOUR_MS = 3_600_000
WINDOW = NOW + HOUR_MS
START = NOW + 9 * HOUR_MS
DUE = on.Deadline()


def gathering(*could: str, confirm: str = "customer") -> Assignment:
    """Return a booking in nine hours; for the first of them interpreters say that they could."""
    terms = TERMS | {"start_ms": START, "confirm": confirm}
    create = on.Create("a1", "hospital", "kari", terms, interest_until_ms=WINDOW)
    a, _ = decide(None, create, moment())
    for who in could:
        a, _ = decide(a, book.Interest(who, True, f"o-{who}", {"name": who}), moment())
    return a


def test_whoever_is_to_choose_has_half_of_what_is_left() -> None:
    old = gathering("ann")
    assert decide(old, DUE, moment(WINDOW - 1)) == (old, ())

    new, effects = decide(old, DUE, moment(WINDOW))

    assert (new.state, new.choosing, new.interests) == ("gathering", True, old.interests)
    assert new.interest_until_ms == new.wake_at_ms == WINDOW + 4 * HOUR_MS
    told = [e.method for e in effects if isinstance(e, Send)]
    hooks = [e.type for e in effects if isinstance(e, Hook)]
    (log,) = (e for e in effects if isinstance(e, Log))
    assert (told, hooks) == (["assignment.changed"], ["assignment.choosing"])
    assert [entry["what"] for entry in log.entry["entries"]] == ["choosing"]
    assert decide(new, DUE, moment(WINDOW)) == (new, ())


def test_then_the_best_is_looked_for() -> None:
    choosing, _ = decide(gathering("ann"), DUE, moment(WINDOW))

    new, _ = decide(choosing, DUE, moment(WINDOW + 4 * HOUR_MS))

    assert (new.state, [i.interpreter for i in new.interests]) == ("searching", ["ann"])


@pytest.mark.parametrize("old", [gathering(), gathering("ann", confirm="rank")])
def test_nobody_waits_for_a_choice_that_there_is_not(old: Assignment) -> None:
    new, _ = decide(old, DUE, moment(WINDOW))

    assert (new.state, new.choosing) == ("searching", False)


CHANGES: list[tuple[dict[str, Any], int]] = [
    ({"duration_min": 60}, WINDOW),
    ({"start_ms": NOW + HOUR_MS}, NOW + HOUR_MS // 2),
]


@pytest.mark.parametrize(("changes", "until_ms"), CHANGES)
def test_other_terms_begin_anew(changes: dict[str, Any], until_ms: int) -> None:
    """The window goes on, but no longer than to halfway to the start."""
    old = replace(gathering("ann"), choosing=True)

    new, _ = decide(old, on.Update("c:hospital:kari", changes), moment())

    assert (new.choosing, new.interests, new.interest_until_ms) == (False, (), until_ms)


def test_who_is_woken_too_late_waits_for_nobody() -> None:
    new, _ = decide(gathering("ann"), DUE, moment(START))

    assert (new.state, new.choosing, new.interests) == ("unfilled", False, ())
