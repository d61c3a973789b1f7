"""Turns waiting assignments into offers, by asking the matcher.

Whom it picks is reserved in its index before the first await, so that a hundred requests at
once do not all ring the same three people; across processes one owns a language pair by lease.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from itertools import combinations, count
from typing import Final, Self

import msgpack
import structlog

from matching.eligibility import services
from signalling.core.effects import Key
from signalling.engine import Engine
from signalling.errors import Conflict, DragomanError
from signalling.markets import Market, Markets
from signalling.rounds import Rounds, Search
from signalling.store.bus import Bus
from signalling.store.keys import Keys, marketplace_of
from signalling.store.leases import Ownership
from signalling.store.store import StoreUnavailable
from signalling.store.tasks import end

LOG = structlog.get_logger(__name__)
OWNED_MS: Final = 10_000
SWEEP_S: Final = 5.0
SWEEP_MOST: Final = 1_000
SWEPT_AT_ONCE: Final = 16  # looked at together, so that whoever asks meanwhile does not wait
BOOKINGS_EVERY: Final = 12  # sweeps: calendars open by the hour, not by the second
BATCH_S: Final = 0.25  # how long searches that want the same few people are gathered
BATCH_MOST: Final = 200

Pair = tuple[str, str]
Work = tuple[str, str]  # marketplace, assignment
Place = tuple[str, Pair]  # marketplace, language pair


class Dispatcher:
    """Offers for every marketplace it watches. An async context manager; *node* owns the leases."""

    def __init__(
        self,
        engine: Engine,
        bus: Bus,
        markets: Markets,
        node: str,
        lot: Callable[[], int] = lambda: secrets.randbits(32),
    ) -> None:
        self.engine = engine
        self.bus = bus
        self.markets = markets
        self.node = node
        self.rounds = Rounds(engine, lot)
        self._batches: dict[Place, dict[str, None]] = {}
        self._gatherers: set[asyncio.Task[None]] = set()
        self._tasks: dict[Work, asyncio.Task[None]] = {}
        self._again: set[Work] = set()
        self._waiting: dict[str, dict[Pair, dict[str, None]]] = {}
        self._owned: dict[Place, int] = {}
        self._swept: dict[str, int] = {}  # how many of an index the last sweeps went past
        self._later: dict[Work, None] = {}  # what a sweep found, until there is little else to do
        self._sweeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.markets.listeners.append(self._changed)
        self._sweeper = asyncio.create_task(self._sweep_for_ever())
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.markets.listeners.remove(self._changed)
        for marketplace in self._waiting:
            await self.bus.unsubscribe(Keys(marketplace).work, self._heard)
        self._again.clear()
        self._later.clear()
        sweeper = [self._sweeper] if self._sweeper else []
        await end([*self._tasks.values(), *self._gatherers, *sweeper])
        with suppress(StoreUnavailable):  # then they end by themselves
            for marketplace, pair in self._owned:
                ownership = Ownership(self.engine.store, marketplace)
                await ownership.release(_lease(pair), self.node)

    async def watch(self, marketplace: str) -> None:
        """Serve this marketplace too; again is harmless."""
        if marketplace in self._waiting:
            return
        self._waiting[marketplace] = {}
        try:
            await self.bus.subscribe(Keys(marketplace).work, self._heard)
            await self.markets.get(marketplace)
            await self.sweep(marketplace)
        except StoreUnavailable:
            del self._waiting[marketplace]
            await self.bus.unsubscribe(Keys(marketplace).work, self._heard)
            raise

    async def sweep(self, marketplace: str, *, bookings: bool = True) -> None:
        """Take up every assignment that searches, whatever was missed before.

        Of very many only some, and the next ones with the next sweep: the oldest are those that
        nobody can take.
        """
        for index in ("searching", "seeking") if bookings else ("searching",):
            key = Keys(marketplace).index(index)
            start = self._swept.get(key, 0)
            found = await self.engine.store.command("ZRANGE", key, start, start + SWEEP_MOST - 1)
            self._swept[key] = start + SWEEP_MOST if len(found) == SWEEP_MOST else 0
            self._later |= {(marketplace, id_.decode()): None for id_ in found}
        self._take_later()

    def _take_later(self) -> None:
        while self._later and len(self._tasks) < SWEPT_AT_ONCE:
            work = next(iter(self._later))
            del self._later[work]
            self._start(work)

    async def _sweep_for_ever(self) -> None:
        for turn in count():
            await asyncio.sleep(SWEEP_S)
            for marketplace in list(self._waiting):
                try:
                    await self.sweep(marketplace, bookings=turn % BOOKINGS_EVERY == 0)
                except DragomanError as error:
                    LOG.warning("could not look for waiting assignments", error=error.detail)

    def _heard(self, channel: str, body: bytes) -> None:
        self._start((marketplace_of(channel), msgpack.unpackb(body)["params"]["assignment"]))

    def _changed(self, market: Market, free: list[str]) -> None:
        """Take up what waits for a language pair of somebody who can be asked now."""
        waiting = self._waiting.get(market.marketplace)
        if not waiting:
            return
        for id_ in free:
            tags = sorted({skill["tag"] for skill in market.profiles[id_]["languages"]})
            for pair in combinations(tags, 2):
                for assignment in waiting.get(pair, ()):
                    self._start((market.marketplace, assignment))

    def _start(self, work: Work, *, alone: bool = False) -> None:
        """Look at an assignment; *alone*: whoever else wants the same people."""
        if work in self._tasks:
            self._again.add(work)  # it may have read the record before this change
            return
        task = asyncio.create_task(self._dispatch(work, alone=alone))
        self._tasks[work] = task
        task.add_done_callback(lambda _: self._end(work))

    def _end(self, work: Work) -> None:
        del self._tasks[work]
        if work in self._again:
            self._again.discard(work)
            self._start(work)
        self._take_later()

    async def _dispatch(self, work: Work, *, alone: bool) -> None:
        marketplace, id_ = work
        try:
            searches = await self._look(marketplace, id_)
            if not searches:
                self._forget(work)
                return
            request, market = searches[0].request, searches[0].market
            pairs = [s.pair for s in services(request, self.markets.tables.languages)]
            if await self._owns(marketplace, pairs[0]):
                if request.start_ms is None:  # first: whoever comes free meanwhile is not missed
                    for pair in pairs:
                        self._waiting[marketplace].setdefault(pair, {})[id_] = None
                if not alone and self._is_contended(market, pairs[0], searches[0]):
                    if any(not search.slot.ringing for search in searches):
                        self._gather((marketplace, pairs[0]), id_)
                    return  # who rings already leaves the few others to those who wait
                rings = [await self.rounds.ring(search) for search in searches]
                if all(rings):
                    self._forget(work)  # it does not wait: what it needs next, it will say
        except Conflict:
            self._again.add(work)  # it was ranked for terms that are no longer so
        except DragomanError as error:
            LOG.warning("an assignment waits for the next sweep", id=id_, error=error.detail)
        except Exception:  # one assignment's fault: the others are served, it is tried again
            LOG.exception("an assignment waits for the next sweep", id=id_)

    async def _look(self, marketplace: str, id_: str) -> list[Search]:
        """Return what an assignment looks for now, a search for each slot.

        What this process wrote last will mostly do, since a round expects the version it has seen.
        """
        for recalls in (True, False):
            seen = await self.engine.look(marketplace, Key("assignment", id_), recalls=recalls)
            a = seen.of("assignment", id_)
            if slots := [s for s in a.slots if s.looking] if a else []:
                market = await self.markets.get(marketplace)
                return [self.rounds.search(market, seen, a, slot) for slot in slots]
        return []

    def _is_contended(self, market: Market, pair: Pair, search: Search) -> bool:
        """Say whether more requests wait for a pair than people are free; emergencies do not wait.

        Where nobody is free there is nothing to share out, and that is to be told at once. Nor do
        bookings wait: their letters take nobody from another.
        """
        if search.request.start_ms is not None or search.request.emergency:
            return False
        waiting = len(self._waiting[market.marketplace][pair])
        table = market.population.slots.find(pair)
        if waiting < 2 or table is None:
            return False
        return 0 < table.free(search.request.mode) < waiting

    def _gather(self, place: Place, id_: str) -> None:
        """Let an assignment wait a moment for the others that want the same people."""
        batch = self._batches.get(place)
        if batch is None:
            batch = self._batches[place] = {}
            task = asyncio.create_task(self._ring_gathered(place))
            self._gatherers.add(task)
            task.add_done_callback(self._gatherers.discard)
        batch[id_] = None

    async def _ring_gathered(self, place: Place) -> None:
        """Decide for all that have gathered at once, as `ask_together` says."""
        await asyncio.sleep(BATCH_S)
        marketplace, ids = place[0], list(self._batches.pop(place))
        try:
            looks = [await self._look(marketplace, id_) for id_ in ids[:BATCH_MOST]]
            searches = [each for found in looks for each in found if not each.slot.ringing]
            results = await self.rounds.ring_together(searches)
        except DragomanError as error:
            LOG.warning("assignments wait for the next sweep", error=error.detail)
            return
        except Exception:  # one of them is at fault: alone, it harms itself only
            LOG.exception("assignments are decided one by one", assignments=len(ids))
            for id_ in ids:
                self._start((marketplace, id_), alone=True)
            return
        rings: dict[str, list[bool]] = {}
        for search, result in zip(searches, results, strict=True):
            id_ = search.assignment.id
            rings.setdefault(id_, []).append(result is True)
            if isinstance(result, Conflict):
                self._start((marketplace, id_))
            elif isinstance(result, BaseException):
                LOG.warning("an assignment waits", id=id_, error=str(result))
        for id_, all_ring in rings.items():
            if all(all_ring):
                self._forget((marketplace, id_))
        for id_ in ids[BATCH_MOST:]:
            self._start((marketplace, id_))

    async def _owns(self, marketplace: str, pair: Pair) -> bool:
        """Say whether this process is the one that matches *pair*, renewing the lease in time."""
        now_ms = self.engine.clock.now_ms()
        if self._owned.get((marketplace, pair), 0) > now_ms:
            return True
        ownership = Ownership(self.engine.store, marketplace)
        if await ownership.acquire(_lease(pair), self.node, OWNED_MS):
            self._owned[marketplace, pair] = now_ms + OWNED_MS // 2
            return True
        return False

    def _forget(self, work: Work) -> None:
        marketplace, id_ = work
        pairs = self._waiting[marketplace]
        for pair in [p for p, ids in pairs.items() if id_ in ids]:
            del pairs[pair][id_]
            if not pairs[pair]:
                del pairs[pair]


def _lease(pair: Pair) -> str:
    return f"match:{pair[0]}-{pair[1]}"
