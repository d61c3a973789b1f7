"""Times: on the wire RFC 3339 in UTC with milliseconds, as every `*_at` field has them."""

from datetime import UTC, datetime
from functools import lru_cache


def rfc3339(ms: int) -> str:
    """Return a time in ms since the epoch as `2026-11-23T09:30:00.000Z`."""
    seconds, rest = divmod(ms, 1000)
    return f"{_to_the_second(seconds)}.{rest:03d}Z"


@lru_cache(4096)
def _to_the_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[: len("2026-11-23T09:30:00")]


def rfc3339_or_none(ms: int | None) -> str | None:
    return None if ms is None else rfc3339(ms)


def halfway_ms(now_ms: int, start_ms: int) -> int:
    """Return when half of the time until a start is over: the rest is for asking others."""
    return now_ms + (start_ms - now_ms) // 2
