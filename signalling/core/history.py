"""What an interpreter has done and for whom: told when work is completed or rated.

Apart from the availability, which is written at every ring: this is larger and changes rarely.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from msgspec import Struct, field
from msgspec.structs import replace

from signalling.core.effects import Effect, Moment
from signalling.core.events import Deadline, Forget

CUSTOMERS_MOST: Final = 200
POOR: Final = 2  # stars: work rated so, or lower, was not good


class Finished(Struct, frozen=True):
    """Work is completed: *pair* of languages ("no-so"), *customer* as "app:customer"."""

    interpreter: str
    pair: str
    customer: str
    good: bool


class Rated(Struct, frozen=True):
    """Work got its stars, or others than *before*; *finished*: it is completed."""

    interpreter: str
    customer: str
    stars: int
    before: int | None
    finished: bool


class History(Struct, frozen=True):
    """Sessions completed by language pair ("no-so", sorted), and good ones by customer.

    *customers*: "app:customer" to (good sessions, ms of the last), the newest 200. *stars* is
    the sum over *rated* ratings.
    """

    kind: ClassVar[str] = "history"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None

    # Not `id`: a node that does not know this kind would take it for an availability.
    interpreter: str
    sessions: Mapping[str, int] = field(default_factory=dict)
    customers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    stars: int = 0
    rated: int = 0

    @property
    def indexes(self) -> dict[str, float]:
        return {"histories": 0}

    @property
    def feed(self) -> dict[str, Any]:
        return {
            "sessions": self.sessions,
            "customers": self.customers,
            "stars": self.stars,
            "rated": self.rated,
        }


def decide(
    old: History | None, event: Finished | Rated | Forget | Deadline, at: Moment
) -> tuple[History | None, tuple[Effect, ...]]:
    """Return the history with what happened added to it; None once it is forgotten."""
    if isinstance(event, Forget):
        return None, ()
    if isinstance(event, Deadline):
        return old, ()  # it never asks to be woken
    history = old or History(event.interpreter)
    if isinstance(event, Finished):
        count = history.sessions.get(event.pair, 0) + 1
        new = replace(history, sessions={**history.sessions, event.pair: count})
        return (_good(new, event.customer, 1, at) if event.good else new), ()
    new = replace(
        history,
        stars=history.stars + event.stars - (event.before or 0),
        rated=history.rated + (event.before is None),
    )
    change = is_good(event.stars) - is_good(event.before)
    if event.finished and change:
        new = _good(new, event.customer, change, at)
    return new, ()


def is_good(stars: int | None) -> bool:
    """Say whether completed work with that rating, or none, was good."""
    return stars is None or stars > POOR


def _good(history: History, customer: str, change: int, at: Moment) -> History:
    """Count a good session of a customer, or take one back; who has none left is dropped."""
    count, last_ms = history.customers.get(customer, (0, at.now_ms))
    if change > 0:
        last_ms = max(last_ms, at.now_ms)
    rest = {who: entry for who, entry in history.customers.items() if who != customer}
    if count + change > 0:
        rest[customer] = (count + change, last_ms)
    if len(rest) > CUSTOMERS_MOST:
        del rest[min(rest, key=lambda who: rest[who][1])]
    return replace(history, customers=rest)
