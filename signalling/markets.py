"""Each marketplace's population in memory, kept up with the store's feed."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self

import msgpack
import structlog

from matching.population import Population
from matching.tables import Tables
from signalling.core.availability import Availability
from signalling.core.history import History
from signalling.core.profile import Profile
from signalling.core.track import NOTHING
from signalling.models import follow
from signalling.past import Share, load_of, track_of
from signalling.store.feed import Feed, FeedLost
from signalling.store.records import unpack
from signalling.store.store import Store, StoreUnavailable
from signalling.store.tasks import end
from signalling.translate import interpreter_of, presence_of

LOG = structlog.get_logger(__name__)
KINDS: Mapping[str, str] = {
    "interpreter": "interpreters",
    "availability": "availability",
    "history": "histories",
}
RETRY_S = 0.5
TARGET_S = 60.0
TARGET_CHANGE = 0.05


class Market:
    """One marketplace: the index to rank by, and the profiles to show."""

    def __init__(self, marketplace: str, tables: Tables) -> None:
        self.marketplace = marketplace
        self.population = Population(tables)
        self.profiles: dict[str, Mapping[str, Any]] = {}
        self.availability: dict[str, Availability] = {}
        self.histories: dict[str, History] = {}
        self.share = Share()
        self.target = 0.0  # offers an hour online, as the population knows it
        self.targeted_s = -TARGET_S
        self._free: set[str] = set()
        self._worked: set[str] = set()

    def apply(self, kind: str, id_: str, body: bytes | None) -> bool:
        """Take in one record (None: removed); return whether somebody can be asked now."""
        if kind == "interpreter":
            self._profile(id_, None if body is None else unpack(Profile, body)[0])
        elif kind == "availability":
            self._availability(id_, None if body is None else unpack(Availability, body)[0])
        elif kind == "history":
            self._history(id_, None if body is None else unpack(History, body)[0])
        return self._present(id_)

    def _profile(self, id_: str, record: Profile | None) -> None:
        if record is not None:
            self.population.put(interpreter_of(record.profile))
            self.profiles[id_] = record.profile
        elif self.profiles.pop(id_, None) is not None:
            self.population.remove(id_)
            self._worked.discard(id_)

    def _availability(self, id_: str, record: Availability | None) -> None:
        old = self.availability.pop(id_, None)
        if record is not None:
            self.availability[id_] = record
        self.share.change(old.counts if old else NOTHING, record.counts if record else NOTHING)

    def _history(self, id_: str, record: History | None) -> None:
        self.histories.pop(id_, None)
        if record is not None:
            self.histories[id_] = record

    def _present(self, id_: str) -> bool:
        self._free.discard(id_)
        if id_ not in self.population:
            return False
        record = self.availability.get(id_) or Availability(id_)
        presence = presence_of(record)
        if presence.last_active_ms is not None:
            self.population.touch(id_, presence.last_active_ms)
        self._past(id_, record)
        self.population.set_free_until(id_, record.until_ms)
        self.population.set_presence(
            id_,
            available=presence.available,
            modes=presence.modes,
            position=presence.position,
        )
        if not presence.available:
            # What it was reserved for has happened, or can't: only those present need reserving.
            self.population.release(id_)
        else:
            self._free.add(id_)
        return presence.available

    def _past(self, id_: str, record: Availability) -> None:
        """Tell the population what somebody did, where that has changed."""
        track = track_of(record, self.histories.get(id_))
        if track != self.population.track(id_):
            self.population.set_track(id_, track)
        worked = load_of(record)
        if any(worked) or id_ in self._worked:
            self.population.set_load(id_, *worked)
            self._worked.add(id_)

    def aim(self, now_s: float) -> None:
        """Let exposure aim at the share that is everybody's by now, if that is worth the work.

        Everybody is summed anew: at most once a minute, by any clock that only goes forward.
        """
        rate = self.share.rate
        moved = abs(rate - self.target) > TARGET_CHANGE * self.target
        if moved and now_s - self.targeted_s >= TARGET_S:
            self.target, self.targeted_s = rate, now_s
            self.population.set_exposure_target(rate)

    @property
    def available(self) -> int:
        """How many can be asked now."""
        return len(self._free)

    def pair_counts(self) -> list[dict[str, Any]]:
        """Return how many can be asked for each pair of languages, sorted, as presence.summary."""
        return [
            {
                "languages": {"from": pair[0], "to": pair[1]},
                "available": max(modes.values()),
                "modes": {str(mode): count for mode, count in modes.items() if count},
            }
            for pair, modes in sorted(self.population.summary().items())
        ]

    def card(self, id_: str, pair: tuple[str, str]) -> dict[str, Any]:
        """Return what a customer may see of an interpreter, for one pair of languages."""
        profile = self.profiles[id_]
        return {
            "name": profile["name"],
            "languages": [skill for skill in profile["languages"] if skill["tag"] in pair],
            "specialisms": list(profile.get("specialisms", ())),
        }


# Called with the market and the ids of those who can be asked since the last call.
Listener = Callable[[Market, list[str]], None]


class Markets:
    """The markets of this process. An async context manager; *listeners* hear every change."""

    def __init__(self, store: Store, tables: Tables) -> None:
        self.store = store
        self.tables = tables
        self.listeners: list[Listener] = []
        self._markets: dict[str, asyncio.Task[Market]] = {}
        self._followers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await end(self._markets.values())  # first: what still opens would start a follower
        await end(self._followers)

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
        market, position = await self._read(marketplace)
        await follow(self.store, marketplace, market.population)
        follower = asyncio.create_task(self._follow(market, position))
        self._followers.add(follower)
        follower.add_done_callback(self._followers.discard)
        return market

    async def _read(self, marketplace: str, into: Market | None = None) -> tuple[Market, str]:
        """Read a population in whole; who is in *into* and no more in the store is taken out."""
        market = into or Market(marketplace, self.tables)
        snapshot = await Feed(self.store, marketplace).snapshot(KINDS)
        gone = {("interpreter", i) for i in market.profiles}
        gone |= {("availability", i) for i in market.availability}
        gone |= {("history", i) for i in market.histories}
        free: dict[str, None] = {}
        async for kind, id_, body in snapshot.records:
            _apply(market, kind, id_, body, free)
            gone.discard((kind, id_))
        for kind, id_ in gone:
            _apply(market, kind, id_, None, free)
        market.aim(asyncio.get_running_loop().time())
        LOG.info("population read", marketplace=marketplace, interpreters=len(market.population))
        if into is not None:
            self._tell(market, free)
        return market, snapshot.position

    async def _follow(self, market: Market, position: str) -> None:
        """Apply the feed for ever; what was trimmed before we saw it is read anew."""
        lost = False
        while True:
            try:
                if lost:
                    _, position = await self._read(market.marketplace, into=market)
                    lost = False
                async for entries in Feed(self.store, market.marketplace).follow(position):
                    self._take(market, [body for _, body in entries])
                    position = entries[-1][0]
            except FeedLost:
                lost = True
            except StoreUnavailable:
                await asyncio.sleep(RETRY_S)

    def _take(self, market: Market, bodies: list[bytes]) -> None:
        free: dict[str, None] = {}
        for body in bodies:
            try:
                entry = msgpack.unpackb(body)
                kind, id_, record = entry["kind"], entry["id"], entry["body"]
            except (ValueError, TypeError, LookupError):
                LOG.exception("an entry of the feed was left out")
                continue
            _apply(market, kind, id_, record, free)
        market.aim(asyncio.get_running_loop().time())
        self._tell(market, free)

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
    except Exception:
        LOG.exception("a record of the population was left out", kind=kind, id=id_)
