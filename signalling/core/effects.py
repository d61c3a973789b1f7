"""What a decision asks the shell to do, and what a decision may know of its moment. Data only."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec import Struct


class Key(NamedTuple):
    """Names one record of a marketplace. A tuple, for it is hashed hundreds of times a commit."""

    kind: str
    id: str


class Tell(Struct, frozen=True):
    """Let another record decide *event* within the same commit.

    A refusal aborts the whole commit, unless *refused* holds the event that the teller is
    to get instead.
    """

    key: Key
    event: object
    refused: object | None = None


class Send(Struct, frozen=True):
    """Put an event into the inbox of *address*: stored, delivered at least once, in order."""

    address: str
    method: str
    params: Mapping[str, Any]


class Announce(Struct, frozen=True):
    """Publish an event on *topic*, for whoever listens now."""

    topic: str
    method: str
    params: Mapping[str, Any]


class Log(Struct, frozen=True):
    """Append an entry to the log *name*, kept to about *most* entries."""

    name: str
    entry: Mapping[str, Any]
    most: int = 1000


class Hook(Struct, frozen=True):
    """Tell apps of an event by their webhooks: at least once, in order for each *about*.

    *about* is the id of what it happened to; *app* the key of the app to tell, None for every one
    that runs the marketplace's interpreters. The types stand in `core.hooks`.
    """

    type: str
    about: str
    data: Mapping[str, Any]
    app: str | None = None


Effect = Tell | Send | Announce | Log | Hook


class Bounds(Struct, frozen=True):
    """How long things may take, in ms, and how many may meet (config/limits.toml overrides).

    *meeting* is how far a meeting may outlast what was planned before it ends by itself,
    *overlap* how long an interpreter who hands over waits for the other's media; *relayed* bounds
    the people of a meeting that the embedded relay carries, *recordings* the starts of one;
    *device_check* is how long a passed one counts. A delivery to a webhook that fails is tried
    again after *retry*, then twice as long each time up to *retry_most*, and given up after
    *give_up*; *old_secret* is how long a webhook's replaced secret still signs.
    *push_lease* is how long push may reach somebody
    at most, and not after *pushes* offers in a row were not acknowledged within *push_ack*.
    """

    offer: int = 20_000
    booking_offer: int = 1_800_000
    request: int = 180_000
    hold: int = 60_000
    connect: int = 30_000
    wrap_up: int = 120_000
    undelivered: int = 5_000
    push_ack: int = 10_000
    push_lease: int = 12 * 3_600_000
    pushes: int = 3
    offline: int = 20_000
    resume: int = 60_000
    reconnecting: int = 3_000
    alone: int = 120_000
    meeting: int = 4 * 3_600_000
    device_check: int = 24 * 3_600_000
    idempotency: int = 86_400_000
    participants: int = 16
    relayed: int = 5
    overlap: int = 30_000
    recordings: int = 20
    presence_log: int = 1000
    decision_log: int = 1_000_000
    retry: int = 5_000
    retry_most: int = 3_600_000
    give_up: int = 86_400_000
    deliveries_kept: int = 7 * 86_400_000
    old_secret: int = 86_400_000


class CarrierOption(Struct, frozen=True):
    """A media node that lives, and one way it carries meetings; at *load* 1 it takes no more."""

    node: str
    kind: str
    load: float = 0.0


# What, if anything, keeps somebody with a profile and bookings from taking one more, in words.
Clash = Callable[[tuple[Any, ...], Any, Mapping[str, Any]], str | None]


def overlap(bookings: tuple[Any, ...], new: Any, _: Mapping[str, Any]) -> str | None:
    """Say whether a booking overlaps another, with no time for the trip between."""
    overlaps = any(b.start_ms < new.end_ms and new.start_ms < b.end_ms for b in bookings)
    return "is booked at that time" if overlaps else None


class Moment(Struct, frozen=True):
    """The store's clock, the bounds in force, and who carries media, as a decision sees them.

    *clash* knows how long trips take, which is the matcher's to say.
    """

    now_ms: int
    bounds: Bounds = Bounds()
    carriers: tuple[CarrierOption, ...] = ()
    clash: Clash = overlap
