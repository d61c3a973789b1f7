"""Which media nodes live, and how busy each is.

One hash has an entry a node, which the node renews; an entry outlives its lease until every
meeting there has gone on elsewhere.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import msgpack

from signalling.core.effects import CarrierOption
from signalling.store.connect import StoreUnavailable
from signalling.store.keys import MEDIA_LEASE_MS, MEDIA_NODES
from signalling.store.store import Store
from signalling.store.tasks import end

LOG = logging.getLogger(__name__)
BEAT_S: Final = 1.0
FORGET_MS: Final = 30_000  # whoever looked last before a node died knows by then

Load = Callable[[], Mapping[str, float]]


class Carriers:
    """The media nodes as this process knows them. An async context manager that keeps looking.

    *dead* has when the lease of each ended, ms.
    """

    def __init__(self, store: Store, now_ms: Callable[[], int]) -> None:
        self.alive: tuple[CarrierOption, ...] = ()
        self.dead: Mapping[str, int] = {}
        self.looked = asyncio.Event()
        self._store = store
        self._now_ms = now_ms
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.look()
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._task is not None:
            await end([self._task])

    async def look(self) -> None:
        """Read who lives; `looked` is set then."""
        found = await self._store.command("HGETALL", MEDIA_NODES)
        alive: list[CarrierOption] = []
        dead: dict[str, int] = {}
        for name, body in found.items():
            node, entry = name.decode(), msgpack.unpackb(body)
            if entry["until_ms"] < self._now_ms():
                dead[node] = entry["until_ms"]
            else:
                alive += [CarrierOption(node, k, load) for k, load in entry["kinds"].items()]
        if {c.node for c in alive} != {c.node for c in self.alive}:
            LOG.info("media nodes that live: %s", ", ".join(c.node for c in alive) or "none")
        self.alive, self.dead = tuple(alive), dead
        self.looked.set()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self.look()
            except StoreUnavailable:
                LOG.warning("the media nodes cannot be read")
            except Exception:
                LOG.exception("the list of media nodes is not understood")

    async def forget(self, node: str) -> None:
        """Remove a dead node's entry, once no meeting is there and nobody can still choose it."""
        if self._now_ms() - self.dead.get(node, 0) > FORGET_MS:
            await self._store.command("HDEL", MEDIA_NODES, node)


class MediaLease:
    """Says that the media node *node* lives, and how busy it is, for as long as it is open."""

    def __init__(self, store: Store, now_ms: Callable[[], int], node: str, load: Load) -> None:
        self._store = store
        self._now_ms = now_ms
        self._node = node
        self._load = load
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.beat()
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._task is not None:
            await end([self._task])
        try:
            await end_lease(self._store, self._node, self._now_ms())
        except StoreUnavailable:
            LOG.warning("the lease of media node %s ends by itself", self._node)

    async def beat(self) -> None:
        entry: dict[str, Any] = {"until_ms": self._now_ms() + MEDIA_LEASE_MS}
        entry["kinds"] = dict(self._load())
        await self._store.command("HSET", MEDIA_NODES, self._node, msgpack.packb(entry))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self.beat()
            except StoreUnavailable:
                LOG.warning("the lease of media node %s could not be renewed", self._node)
            except Exception:
                LOG.exception("the load of media node %s is not known", self._node)


async def end_lease(store: Store, node: str, now_ms: int) -> None:
    """Say that a node is gone, so that its meetings go on elsewhere at once."""
    gone = msgpack.packb({"until_ms": now_ms - 1, "kinds": {}})
    await store.command("HSET", MEDIA_NODES, node, gone)
