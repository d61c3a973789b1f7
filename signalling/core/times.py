"""Times on the wire: RFC 3339 in UTC with milliseconds, as every `*_at` field has them."""

from datetime import UTC, datetime


def rfc3339(ms: int) -> str:
    """Return a time in ms since the epoch as `2026-11-23T09:30:00.000Z`."""
    text = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def rfc3339_or_none(ms: int | None) -> str | None:
    return None if ms is None else rfc3339(ms)
