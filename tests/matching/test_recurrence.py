"""Series, against a calendar that is walked day by day with zoneinfo."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InvalidField
from matching.recurrence import WEEKDAYS, Repeats, dates_of
from matching.wallclock import shown_at

MOST = 60
ZONES = (
    "Europe/Oslo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "UTC",
)


def shown(starts_at: str, timezone: str | None, most: int = MOST, **repeats: Any) -> list[str]:
    """Return the starts of a series as the clock of its zone shows them, to the minute."""
    starts = dates_of(starts_at, timezone, Repeats(**repeats), most)
    return [f"{each[:16]}{each[19:]}" for each in (shown_at(ms, timezone) for ms in starts)]


def days(starts: list[str]) -> list[str]:
    return [each[5:10] for each in starts]


def test_every_tuesday_across_both_changes() -> None:
    """The clock shows 14:30 each time, whatever its offset."""
    spring = shown("2026-03-17T14:30", "Europe/Oslo", every="week", count=4)
    assert spring == [
        "2026-03-17T14:30+01:00",
        "2026-03-24T14:30+01:00",
        "2026-03-31T14:30+02:00",
        "2026-04-07T14:30+02:00",
    ]
    autumn = shown("2026-10-20T14:30+02:00", "Europe/Oslo", every="week", until="2026-10-27")
    assert autumn == ["2026-10-20T14:30+02:00", "2026-10-27T14:30+01:00"]


def test_days_of_the_week() -> None:
    """Every other week on two days: a week is from Monday to Sunday."""
    starts = shown(
        "2026-03-05T09:00", "Europe/Oslo", every="week", interval=2, days=("monday", "thursday"),
        count=4,
    )  # fmt: skip
    assert days(starts) == ["03-05", "03-16", "03-19", "03-30"]


def test_days_and_months() -> None:
    assert days(shown("2026-02-27T09:00", "UTC", every="day", interval=2, count=3)) == [
        *("02-27", "03-01", "03-03"),
    ]
    monthly = shown("2026-01-31T09:00", "UTC", every="month", until="2026-07-30")
    assert days(monthly) == ["01-31", "03-31", "05-31"], "a month without a 31st has none"
    assert days(shown("2028-02-29T09:00", "UTC", every="month", interval=12, count=1)) == ["02-29"]


def test_what_is_skipped_counts() -> None:
    weekly: dict[str, Any] = {"every": "week", "count": 4, "skip": ("2026-12-22", "2026-12-29")}
    assert days(shown("2026-12-15T09:00", "Europe/Oslo", **weekly)) == ["12-15", "01-05"]


def test_a_date_may_be_the_last() -> None:
    for until, last in (("2026-03-09", "03-09"), ("2026-03-08", "03-02"), ("2026-03-02", "03-02")):
        assert days(shown("2026-03-02T23:59", "Asia/Tokyo", every="week", until=until))[-1] == last


def test_a_time_that_the_clock_skips() -> None:
    """Its date is named; skipped, the rest of the series stands."""
    weekly: dict[str, Any] = {"every": "week", "count": 3}
    with pytest.raises(InvalidField, match=r"2026-03-29: .* past 02:30 in Europe/Oslo") as refused:
        shown("2026-03-22T02:30", "Europe/Oslo", **weekly)
    assert refused.value.path == "repeats"
    starts = shown("2026-03-22T02:30", "Europe/Oslo", **weekly, skip=("2026-03-29",))
    assert starts == ["2026-03-22T02:30+01:00", "2026-04-05T02:30+02:00"]


def test_a_time_that_the_clock_shows_twice() -> None:
    """The first of the two, unless it is the start itself, which says which one by its offset."""
    daily: dict[str, Any] = {"every": "day", "count": 2}
    assert shown("2026-10-24T02:30", "Europe/Oslo", **daily)[1] == "2026-10-25T02:30+02:00"
    second = shown("2026-10-25T02:30+01:00", "Europe/Oslo", **daily)
    assert second == ["2026-10-25T02:30+01:00", "2026-10-26T02:30+01:00"]
    lone = shown("2026-04-05T01:45+10:30", "Australia/Lord_Howe", every="day", count=1)
    assert lone == ["2026-04-05T01:45+10:30"]
    with pytest.raises(InvalidField, match="exists twice"):
        shown("2026-10-25T02:30", "Europe/Oslo", **daily)


WEEKLY: dict[str, Any] = {"every": "week"}


@pytest.mark.parametrize(
    ("repeats", "path"),
    [
        ({}, "count"),
        ({"count": 3, "until": "2026-04-01"}, "until"),
        ({"count": 10_000}, "count"),
        ({"count": 61}, "count"),
        ({"count": 0}, "count"),
        ({"until": "2026-03-01"}, "until"),
        ({"until": "2026-02-30"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"every": "day", "until": "2026-05-01"}, "until"),
        ({"every": "month", "interval": 12, "count": 4}, "count"),
        ({"every": "month", "interval": 12, "until": "2028-03-09"}, "until"),
        ({"count": 3, "interval": 0}, "interval"),
        ({"count": 3, "interval": 13}, "interval"),
        ({"every": "month", "count": 3, "days": ("monday",)}, "days"),
        ({"count": 3, "days": ("tuesday",)}, "days"),
        ({"count": 3, "days": ("monday", "mon")}, "days.1"),
        ({"count": 3, "skip": ("2026-03-09", "2026-03-10")}, "skip.1"),
        ({"count": 3, "skip": ("2026-03-02",)}, "skip.0"),
        ({"count": 3, "skip": ("9.3.2026",)}, "skip.0"),
    ],
)
def test_what_cannot_be_names_the_field(repeats: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidField) as refused:
        shown("2026-03-02T09:00", "Europe/Oslo", **WEEKLY | repeats)
    assert refused.value.path == f"repeats.{path}"


def test_a_series_needs_a_zone_and_a_start_in_this_age() -> None:
    for starts_at, timezone, path in (
        ("2026-03-02T09:00Z", None, "timezone"),
        ("2026-03-02T09:00Z", "Europe/Atlantis", "timezone"),
        ("9999-12-31T09:00", "Europe/Oslo", "starts_at"),
        ("0001-01-01T00:00+14:00", "Europe/Oslo", "starts_at"),
    ):
        with pytest.raises(InvalidField) as refused:
            shown(starts_at, timezone, every="week", count=2)
        assert refused.value.path == path


def test_the_most_there_may_be() -> None:
    assert len(shown("2026-03-02T09:00", "UTC", every="day", count=MOST)) == MOST
    assert len(shown("2026-03-02T09:00", "UTC", every="day", until="2026-04-30")) == MOST
    with pytest.raises(InvalidField, match="at most 60"):
        shown("2026-03-02T09:00", "UTC", every="day", until="2026-05-01")


EVERY: tuple[Literal["day", "week", "month"], ...] = ("day", "week", "month")


@st.composite
def series(draw: st.DrawFn) -> tuple[datetime, Repeats]:
    """Draw a start on the wall clock and how it repeats, within two years."""
    day = date(2025, 12, 1) + timedelta(days=draw(st.integers(0, 500)))
    wall = datetime.combine(day, draw(st.times()).replace(second=0, microsecond=0))
    every = draw(st.sampled_from(EVERY))
    weekdays = draw(st.sets(st.sampled_from(WEEKDAYS))) if every == "week" else set()
    chosen = tuple(sorted(weekdays | {WEEKDAYS[day.weekday()]})) if weekdays else ()
    interval = draw(st.integers(1, 3))
    if draw(st.booleans()):
        repeats = Repeats(every, interval, chosen, count=draw(st.integers(1, 6)))
    else:
        until = day + timedelta(days=draw(st.integers(0, 50)))
        repeats = Repeats(every, interval, chosen, until=until.isoformat())
    return wall, repeats


def is_in(day: date, first: date, repeats: Repeats) -> bool:
    """Say whether a day from the first on belongs to a series, by its definition."""
    passed = (day - first).days
    match repeats.every:
        case "day":
            return passed % repeats.interval == 0
        case "week":
            weeks = (passed + first.weekday()) // 7
            named = repeats.days or (WEEKDAYS[first.weekday()],)
            return weeks % repeats.interval == 0 and WEEKDAYS[day.weekday()] in named
        case "month":
            months = (day.year - first.year) * 12 + day.month - first.month
            return months % repeats.interval == 0 and day.day == first.day


def walked(wall: datetime, repeats: Repeats) -> list[datetime]:
    """Return the wall-clock times of a series by trying each day of two years."""
    every_day = (wall + timedelta(days=n) for n in range(732))
    found = [day for day in every_day if is_in(day.date(), wall.date(), repeats)]
    if repeats.until is not None:
        return [day for day in found if day.date().isoformat() <= repeats.until]
    return found[: repeats.count]


@given(series(), st.sampled_from(ZONES))
def test_a_series_is_what_walking_the_calendar_finds(
    drawn: tuple[datetime, Repeats], name: str
) -> None:
    """Each start shows the same time; where the clock does not, that date is named."""
    (wall, repeats), info = drawn, ZoneInfo(name)
    wanted = walked(wall, repeats)
    starts = [each.replace(tzinfo=info).astimezone(UTC) for each in wanted]
    skipped = [
        each
        for each, at in zip(wanted, starts, strict=True)
        if at.astimezone(info).replace(tzinfo=None) != each
    ]
    first = starts[0].astimezone(info).isoformat()
    if skipped == wanted[:1]:
        return  # no first start to give
    if skipped:
        with pytest.raises(InvalidField, match=f"{skipped[0]:%Y-%m-%d}"):
            dates_of(first, name, repeats, MOST)
        return
    found = dates_of(first, name, repeats, MOST)
    assert found == [round(at.timestamp() * 1000) for at in starts]
    assert {shown_at(ms, name)[11:16] for ms in found} == {f"{wall:%H:%M}"}
