"""What is remembered of somebody's work: how it fades, and what a day and a streak are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalling.core import events as on
from signalling.core.track import (
    Counts,
    Turn,
    after,
    faded,
    forgiven,
    hours_left,
    minutes_today,
    streak_min,
)
from tests.core.samples import NOW

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
FULL = Counts(NOW, 8, 16, 4, 2, 32, 6, ((1, 30),), 30, NOW, answered=12, silent=10)


def done(minutes: int, ms: int, old: Counts = FULL, work: on.Work | None = None) -> Counts:
    event = on.Release("a1", work or on.Work("completed", minutes=minutes))
    return after(old, Turn("in_meeting", NOW, event, "wrap_up"), ms)


def test_half_is_left_after_a_half_life() -> None:
    """Two weeks for what is recent, half a year for what was completed or failed."""
    recent, reliable = faded(FULL, NOW + 14 * DAY), faded(FULL, NOW + 180 * DAY)

    assert (recent.offers, recent.online_h, recent.connects, recent.connect_failures) == (
        4,
        8,
        2,
        1,
    )
    assert (recent.answered, recent.silent) == (6, 5)
    assert (reliable.completed, reliable.failed) == (16, 3)
    assert recent.completed == 32 * 0.5 ** (14 / 180)
    assert (recent.hours, recent.streak_min) == (FULL.hours, FULL.streak_min)
    assert recent.at_ms == NOW + 14 * DAY


def test_what_is_excused_was_no_failure() -> None:
    """It leaves what it was worth by now, and nothing of what others were."""
    once = Counts(at_ms=NOW, failed=1)
    twice = faded(once, NOW + 30 * DAY, {"failed": 1})

    later = forgiven(twice, NOW, NOW + 60 * DAY)
    assert later.failed == pytest.approx(0.5 ** (30 / 180))
    assert forgiven(once, NOW, NOW + 400 * DAY).failed == pytest.approx(0)
    assert forgiven(Counts(at_ms=NOW), NOW, NOW).failed == 0


def test_a_clock_that_goes_back_fades_nothing() -> None:
    assert faded(FULL, NOW - DAY) == FULL
    back = after(FULL, Turn("available", NOW, on.SetStatus("busy"), "busy"), NOW - DAY)
    assert (back.offers, back.online_h) == (8, 16)


@given(st.lists(st.integers(0, 40 * DAY), min_size=1, max_size=6))
def test_fading_by_steps_is_fading_at_once(steps: list[int]) -> None:
    by_steps, now = FULL, NOW
    for step in steps:
        now += step
        by_steps = faded(by_steps, now)

    at_once = faded(FULL, now)
    assert by_steps.offers == pytest.approx(at_once.offers, rel=1e-12)
    assert by_steps.completed == pytest.approx(at_once.completed, rel=1e-12)


def test_a_short_spell_is_worth_its_hours_and_a_long_one_what_is_left_of_them() -> None:
    assert hours_left(HOUR, 14 * DAY) == pytest.approx(1, rel=0.002)
    assert hours_left(14 * DAY, 14 * DAY) == pytest.approx(14 * 24 / math.log(2) / 2)
    assert hours_left(0, 14 * DAY) == 0


@given(st.lists(st.integers(1, 20 * DAY), min_size=1, max_size=6))
def test_spells_end_to_end_are_worth_one_long_spell(spells: list[int]) -> None:
    """Whoever is rung often has many short spells: they must not count for more or less."""
    counts, now = Counts(), NOW
    for spell in spells:
        turn = Turn("available", now, on.SetStatus("busy"), "busy")
        now += spell
        counts = after(counts, turn, now)

    assert counts.online_h == pytest.approx(hours_left(sum(spells), 14 * DAY), rel=1e-9)


def test_a_steady_rate_of_offers_is_that_rate() -> None:
    """One offer after each hour of being available, for a year: one an hour."""
    counts, now = Counts(), NOW
    for _ in range(365 * 24):
        counts = after(counts, Turn("available", now, on.Ring("a", "o", {}), "ringing"), now + HOUR)
        now += HOUR

    assert counts.offers / counts.online_h == pytest.approx(1, rel=0.002)


def test_what_changes_no_status_or_counts_for_nothing_is_the_same_object() -> None:
    assert after(FULL, Turn("held", NOW, on.Hold("o1"), "held"), NOW + DAY) is FULL
    taken = on.Unring("o1", "taken")
    assert after(FULL, Turn("ringing", NOW, taken, "available"), NOW + DAY) is FULL
    assert after(FULL, Turn("wrap_up", NOW, on.Release("a1"), "busy"), NOW + DAY) is FULL


ANSWERS = [
    (on.Hold("o1"), {"answered": 13}),
    (on.Unring("o1", "declined"), {"answered": 13}),
    (on.Unring("o1", "expired", rang_out=True), {"silent": 11}),
    (on.Unring("o1", "expired"), {}),  # it never arrived, or was cut short
    (on.Unring("o1", "undelivered"), {}),
    (on.Unring("o1", "taken"), {}),
    (on.Unring("o1", "cancelled"), {}),
    (on.Unring("o1", "changed"), {}),
]


@pytest.mark.parametrize(("event", "want"), ANSWERS)
def test_a_refusal_is_an_answer_and_only_silence_counts_against_them(
    event: on.Hold | on.Unring, want: dict[str, float]
) -> None:
    then = "held" if isinstance(event, on.Hold) else "available"
    new = after(FULL, Turn("ringing", NOW, event, then), NOW)

    names = ("offers", "answered", "silent", "completed", "failed")
    assert {n: getattr(new, n) for n in names if getattr(new, n) != getattr(FULL, n)} == want


WORK = [
    (on.Work("completed"), {"completed": 33}),
    (on.Work("failed", "interpreter"), {"failed": 7}),
    (on.Work("cancelled", "interpreter"), {"failed": 7}),
    (on.Work("failed", "interpreter", came=False), {"failed": 7, "connect_failures": 3}),
    (on.Work("failed", "customer", came=True), {"connects": 5}),
    (on.Work("cancelled", "customer"), {}),
    (on.Work("failed", "nobody"), {}),
    (on.Work("failed", "excused"), {}),
]


@pytest.mark.parametrize(("work", "want"), WORK)
def test_only_their_own_fault_counts_against_them(work: on.Work, want: dict[str, float]) -> None:
    new = done(0, NOW, work=work)

    names = ("completed", "failed", "connects", "connect_failures")
    assert {n: getattr(new, n) for n in names if getattr(new, n) != getattr(FULL, n)} == want


def test_a_day_is_the_last_24_hours_to_the_hour() -> None:
    start = NOW // HOUR * HOUR
    one = done(30, start + 5 * MINUTE, Counts())
    two = done(20, start + 50 * MINUTE, one)
    three = done(45, start + 3 * HOUR, two)

    assert [minutes for _, minutes in three.hours] == [50, 45]
    assert minutes_today(three, start + 3 * HOUR) == 95
    assert minutes_today(three, start + 24 * HOUR - 1) == 95
    assert minutes_today(three, start + 24 * HOUR) == 45
    assert minutes_today(three, start + 27 * HOUR) == 0
    later = done(10, start + 26 * HOUR, three)
    assert [minutes for _, minutes in later.hours] == [45, 10]


BREAKS = [(14, 30, 60), (15, 30, 30), (0, 30, 60), (600, 5, 5)]


@pytest.mark.parametrize(("pause", "minutes", "want"), BREAKS)
def test_a_break_of_a_quarter_ends_a_streak(pause: int, minutes: int, want: int) -> None:
    """Counted from the end of one piece of work to the start of the next."""
    first = done(30, NOW, Counts())
    end = NOW + (pause + minutes) * MINUTE

    assert streak_min(done(minutes, end, first), end) == want


def test_a_streak_is_over_for_who_rests() -> None:
    worked = done(30, NOW, Counts())

    assert streak_min(worked, NOW + 15 * MINUTE - 1) == 30
    assert streak_min(worked, NOW + 15 * MINUTE) == 0
    assert streak_min(Counts(), NOW) == 0
