"""Meetings of a media node that died go on elsewhere, on a real store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from signalling.errors import Unavailable
from signalling.moving import Moving
from signalling.store.carriers import FORGET_MS, Carriers, MediaLease, end_lease
from signalling.store.keys import MEDIA_NODES
from signalling.store.tasks import end
from tests.service.test_carriage import relayed
from tests.world import World, operator


class Town:
    """A world whose media nodes are those of the store: md-1, and md-2 which is busier."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.offset_ms = 0
        self.carriers = Carriers(world.store, self.now_ms)
        self.moving = Moving(world.engine, self.carriers, self.marketplaces)
        world.engine.carriers = lambda: self.carriers.alive

    def now_ms(self) -> int:
        return self.world.clock.now_ms() + self.offset_ms

    async def marketplaces(self) -> frozenset[str]:
        return frozenset({"m-other", self.world.marketplace})

    async def beat(self, **loads: float) -> None:
        """Let nodes live, each with its load."""
        for name, load in loads.items():
            node = name.replace("_", "-")
            kinds = {"relay": load}
            await MediaLease(self.world.store, self.now_ms, node, kinds.copy).beat()
        await self.carriers.look()

    async def die(self, node: str) -> None:
        await end_lease(self.world.store, node, self.now_ms())
        await self.carriers.look()

    async def carrier(self, id_: str) -> Any:
        return (await self.world.get("meeting", id_)).carrier


@pytest.fixture
async def town(world: World) -> AsyncIterator[Town]:
    await world.store.command("DEL", MEDIA_NODES)
    made = Town(world)
    await made.beat(md_1=0.0, md_2=0.5)
    yield made
    await world.store.command("DEL", MEDIA_NODES)


async def test_meetings_go_on_elsewhere(town: Town) -> None:
    """All of them; the node is forgotten later, when nobody can have chosen it any more."""
    ids = [await relayed(town.world) for _ in range(3)]
    assert [(await town.carrier(id_)).id for id_ in ids] == ["md-1.1"] * 3
    await town.die("md-1")

    await town.moving.move_from("md-1")

    assert [(await town.carrier(id_)).id for id_ in ids] == ["md-2.2"] * 3
    assert await town.world.index("carried:md-1") == []
    await town.moving.move_from("md-1")
    await town.carriers.look()
    assert set(town.carriers.dead) == {"md-1"}
    town.offset_ms = FORGET_MS + 1
    await town.moving.move_from("md-1")
    await town.carriers.look()
    assert "md-1" not in town.carriers.dead


async def test_one_that_was_put_there_too_late(town: Town) -> None:
    """By a process that had not yet heard: it is moved the next time."""
    stale = town.carriers.alive
    await town.die("md-1")
    await town.moving.move_from("md-1")
    town.world.engine.carriers = lambda: stale
    late = await relayed(town.world)
    assert (await town.carrier(late)).node == "md-1"
    town.world.engine.carriers = lambda: town.carriers.alive

    await town.carriers.look()
    assert set(town.carriers.dead) == {"md-1"}
    await town.moving.move_from("md-1")

    assert (await town.carrier(late)).node == "md-2"


async def test_without_another_they_go_on_among_themselves(town: Town) -> None:
    id_ = await relayed(town.world)
    for node in ("md-1", "md-2"):
        await town.die(node)

    await town.moving.move_from("md-1")

    m = await town.world.get("meeting", id_)
    assert (m.carrier, m.topology, m.strained) == (None, "mesh", "carrier_lost")


async def test_one_that_cannot_be_moved_does_not_hold_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, *_ = sorted([await relayed(town.world) for _ in range(3)])
    await town.die("md-1")
    handle = town.world.engine.handle

    async def flaky(marketplace: str, tell: Any) -> Any:
        if tell.key.id == stuck:
            raise Unavailable("others are always faster")
        return await handle(marketplace, tell)

    with monkeypatch.context() as busy:
        busy.setattr(town.world.engine, "handle", flaky)
        await town.moving.move_from("md-1")

    assert stuck in caplog.text
    assert await town.world.index("carried:md-1") == [stuck]
    await town.moving.move_from("md-1")
    assert await town.world.index("carried:md-1") == []


async def test_a_node_that_came_back_keeps_its_meetings(town: Town) -> None:
    """It had only fallen silent."""
    id_ = await relayed(town.world)
    await town.die("md-1")
    await town.beat(md_1=0.0)

    await town.moving.move_from("md-1")

    assert (await town.carrier(id_)).id == "md-1.1"


async def test_it_looks_whenever_the_nodes_were_looked_at(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes on after a store that was away."""
    id_ = await relayed(town.world)
    tried: asyncio.Queue[str] = asyncio.Queue()
    move_from = Moving.move_from

    async def flaky(self: Moving, node: str) -> None:
        try:
            if tried.qsize() < 2:
                raise [Unavailable("away"), RuntimeError("oops")][tried.qsize()]
            await move_from(self, node)
        finally:
            tried.put_nowait(node)

    monkeypatch.setattr(Moving, "move_from", flaky)
    running = asyncio.create_task(town.moving.run())
    try:
        async with asyncio.timeout(5):
            while tried.qsize() < 3:
                await town.die("md-1")
                await asyncio.sleep(0)
    finally:
        await end([running])

    assert (await town.carrier(id_)).node == "md-2"


async def test_a_meeting_that_is_over_is_left_alone(town: Town) -> None:
    id_ = await relayed(town.world)
    await town.world.call("meeting.end", operator(town.world), meeting=id_)
    before = await town.world.version("meeting", id_)
    await town.die("md-1")

    await town.moving.move_from("md-1")

    assert await town.world.version("meeting", id_) == before
