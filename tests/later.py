"""Times to come, on a clock in Oslo, whatever today is."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

OSLO: Final = ZoneInfo("Europe/Oslo")
NEXT_YEAR: Final = datetime.now(OSLO).year + 1

MORNING: Final = datetime(NEXT_YEAR, 1, 15, 9, 30, tzinfo=OSLO)
NOON: Final = MORNING.replace(hour=13, minute=0)
# The second of the two half past two in the night when the clock is set back.
_LAST: Final = datetime(NEXT_YEAR, 10, 31, 2, 30, tzinfo=OSLO)
_SUNDAY: Final = _LAST - timedelta(days=(_LAST.weekday() + 1) % 7)
TWICE: Final = _SUNDAY.replace(fold=1)


def wall(moment: datetime) -> str:
    """Return a time as fields for date and time have it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def spelt(moment: datetime, minutes: int) -> str:
    """Return how a page whose clock shows UTC says when something is."""
    begins = moment.astimezone(UTC)
    ends = begins + timedelta(minutes=minutes)
    return f"{begins:%A}, {begins.day} {begins:%B} {begins.year}, {begins:%H:%M}–{ends:%H:%M}"
