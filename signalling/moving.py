"""Lets meetings go on elsewhere whose media node died. Any matcher does; twice is once."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from signalling.core.effects import Key, Tell
from signalling.core.room_events import CarrierLost
from signalling.engine import Engine
from signalling.errors import DragomanError
from signalling.store.carriers import Carriers
from signalling.store.keys import Keys

LOG = logging.getLogger(__name__)
MOST: Final = 1000  # meetings moved in one go

Marketplaces = Callable[[], Awaitable[frozenset[str]]]


class Moving:
    """Watches for media nodes that are gone."""

    def __init__(self, engine: Engine, carriers: Carriers, marketplaces: Marketplaces) -> None:
        self._engine = engine
        self._carriers = carriers
        self._marketplaces = marketplaces

    async def run(self) -> None:
        """Look each time that the media nodes were looked at."""
        while True:
            await self._carriers.looked.wait()
            self._carriers.looked.clear()
            for node in self._carriers.dead:
                try:
                    await self.move_from(node)
                except DragomanError as error:
                    LOG.warning("meetings of media node %s could not be moved: %s", node, error)
                except Exception:  # or no meeting would ever be moved again
                    LOG.exception("meetings of media node %s could not be moved", node)

    async def move_from(self, node: str) -> None:
        """Tell every meeting of a dead node; forget the node once none is left."""
        left = 0
        for marketplace in await self._marketplaces():
            index = Keys(marketplace).index(f"carried:{node}")
            ids = await self._engine.store.command("ZRANGE", index, 0, MOST - 1)
            left += len(ids)
            for id_ in ids:
                try:
                    await self._move(marketplace, id_.decode())
                except DragomanError as error:  # the others go on all the same
                    LOG.warning("meeting %s could not be moved: %s", id_.decode(), error)
        if not left:
            await self._carriers.forget(node)

    async def _move(self, marketplace: str, meeting: str) -> None:
        key = Key("meeting", meeting)
        (m,) = await self._engine.read(marketplace, key)
        if m is not None and m.carrier is not None and m.carrier.node in self._carriers.dead:
            event = CarrierLost(m.carrier.id, "the media node is gone")
            await self._engine.handle(marketplace, Tell(key, event))
