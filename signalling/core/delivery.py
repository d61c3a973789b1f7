"""The life of a delivery: one event on its way to one webhook, until it arrives or is given up."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core.effects import Announce, Effect, Moment
from signalling.core.events import Deadline
from signalling.core.times import rfc3339

WAITING: Final = "deliveries"  # index of all of a marketplace that are still to be made
TOPIC: Final = "hooks"  # the channel of whoever delivers, and the name of what they are told
AGAIN: Final = "delivery.again"


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Queue(Struct, frozen=True):
    """An event is to be posted to a webhook; *sequence* is its place among those of its *about*."""

    id: str
    webhook: str
    app: str
    type: str
    about: str
    data: Mapping[str, Any]
    sequence: tuple[int, int]
    happened_ms: int


class Arrived(Struct, frozen=True):
    """The webhook has answered that it has it."""

    status: int


class Failed(Struct, frozen=True):
    """It has not, or its answer is unknown; *after_ms* is how long it asks to be left alone.

    *chance*, from 0 to 1, shortens the pause: what failed together is not tried again together.
    """

    why: str
    status: int | None = None
    after_ms: int = 0
    chance: float = 0.0


class Abandon(Struct, frozen=True):
    """The webhook takes nothing any more; with a *status* it has just said so."""

    why: str
    status: int | None = None


class Redeliver(Struct, frozen=True):
    """The app wants it once more, whatever became of it."""


class Drop(Struct, frozen=True):
    """The webhook is gone, and nobody can ask for what was sent there."""


Event = Queue | Arrived | Failed | Abandon | Redeliver | Drop | Deadline
# An absent cell changes nothing: attempts may be made twice, and the second tells nothing new.
TABLE: Final[dict[DeliveryState, dict[type[Event], DeliveryState]]] = {
    DeliveryState.PENDING: {
        Arrived: DeliveryState.DELIVERED,
        Failed: DeliveryState.PENDING,  # dead when it has failed for a day
        Abandon: DeliveryState.DEAD,
        Redeliver: DeliveryState.PENDING,
    },
    DeliveryState.DELIVERED: {Redeliver: DeliveryState.PENDING},
    DeliveryState.DEAD: {Redeliver: DeliveryState.PENDING},
}


class Attempt(Struct, frozen=True):
    """How an attempt ended; without *why* it arrived."""

    at_ms: int
    status: int | None = None
    why: str | None = None


class Delivery(Struct, frozen=True):
    """One event for one webhook. Its id is the same however often it is sent.

    It is given up a day after *since_ms*; *due_ms* is when it is tried next, and *ended_ms* when
    it arrived or was given up.
    """

    kind: ClassVar[str] = "delivery"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None

    id: str
    webhook: str
    app: str
    type: str
    about: str
    data: Mapping[str, Any]
    sequence: tuple[int, int]
    happened_ms: int
    since_ms: int
    due_ms: int
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    last: Attempt | None = None
    wake_at_ms: int | None = None

    @property
    def indexes(self) -> dict[str, float]:
        """The webhook's lists, and while it waits the one of whoever delivers."""
        at_ms = float(self.happened_ms)
        lists = {of(self.webhook): at_ms, of(self.webhook, self.state): at_ms}
        return lists | ({WAITING: at_ms} if self.state is DeliveryState.PENDING else {})


Decision = tuple[Delivery | None, tuple[Effect, ...]]


def of(webhook: str, state: str | None = None) -> str:
    """Name the index of a webhook's deliveries, of one state or all."""
    return f"deliveries:{webhook}" + (f":{state}" if state else "")


def decide(old: Delivery | None, event: Event, at: Moment) -> Decision:
    """Return the next delivery, None once it is forgotten, and tell who delivers of one anew."""
    if old is None:
        return _queued(event, at), ()
    if isinstance(event, Redeliver):
        return _again(old, at)
    return _next(old, event, at), ()


def _next(old: Delivery, event: Event, at: Moment) -> Delivery | None:
    state = TABLE[old.state].get(type(event))
    match event:
        case Drop():
            return None
        case Deadline():
            return None if old.wake_at_ms and old.wake_at_ms <= at.now_ms else old
        case Failed() if state:
            return _failed(old, event, at)
        case Arrived(status) if state:
            return _ended(old, state, Attempt(at.now_ms, status), at)
        case Abandon(why, status) if state:
            return _ended(old, state, Attempt(at.now_ms, status, why), at)
        case _:
            return old


def _queued(event: Event, at: Moment) -> Delivery | None:
    if not isinstance(event, Queue):
        return None  # it was forgotten meanwhile
    return Delivery(
        id=event.id,
        webhook=event.webhook,
        app=event.app,
        type=event.type,
        about=event.about,
        data=event.data,
        sequence=event.sequence,
        happened_ms=event.happened_ms,
        since_ms=at.now_ms,
        due_ms=at.now_ms,
    )


def _again(old: Delivery, at: Moment) -> Decision:
    now = at.now_ms
    new = replace(old, state=DeliveryState.PENDING, since_ms=now, due_ms=now, wake_at_ms=None)
    return new, (Announce(TOPIC, AGAIN, {"delivery": old.id}),)


def _failed(old: Delivery, event: Failed, at: Moment) -> Delivery:
    """Try again later, and once more when the day is over; then give up."""
    attempt = Attempt(at.now_ms, event.status, event.why)
    last_ms = old.since_ms + at.bounds.give_up
    if at.now_ms >= last_ms:
        return _ended(old, DeliveryState.DEAD, attempt, at)
    whole = min(at.bounds.retry << min(old.attempts, 30), at.bounds.retry_most)
    wait_ms = max(round(whole * (1 - event.chance / 2)), min(event.after_ms, at.bounds.retry_most))
    due_ms = min(at.now_ms + wait_ms, last_ms)
    return replace(old, attempts=old.attempts + 1, last=attempt, due_ms=due_ms)


def _ended(old: Delivery, state: DeliveryState, attempt: Attempt, at: Moment) -> Delivery:
    return replace(
        old,
        state=state,
        attempts=old.attempts + 1,
        last=attempt,
        wake_at_ms=at.now_ms + at.bounds.deliveries_kept,
    )


def view(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as the webhook's app sees it in lists."""
    last = delivery.last
    pending = delivery.state is DeliveryState.PENDING
    shown: dict[str, Any] = {
        "id": delivery.id,
        "state": str(delivery.state),
        "type": delivery.type,
        "about": delivery.about,
        "happened_at": rfc3339(delivery.happened_ms),
        "attempts": delivery.attempts,
        "next_at": rfc3339(delivery.due_ms) if pending else None,
        "tried_at": rfc3339(last.at_ms) if last else None,
        "status": last.status if last else None,
        "why": last.why if last else None,
    }
    return {name: value for name, value in shown.items() if value is not None}
