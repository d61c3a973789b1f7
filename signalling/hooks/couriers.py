"""A courier for each marketplace, with room that they share."""

import asyncio
from typing import Self

from signalling.engine import Engine
from signalling.hooks.courier import Courier, Terms
from signalling.hooks.room import Room
from signalling.hooks.sending import Sender
from signalling.store.bus import Bus
from signalling.store.keys import Keys
from signalling.store.tasks import end


class Couriers:
    """Delivers to webhooks for as long as the context is open."""

    def __init__(
        self, engine: Engine, bus: Bus, sender: Sender, room: Room, terms: Terms, *, drain_s: float
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._sender = sender
        self._room = room
        self._terms = terms
        self._drain_s = drain_s
        self._couriers: dict[str, Courier] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await end(self._tasks)
        for courier in self._couriers.values():
            await self._bus.unsubscribe(Keys(courier.marketplace).hooks, courier.hear)
        await asyncio.gather(*(c.aclose(self._drain_s) for c in self._couriers.values()))

    async def watch(self, marketplace: str) -> None:
        """Deliver in this marketplace too; again is harmless."""
        if marketplace in self._couriers:
            return
        courier = Courier(self._engine, self._sender, self._room, marketplace, self._terms)
        await self._bus.subscribe(Keys(marketplace).hooks, courier.hear)
        self._couriers[marketplace] = courier
        self._room.on_free.append(courier.wake)
        self._tasks.append(asyncio.create_task(courier.run()))

    def look(self) -> None:
        """Read everything anew, as after a gap of the bus."""
        for courier in self._couriers.values():
            courier.look()
