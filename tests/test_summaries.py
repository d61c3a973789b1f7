"""presence.summary: what changed, by one process, never lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgpack
import pytest

from signalling import summaries as module
from signalling.core import events as on
from signalling.store.bus import Bus
from signalling.store.commit import Batch, Committed, Post
from signalling.store.leases import Ownership
from signalling.store.store import Store, StoreUnavailable
from signalling.store.tasks import end
from signalling.summaries import Summaries
from tests.world import World

Heard = asyncio.Queue[dict[str, Any]]


class Failing(Store):
    """A store whose first commit fails."""

    failed = False

    async def commit(self, marketplace: str, batch: Batch) -> Committed | None:
        if not self.failed:
            self.failed = True
            raise StoreUnavailable("the store does not answer")
        return await super().commit(marketplace, batch)


@pytest.fixture
async def heard(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Heard]:
    """Give what is published for the marketplace, without the pause in between."""
    monkeypatch.setattr(module, "EVERY_S", 0.001)
    queue: Heard = asyncio.Queue()
    async with Bus(world.store) as bus:
        await bus.subscribe(
            world.keys.summary, lambda _, body: queue.put_nowait(msgpack.unpackb(body)["params"])
        )
        yield queue


async def until(heard: Heard, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while not wanted(found := await heard.get()):
            pass
    return found


async def test_what_changed_is_told(world: World, heard: Heard, valkey: str) -> None:
    """Also after a commit that failed; who goes takes their pair to nothing."""
    async with Failing(valkey) as store:
        running = asyncio.create_task(Summaries(store, world.markets, "n1").run())
        await world.market()
        await world.present("ann")
        told = await until(heard, lambda p: p["available"] == 1)
        assert told["pairs"] == [
            {
                "languages": {"from": "no", "to": "so"},
                "available": 1,
                "modes": {"audio": 1, "video": 1, "onsite": 1},
            }
        ]
        assert store.failed
        await world.tell("availability", "ann", on.SetStatus("busy"))
        told = await until(heard, lambda p: p["available"] == 0)
        assert told["pairs"] == [
            {"languages": {"from": "no", "to": "so"}, "available": 0, "modes": {}}
        ]
        await end([running])


async def test_a_dip_between_two_tellings_is_told(world: World, heard: Heard) -> None:
    """Who began to watch in the dip knows its counts, and hears that it is over."""
    summaries = Summaries(world.store, world.markets, "n1")
    market = await world.market()
    await world.present("ann")
    await world.until(lambda: market.available == 1)
    await summaries._publish(world.marketplace, market)
    await world.tell("availability", "ann", on.SetStatus("busy"))
    await world.until(lambda: market.available == 0)
    await world.tell("availability", "ann", on.SetStatus("available"))
    await world.until(lambda: market.available == 1)
    await summaries._publish(world.marketplace, market)
    told = [await asyncio.wait_for(heard.get(), 5) for _ in range(2)]
    assert told[0] == told[1]


async def test_who_takes_over_tells_what_the_other_may_not_have(world: World, heard: Heard) -> None:
    first, second = (Summaries(world.store, world.markets, node) for node in ("n1", "n2"))
    market = await world.market()
    await world.present("ann")
    await world.until(lambda: market.available == 1)
    await first._publish(world.marketplace, market)
    await second._publish(world.marketplace, market)  # it may not
    await Ownership(world.store, world.marketplace).release("summary", "n1")
    await second._publish(world.marketplace, market)
    told = [await asyncio.wait_for(heard.get(), 5) for _ in range(2)]
    assert told[0] == told[1]


async def test_one_process_tells(world: World, heard: Heard) -> None:
    summaries = [Summaries(world.store, world.markets, node) for node in ("n1", "n2")]
    market = await world.market()
    await world.present("ann")
    await world.until(lambda: market.available == 1)
    for each in summaries:
        await each._publish(world.marketplace, market)
        await each._publish(world.marketplace, market)  # nothing has changed
    mark = Post(world.keys.summary, msgpack.packb({"params": {"available": -1}}))
    await world.store.commit(world.marketplace, Batch(posts=(mark,)))
    told = [(await asyncio.wait_for(heard.get(), 5))["available"] for _ in range(2)]
    assert told == [1, -1]
