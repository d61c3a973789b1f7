"""Times as people write them: what a clock on the wall shows, in a time zone with its changes.

A time that the clock skips in spring does not exist, one that it shows twice in autumn needs its
offset: neither is guessed.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from matching.errors import InvalidField
from matching.zones import zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(text: str, timezone: str | None, path: str = "starts_at") -> int:
    """Return an RFC 3339 time, or one without an offset as *timezone* shows it, in ms since 1970.

    Raises `InvalidField` for what is no time, does not exist in the zone, exists twice, or has
    neither offset nor zone.
    """
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidField("no date and time such as 2026-03-29T14:30", path=path) from None
    if when.tzinfo is not None:
        return milliseconds(when)
    if timezone is None:
        raise InvalidField("needs an offset, or the field timezone beside it", path=path)
    return milliseconds(_placed(when, timezone, path))


def shown_at(at_ms: int, timezone: str | None) -> str:
    """Return a time in ms as RFC 3339 with the offset that *timezone* has then (None: UTC)."""
    info = ZoneInfo(zone(timezone).name) if timezone else UTC
    return datetime.fromtimestamp(at_ms / 1000, info).isoformat(timespec="seconds")


def is_skipped(wall: datetime, info: ZoneInfo) -> bool:
    """Return whether the clock of a zone never shows *wall*, a time without a zone."""
    there = wall.replace(tzinfo=info).astimezone(UTC)
    return there.astimezone(info).replace(tzinfo=None) != wall


def milliseconds(when: datetime) -> int:
    """Return a time with its zone in whole ms since 1970, rounded down."""
    return (when - EPOCH) // timedelta(milliseconds=1)


def _placed(wall: datetime, timezone: str, path: str) -> datetime:
    """Return a wall-clock time with its zone, if it exists there once."""
    info = ZoneInfo(zone(timezone).name)
    first, second = (wall.replace(tzinfo=info, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    if is_skipped(wall, info):
        raise InvalidField(f"does not exist in {timezone}: the clock is set forward", path=path)
    offsets = " or ".join(each.isoformat()[-6:] for each in (first, second))
    raise InvalidField(f"exists twice in {timezone}: add the offset, {offsets}", path=path)
