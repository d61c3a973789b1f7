"""Others who are faster, and commits whose answer is lost."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from signalling.core import events as on
from signalling.core.effects import Key, Tell
from signalling.core.profile import PutProfile, Remember
from signalling.engine import ATTEMPTS, LOST_MOST, Engine
from signalling.errors import Gone, Unavailable
from signalling.store.commit import Batch, Committed
from signalling.store.store import Store, StoreUnavailable
from tests.store.cut import Cut
from tests.world import HOSPITAL, TERMS, World, profile

Before = Callable[[], Awaitable[object]]


class Unlucky(Store):
    """A store over a wire that is cut at the answers to the first *times* commits."""

    def __init__(self, wire: Cut, times: int) -> None:
        super().__init__(wire.url)
        self.wire = wire
        self.times = times
        self.commits = 0

    async def commit(self, marketplace: str, batch: Batch) -> Committed | None:
        self.commits += 1
        self.wire.answers = self.commits <= self.times
        try:
            return await super().commit(marketplace, batch)
        finally:
            self.wire.answers = False


class Slow(Store):
    """A store before whose *at*-th load, or each commit (0), another gets in."""

    def __init__(self, url: str, at: int, before: Before) -> None:
        super().__init__(url)
        self.at = at
        self.before = before
        self.loads = 0

    async def load(self, keys: Sequence[str]) -> list[tuple[int, bytes | None]]:
        self.loads += 1
        if self.loads == self.at:
            await self.before()
        return await super().load(keys)

    async def commit(self, marketplace: str, batch: Batch) -> Committed | None:
        if not self.at:
            await self.before()
        return await super().commit(marketplace, batch)


@pytest.fixture
async def wire(valkey: str) -> AsyncIterator[Cut]:
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        async with Cut(valkey.removeprefix("unix://"), f"{runtime}/s") as wire:
            yield wire


async def test_a_commit_whose_answer_is_lost(world: World, wire: Cut) -> None:
    """It was made: looking again finds it so, and it stands there once."""
    await world.ask("a0")
    create = on.Create("a1", HOSPITAL, "kari", TERMS)
    remember = Remember("digest", "a1")
    tells = (Tell(Key("assignment", "a1"), create), Tell(Key("answer", "x"), remember))
    async with Unlucky(wire, 1) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        outcome = await engine.handle(world.marketplace, *tells)
    assert outcome.of("assignment", "a1").state == "searching"
    assert await world.version("assignment", "a1") == await world.version("answer", "x") == 1
    told = [p["assignment"]["id"] for _, p in await world.mails(f"c:{HOSPITAL}:kari")]
    assert told == ["a0", "a1"]


async def test_an_offer_whose_commit_is_lost_rings_once(world: World, wire: Cut) -> None:
    await world.online("ann")
    await world.ask("a1")
    async with Unlucky(wire, 1) as store:
        unlucky = Engine(store, world.clock, world.engine.bounds)
        world.engine, lucky = unlucky, world.engine
        a = await world.ring("a1", "ann")
        world.engine = lucky
        assert store.commits == 1  # the second look found nothing left to do
    assert [o.interpreter for o in a.slot("1").ringing] == ["ann"]
    assert [m for m, _ in await world.mails("i:ann")] == ["offer.made"]


async def test_a_store_that_keeps_losing(world: World, wire: Cut) -> None:
    """After a few losses in a row the caller is told that it is unknown."""
    await world.register("ann")
    put = Tell(Key("interpreter", "bo"), PutProfile(profile("bo")))
    async with Unlucky(wire, 100) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        with pytest.raises(StoreUnavailable):
            await engine.handle(world.marketplace, put)
        assert store.commits == LOST_MOST
    assert (await world.get("interpreter", "bo")).profile["name"] == "Bo"


async def test_a_store_that_is_away(world: World, wire: Cut) -> None:
    """What could not even be read is not tried again here: nothing has happened."""
    wire.answers = True
    async with Store(wire.url) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        with pytest.raises(StoreUnavailable):
            await engine.handle(world.marketplace, Tell(Key("availability", "x"), on.Close("s")))


async def test_others_are_always_faster(world: World, valkey: str) -> None:
    """Each time somebody has just written: at the end the caller is asked to come again."""
    await world.ask("a1")
    notes = iter(range(1000))

    async def meddle() -> None:
        note = on.Update(f"c:{HOSPITAL}:kari", {"note": str(next(notes))})
        await world.tell("assignment", "a1", note)

    async with Slow(valkey, 0, meddle) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        cancel = Tell(Key("assignment", "a1"), on.Cancel(f"c:{HOSPITAL}:kari"))
        with pytest.raises(Unavailable, match="too many changes"):
            await engine.handle(world.marketplace, cancel)
    assert next(notes) == ATTEMPTS
    assert (await world.get("assignment", "a1")).state == "searching"


async def test_a_refusal_on_records_of_two_moments(world: World, valkey: str) -> None:
    """Ann accepts between two reads of Bo's accept: he is told what is so now, not a riddle."""
    await world.online("ann", "bo")
    await world.ask("a1")
    await world.ring("a1", "ann", "bo")
    async with Slow(valkey, 2, lambda: world.accept("a1", "ann")) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        accept = Tell(Key("assignment", "a1"), on.Accept("a1.bo", "bo", "m2"))
        with pytest.raises(Gone) as late:
            await engine.handle(world.marketplace, accept)
    assert late.value.extra == {"reason": "taken"}
    assert (await world.get("availability", "ann")).status == "held"
    assert await world.get("meeting", "m2") is None


async def test_a_refusal_that_stands(world: World, valkey: str) -> None:
    """Nothing has changed since the first read: the refusal is the answer."""
    await world.online("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.tell("availability", "ann", on.Unring("a1.ann", "lost"))
    looked = asyncio.Event()

    async def look() -> None:
        looked.set()

    async with Slow(valkey, 3, look) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        accept = Tell(Key("assignment", "a1"), on.Accept("a1.ann", "ann", "m1"))
        with pytest.raises(Exception, match="available; got Hold"):
            await engine.handle(world.marketplace, accept)
    assert looked.is_set()
