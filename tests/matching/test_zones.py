"""What wall clocks show, against zoneinfo itself."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InvalidField
from matching.zones import BLOCK_MS, DAY_MS, zone

ZONES = (
    "Europe/Oslo",
    "Europe/Dublin",  # its winter is what is set apart
    "Asia/Kathmandu",
    "Pacific/Apia",  # had no 30 December 2011
    "Australia/Lord_Howe",  # set by half an hour
    "Africa/Casablanca",  # set four times a year
    "UTC",
)
HOUR_MS = 60 * 60 * 1000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def wall(name: str, at_ms: int) -> int:
    """Ask zoneinfo what the clock shows, in ms as if it were UTC."""
    shown = datetime.fromtimestamp(at_ms // 1000, ZoneInfo(name)).replace(tzinfo=UTC)
    return int(shown.timestamp()) * 1000 + at_ms % 1000


@given(
    st.sampled_from(ZONES),
    st.integers(at("1975-01-01"), at("2037-01-01")),
    st.integers(1, 3 * BLOCK_MS),
)
def test_spans_follow_the_clock_without_a_gap(name: str, start_ms: int, length: int) -> None:
    at_ms = start_ms
    for start, end in zone(name).spans(start_ms, start_ms + length):
        assert start == wall(name, at_ms)
        at_ms += end - start
        assert end - 1 == wall(name, at_ms - 1)
        middle = (end - start) // 2
        assert start + middle == wall(name, at_ms - (end - start) + middle)
    assert at_ms == start_ms + length


def test_an_hour_is_skipped_in_spring() -> None:
    start_ms = at("2026-03-29T00:30")
    assert zone("Europe/Oslo").spans(start_ms, start_ms + HOUR_MS) == [
        (at("2026-03-29T01:30"), at("2026-03-29T02:00")),
        (at("2026-03-29T03:00"), at("2026-03-29T03:30")),
    ]


def test_an_hour_comes_twice_in_autumn() -> None:
    start_ms = at("2026-10-25T00:30")
    assert zone("Europe/Oslo").spans(start_ms, start_ms + HOUR_MS) == [
        (at("2026-10-25T02:30"), at("2026-10-25T03:00")),
        (at("2026-10-25T02:00"), at("2026-10-25T02:30")),
    ]


def test_a_whole_day_is_skipped_at_the_date_line() -> None:
    start_ms = at("2011-12-30T09:00")
    assert zone("Pacific/Apia").spans(start_ms, start_ms + 2 * HOUR_MS) == [
        (at("2011-12-29T23:00"), at("2011-12-30T00:00")),
        (at("2011-12-31T00:00"), at("2011-12-31T01:00")),
    ]


def test_a_span_may_end_where_the_clock_is_set_or_a_block_ends() -> None:
    start_ms = at("2026-03-29T00:00")
    assert len(zone("Europe/Oslo").spans(start_ms, start_ms + HOUR_MS)) == 1
    block_ms = 320 * BLOCK_MS
    assert len(zone("UTC").spans(block_ms - DAY_MS, block_ms)) == 1
    assert len(zone("UTC").spans(block_ms - DAY_MS, block_ms + 1)) == 2


def test_a_zone_is_shared_by_its_name() -> None:
    assert zone("Europe/Oslo") is zone("Europe/Oslo")
    assert zone("Europe/Oslo").name == "Europe/Oslo"


@pytest.mark.parametrize(
    "name",
    [
        "", "Europe", "Europe/Atlantis", "../../etc/passwd", "/etc/localtime", "a\x00b", "x" * 65,
        "x" * 10_000, "CEST+1 o'clock",
    ],
)  # fmt: skip
def test_a_name_of_no_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidField) as caught:
        zone(name)
    assert caught.value.path == "timezone"
