"""Tells interpreters of new bookings that fit them well, whether they are there or not.

One after the other, by one process of a marketplace; what was missed is found by looking from time
to time. Who is told follows from the ranking, that each is told once from the assignment.
"""

import asyncio
from contextlib import suppress
from typing import Final, Self

import msgpack
import structlog

from matching.ranking import rank
from signalling.core.booking_events import Recommended, Suggestion
from signalling.core.effects import Key, Tell
from signalling.core.slot import Assignment
from signalling.engine import Engine
from signalling.errors import Conflict, DragomanError
from signalling.markets import Market, Markets
from signalling.showing import recommendation
from signalling.store.bus import Bus
from signalling.store.keys import Keys, marketplace_of
from signalling.store.leases import Ownership
from signalling.store.store import StoreUnavailable
from signalling.store.tasks import end
from signalling.translate import request_of

LOG = structlog.get_logger(__name__)
LEASE: Final = "recommend"
OWNED_MS: Final = 10_000
SWEEP_S: Final = 5.0
SWEEP_MOST: Final = 1_000
BEST: Final = 20  # of the ranking: whom it fits well

Work = tuple[str, str]  # marketplace, assignment


class Recommender:
    """Recommends in every marketplace it watches. An async context manager; *node* owns leases."""

    def __init__(self, engine: Engine, bus: Bus, markets: Markets, node: str) -> None:
        self.engine = engine
        self.bus = bus
        self.markets = markets
        self.node = node
        self._watched: set[str] = set()
        self._waiting: dict[Work, None] = {}
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        for marketplace in self._watched:
            await self.bus.unsubscribe(Keys(marketplace).untold, self._heard)
        await end([self._task] if self._task else [])
        with suppress(StoreUnavailable):  # then they end by themselves
            for marketplace in self._watched:
                await Ownership(self.engine.store, marketplace).release(LEASE, self.node)

    async def watch(self, marketplace: str) -> None:
        """Serve this marketplace too; again is harmless."""
        if marketplace not in self._watched:
            await self.bus.subscribe(Keys(marketplace).untold, self._heard)
            self._watched.add(marketplace)
            await self._sweep(marketplace)
            self._woken.set()

    def _heard(self, channel: str, body: bytes) -> None:
        id_ = msgpack.unpackb(body)["params"]["assignment"]
        self._waiting[marketplace_of(channel), id_] = None
        self._woken.set()

    async def _run(self) -> None:
        """Recommend what is heard of, and look for what was missed, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._woken.wait()
            except TimeoutError:
                for marketplace in list(self._watched):
                    await self._sweep(marketplace)
            self._woken.clear()
            while self._waiting:
                work = next(iter(self._waiting))
                del self._waiting[work]
                await self._take(work)

    async def _sweep(self, marketplace: str) -> None:
        key = Keys(marketplace).index("untold")
        try:
            found = await self.engine.store.command("ZRANGE", key, 0, SWEEP_MOST - 1)
        except StoreUnavailable as error:
            LOG.warning("could not look for new bookings", error=error.detail)
        else:
            self._waiting.update({(marketplace, id_.decode()): None for id_ in found})

    async def _take(self, work: Work) -> None:
        marketplace, id_ = work
        try:
            if await Ownership(self.engine.store, marketplace).acquire(LEASE, self.node, OWNED_MS):
                await self._recommend(marketplace, id_)
        except Conflict:
            self._waiting[work] = None  # it was ranked for what is no longer so
        except DragomanError as error:
            LOG.warning("a booking is not recommended yet", id=id_, error=error.detail)
        except Exception:  # one booking's fault: the others are recommended, it is tried again
            LOG.exception("a booking is not recommended yet", id=id_)

    async def _recommend(self, marketplace: str, id_: str) -> None:
        key = Key("assignment", id_)
        seen = await self.engine.look(marketplace, key)
        a: Assignment | None = seen.records[key]
        if a is None or not a.untold:
            return
        event = fitting(await self.markets.get(marketplace), a, self.engine.clock.now_ms())
        version = {key: seen.versions[key]}
        await self.engine.handle(marketplace, Tell(key, event), expect=version)


def fitting(market: Market, a: Assignment, now_ms: int) -> Recommended:
    """Return whom an open booking fits best, and what each of them is told."""
    slot = a.open_slots[0]
    request = request_of(a.terms, a.customer, a.app)
    ranking = rank(market.population, request, now_ms, BEST, a.unwanted(slot))
    best = (Suggestion(each.interpreter, recommendation(a, each)) for each in ranking.matches)
    return Recommended(slot.id, tuple(best))
