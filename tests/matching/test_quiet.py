"""Who is not to be woken, by the clock on their wall: against zoneinfo itself."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InvalidField, Population, rank
from matching.asking import Turn, ask, ask_together
from matching.decisions import record
from matching.eligibility import Rule
from matching.policy import WaveSize
from matching.quiet import QuietColumn, QuietHours, admit_quiet
from matching.shortage import shortage
from tests.matching.builders import MINUTE, NOW, person, present, request, words

OSLO = "Europe/Oslo"
ZONES = (OSLO, "Africa/Lagos", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
NIGHT = QuietHours("22:00", "07:00")
NOON = QuietHours("11:30", "13:00")

clocks = st.times().map(lambda each: each.strftime("%H:%M"))
moments = st.integers(0, 4_000_000_000_000)  # until 2096


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1000


def asleep(quiet: QuietHours | None, timezone: str, now_ms: int) -> bool:
    column = QuietColumn()
    column.codes.append(0)
    column.set(0, quiet, timezone)
    return column.asleep(np.array([0], np.int32), now_ms).size == 1


def shown(now_ms: int, timezone: str) -> time:
    """Ask zoneinfo what the clock on the wall shows."""
    return datetime.fromtimestamp(now_ms // 1000, ZoneInfo(timezone)).time()


@given(clocks, clocks, st.sampled_from(ZONES), moments)
def test_the_clock_on_the_wall_decides(start: str, end: str, timezone: str, now_ms: int) -> None:
    clock = shown(now_ms, timezone)
    begun, on = time.fromisoformat(start) <= clock, clock < time.fromisoformat(end)
    want = (begun and on) if start < end else (begun or on) if start > end else None

    if want is None:
        with pytest.raises(InvalidField):
            admit_quiet(QuietHours(start, end))
    else:
        assert asleep(QuietHours(start, end), timezone, now_ms) is want


ROWS = [
    (NIGHT, "2026-01-15T21:59:59+01:00", False),
    (NIGHT, "2026-01-15T22:00:00+01:00", True),
    (NIGHT, "2026-01-16T00:00:00+01:00", True),
    (NIGHT, "2026-01-16T06:59:59+01:00", True),
    (NIGHT, "2026-01-16T07:00:00+01:00", False),
    (NIGHT, "2026-07-15T22:00:00+02:00", True),  # by the clock of summer
    (NIGHT, "2026-07-15T22:00:00+01:00", True),
    (NIGHT, "2026-07-16T06:30:00+01:00", False),
    (NOON, "2026-01-15T11:29:59+01:00", False),
    (NOON, "2026-01-15T11:30:00+01:00", True),
    (NOON, "2026-01-15T13:00:00+01:00", False),
    # The night in which the clock is set forward, from 02:00 to 03:00, and the one back.
    (QuietHours("02:00", "03:00"), "2026-03-29T01:59:59+01:00", False),
    (QuietHours("02:00", "03:00"), "2026-03-29T03:00:00+02:00", False),
    (QuietHours("02:15", "02:45"), "2026-10-25T02:30:00+02:00", True),
    (QuietHours("02:15", "02:45"), "2026-10-25T02:50:00+02:00", False),
    (QuietHours("02:15", "02:45"), "2026-10-25T02:30:00+01:00", True),
    (None, "2026-01-16T00:00:00+01:00", False),
]


@pytest.mark.parametrize(("quiet", "when", "want"), ROWS)
def test_row(quiet: QuietHours | None, when: str, want: bool) -> None:
    assert asleep(quiet, OSLO, at(when)) is want


WRONG = [
    ("22:00", "22:00", "quiet.to"),
    ("25:00", "07:00", "quiet.from"),
    ("22:00", "7", "quiet.to"),
]


@pytest.mark.parametrize(("start", "end", "path"), WRONG)
def test_hours_that_cannot_be(start: str, end: str, path: str) -> None:
    with pytest.raises(InvalidField) as refused:
        admit_quiet(QuietHours(start, end))
    assert refused.value.path == path


def test_each_is_asked_by_their_own_clock() -> None:
    """And what a number had goes when it is given to somebody else."""
    column = QuietColumn()
    column.codes.extend([0] * 4)
    for number, timezone in enumerate((OSLO, "Asia/Tokyo", OSLO)):
        column.set(number, NIGHT, timezone)
    everybody, midnight = np.arange(4, dtype=np.int32), at("2026-01-16T00:00:00+01:00")

    assert column.asleep(everybody, midnight).tolist() == [0, 2]
    assert column.asleep(everybody[1:], midnight).tolist() == [2]
    assert column.asleep(everybody[:0], midnight).tolist() == []
    column.set(2, None, OSLO)
    assert column.asleep(everybody, midnight).tolist() == [0]
    assert column.zones == [OSLO, "Asia/Tokyo"]


def test_a_profile_brings_them_and_takes_them_away(population: Population) -> None:
    now_ms = at("2026-01-16T00:00:00+01:00")
    quiet = population.profiles.quiet
    number = np.array([0], np.int32)
    population.put(person("ann", quiet=NIGHT))
    assert quiet.asleep(number, now_ms).tolist() == [0]
    population.remove("ann")
    population.put(person("bo"))
    assert (population.ids, quiet.asleep(number, now_ms).tolist()) == (["bo"], [])


# --- what it means to be quiet ------------------------------------------------------------

SIZE = WaveSize(0.9, 2, 2)


@pytest.mark.parametrize("start_ms", [None, NOW + 600 * MINUTE])
def test_who_is_quiet_is_not_asked_and_the_record_says_why(
    population: Population, start_ms: int | None
) -> None:
    present(population, [person(name) for name in "abc"])
    turn = Turn(request(start_ms=start_ms), SIZE, asked=words("a"), quiet=words("b", "gone"))

    asked = ask(population, turn, NOW)

    assert [each.interpreter for each in asked.wave] == ["c"]
    (together,) = ask_together(population, [turn], NOW)
    assert together.wave == asked.wave
    body = record(population, turn, asked, NOW)
    assert body["excluded"] == {"already_asked": 1, "quiet_hours": 1}
    online = dict(zip(body["online"]["interpreters"], body["online"]["excluded"], strict=True))
    assert body["online"]["rules"][online["b"].bit_length() - 1] == Rule.QUIET
    lack = shortage(population, turn.request, NOW, turn.asked, turn.quiet)
    assert lack.excluded == {"already_asked": 1, "quiet_hours": 1}


def test_who_comes_after_others_is_not_asked_and_the_record_says_why(
    population: Population,
) -> None:
    present(population, [person(name) for name in "abc"])
    turn = Turn(request(), SIZE, asked=words("a"), later=words("a", "b"))

    asked = ask(population, turn, NOW)

    assert [each.interpreter for each in asked.wave] == ["c"]
    body = record(population, turn, asked, NOW)
    assert body["excluded"] == {"already_asked": 1, "others_first": 1}


def test_a_search_for_its_own_sake_leaves_nobody_out(population: Population) -> None:
    """Quiet hours say when to ask, not who may come."""
    present(population, [person("a", quiet=QuietHours("00:00", "23:59"))])

    assert rank(population, request(), NOW).eligible == 1
