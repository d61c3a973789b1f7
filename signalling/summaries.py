"""presence.summary: how many can be asked, told live to whoever looks."""

import asyncio
from typing import Any, Final

import msgpack
import structlog

from signalling.errors import DragomanError
from signalling.markets import Market, Markets
from signalling.store.commit import Batch, Post
from signalling.store.keys import Keys
from signalling.store.leases import Ownership
from signalling.store.store import Store

LOG = structlog.get_logger(__name__)
EVERY_S: Final = 1.0
OWNED_MS: Final = 5_000


class Summaries:
    """Publishes the pairs whose counts changed, at most once a second, by one process.

    Also those that are back at what was published: who began to watch in between was told the
    counts of that moment.
    """

    def __init__(self, store: Store, markets: Markets, node: str) -> None:
        self.store = store
        self.node = node
        self._dirty: dict[str, Market] = {}
        self._said: dict[str, dict[tuple[str, str], int]] = {}  # as Market.turns
        markets.listeners.append(lambda market, _: self._dirty.update({market.marketplace: market}))

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            dirty, self._dirty = self._dirty, {}
            for marketplace, market in dirty.items():
                try:
                    await self._publish(marketplace, market)
                except DragomanError as error:
                    self._dirty.setdefault(marketplace, market)
                    LOG.warning("a summary could not be published", error=str(error))

    async def _publish(self, marketplace: str, market: Market) -> None:
        before, turns = self._said.get(marketplace, {}), market.turns()
        changed = sorted(pair for pair, turn in turns.items() if turn != before.get(pair, 0))
        if not changed:
            return
        counts = {(c["languages"]["from"], c["languages"]["to"]): c for c in market.pair_counts()}
        pairs = [counts.get(pair) or _nobody(pair) for pair in changed]
        params = {"pairs": pairs, "available": market.available}
        if not await Ownership(self.store, marketplace).acquire("summary", self.node, OWNED_MS):
            return  # it is said by this process in whole, should it ever own it
        body = msgpack.packb({"method": "presence.summary", "params": params})
        post = Post(Keys(marketplace).summary, body)
        await self.store.commit(marketplace, Batch(posts=(post,)))
        self._said[marketplace] = turns


def _nobody(pair: tuple[str, str]) -> dict[str, Any]:
    return {"languages": {"from": pair[0], "to": pair[1]}, "available": 0, "modes": {}}
