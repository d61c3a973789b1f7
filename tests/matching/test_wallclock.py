"""Times as people write them, against zoneinfo itself."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching import InvalidField
from matching.wallclock import is_skipped, milliseconds, moment_of, shown_at

ZONES = (
    "Europe/Oslo",
    "Europe/Dublin",  # its winter is what is set apart
    "America/St_Johns",  # half an hour off
    "Asia/Kathmandu",  # a quarter, and never set
    "Asia/Tokyo",
    "Australia/Lord_Howe",  # set by half an hour
    "Africa/Casablanca",  # set back for a month each year
    "Pacific/Apia",  # had no 30 December 2011
    "UTC",
)
WALLS = st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)).map(  # noqa: DTZ001 - wall clocks
    lambda wall: wall.replace(microsecond=0)
)
MOMENTS = st.integers(0, 2_100_000_000).map(lambda seconds: seconds * 1000)
# Minutes around the changes of 2026, in which what is rare elsewhere is usual.
CHANGES = {
    "Europe/Oslo": ("2026-03-29T01:00+00:00", "2026-10-25T01:00+00:00"),
    "America/St_Johns": ("2026-03-08T05:30+00:00", "2026-11-01T04:30+00:00"),
    "Australia/Lord_Howe": ("2026-10-03T15:30+00:00", "2026-04-04T15:00+00:00"),
}
NEAR = st.sampled_from([(name, at) for name, ats in CHANGES.items() for at in ats])


def wall_in(name: str, at_ms: int) -> datetime:
    """Ask zoneinfo what the clock shows."""
    shown = datetime.fromtimestamp(at_ms // 1000, ZoneInfo(name))
    return shown.replace(tzinfo=None, fold=0)


def moments_of(name: str, wall: datetime) -> set[int]:
    """Return every moment at which the clock shows *wall*: none, one or two; by search."""
    naive_ms = milliseconds(wall.replace(tzinfo=UTC))
    offsets = {
        ZoneInfo(name).utcoffset((wall + timedelta(hours=hours)).replace(fold=fold))
        for hours in (-30, 0, 30)
        for fold in (0, 1)
    }
    found = {naive_ms - offset // timedelta(milliseconds=1) for offset in offsets if offset}
    found |= {naive_ms} if timedelta() in offsets else set()
    return {at_ms for at_ms in found if wall_in(name, at_ms) == wall}


def check(name: str, wall: datetime) -> None:
    """Hold one wall-clock time against what zoneinfo says of it."""
    wanted = moments_of(name, wall)
    assert is_skipped(wall, ZoneInfo(name)) == (not wanted)
    if len(wanted) == 1:
        assert {moment_of(wall.isoformat(), name)} == wanted
        return
    with pytest.raises(InvalidField) as refused:
        moment_of(wall.isoformat(), name)
    assert ("does not exist" if not wanted else "exists twice") in refused.value.detail
    assert refused.value.path == "starts_at"
    for at_ms in wanted:  # either is taken with its offset, which the error names
        shown = shown_at(at_ms, name)
        assert moment_of(shown, name) == at_ms
        assert shown[-6:] in refused.value.detail


@given(st.sampled_from(ZONES), WALLS)
def test_a_time_without_an_offset_is_what_the_clock_shows(name: str, wall: datetime) -> None:
    check(name, wall)


@given(NEAR, st.integers(-120, 120))
def test_so_it_is_around_the_changes(near: tuple[str, str], minutes: int) -> None:
    name, change = near
    at_ms = moment_of(change, None) + minutes * 60_000
    check(name, wall_in(name, at_ms))
    # What the clock shows before the change, counted on past it: in spring it skips that.
    before = wall_in(name, moment_of(change, None) - 3_600_000)
    check(name, before + timedelta(minutes=60 + minutes))


@given(st.sampled_from(ZONES), MOMENTS)
def test_what_is_shown_is_read_as_the_same_moment(name: str, at_ms: int) -> None:
    shown = shown_at(at_ms, name)
    assert moment_of(shown, None) == moment_of(shown, name) == at_ms
    assert datetime.fromisoformat(shown).replace(tzinfo=None) == wall_in(name, at_ms)


@given(NEAR, st.integers(-180, 180), st.integers(1, 1440))
def test_a_booking_lasts_its_minutes_whatever_the_clock_does(
    near: tuple[str, str], minutes: int, duration_min: int
) -> None:
    """Its end is its start and the minutes that pass, which is not what the clock says."""
    name, change = near
    start_ms = moment_of(change, None) + minutes * 60_000
    end_ms = start_ms + duration_min * 60_000
    start, end = (datetime.fromisoformat(shown_at(ms, name)) for ms in (start_ms, end_ms))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(minutes=duration_min)


@given(WALLS, st.integers(-14 * 60, 14 * 60))
def test_an_offset_needs_no_zone(wall: datetime, minutes: int) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    at_ms = moment_of(f"{wall.isoformat()}{sign}{hours:02}:{rest:02}", None)
    assert at_ms == milliseconds(wall.replace(tzinfo=UTC)) - minutes * 60_000


@given(st.datetimes(), st.sampled_from(ZONES))
def test_no_year_is_too_far(wall: datetime, name: str) -> None:
    """How far ahead is `admit_start`'s to say: reading never fails but with a refusal."""
    try:
        moment_of(wall.isoformat(), name)
    except InvalidField:
        assume(False)
    for offset in ("+14:00", "-12:00"):
        assert isinstance(moment_of(wall.isoformat() + offset, name), int)


def test_parts_of_a_second_round_down() -> None:
    assert moment_of("2026-03-02T09:00:00.1239Z", None) % 1000 == 123
    assert moment_of("1969-12-31T23:59:59.9999Z", None) == -1


def test_examples_in_words() -> None:
    noon = moment_of("2026-07-01T12:00", "Europe/Oslo")
    assert shown_at(noon, None) == "2026-07-01T10:00:00+00:00"
    assert shown_at(noon, "Asia/Kathmandu") == "2026-07-01T15:45:00+05:45"
    with pytest.raises(InvalidField, match=r"exists twice .* \+02:00 or \+01:00"):
        moment_of("2026-10-25T02:30", "Europe/Oslo")


@pytest.mark.parametrize(
    ("text", "timezone", "path"),
    [
        ("tomorrow", "Europe/Oslo", "starts_at"),
        ("2026-02-30T09:00", "Europe/Oslo", "starts_at"),
        ("2026-03-02T24:30", "Europe/Oslo", "starts_at"),
        ("2026-03-02T09:00", None, "starts_at"),
        ("2026-03-02T09:00", "Europe/Atlantis", "timezone"),
        ("2011-12-30T12:00", "Pacific/Apia", "starts_at"),
    ],
)
def test_what_is_no_time_is_refused(text: str, timezone: str | None, path: str) -> None:
    with pytest.raises(InvalidField) as refused:
        moment_of(text, timezone)
    assert refused.value.path == path
