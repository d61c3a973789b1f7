"""Whom an assignment asks, and what it remembers of it: waves, spares, deadlines."""

from dataclasses import replace

import pytest

from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Tell
from tests.core.samples import (
    CUSTOMER,
    END,
    LATER,
    NOW,
    assignment,
    candidate,
    follow,
    moment,
    told,
)

CY, DAN, EVE = (candidate(f"{who}-1", who) for who in ("cy", "dan", "eve"))
SEARCHING = assignment("searching")


def test_a_wave_rings_the_best_and_keeps_the_rest_as_spares() -> None:
    new, effects = decide(SEARCHING, on.Wave("1", (CY, DAN, EVE), 2, "d1"), moment())

    assert [(o.interpreter, o.wave) for o in new.slots[0].ringing] == [("cy", 2), ("dan", 2)]
    refused = [e.refused for e in effects if isinstance(e, Tell)]
    assert refused == [on.CouldNotRing("cy-1", (EVE,)), on.CouldNotRing("dan-1", (EVE,))]
    assert new.decisions == ("d1",)


def test_a_candidate_who_cannot_be_rung_leaves_no_trace_and_the_next_is_rung() -> None:
    ringing = follow(SEARCHING, on.Wave("1", (CY, DAN), 1, "d1"))

    new, effects = decide(ringing, on.CouldNotRing("cy-1", (CY, DAN)), moment())

    assert [o.interpreter for o in new.slots[0].offers] == ["ann", "dan"]
    assert told(effects) == [("availability", "dan", "Ring")]


def test_a_wave_that_nobody_could_be_rung_in_never_was() -> None:
    ringing = follow(SEARCHING, on.Wave("1", (CY,), 1, "d1"))

    new, effects = decide(ringing, on.CouldNotRing("cy-1"), moment())

    assert (new.state, new.slots[0].wave, new.slots[0].offers) == (
        "searching",
        SEARCHING.slots[0].wave,
        SEARCHING.slots[0].offers,
    )
    assert told(effects) == []


def test_nobody_is_asked_twice() -> None:
    wave = on.Wave("1", (candidate("o7", "ann"), candidate("cy-1", "cy")), 2, "d1")

    assert [o.interpreter for o in follow(SEARCHING, wave).slots[0].ringing] == ["cy"]


def test_a_wave_of_people_asked_before_is_no_wave() -> None:
    wave = on.Wave("1", (candidate("o7", "ann"),), 1, "d1")

    assert decide(SEARCHING, wave, moment()) == (SEARCHING, ())


def test_no_wave_starts_once_the_deadline_is_over() -> None:
    wave = on.Wave("1", (CY,), 1, "d1")

    assert decide(SEARCHING, wave, moment(END)) == (SEARCHING, ())


def test_an_offer_expires_no_later_than_the_request() -> None:
    wave = on.Wave("1", (CY,), 1, "d1")

    early, late = (follow(SEARCHING, wave, ms=ms) for ms in (NOW, END - 5_000))

    assert early.slots[0].ringing[0].expires_ms == NOW + 20_000
    assert late.slots[0].ringing[0].expires_ms == END


def test_a_repeated_wave_after_a_change_brings_no_offer_back() -> None:
    """The dispatcher may repeat a commit whose outcome it never learned."""
    wave = on.Wave("1", (CY,), 1, "d1")
    changed = follow(SEARCHING, wave, on.Update(CUSTOMER, {"duration_min": 60}))

    assert decide(changed, wave, moment()) == (changed, ())


def test_only_the_offers_whose_time_has_come_expire() -> None:
    slot = assignment("offering").slots[0]
    later = replace(slot.offers[1], expires_ms=LATER + 1)
    old = assignment("offering", slots=(slot.with_offer(later),))

    new, effects = decide(old, on.Deadline(), moment(LATER))

    assert [str(o.state) for o in new.slots[0].offers] == ["expired", "made"]
    assert (new.state, told(effects)) == ("offering", [("availability", "ann", "Unring")])


@pytest.mark.parametrize(("offers", "reason"), [(True, "nobody_accepted"), (False, "nobody_free")])
def test_the_deadline_makes_it_unfilled(offers: bool, reason: str) -> None:
    slot = assignment("offering").slots[0]
    old = assignment("searching", slots=(slot,)) if offers else follow(SEARCHING)
    if not offers:
        old = replace(old, slots=(replace(old.slots[0], offers=()),))

    new, _ = decide(old, on.Deadline(), moment(END))

    assert (new.state, new.outcome) == ("unfilled", {"reason": reason})
    assert new.slots[0].ended_ms == END


def test_nobody_now_and_nobody_ever() -> None:
    """Who cannot be served learns why; who might still be, waits."""
    now, _ = decide(SEARCHING, on.NoMatch("1", {"excluded": {"free": 3}}, never=False), moment())
    ever, _ = decide(SEARCHING, on.NoMatch("1", {"excluded": {"free": 3}}, never=True), moment())

    assert now.outcome == {"reason": "nobody_available", "excluded": {"free": 3}}
    assert ever.outcome == {"reason": "nobody_accepted", "excluded": {"free": 3}}
    assert ever.slots[0].ended_ms == NOW


def test_nobody_was_ever_eligible() -> None:
    new = replace(SEARCHING, slots=(replace(SEARCHING.slots[0], offers=()),))
    ever, _ = decide(new, on.NoMatch("1", {}, never=True), moment())

    assert ever.outcome == {"reason": "nobody_eligible"}
