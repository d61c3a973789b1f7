"""The key of an interpreter's calendar feed: whoever knows its secret reads their bookings.

The record has a digest only, so what is stored opens no feed. There is one key a person: a new one
ends the one before.
"""

from typing import ClassVar

from msgspec import Struct

from signalling.core.effects import Effect, Moment
from signalling.core.events import Forget


class RenewKey(Struct, frozen=True):
    """Let a fresh secret open the feed, and no other. Sent to the profile, which passes it on."""

    interpreter: str
    digest: str


class RevokeKey(Struct, frozen=True):
    """Close the feed."""


class CalendarKey(Struct, frozen=True):
    """*digest* is the SHA-256 of the secret, in hexadecimal."""

    kind: ClassVar[str] = "calendar_key"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None
    indexes: ClassVar[dict[str, float]] = {}

    # Not `id`: see history.History.
    interpreter: str
    digest: str
    created_ms: int


def decide(
    old: CalendarKey | None, event: RenewKey | RevokeKey | Forget, at: Moment
) -> tuple[CalendarKey | None, tuple[Effect, ...]]:
    """Return the key in force, None for none. Nothing is refused: closing twice is closing once."""
    if not isinstance(event, RenewKey):
        return None, ()
    if old is not None and old.digest == event.digest:
        return old, ()  # the commit that made it was repeated
    return CalendarKey(event.interpreter, event.digest, at.now_ms), ()
