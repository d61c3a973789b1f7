"""Delivers to the webhooks of one marketplace, by whichever process owns that."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgpack
import structlog

from signalling.core.delivery import WAITING, Delivery, DeliveryState
from signalling.core.effects import Key
from signalling.engine import Engine
from signalling.errors import DragomanError
from signalling.hooks.attempt import Attempts
from signalling.hooks.fanout import FanOut
from signalling.hooks.lanes import Lanes, Waiting
from signalling.hooks.room import Room
from signalling.hooks.sending import Sender
from signalling.store.keys import HOOKS_LENGTH, Keys
from signalling.store.leases import Ownership
from signalling.store.outbox import Outbox
from signalling.store.store import StoreUnavailable
from signalling.store.tasks import end

LOG = structlog.get_logger(__name__)
LEASE: Final = "hooks"
ENTRIES: Final = 100  # taken over at once
PAGE: Final = 200  # deliveries read at once
RETRY_MS: Final = 1_000
IDLE_MS: Final = 5_000  # looked at least this often, whatever the bus says


@dataclass(frozen=True, slots=True)
class Terms:
    """As who a courier owns its marketplace and for how long, ms; how many go to one webhook."""

    owner: str
    at_once: int = 4
    lease_ms: int = 15_000


class Courier:
    """Takes events out of the outbox, and sends deliveries when they are due.

    What it knows is in memory; what it does not know any more is in the store.
    """

    def __init__(
        self, engine: Engine, sender: Sender, room: Room, marketplace: str, terms: Terms
    ) -> None:
        self.marketplace = marketplace
        self._engine = engine
        self._room = room
        self._terms = terms
        self._outbox = Outbox(engine.store, marketplace)
        self._fan_out = FanOut(engine, marketplace)
        self._attempts = Attempts(engine, sender, marketplace)
        self._ownership = Ownership(engine.store, marketplace)
        self._lanes: Lanes | None = None  # None: somebody else delivers, or nothing is read yet
        self._owned_until = 0.0
        self._again: set[str] = set()
        self._more = self._stale = True
        self._changed = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    # --- what wakes it -------------------------------------------------------------------

    def hear(self, _: str, body: bytes) -> None:
        """Hear of events in the outbox (nothing), or of a delivery to be made again."""
        if body:
            self._again.add(msgpack.unpackb(body)["params"]["delivery"])
        self._more = True
        self._changed.set()

    def look(self) -> None:
        """Read everything anew, as after a gap of the bus."""
        self._more = self._stale = True
        self._changed.set()

    def wake(self) -> None:
        self._changed.set()

    # --- what it does --------------------------------------------------------------------

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._changed.clear()
            try:
                pause_ms = await self._turn()
            except DragomanError as error:
                LOG.warning("webhooks wait", marketplace=self.marketplace, why=str(error))
                pause_ms = self._begin_anew()
            except Exception:  # or nothing of this marketplace would ever be delivered again
                LOG.exception("webhooks wait", marketplace=self.marketplace)
                pause_ms = self._begin_anew()
            try:
                async with asyncio.timeout(pause_ms / 1000):
                    await self._changed.wait()
            except TimeoutError:
                self._more = True

    def _begin_anew(self) -> int:
        """Let everything be read again after a failure, soon."""
        self._more = self._stale = True
        return RETRY_MS

    async def aclose(self, patience_s: float = 0) -> None:
        """Let what is under way arrive, for so long; then let others deliver."""
        if self._running:
            await asyncio.wait(self._running, timeout=patience_s)
        await end(self._running)
        if self._lanes is not None:
            self._lanes = None
            with suppress(StoreUnavailable):  # then the lease ends by itself
                await self._ownership.release(LEASE, self._terms.owner)

    async def _turn(self) -> int:
        """Do what there is to do; return for how long there is no more, ms."""
        if not await self._owns():
            await self._rest()
            return self._terms.lease_ms // 3
        lanes = self._lanes = self._lanes or Lanes(self._terms.at_once)
        if self._stale and not await self._read(lanes):
            return 0
        await self._take_again(lanes)
        if self._more:
            await self._take_over(lanes)
        now_ms = self._engine.clock.now_ms()
        self._start(lanes, now_ms)
        if self._more:
            return 0
        due_ms = lanes.next_ms(now_ms)
        most_ms = min(IDLE_MS, self._terms.lease_ms // 3)
        return most_ms if due_ms is None else min(most_ms, due_ms - now_ms)

    async def _owns(self) -> bool:
        """Say whether it is this process that delivers, renewing that in time."""
        now = asyncio.get_running_loop().time()
        if now < self._owned_until - self._terms.lease_ms / 2000:
            return True
        owns = await self._ownership.acquire(LEASE, self._terms.owner, self._terms.lease_ms)
        if now >= self._owned_until:
            await self._rest()  # others may have delivered meanwhile
        self._owned_until = now + self._terms.lease_ms / 1000 if owns else 0.0
        return owns

    async def _rest(self) -> None:
        """Forget everything: it is read again by who delivers next."""
        self._lanes, self._more, self._stale = None, True, True
        await end(self._running)

    async def _read(self, lanes: Lanes) -> bool:
        """Let wait what waits in the store; False if somebody else delivers by now."""
        self._stale = False
        index = Keys(self.marketplace).index(WAITING)
        ids = await self._engine.store.command("ZRANGE", index, 0, -1)
        for start in range(0, len(ids), PAGE):
            await self._add(lanes, [id_.decode() for id_ in ids[start : start + PAGE]])
            if not await self._owns():
                return False
        return True

    async def _take_again(self, lanes: Lanes) -> None:
        again, self._again = sorted(self._again), set()
        for start in range(0, len(again), PAGE):
            await self._add(lanes, again[start : start + PAGE])

    async def _add(self, lanes: Lanes, ids: list[str]) -> None:
        keys = [Key("delivery", id_) for id_ in ids]
        found: list[Delivery | None] = await self._engine.read(self.marketplace, *keys)
        _wait(lanes, found)

    async def _take_over(self, lanes: Lanes) -> None:
        """Queue the oldest events of the outbox, and take them out once that is written."""
        self._more = False
        entries = await self._outbox.oldest(ENTRIES)
        if entries:
            _wait(lanes, await self._fan_out.queue(entries))
            await self._outbox.trim(entries[-1].id)
        if len(entries) == ENTRIES:
            self._more = True
            if await self._outbox.length() > HOOKS_LENGTH // 2:
                LOG.error("the outbox of webhooks is about to overflow", at=self.marketplace)

    def _start(self, lanes: Lanes, now_ms: int) -> None:
        while waiting := lanes.take(now_ms, lambda app: self._room.has(self._place(app))):
            self._room.take(self._place(waiting.app))
            task = asyncio.create_task(self._attempt(lanes, waiting))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _place(self, app: str) -> tuple[str, str]:
        return self.marketplace, app

    async def _attempt(self, lanes: Lanes, waiting: Waiting) -> None:
        try:
            lanes.put_back(waiting, await self._tried(waiting))
        finally:
            self._room.give_back(self._place(waiting.app))
            self._changed.set()

    async def _tried(self, waiting: Waiting) -> int | None:
        """Make an attempt; return when to make another, also where the store does not answer."""
        try:
            return await self._attempts.make(waiting)
        except DragomanError as error:
            LOG.warning("an attempt was not written down", id=waiting.id, why=str(error))
        except Exception:  # or the others that wait for this one would wait for ever
            LOG.exception("an attempt failed", id=waiting.id)
        return self._engine.clock.now_ms() + RETRY_MS


def _wait(lanes: Lanes, deliveries: list[Delivery] | list[Delivery | None]) -> None:
    for each in deliveries:
        if each is not None and each.state is DeliveryState.PENDING:
            lanes.add(
                Waiting(each.id, each.webhook, each.app, each.about, each.sequence, each.due_ms)
            )
