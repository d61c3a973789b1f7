"""Series: when each assignment of one starts, at the same time on the clock of its zone.

Dates are counted as iCalendar counts them (RFC 5545): a monthly series on a day that a month does
not have passes that month over, and dates to skip count among the *count* all the same. Only the
dates are counted: the time of day is what the wall clock shows, however the clock is set meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

from matching.bookings import FARTHEST_AHEAD_MS
from matching.calendar import LATEST_MS
from matching.errors import InvalidField
from matching.wallclock import EPOCH, is_skipped, milliseconds, moment_of
from matching.zones import zone

MOST_INTERVAL: Final = 12
LONGEST: Final = timedelta(milliseconds=FARTHEST_AHEAD_MS)
WEEKDAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday"),
    *("friday", "saturday", "sunday"),
)
FREQUENCIES: Final = {"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY}


@dataclass(frozen=True, slots=True)
class Repeats:
    """Each *interval* days, weeks or months, until a *count* or the date *until*: one of the two.

    *days* are the weekdays of a weekly series (the start's, if there are none), *skip* the dates
    on which there is none. Dates are "2026-12-24".
    """

    every: Literal["day", "week", "month"]
    interval: int = 1
    days: tuple[str, ...] = ()
    count: int | None = None
    until: str | None = None
    skip: tuple[str, ...] = ()


def dates_of(
    starts_at: str, timezone: str | None, repeats: Repeats, most: int, path: str = "repeats"
) -> list[int]:
    """Return when each assignment of a series starts, ms since 1970, the first one first.

    *starts_at* is read as `moment_of` reads it. Of a time that the clock shows twice on a later
    date, the first is meant. Raises `InvalidField` for a series without an end, of more than *most*
    or longer than two years, for what contradicts itself, and for a date on which the clock does
    not show that time: its author skips it, or moves the start.
    """
    if timezone is None:
        raise InvalidField("a series is at a time of day: needs its time zone", path="timezone")
    info = ZoneInfo(zone(timezone).name)
    first_ms = moment_of(starts_at, timezone)
    if not 0 <= first_ms < LATEST_MS:
        raise InvalidField("no year of a calendar", path="starts_at")
    first = (EPOCH + timedelta(milliseconds=first_ms)).astimezone(info)
    first = first.replace(tzinfo=None, fold=0)
    try:
        dates = _dates(first.date(), repeats, most)
        return [first_ms, *(_start(day, first.time(), info) for day in dates)]
    except InvalidField as error:
        error.path = ".".join(part for part in (path, error.path) if part)
        raise


def _dates(first: date, repeats: Repeats, most: int) -> list[date]:
    """Return the dates after the first, without those to skip."""
    _check(first, repeats, most)
    limit = "count" if repeats.until is None else "until"
    until = None if repeats.until is None else _date(repeats.until, "until")
    if until is not None and until < first:
        raise InvalidField("before the first", path="until")
    last = min(until or date.max, first + LONGEST)
    # One more than may be: a series that is too long is not counted to its end.
    dates = list(islice(_counted(first, repeats, last), repeats.count or most + 1))
    if len(dates) > most:
        raise InvalidField(f"at most {most} in a series", path=limit)
    if (until is not None and until > last) or len(dates) < (repeats.count or 0):
        raise InvalidField("a series lasts two years at most", path=limit)
    skipped = {_date(text, f"skip.{i}"): f"skip.{i}" for i, text in enumerate(repeats.skip)}
    for day, path in skipped.items():
        if day not in dates:
            raise InvalidField("not a date of the series", path=path)
        if day == first:
            raise InvalidField("the first: let the series start later instead", path=path)
    return [day for day in dates[1:] if day not in skipped]


def _check(first: date, repeats: Repeats, most: int) -> None:
    """Refuse what contradicts itself, has no end, or is too much to count."""
    if not 1 <= repeats.interval <= MOST_INTERVAL:
        raise InvalidField(f"between 1 and {MOST_INTERVAL}", path="interval")
    if repeats.count is None and repeats.until is None:
        raise InvalidField("a series needs an end: count or until", path="count")
    if repeats.count is not None and repeats.until is not None:
        raise InvalidField("either count or until, not both", path="until")
    if repeats.count is not None and not 1 <= repeats.count <= most:
        raise InvalidField(f"between 1 and {most} in a series", path="count")
    if not repeats.days:
        return
    if repeats.every != "week":
        raise InvalidField("only for a weekly series", path="days")
    for index, day in enumerate(repeats.days):
        if day not in WEEKDAYS:
            raise InvalidField("no weekday such as monday", path=f"days.{index}")
    if (starts := WEEKDAYS[first.weekday()]) not in repeats.days:
        raise InvalidField(f"without {starts}, on which it starts", path="days")


def _counted(first: date, repeats: Repeats, last: date) -> Iterator[date]:
    """Yield the dates of a series up to *last*, the first included. Weeks begin on Mondays."""
    rule = rrule.rrule(
        FREQUENCIES[repeats.every],
        dtstart=datetime.combine(first, time()),
        interval=repeats.interval,
        byweekday=[WEEKDAYS.index(day) for day in repeats.days] or None,
        until=datetime.combine(last, time()),
    )
    return (each.date() for each in rule)


def _start(day: date, clock: time, info: ZoneInfo) -> int:
    """Return when the wall clock shows *clock* on a date, the first time it does."""
    wall = datetime.combine(day, clock)
    if is_skipped(wall, info):
        raise InvalidField(
            f"{wall:%Y-%m-%d}: the clock is set forward past {wall:%H:%M} in {info.key}; "
            "skip that date, or start at another time"
        )
    return milliseconds(wall.replace(tzinfo=info))


def _date(text: str, path: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidField("no date such as 2026-12-24", path=path) from None
