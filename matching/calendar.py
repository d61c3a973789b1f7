"""Calendars: the hours in which someone takes scheduled work, as they state them.

Hours are wall-clock time in the interpreter's own time zone. Who states no weekly hours may be
booked at any time outside their exceptions; who states an empty week only in their extra hours.
What a calendar says about the past is kept and bounded, and never asked for again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from matching.errors import InvalidField
from matching.openings import WEEK_MS, Openings, join
from matching.zones import DAY_MS, MINUTE_MS, Span, zone

MOST_WEEKLY = 50  # seven a day
MOST_DATED = 500
MOST_TIMES_OFF = 500
YEARS = range(1970, 2100)
LATEST_MS = (date(YEARS.stop, 1, 1) - date(1970, 1, 1)).days * DAY_MS

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MIDNIGHT = "24:00"


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours of every week: *weekday* 0 is Monday; an end before its start is on the next day.

    Times are "08:00" … "23:59", an end may be "24:00".
    """

    weekday: int
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class DatedHours:
    """Hours of one date ("2026-12-24"), open beside the week or closed in spite of it.

    Times are as in `WeeklyHours`; without them it is the whole day.
    """

    date: str
    open: bool
    start: str = "00:00"
    end: str = _MIDNIGHT


@dataclass(frozen=True, slots=True)
class TimeOff:
    """A stretch of time off, ms since 1970; it wins over all hours that are open."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Calendar:
    """When an interpreter may be booked; `weekly` None: at any time outside the exceptions."""

    timezone: str
    weekly: tuple[WeeklyHours, ...] | None = None
    dated: tuple[DatedHours, ...] = ()
    off: tuple[TimeOff, ...] = ()

    def open_during(self, start_ms: int, end_ms: int) -> bool:
        """Return whether all of *start_ms* until before *end_ms* (ms since 1970) is open.

        Raises `InvalidField` on the first call if the calendar was not admitted and is wrong.
        """
        return self._openings.open_during(start_ms, end_ms)

    def first_open(self, from_ms: int, until_ms: int, length_ms: int) -> int | None:
        """Return the earliest time from *from_ms* until before *until_ms* that is open so long.

        All in ms, since 1970 for times; None if there is none.
        """
        return self._openings.first_open(from_ms, until_ms, length_ms)

    @cached_property  # writes beside the frozen fields; equality and repr do not see it
    def _openings(self) -> Openings:
        return _compile(self)


def admit_calendar(calendar: Calendar, path: str = "calendar") -> Calendar:
    """Return *calendar* in normal form: sorted, times off that overlap made one.

    Raises `InvalidField`, its path below *path* ("calendar.weekly.0.end"): for an unknown time
    zone, what is no time or no date, hours that overlap or contradict each other, and too many.
    """
    try:
        _compile(calendar)
    except InvalidField as error:
        error.path = f"{path}.{error.path}"
        raise
    off = join((each.start_ms, each.end_ms) for each in calendar.off)
    return replace(
        calendar,
        weekly=calendar.weekly
        and tuple(sorted(calendar.weekly, key=lambda each: (each.weekday, each.start))),
        dated=tuple(sorted(calendar.dated, key=lambda each: (each.date, each.start))),
        off=tuple(TimeOff(start_ms, end_ms) for start_ms, end_ms in off),
    )


class _Stated(NamedTuple):
    """A span with the path of whoever stated it."""

    start: int
    end: int
    path: str


def _compile(calendar: Calendar) -> Openings:
    weekly: list[Span] = [(0, WEEK_MS)]
    if calendar.weekly is not None:
        weekly = _apart(list(_weekly(calendar.weekly)))
    dated = list(_dated(calendar.dated))
    _apart(dated)
    spans = [(each.start, each.end) for each in dated]
    return Openings(
        zone(calendar.timezone),
        weekly=weekly,
        extra=(span for span, each in zip(spans, calendar.dated, strict=True) if each.open),
        closed=(span for span, each in zip(spans, calendar.dated, strict=True) if not each.open),
        off=_off(calendar.off),
    )


def _weekly(hours: Sequence[WeeklyHours]) -> Iterator[_Stated]:
    """Yield spans from Monday 00:00; what runs past Sunday comes round to Monday."""
    _at_most(MOST_WEEKLY, hours, "weekly")
    for index, each in enumerate(hours):
        path = f"weekly.{index}"
        if not 0 <= each.weekday <= 6:
            raise InvalidField("between 0, Monday, and 6, Sunday", path=f"{path}.weekday")
        start, end = _hours(each.start, each.end, each.weekday * DAY_MS, path)
        yield _Stated(start, min(end, WEEK_MS), path)
        if end > WEEK_MS:
            yield _Stated(0, end - WEEK_MS, path)


def _dated(hours: Sequence[DatedHours]) -> Iterator[_Stated]:
    """Yield spans of local time, one for each."""
    _at_most(MOST_DATED, hours, "dated")
    for index, each in enumerate(hours):
        path = f"dated.{index}"
        days = (_date(each.date, f"{path}.date") - date(1970, 1, 1)).days
        yield _Stated(*_hours(each.start, each.end, days * DAY_MS, path), path)


def _off(times: Sequence[TimeOff]) -> Iterator[Span]:
    _at_most(MOST_TIMES_OFF, times, "off")
    for index, each in enumerate(times):
        if not 0 <= each.start_ms < LATEST_MS:
            raise InvalidField("a time between 1970 and 2100", path=f"off.{index}.start_ms")
        if not each.start_ms < each.end_ms <= LATEST_MS:
            raise InvalidField("after its start, before 2100", path=f"off.{index}.end_ms")
        yield each.start_ms, each.end_ms


def _at_most(limit: int, values: Sequence[object], path: str) -> None:
    if len(values) > limit:
        raise InvalidField(f"at most {limit}", path=path)


def _hours(start: str, end: str, midnight: int, path: str) -> Span:
    begin = clock_ms(start, f"{path}.start")
    over = DAY_MS if end == _MIDNIGHT else clock_ms(end, f"{path}.end")
    if over == begin:
        raise InvalidField("no time at all; a whole day is 00:00 to 24:00", path=f"{path}.end")
    return midnight + begin, midnight + over + (DAY_MS if over < begin else 0)


def clock_ms(text: str, path: str) -> int:
    """Return the ms since midnight of a time such as "08:30"; raise `InvalidField` for none."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise InvalidField("a time such as 08:30", path=path)
    return (int(match[1]) * 60 + int(match[2])) * MINUTE_MS


def _date(text: str, path: str) -> date:
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise InvalidField("a date such as 2026-12-24, between 1970 and 2100", path=path)
    return day


def _apart(stated: Sequence[_Stated]) -> list[Span]:
    """Return the spans, unless two of them overlap: nobody can tell which is meant."""
    ordered = sorted(stated)
    for one, other in pairwise(ordered):
        if other.start < one.end:
            later = max(one.path, other.path, key=_number)
            earlier = min(one.path, other.path, key=_number)
            raise InvalidField(f"overlaps {earlier}", path=later)
    return [(each.start, each.end) for each in ordered]


def _number(path: str) -> int:
    return int(path.rpartition(".")[2])
