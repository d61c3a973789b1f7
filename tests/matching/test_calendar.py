"""Working hours, against a plain minute-by-minute oracle that asks zoneinfo."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import InvalidField
from matching.calendar import (
    MOST_DATED,
    MOST_TIMES_OFF,
    MOST_WEEKLY,
    Calendar,
    DatedHours,
    TimeOff,
    WeeklyHours,
    admit_calendar,
)

DAY = 24 * 60
DAY_MS = DAY * 60_000
QUARTER_MS = 15 * 60_000
WINDOW_DAYS = 5


def at(text: str) -> int:
    """Read a time in UTC as ms since 1970."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


WINDOWS = (  # where clocks are set, 38 to 58 hours after the start
    ("Europe/Oslo", "2026-03-27"),  # 02:00 is followed by 03:00 on the 29th
    ("Europe/Oslo", "2026-10-23"),  # 03:00 is followed by 02:00 on the 25th
    ("Australia/Lord_Howe", "2026-04-03"),
    ("Asia/Kathmandu", "2026-06-01"),
    ("Pacific/Apia", "2011-12-28"),  # the 29th is followed by the 31st
    ("Pacific/Apia", "2026-12-29"),
    ("America/New_York", "2027-03-12"),
    ("UTC", "2026-12-30"),
)


@cache
def shown(name: str, first_day: str) -> list[datetime]:
    """Return the wall clock at each minute of a window."""
    zone, start_s = ZoneInfo(name), at(first_day) // 1000
    return [
        datetime.fromtimestamp(start_s + minute * 60, zone) for minute in range(WINDOW_DAYS * DAY)
    ]


def within(clock: str, start: str, end: str, *, today: bool, yesterday: bool) -> bool:
    """Judge a time of day by hours that are stated for today or yesterday."""
    if start < end:
        return today and start <= clock < end
    return (today and start <= clock) or (yesterday and clock < end)


def is_open(calendar: Calendar, wall: datetime, at_ms: int) -> bool:
    clock, today = wall.strftime("%H:%M"), wall.date()
    eve = today - timedelta(days=1)
    named = [
        each
        for each in calendar.dated
        if within(
            clock,
            each.start,
            each.end,
            today=each.date == today.isoformat(),
            yesterday=each.date == eve.isoformat(),
        )
    ]
    if any(each.start_ms <= at_ms < each.end_ms for each in calendar.off):
        return False
    if named:
        return all(each.open for each in named)
    return calendar.weekly is None or any(
        within(
            clock,
            each.start,
            each.end,
            today=each.weekday == today.weekday(),
            yesterday=each.weekday == eve.weekday(),
        )
        for each in calendar.weekly
    )


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def apart(cuts: set[int], total: int) -> list[tuple[int, int]]:
    """Return every other stretch between cuts, each a day long at most."""
    stretches = list(pairwise(sorted(cuts)))[::2]
    return [(start, min(end, start + DAY - 1, total)) for start, end in stretches]


def ending(start: int, end: int, midnight: str) -> str:
    return midnight if end % DAY == 0 and end - start <= DAY else clock(end % DAY)


@dataclass(frozen=True)
class Case:
    calendar: Calendar
    window: tuple[str, str]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    name, first_day = window = draw(st.sampled_from(WINDOWS))
    first = date.fromisoformat(first_day)
    midnight = draw(st.sampled_from(["24:00", "00:00"]))
    hours = st.sets(st.integers(0, 7 * 96).map(lambda quarter: quarter * 15), max_size=12)
    weekly = [
        WeeklyHours(start // DAY, clock(start % DAY), ending(start, end, midnight))
        for start, end in apart(draw(hours), 7 * DAY)
    ]
    if draw(st.booleans()) and not any(each.end <= each.start for each in weekly[:1]):
        # Sunday's night comes round to Monday, where nothing is stated before its first hours.
        early = min((each.start for each in weekly if each.weekday == 0), default="06:00")
        if early > "00:00" and not any(each.weekday == 6 for each in weekly):
            weekly.append(WeeklyHours(6, "23:30", early))
    minutes = st.sets(st.integers(0, WINDOW_DAYS * DAY), max_size=10)
    dated = tuple(
        DatedHours(
            (first + timedelta(days=start // DAY)).isoformat(),
            draw(st.booleans()),
            clock(start % DAY),
            ending(start, end, midnight),
        )
        for start, end in apart(draw(minutes), WINDOW_DAYS * DAY)
    )
    off = tuple(
        TimeOff(at(first_day) + start * 60_000, at(first_day) + end * 60_000)
        for start, end in apart(draw(minutes), WINDOW_DAYS * DAY)
    )
    stated = draw(st.booleans())
    calendar = Calendar(
        name, tuple(weekly) if stated else None, dated, off[: draw(st.integers(0, 2))]
    )
    return Case(calendar, window)


def quarters(start: st.SearchStrategy[int], longest: int) -> st.SearchStrategy[tuple[int, int]]:
    """Draw spans that begin and end where hours do."""
    return st.tuples(
        start.map(lambda each: each * QUARTER_MS),
        st.integers(1, longest).map(lambda each: each * QUARTER_MS),
    )


SPANS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 4 * DAY_MS), st.integers(1, DAY_MS)),
        quarters(st.integers(0, 4 * 96), 16),
        quarters(st.integers(36 * 4, 59 * 4), 12),  # the clocks of these windows are set about then
    ),
    min_size=4,
    max_size=20,
)


@settings(max_examples=300)
@given(cases(), SPANS)
def test_a_span_is_open_if_all_its_minutes_are(case: Case, spans: list[tuple[int, int]]) -> None:
    name, first_day = case.window
    calendar, start = case.calendar, at(first_day)
    walls = shown(name, first_day)
    admitted = admit_calendar(calendar)
    for offset, length in spans:
        first, last = offset // 60_000, (offset + length - 1) // 60_000
        expected = all(
            is_open(calendar, walls[minute], start + minute * 60_000)
            for minute in range(first, last + 1)
        )
        assert calendar.open_during(start + offset, start + offset + length) == expected
        assert admitted.open_during(start + offset, start + offset + length) == expected


@settings(max_examples=60)
@given(cases(), st.integers(0, 3 * DAY), st.integers(1, 6 * 60), st.integers(1, DAY))
def test_nothing_is_open_so_long_before_it_is_first(
    case: Case, minute: int, length_min: int, ahead_min: int
) -> None:
    from_ms, length_ms = at(case.window[1]) + minute * 60_000, length_min * 60_000
    tried = range(from_ms, from_ms + ahead_min * 60_000, 60_000)
    expected = [ms for ms in tried if case.calendar.open_during(ms, ms + length_ms)]
    found = case.calendar.first_open(from_ms, from_ms + ahead_min * 60_000, length_ms)
    assert found == min(expected, default=None)


@given(cases())
def test_the_normal_form_is_stable(case: Case) -> None:
    admitted = admit_calendar(case.calendar)
    assert admit_calendar(admitted) == admitted


def oslo(*hours: tuple[int, str, str], **fields: tuple[object, ...]) -> Calendar:
    return admit_calendar(
        Calendar("Europe/Oslo", tuple(WeeklyHours(*each) for each in hours), **fields)  # type: ignore[arg-type]
    )


def test_office_hours_move_with_the_clock() -> None:
    office = oslo((0, "08:00", "16:00"))
    assert office.open_during(at("2026-01-05T07:00"), at("2026-01-05T15:00"))
    assert not office.open_during(at("2026-01-05T06:00"), at("2026-01-05T14:00"))
    assert office.open_during(at("2026-07-06T06:00"), at("2026-07-06T14:00"))
    assert not office.open_during(at("2026-07-06T07:00"), at("2026-07-06T15:00"))


def test_the_hour_that_is_missing_is_not_missed() -> None:
    night = oslo((6, "01:00", "02:00"), (6, "03:00", "04:00"))
    assert night.open_during(at("2026-03-29T00:00"), at("2026-03-29T02:00"))
    assert not night.open_during(at("2026-03-22T00:00"), at("2026-03-22T03:00"))


def test_the_hour_that_comes_twice_is_open_twice() -> None:
    night = oslo((6, "02:00", "03:00"))
    assert night.open_during(at("2026-10-25T00:00"), at("2026-10-25T02:00"))
    half = oslo((6, "02:30", "03:00"))
    assert half.open_during(at("2026-10-25T00:30"), at("2026-10-25T01:00"))
    assert not half.open_during(at("2026-10-25T00:30"), at("2026-10-25T01:30"))
    assert half.open_during(at("2026-10-25T01:30"), at("2026-10-25T02:00"))


def test_a_night_from_sunday_ends_on_monday() -> None:
    night = oslo((6, "22:00", "06:00"))
    assert night.open_during(at("2026-01-04T21:00"), at("2026-01-05T05:00"))
    assert not night.open_during(at("2026-01-04T21:00"), at("2026-01-05T05:01"))
    assert not night.open_during(at("2026-01-03T21:00"), at("2026-01-03T22:00"))


def test_who_states_no_hours_is_open_but_for_the_exceptions() -> None:
    always = Calendar("Europe/Oslo", dated=(DatedHours("2026-12-24", False),))
    assert always.open_during(at("2026-12-20T00:00"), at("2026-12-23T23:00"))
    assert not always.open_during(at("2026-12-23T23:00"), at("2026-12-23T23:01"))
    assert always.open_during(at("2026-12-24T23:00"), at("2027-12-23T23:00"))


def test_an_empty_week_is_open_in_extra_hours_only() -> None:
    extra = DatedHours("2026-12-24", True, "10:00", "12:00")
    seldom = admit_calendar(Calendar("Europe/Oslo", (), (extra,)))
    assert seldom.open_during(at("2026-12-24T09:00"), at("2026-12-24T11:00"))
    assert not seldom.open_during(at("2026-12-24T09:00"), at("2026-12-24T11:01"))
    assert not seldom.open_during(at("2026-12-25T09:00"), at("2026-12-25T09:01"))


@pytest.mark.parametrize("length", [0, -1, -3_600_000])
def test_contradictory_times_are_never_open(length: int) -> None:
    start_ms = at("2026-01-05T10:00")
    assert not Calendar("UTC").open_during(start_ms, start_ms + length)


def test_times_off_that_overlap_become_one() -> None:
    off = TimeOff(200, 300), TimeOff(100, 200), TimeOff(150, 250), TimeOff(400, 500)
    assert admit_calendar(Calendar("UTC", off=off)).off == (TimeOff(100, 300), TimeOff(400, 500))


def test_hours_come_out_in_order() -> None:
    friday, monday = WeeklyHours(4, "08:00", "12:00"), WeeklyHours(0, "08:00", "24:00")
    late, early = DatedHours("2026-02-01", True), DatedHours("2026-01-01", False)
    admitted = admit_calendar(Calendar("UTC", (friday, monday), (late, early)))
    assert admitted.weekly == (monday, friday)
    assert admitted.dated == (early, late)
    assert admit_calendar(Calendar("UTC")).weekly is None
    assert admit_calendar(Calendar("UTC", ())).weekly == ()


def weekly(*hours: tuple[int, str, str]) -> dict[str, object]:
    return {"weekly": tuple(WeeklyHours(*each) for each in hours)}


def dated(*hours: DatedHours) -> dict[str, object]:
    return {"dated": hours}


CHRISTMAS = DatedHours("2026-12-24", False)
REFUSED = [
    ({"timezone": "Mars/Olympus"}, "timezone"),
    (weekly((7, "08:00", "16:00")), "weekly.0.weekday"),
    (weekly((0, "08:00", "16:00"), (-1, "08:00", "16:00")), "weekly.1.weekday"),
    (weekly((0, "8:00", "16:00")), "weekly.0.start"),
    (weekly((0, "24:00", "06:00")), "weekly.0.start"),
    (weekly((0, "08:00", "24:01")), "weekly.0.end"),
    (weekly((0, "08:00", "25:00")), "weekly.0.end"),
    (weekly((0, "08:00", "16:60")), "weekly.0.end"),
    (weekly((0, "08:00", "16:00\n")), "weekly.0.end"),
    (weekly((0, "08:00", "١٦:٠٠")), "weekly.0.end"),
    (weekly((0, "08:00", "08:00")), "weekly.0.end"),
    (weekly((0, "00:00", "00:00")), "weekly.0.end"),
    (weekly((0, "08:00", "16:00"), (0, "15:59", "17:00")), "weekly.1"),
    (weekly((1, "05:00", "09:00"), (0, "22:00", "05:01")), "weekly.1"),
    (weekly((0, "05:00", "09:00"), (1, "05:00", "09:00"), (6, "22:00", "05:01")), "weekly.2"),
    (weekly(*((0, "08:00", "16:00"),) * (MOST_WEEKLY + 1)), "weekly"),
    (dated(replace(CHRISTMAS, date="2026-02-29")), "dated.0.date"),
    (dated(replace(CHRISTMAS, date="20261224")), "dated.0.date"),
    (dated(replace(CHRISTMAS, date="2026-W52-4")), "dated.0.date"),
    (dated(replace(CHRISTMAS, date="")), "dated.0.date"),
    (dated(replace(CHRISTMAS, date="1969-12-31")), "dated.0.date"),
    (dated(CHRISTMAS, replace(CHRISTMAS, date="9999-12-31")), "dated.1.date"),
    (dated(replace(CHRISTMAS, start="noon")), "dated.0.start"),
    (dated(replace(CHRISTMAS, start="12:00", end="12:00")), "dated.0.end"),
    (dated(CHRISTMAS, CHRISTMAS), "dated.1"),
    (dated(DatedHours("2026-12-24", True, "10:00", "12:00"), CHRISTMAS), "dated.1"),
    (dated(CHRISTMAS, DatedHours("2026-12-23", True, "22:00", "00:01")), "dated.1"),
    (dated(*(CHRISTMAS,) * (MOST_DATED + 1)), "dated"),
    ({"off": (TimeOff(-1, 100),)}, "off.0.start_ms"),
    ({"off": (TimeOff(10**18, 10**18 + 1),)}, "off.0.start_ms"),
    ({"off": (TimeOff(0, 100), TimeOff(100, 100))}, "off.1.end_ms"),
    ({"off": (TimeOff(100, 99),)}, "off.0.end_ms"),
    ({"off": (TimeOff(100, 10**18),)}, "off.0.end_ms"),
    ({"off": (TimeOff(0, 100),) * (MOST_TIMES_OFF + 1)}, "off"),
]


@pytest.mark.parametrize(("fields", "path"), REFUSED)
def test_what_cannot_be_names_its_field(fields: dict[str, object], path: str) -> None:
    calendar = replace(Calendar("Europe/Oslo"), **fields)  # type: ignore[arg-type]
    with pytest.raises(InvalidField) as caught:
        admit_calendar(calendar, "interpreter.calendar")
    assert caught.value.path == f"interpreter.calendar.{path}"


def test_an_overlap_names_the_other_hours() -> None:
    calendar = Calendar("UTC", (WeeklyHours(0, "09:00", "10:00"), WeeklyHours(0, "08:00", "12:00")))
    with pytest.raises(InvalidField) as caught:
        admit_calendar(calendar)
    assert caught.value.path == "calendar.weekly.1"
    assert caught.value.detail == "overlaps weekly.0"


def test_hours_that_touch_do_not_overlap() -> None:
    whole = oslo((0, "00:00", "12:00"), (0, "12:00", "24:00"), (1, "00:00", "00:15"))
    assert whole.open_during(at("2026-01-04T23:00"), at("2026-01-05T23:15"))
    assert not whole.open_during(at("2026-01-04T23:00"), at("2026-01-05T23:16"))


def test_a_calendar_that_was_not_admitted_is_refused_when_it_is_asked() -> None:
    with pytest.raises(InvalidField):
        Calendar("Mars/Olympus").open_during(0, 1)


def test_calendars_are_equal_by_what_they_state() -> None:
    one, other = Calendar("UTC"), Calendar("UTC")
    assert one.open_during(0, 1)
    assert one == other
    assert hash(one) == hash(other)
