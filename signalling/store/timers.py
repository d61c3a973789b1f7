"""Timers: records that want to wake, claimed by lease and fired."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Self

from signalling.store.bus import Bus
from signalling.store.connect import StoreUnavailable
from signalling.store.keys import TIMER_LEASE_MS, Keys, marketplace_of
from signalling.store.store import Script, Store
from signalling.store.tasks import end

LOG = logging.getLogger(__name__)
DUE = Script("due")
RETRY_MS = 500
# Looked at least this often, whatever the bus says: a lost message costs no more.
IDLE_MS = 5_000

Fire = Callable[[str], Awaitable[None]]


class Timers:
    """Call *fire* with each record's key once its wake is due; an async context manager.

    A claimed timer stays due again *lease_ms* later, until a commit of its record moves or ends
    it: so it fires again where the claimer died or *fire* raised. At most *at_once* run
    together; a marketplace with many due does not hold up another. *now_ms* is the store's time.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        now_ms: Callable[[], int],
        fire: Fire,
        *,
        at_once: int = 64,
        lease_ms: int = TIMER_LEASE_MS,
    ) -> None:
        self._store = store
        self._bus = bus
        self._now_ms = now_ms
        self._fire = fire
        self._at_once = at_once
        self._lease_ms = lease_ms
        self._wakes: dict[str, int] = {}
        self._changed = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._full = False
        self._loop: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await end([*([self._loop] if self._loop else []), *self._running])
        for marketplace in self._wakes:
            await self._bus.unsubscribe(Keys(marketplace).timers, self._earlier)

    async def watch(self, marketplace: str) -> None:
        """Fire the timers of this marketplace too; again is harmless."""
        if marketplace in self._wakes:
            return
        await self._bus.subscribe(Keys(marketplace).timers, self._earlier)
        self._wakes[marketplace] = 0
        self._changed.set()

    def look(self) -> None:
        """Look at every marketplace now, as after a gap of the bus."""
        for marketplace in self._wakes:
            self._wakes[marketplace] = 0
        self._changed.set()

    def _earlier(self, channel: str, body: bytes) -> None:
        marketplace = marketplace_of(channel)
        wake = int(float(body))
        if wake < self._wakes.get(marketplace, 0):
            self._wakes[marketplace] = wake
            self._changed.set()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            for marketplace in list(self._wakes):
                await self._claim(marketplace)
            self._full = len(self._running) >= self._at_once
            await self._sleep()

    async def _claim(self, marketplace: str) -> None:
        """Fire what is due in one marketplace, and note its next wake."""
        now = self._now_ms()
        while self._wakes[marketplace] <= now and (room := self._at_once - len(self._running)) > 0:
            # Whatever is committed while we ask sets a wake of its own.
            self._wakes[marketplace] = now + IDLE_MS
            try:
                head, *due = await self._store.run(
                    DUE, [Keys(marketplace).timers], [now, self._lease_ms, room]
                )
            except StoreUnavailable:
                LOG.warning("the timers of %s cannot be read", marketplace)
                self._wakes[marketplace] = now + RETRY_MS
                return
            if head:
                self._wakes[marketplace] = min(self._wakes[marketplace], int(float(head)))
            for key in due:
                self._start(key.decode())
            if due:  # the others come first next time
                self._wakes[marketplace] = self._wakes.pop(marketplace)

    def _start(self, key: str) -> None:
        task = asyncio.create_task(self._fire_one(key))
        self._running.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        # Room for a single one is not worth a claim of its own.
        if self._full and len(self._running) <= self._at_once // 2:
            self._full = False
            self._changed.set()

    async def _fire_one(self, key: str) -> None:
        try:
            await self._fire(key)
        except Exception:
            LOG.exception("a timer failed and will fire again: %s", key)

    async def _sleep(self) -> None:
        """Sleep until the earliest wake, a word of an earlier one, or room to claim more."""
        now = self._now_ms()
        wake = min(self._wakes.values(), default=now + IDLE_MS)
        if self._full:
            wake = now + IDLE_MS
        try:
            async with asyncio.timeout(max(0, wake - now) / 1000):
                await self._changed.wait()
        except TimeoutError:
            return
