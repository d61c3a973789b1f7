"""The markets of a process, kept up with the store's feed."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Self

import msgpack
import structlog

from matching.population import Population
from matching.tables import Tables
from signalling.errors import Unavailable
from signalling.market import Market
from signalling.models import follow
from signalling.snapshots import PAUSE_S, Snapshots
from signalling.store.feed import Entry, Feed, FeedLost
from signalling.store.store import Store, StoreUnavailable
from signalling.store.tasks import end

__all__ = ["Listener", "Market", "Markets"]

LOG = structlog.get_logger(__name__)
KINDS: Mapping[str, str] = {
    "interpreter": "interpreters",
    "availability": "availability",
    "history": "histories",
    "diary": "diaries",
}
RETRY_S = 0.5
TOLD_EVERY: Final = 100_000  # interpreters read, between two lines of the log


# Called with the market and the ids of those who can be asked since the last call.
Listener = Callable[[Market, list[str]], None]


class Markets:
    """The markets of this process. An async context manager; *listeners* hear every change.

    With *snapshots*, they are kept on disk now and then, and in the end.
    """

    def __init__(self, store: Store, tables: Tables, snapshots: Snapshots | None = None) -> None:
        self.store = store
        self.tables = tables
        self.listeners: list[Listener] = []
        self._markets: dict[str, asyncio.Task[Market]] = {}
        self._followers: set[asyncio.Task[None]] = set()
        self._snapshots = snapshots
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._snapshots is not None:
            self._keeper = asyncio.create_task(self._keep(self._snapshots))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await end([] if self._keeper is None else [self._keeper])
        await end(self._markets.values())  # first: what still opens would start a follower
        await end(self._followers)
        if self._snapshots is not None:
            for market in self._open_markets():
                await self._snapshots.save(market)

    async def _keep(self, snapshots: Snapshots) -> None:
        while True:
            await asyncio.sleep(snapshots.every_s)
            for market in self._open_markets():
                await snapshots.save(market, PAUSE_S)

    def _open_markets(self) -> list[Market]:
        tasks = [task for task in self._markets.values() if task.done() and not task.cancelled()]
        return [task.result() for task in tasks if task.exception() is None]

    async def get(self, marketplace: str) -> Market:
        """Return a market, read in whole the first time; raise StoreUnavailable if it can't be."""
        task = self._markets.get(marketplace)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._open(marketplace))
            self._markets[marketplace] = task
        return await asyncio.shield(task)

    async def tune(self, marketplace: str) -> None:
        """Let a market rank by the model that is current; what refuses it raises nothing."""
        market = await self.get(marketplace)
        await follow(self.store, marketplace, market.population)

    async def _open(self, marketplace: str) -> Market:
        market = await self._resume(marketplace)
        if market is None:
            market = Market(marketplace, Population(self.tables))
            await self._read(market)
        try:
            await follow(self.store, marketplace, market.population)
        except StoreUnavailable:
            raise
        except Unavailable as error:  # no reason not to match: `tune` is called again
            LOG.warning("no model could be read", marketplace=marketplace, error=error.detail)
        follower = asyncio.create_task(self._follow(market))
        self._followers.add(follower)
        follower.add_done_callback(self._followers.discard)
        return market

    async def _resume(self, marketplace: str) -> Market | None:
        """Return the market of a snapshot with what happened since, None if that can't be had."""
        if self._snapshots is None:
            return None
        feed, changes = Feed(self.store, marketplace), 0
        market = await self._snapshots.load(marketplace, feed.holds)
        if market is None or market.position is None:
            return None
        try:
            while entries := await feed.after(market.position):
                self._take(market, entries)
                changes += len(entries)
        except FeedLost as error:
            LOG.warning("a snapshot is not used", marketplace=marketplace, error=str(error))
            return None
        market.aim(asyncio.get_running_loop().time())
        LOG.info("the feed is read since", marketplace=marketplace, changes=changes)
        return market

    async def _read(self, market: Market) -> tuple[str, dict[str, None]]:
        """Read a population in whole; who is in the market and no more in the store is taken out.

        Return the market's position, and who can be asked now.
        """
        loop = asyncio.get_running_loop()
        started, done = loop.time(), 0
        market.position = None
        snapshot = await Feed(self.store, market.marketplace).snapshot(KINDS)
        gone = {(kind, id_) for kind, kept in market.kept.items() for id_ in kept}
        free: dict[str, None] = {}
        async for kind, id_, body in snapshot.records:
            _apply(market, kind, id_, body, free)
            gone.discard((kind, id_))
            done += kind == "interpreter"
            if kind == "interpreter" and done % TOLD_EVERY == 0:
                LOG.info("reading", marketplace=market.marketplace, interpreters=done)
        for kind, id_ in gone:
            _apply(market, kind, id_, None, free)
        for _ in market.population.tidy():
            await asyncio.sleep(0)
        market.position = snapshot.position
        market.aim(loop.time())
        LOG.info(
            "population read",
            marketplace=market.marketplace,
            interpreters=len(market.population),
            seconds=round(loop.time() - started, 2),
        )
        return snapshot.position, free

    async def _follow(self, market: Market) -> None:
        """Apply the feed for ever; what was trimmed before we saw it is read anew."""
        while True:
            try:
                position = market.position
                if position is None:
                    position, free = await self._read(market)
                    self._tell(market, free)
                async for entries in Feed(self.store, market.marketplace).follow(position):
                    free = self._take(market, entries)
                    market.aim(asyncio.get_running_loop().time())
                    self._tell(market, free)
            except FeedLost:
                market.position = None
            except StoreUnavailable:
                await asyncio.sleep(RETRY_S)
            except Exception:  # or this process would rank by what was, for good
                LOG.exception("the feed is followed anew", marketplace=market.marketplace)
                await asyncio.sleep(RETRY_S)

    def _take(self, market: Market, entries: list[Entry]) -> dict[str, None]:
        """Apply entries of the feed; return who can be asked after them."""
        free: dict[str, None] = {}
        for position, body in entries:
            market.position = position
            try:
                entry = msgpack.unpackb(body)
                kind, id_, record = entry["kind"], entry["id"], entry["body"]
            except (ValueError, TypeError, LookupError):
                LOG.exception("an entry of the feed was left out")
                continue
            _apply(market, kind, id_, record, free)
        return free

    def _tell(self, market: Market, free: Mapping[str, None]) -> None:
        for listener in self.listeners:
            listener(market, list(free))


def _apply(market: Market, kind: str, id_: str, body: bytes | None, free: dict[str, None]) -> None:
    """Take in one record, and keep *free* to those who can be asked after it.

    A record that cannot be read, of a newer node perhaps, is left out: the others go on.
    """
    free.pop(id_, None)
    try:
        if market.apply(kind, id_, body):
            free[id_] = None
    except Exception:  # whatever is wrong with one record, the others are ranked
        LOG.exception("a record of the population was left out", kind=kind, id=id_)
