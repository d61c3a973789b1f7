"""Whom an assignment asks, and what it remembers of it: waves, spares, deadlines."""

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.assignment import decide
from signalling.core.effects import Announce, Tell
from signalling.core.slot import Assignment
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


# --- waves that overlap -------------------------------------------------------------------

PACED = on.Wave("1", (CY, DAN), 2, "d1", pace_ms=8_000)


def due(a: Assignment) -> tuple[int, bool]:
    """Return how many more are to be rung, and whether the dispatcher looks for them."""
    return a.slots[0].due, "searching" in a.indexes


def test_one_more_is_due_for_each_who_declines_while_others_ring() -> None:
    ringing = follow(SEARCHING, PACED)
    assert due(ringing) == (0, False)

    new, effects = decide(ringing, on.Decline("cy-1", "cy"), moment())

    assert (new.state, due(new)) == ("offering", (1, True))
    work = [e for e in effects if isinstance(e, Announce) and e.topic == "work"]
    assert [e.params for e in work] == [{"assignment": "a1", "slot": "1"}]


def test_one_more_is_due_whenever_so_long_nobody_accepts() -> None:
    ringing = follow(SEARCHING, PACED)
    assert ringing.wake_at_ms == NOW + 8_000
    early, _ = decide(ringing, on.Deadline(), moment(NOW + 7_999))
    assert due(early) == (0, False)

    late, _ = decide(ringing, on.Deadline(), moment(NOW + 8_000))

    assert due(late) == (1, True)
    assert late.wake_at_ms == NOW + 20_000  # nothing more is due before that one is rung
    more, effects = decide(late, on.Wave("1", (EVE,), 1, "d2", 8_000), moment(NOW + 8_100))
    assert (due(more), more.state) == ((0, False), "offering")
    assert told(effects) == [("availability", "eve", "Ring")]
    assert more.wake_at_ms == NOW + 16_100
    assert [o.interpreter for o in more.slots[0].ringing] == ["cy", "dan", "eve"]


def test_nobody_more_is_rung_than_is_due() -> None:
    ringing = follow(SEARCHING, PACED)
    assert decide(ringing, on.Wave("1", (EVE,), 1, "d2", 8_000), moment()) == (ringing, ())


def test_nobody_to_be_found_is_no_end_while_others_ring() -> None:
    waiting = follow(SEARCHING, PACED, on.Decline("cy-1", "cy"))
    for never in (False, True):
        assert decide(waiting, on.NoMatch("1", {}, never), moment()) == (waiting, ())


def test_what_was_due_is_forgotten_when_the_last_ring_ends_or_somebody_accepts() -> None:
    waiting = follow(SEARCHING, PACED, on.Decline("cy-1", "cy"))
    for event in (on.Decline("dan-1", "dan"), on.Accept("dan-1", "dan", "m9")):
        new, _ = decide(waiting, event, moment())
        assert (new.slots[0].due, new.slots[0].due_ms) == (0, None)


def test_without_a_pace_a_wave_is_waited_out() -> None:
    ringing = follow(SEARCHING, on.Wave("1", (CY, DAN), 2, "d1"))
    declined, _ = decide(ringing, on.Decline("cy-1", "cy"), moment())
    assert (due(declined), declined.wake_at_ms) == ((0, False), NOW + 20_000)
