"""Hear what is published on sharded channels, from one server or from all those of a Cluster."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Self

from redis.exceptions import RedisError

from signalling.store.connect import (
    StoreUnavailable,
    connection_to,
    owner_of,
    refresh_topology,
)
from signalling.store.link import Link
from signalling.store.store import Store
from signalling.store.tasks import end

LOG = logging.getLogger(__name__)
BACKOFF_S = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0)

Callback = Callable[[str, bytes], None]
OnGap = Callable[[frozenset[str]], None]


class _Channel:
    """Who listens on a channel, and whether a server has confirmed it."""

    def __init__(self) -> None:
        self.callbacks: list[Callback] = []
        self.link: Link | None = None
        self.confirmed = asyncio.Event()


class Bus:
    """Subscribe callbacks to channels; survive lost connections. An async context manager.

    Messages published while a connection was lost are gone: once every channel of it is
    subscribed again, *on_gap* gets their names, so that their owners read what they missed.
    """

    def __init__(self, store: Store, on_gap: OnGap = lambda _: None) -> None:
        self._client = store.client
        self._timeout_s = store.timeout_s
        self._on_gap = on_gap
        self._channels: dict[str, _Channel] = {}
        self._links: dict[str, Link] = {}
        self._opening = asyncio.Lock()
        self._broken: set[str] = set()
        self._break = asyncio.Event()
        self._mender: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._mender = asyncio.create_task(self._mend())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._mender is not None:
            await end([self._mender])
        self._channels.clear()
        for link in list(self._links.values()):
            await link.aclose()

    async def subscribe(self, channel: str, callback: Callback) -> None:
        """Call *callback* with each message; return once the server has confirmed.

        Whatever is published after this returns is heard, so: subscribe first, then read.
        Raises `StoreUnavailable`, and leaves nothing subscribed, when no server confirms in time.
        """
        entry = self._channels.get(channel)
        first = entry is None
        if entry is None:
            entry = self._channels[channel] = _Channel()
        entry.callbacks.append(callback)
        try:
            async with asyncio.timeout(self._timeout_s):
                if first:
                    await self._place_new(channel)
                await entry.confirmed.wait()
        except TimeoutError as error:
            self._remove(channel, callback)
            raise StoreUnavailable("the store does not answer") from error
        except BaseException:
            self._remove(channel, callback)
            raise

    async def unsubscribe(self, channel: str, callback: Callback) -> None:
        """Stop calling *callback*; unknown ones are ignored."""
        self._remove(channel, callback)

    def _remove(self, channel: str, callback: Callback) -> None:
        entry = self._channels.get(channel)
        if entry is None or callback not in entry.callbacks:
            return
        entry.callbacks.remove(callback)
        if entry.callbacks:
            return
        del self._channels[channel]
        self._broken.discard(channel)
        if entry.link is not None and entry.link.alive:
            entry.link.unsubscribe(channel)

    def _deliver(self, channel: str, body: bytes) -> None:
        entry = self._channels.get(channel)
        for callback in tuple(entry.callbacks) if entry else ():
            try:
                callback(channel, body)
            except Exception:
                LOG.exception("a listener failed on %s", channel)

    async def _place_new(self, channel: str) -> None:
        """Subscribe a channel for the first time; the mender takes over where this gives up."""
        try:
            await self._place([channel])
        except (StoreUnavailable, RedisError) as error:
            LOG.warning("could not subscribe to %s: %s", channel, error)
            self._breaks([channel])
        except BaseException:
            self._breaks([channel])  # others may have joined in
            raise

    async def _place(self, channels: Iterable[str]) -> None:
        """Subscribe channels at their servers and wait for all confirmations."""
        asked = []
        for name in channels:
            link = await self._link(owner_of(self._client, name))
            entry = self._channels.get(name)
            if entry is not None:
                entry.link = link
                asked.append((name, entry, link.subscribe(name)))
        for name, entry, answer in asked:
            await answer
            if entry.link is not None and entry.link.alive and name not in self._broken:
                entry.confirmed.set()

    async def _link(self, address: str) -> Link:
        async with self._opening:
            link = self._links.get(address)
            if link is None or not link.alive:
                link = Link(
                    connection_to(self._client, address), self._deliver, self._lost, self._evicted
                )
                await link.open()
                self._links[address] = link
            return link

    def _lost(self, link: Link) -> None:
        self._breaks(name for name, entry in self._channels.items() if entry.link is link)

    def _evicted(self, channel: str) -> None:
        self._breaks([channel])

    def _breaks(self, channels: Iterable[str]) -> None:
        for name in channels:
            entry = self._channels.get(name)
            if entry is not None:
                entry.confirmed.clear()
                self._broken.add(name)
        if self._broken:
            self._break.set()

    async def _mend(self) -> None:
        """Subscribe again whatever was lost, then tell of the gap."""
        failures = 0
        while True:
            await self._break.wait()
            self._break.clear()
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
            batch, self._broken = self._broken, set()
            mended = [await self._mend_some(names) for names in await self._by_owner(batch)]
            failures = 0 if all(mended) else failures + 1

    async def _by_owner(self, batch: Collection[str]) -> Collection[set[str]]:
        """Part channels by server, so that one that is down does not hold back the others."""
        parts: dict[str, set[str]] = {}
        try:
            await refresh_topology(self._client)
            for name in batch:
                parts.setdefault(owner_of(self._client, name), set()).add(name)
        except StoreUnavailable:
            return [set(batch)]
        return parts.values()

    async def _mend_some(self, batch: set[str]) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._place(batch)
        except (StoreUnavailable, RedisError, OSError) as error:
            LOG.warning("the bus cannot subscribe %d channels: %s", len(batch), error)
            self._breaks(batch)
            return False
        self._tell(batch)
        return True

    def _tell(self, batch: Collection[str]) -> None:
        gap = frozenset(name for name in batch if name in self._channels)
        if not gap:
            return
        try:
            self._on_gap(gap)
        except Exception:
            LOG.exception("the owner of the bus failed on a gap")
