"""Dispatchers that serve a test's marketplace, and what came of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from signalling.dispatcher import Dispatcher
from signalling.engine import Engine
from signalling.markets import Markets
from signalling.store.bus import Bus
from tests.world import HOSPITAL, World

KARI = f"c:{HOSPITAL}:kari"


async def settled(dispatcher: Dispatcher) -> None:
    """Wait until nothing is being dispatched."""
    while dispatcher._tasks:
        await asyncio.wait(dispatcher._tasks.values())


async def looked(world: World, dispatcher: Dispatcher) -> None:
    """Let a dispatcher look at everything that waits, as it does from time to time."""
    await dispatcher.sweep(world.marketplace)
    await settled(dispatcher)


async def ringing(world: World, id_: str) -> list[str]:
    a = await world.get("assignment", id_)
    return sorted(o.interpreter for o in a.slot("1").ringing)


async def told(world: World) -> list[tuple[str, str | None]]:
    """Return the states and reasons that the customer heard of."""
    events = [params["assignment"] for _, params in await world.mails(KARI)]
    return [(a["state"], a.get("outcome", {}).get("reason")) for a in events]


@asynccontextmanager
async def dispatching(
    world: World,
    node: str = "n1",
    engine: Engine | None = None,
    markets: Markets | None = None,
    lot: Callable[[], int] = lambda: 0,
) -> AsyncIterator[Dispatcher]:
    """Give a dispatcher that serves the marketplace; every decision draws *lot*."""
    async with (
        Bus(world.store) as bus,
        Dispatcher(engine or world.engine, bus, markets or world.markets, node, lot) as dispatcher,
    ):
        await dispatcher.watch(world.marketplace)
        yield dispatcher
