"""Leases: a node's over its sessions, and an owner's over anything only one may own."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from signalling.store.connect import StoreUnavailable
from signalling.store.keys import (
    NODE_LEASE_MS,
    REAP_LEASE_MS,
    Keys,
)
from signalling.store.store import Script, Store
from signalling.store.tasks import end

LOG = logging.getLogger(__name__)
RENEW, CLAIM, FORGET, OWN = Script("renew"), Script("claim"), Script("forget"), Script("own")
RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class Reaped:
    """A dead node of a marketplace and its sessions (id to body), to be dropped by one reaper."""

    marketplace: str
    node: str
    sessions: Mapping[str, bytes]


class NodeLease:
    """Hold this node's lease in each watched marketplace; an async context manager.

    *on_lost* is called once renewing has failed for two thirds of the lease: close every socket
    now, a third later others may take the sessions as dropped. *on_regained* follows the first
    renewal after that.
    """

    def __init__(
        self,
        store: Store,
        node: str,
        on_lost: Callable[[], None],
        on_regained: Callable[[], None] = lambda: None,
        *,
        lease_ms: int = NODE_LEASE_MS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.node = node
        self.lost = False
        self._lease_ms = lease_ms
        self._renew_s = lease_ms / 3000
        self._lost_s = lease_ms * 2 / 3000
        self._store = store
        self._on_lost = on_lost
        self._on_regained = on_regained
        self._monotonic = monotonic
        self._marketplaces: set[str] = set()
        self._renewed_at = monotonic()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._task is not None:
            await end([self._task])

    async def watch(self, marketplace: str) -> None:
        """Hold the lease in this marketplace too, from now on; again is harmless.

        Before a session is saved as this node's: others find those whose lease is over.
        """
        if marketplace not in self._marketplaces:
            await self._renew(marketplace)
            self._marketplaces.add(marketplace)

    async def remove_session(self, marketplace: str, session: str) -> None:
        """Take a session off the list that others would find should this node die."""
        key = Keys(marketplace).node_sessions(self.node)
        await self._store.ask("HDEL", key, session)

    async def leave(self) -> None:
        """Give up the lease where no session is left, at a clean end."""
        for marketplace in self._marketplaces:
            await forget(self._store, Reaped(marketplace, self.node, {}))

    async def beat(self) -> None:
        """Renew everywhere, and call *on_lost* or *on_regained* when that changes something.

        A process that was stopped for long is lost even if it could renew now: others may have
        taken its sessions.
        """
        self._judge()
        started = self._monotonic()
        left = self._lost_s - (started - self._renewed_at)
        try:
            async with asyncio.timeout(left if left > 0 else self._renew_s):
                for marketplace in tuple(self._marketplaces):
                    await self._renew(marketplace)
        except (StoreUnavailable, TimeoutError):
            LOG.warning("the lease of node %s could not be renewed", self.node)
            self._judge()
            return
        self._renewed_at = started
        if self.lost:
            self.lost = False
            self._on_regained()

    def _judge(self) -> None:
        if not self.lost and self._monotonic() - self._renewed_at >= self._lost_s:
            self.lost = True
            self._on_lost()

    async def _keep(self) -> None:
        while True:
            before = self._renewed_at
            await self.beat()
            await asyncio.sleep(self._renew_s if self._renewed_at > before else RETRY_S)

    async def _renew(self, marketplace: str) -> None:
        await self._store.run(RENEW, [Keys(marketplace).nodes], [self.node, self._lease_ms])


async def reap(store: Store, marketplace: str) -> list[Reaped]:
    """Claim the nodes whose lease is over, each for one reaper; `forget` them once dropped.

    A claim whose reaper dies ends after a while, and is made again.
    """
    keys = Keys(marketplace)
    reaped: list[Reaped] = []
    while oldest := await store.command("ZRANGE", keys.nodes, 0, 0):
        node = oldest[0].decode()
        found = await store.run(
            CLAIM, [keys.nodes, keys.node_sessions(node)], [node, REAP_LEASE_MS]
        )
        if found is None:
            break
        sessions = {s.decode(): b for s, b in zip(found[::2], found[1::2], strict=True)}
        reaped.append(Reaped(marketplace, node, sessions))
    return reaped


async def forget(store: Store, reaped: Reaped) -> None:
    """Forget a dead node's sessions; what the node has opened anew meanwhile stays."""
    keys = Keys(reaped.marketplace)
    pairs = [word for pair in reaped.sessions.items() for word in pair]
    names = [keys.nodes, keys.node_sessions(reaped.node)]
    await store.run(FORGET, names, [reaped.node, *pairs])


class Ownership:
    """What only one process at a time does in a marketplace, by lease."""

    def __init__(self, store: Store, marketplace: str) -> None:
        self._store = store
        self._keys = Keys(marketplace)

    async def acquire(self, name: str, owner: str, ttl_ms: int) -> bool:
        """Own *name* for *ttl_ms* from now, if nobody else does; renews one's own."""
        return bool(await self._store.run(OWN, [self._keys.lease(name)], [owner, ttl_ms]))

    async def release(self, name: str, owner: str) -> bool:
        """Give *name* up; False when it was somebody else's."""
        return bool(await self._store.run(OWN, [self._keys.lease(name)], [owner, 0]))
