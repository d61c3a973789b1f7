"""Which connections of this node hear which channel, and what they have already heard."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog

from signalling.errors import Unavailable
from signalling.protocol.codec import Codec
from signalling.store.bus import Bus
from signalling.store.inbox import EventId, Inbox, parse_event_id, parse_message
from signalling.store.keys import marketplace_of
from signalling.store.store import Store
from signalling.store.tasks import end
from signalling.web.close import CloseCode
from signalling.web.connection import Connection
from signalling.web.metrics import Metrics

LOG = structlog.get_logger(__name__)
# What stands for an event id in a message to an inbox's channel that is not stored.
UNSTORED = "-"
PATIENCE_S: Final = 5.0

_DECODE = msgspec.msgpack.Decoder(dict[str, Any])


class Event:
    """An event, decoded once and encoded once a codec. *id* is None for unstored ones."""

    __slots__ = ("_frames", "id", "method", "params")

    def __init__(self, event_id: str, body: bytes) -> None:
        message = _DECODE.decode(body)
        self.method: str = message["method"]
        self.params: dict[str, Any] = message.get("params") or {}
        self.id: EventId | None = parse_event_id(event_id)
        if self.id is not None:
            self.params = self.params | {"event_id": event_id}
        self._frames: dict[str, bytes] = {}

    def frame(self, codec: Codec) -> bytes:
        frame = self._frames.get(codec.name)
        if frame is None:
            frame = self._frames[codec.name] = codec.encode_event(self.method, self.params)
        return frame


class Topic:
    """A channel that connections of this node listen to, from the first to the last."""

    def __init__(self, hub: "Hub", channel: str, address: str | None) -> None:
        self.hub = hub
        self.channel = channel
        self.address = address
        self.connections: dict[Connection, None] = {}
        self.ready: asyncio.Task[None] = asyncio.create_task(hub.bus.subscribe(channel, self.hear))

    def hear(self, channel: str, payload: bytes) -> None:
        """Pass a message on to whoever listens."""
        event_id, body = ("", payload) if self.address is None else parse_message(payload)
        event = Event(event_id, body)
        for intercept in self.hub.intercepts:
            if intercept(channel, event):
                return
        for connection in tuple(self.connections):
            self.hub.deliver(connection, event)


class Hub:
    """The connections of this node by channel. *bus* is set once its server is reached.

    *intercepts* see every event before the connections do; a true answer ends its way. *gaps* are
    told of channels that were deaf for a while.
    """

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self.store = store
        self.metrics = metrics
        self.bus: Bus = Bus(store, on_gap=self.on_gap)
        self.topics: dict[str, Topic] = {}
        self.intercepts: list[Callable[[str, Event], bool]] = []
        self.gaps: list[Callable[[frozenset[str]], None]] = []
        self.tasks: set[asyncio.Task[None]] = set()

    # --- who listens -------------------------------------------------------------------------

    async def join(self, connection: Connection, channel: str, address: str | None = None) -> None:
        """Let a connection hear a channel; return once nothing published later can be missed.

        *address* says that it is the channel of that user's inbox.
        """
        topic = self.topics.get(channel)
        if topic is None:
            topic = self.topics[channel] = Topic(self, channel, address)
        topic.connections[connection] = None
        try:
            await asyncio.shield(topic.ready)
        except BaseException:
            self._part(topic, connection)
            raise

    def leave(self, connection: Connection, channel: str) -> None:
        """Stop a connection hearing a channel."""
        if (topic := self.topics.get(channel)) is not None:
            self._part(topic, connection)

    def _part(self, topic: Topic, connection: Connection) -> None:
        topic.connections.pop(connection, None)
        if not topic.connections and self.topics.get(topic.channel) is topic:
            del self.topics[topic.channel]
            self.spawn(self._end(topic))

    async def _end(self, topic: Topic) -> None:
        await asyncio.wait([topic.ready])
        if not topic.ready.cancelled():
            topic.ready.exception()  # whoever waited has heard of it
        await self.bus.unsubscribe(topic.channel, topic.hear)

    def at(self, channel: str) -> tuple[Connection, ...]:
        """Return the connections that hear a channel."""
        topic = self.topics.get(channel)
        return tuple(topic.connections) if topic else ()

    # --- what they hear ----------------------------------------------------------------------

    def deliver(self, connection: Connection, event: Event) -> None:
        """Send an event unless the connection has had it; hold it while one is being opened."""
        if connection.held is not None:
            connection.held.append(event)
            return
        if event.id is not None:
            last = connection.position
            if last is not None and last.epoch == event.id.epoch and event.id.order <= last.order:
                return
            connection.position = event.id
        self.metrics.events += 1
        connection.send(event.frame(connection.codec))

    def release(self, connection: Connection) -> None:
        """Send what was held back, in order."""
        held, connection.held = connection.held or [], None
        for event in held:
            self.deliver(connection, event)

    def on_gap(self, channels: frozenset[str]) -> None:
        """Read the inboxes whose channels were deaf for a while, and tell the other owners."""
        for owner in self.gaps:
            owner(channels)
        for channel in channels:
            topic = self.topics.get(channel)
            if topic is not None and topic.address is not None:
                for connection in tuple(topic.connections):
                    self.spawn(self._catch_up(connection, channel, topic.address))

    async def _catch_up(self, connection: Connection, channel: str, address: str) -> None:
        if connection.held is not None:  # it is being opened, and reads after subscribing
            return
        connection.held = []
        last = connection.position
        after = None if last is None else f"{last.epoch}.{last.stream_id}"
        try:
            missed = await Inbox(self.store, marketplace_of(channel)).read(address, after)
        except Unavailable:
            connection.close(CloseCode.STATE_LOST)
            return
        if not missed.recovered and missed.last is not None:
            connection.close(CloseCode.STATE_LOST)
            return
        connection.held[:0] = [Event(event_id, body) for event_id, body in missed.events]
        self.release(connection)

    # --- tasks -------------------------------------------------------------------------------

    def spawn(self, work: Any) -> None:
        """Run something that nobody waits for, and log if it fails."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._reap)

    def _reap(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.error("a task of the hub failed", exc_info=error)

    async def aclose(self) -> None:
        """Wait for what is still being done: a while, and not for a store that is gone."""
        if self.tasks:
            patience_s = 0 if self.store.gone else PATIENCE_S
            _, late = await asyncio.wait(tuple(self.tasks), timeout=patience_s)
            await end(late)
