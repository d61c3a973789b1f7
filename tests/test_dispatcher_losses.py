"""Dispatchers that race, lose messages, lose the store, and go."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from signalling import dispatcher as module
from signalling.core import events as on
from signalling.core.effects import Key, Tell
from signalling.core.profile import RemoveProfile
from signalling.dispatcher import Dispatcher
from signalling.engine import Engine
from signalling.markets import Markets
from signalling.store.bus import Bus
from signalling.store.commit import Batch, Committed
from signalling.store.leases import Ownership
from signalling.store.store import Store, StoreUnavailable
from tests.booking import book, hence, letters
from tests.dispatching import KARI, dispatching, looked, ringing, settled, told
from tests.store.cut import Cut
from tests.world import TABLES, World

LEASE = "match:no-so"


class Sweeper(Dispatcher):
    """A dispatcher that says when a sweep of its own has failed."""

    def __init__(self, engine: Engine, bus: Bus, markets: Markets, node: str) -> None:
        super().__init__(engine, bus, markets, node)
        self.failed = asyncio.Event()

    async def sweep(self, marketplace: str, *, bookings: bool = True) -> None:
        try:
            await super().sweep(marketplace, bookings=bookings)
        except StoreUnavailable:
            self.failed.set()
            raise


class Meddled(Store):
    """A store before whose first commit something else happens."""

    def __init__(self, url: str, before: Callable[[], Awaitable[object]]) -> None:
        super().__init__(url)
        self.before: Callable[[], Awaitable[object]] | None = before

    async def commit(self, marketplace: str, batch: Batch) -> Committed | None:
        before, self.before = self.before, None
        if before is not None:
            await before()
        return await super().commit(marketplace, batch)


@pytest.fixture
async def wire(valkey: str) -> AsyncIterator[Cut]:
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        async with Cut(valkey.removeprefix("unix://"), f"{runtime}/s") as wire:
            yield wire


async def decisions(world: World, id_: str) -> int:
    return len((await world.get("assignment", id_)).decisions)


async def test_a_request_is_heard_of(world: World) -> None:
    """Asking is enough: nobody has to sweep."""
    await world.present("ann")
    async with dispatching(world, "n1"):
        await world.ask("a1")
        await world.until_status("ann", "ringing")
    assert await ringing(world, "a1") == ["ann"]


async def test_one_of_two_owns_a_pair(world: World) -> None:
    """Both hear of every request and one offers; once it has gone the other does."""
    await world.present("ann", "bo", "cy")
    async with (
        Markets(world.store, TABLES) as elsewhere,
        AsyncExitStack() as one,
        AsyncExitStack() as other,
    ):
        first = await one.enter_async_context(dispatching(world, "n1"))
        second = await other.enter_async_context(dispatching(world, "n2", markets=elsewhere))
        for id_ in ("a1", "a2"):
            await world.ask(id_, strategy="one_at_a_time")
            await asyncio.gather(looked(world, first), looked(world, second))
            assert await decisions(world, id_) == 1
        assert bool(first._owned) is not bool(second._owned)
        owner, heir = (one, second) if first._owned else (other, first)

        await owner.aclose()  # a clean end gives its pairs back
        await world.ask("a3", strategy="one_at_a_time")
        await looked(world, heir)
    rung = [who for id_ in ("a1", "a2", "a3") for who in await ringing(world, id_)]
    assert sorted(rung) == ["ann", "bo", "cy"]


async def test_a_pair_whose_owner_died(world: World) -> None:
    """Its lease runs out, and the next sweep of another takes the pair over."""
    await world.present("ann")
    market = await world.market()
    ownership = Ownership(world.store, world.marketplace)
    assert await ownership.acquire(LEASE, "dead", 60_000)
    async with dispatching(world, "n1") as dispatcher:
        await world.until(lambda: market.available == 1)
        await world.ask("a1")
        await looked(world, dispatcher)
        assert await decisions(world, "a1") == 0
        await world.store.command("DEL", world.keys.lease(LEASE))  # as when it expires
        await looked(world, dispatcher)
        assert await ringing(world, "a1") == ["ann"]
    assert await ownership.acquire(LEASE, "n2", 60_000)


async def test_a_lost_message(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody heard of is found by the next sweep, which comes by itself."""
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    await world.present("ann")
    async with dispatching(world, "n1") as dispatcher:
        await dispatcher.bus.unsubscribe(world.keys.work, dispatcher._heard)
        await world.ask("a1")
        await world.until_status("ann", "ringing")


async def test_a_store_that_was_away(
    world: World, wire: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watching fails and may be tried again; sweeps and dispatches go on when it is back."""
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    await world.present("ann")
    async with Store(wire.url, timeout_s=1) as store, Bus(world.store) as bus:
        engine = Engine(store, world.clock, world.engine.bounds)
        async with Sweeper(engine, bus, world.markets, "n1") as dispatcher:
            wire.answers = True
            with pytest.raises(StoreUnavailable):
                await dispatcher.watch(world.marketplace)
            wire.answers = False
            await dispatcher.watch(world.marketplace)
            wire.answers = True
            await world.ask("a1")
            await settled(dispatcher)
            dispatcher._start((world.marketplace, "a1"))
            await settled(dispatcher)
            dispatcher.failed.clear()
            await dispatcher.failed.wait()
            assert await ringing(world, "a1") == []
            wire.answers = False
            await world.until_status("ann", "ringing")
            wire.answers = True  # at the end no lease can be given back
    assert await ringing(world, "a1") == ["ann"]


async def test_terms_that_change_meanwhile(world: World, valkey: str) -> None:
    """What was ranked for other terms is not offered: it is ranked anew, at once."""
    await world.present("ann")
    market = await world.market()

    async def change() -> None:
        await world.tell("assignment", "a1", on.Update(KARI, {"duration_min": 90}))

    async with Meddled(valkey, change) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        async with dispatching(world, "n1", engine):
            await world.ask("a1")
            await world.until_status("ann", "ringing")
    ((_, made),) = await world.mails("i:ann")
    assert made["assignment"]["duration_min"] == 90
    assert market.population.presence("ann").reserved_until_ms == 0


async def test_what_another_process_has_changed_since(world: World) -> None:
    """An assignment is remembered as it was written here; what it looks for now counts."""
    another = Engine(world.store, world.clock, world.engine.bounds)

    async def elsewhere(id_: str, event: object) -> None:
        await another.handle(world.marketplace, Tell(Key("assignment", id_), event))

    await world.present("ann", "bo")
    await world.ask("a1", strategy="one_at_a_time")
    await world.ask("a2")
    await elsewhere("a2", on.Cancel(KARI, "changed_mind"))
    async with dispatching(world) as dispatcher:
        dispatcher._start((world.marketplace, "a2"))
        await looked(world, dispatcher)
        (first,) = await ringing(world, "a1")
        offer = (await world.get("assignment", "a1")).slot("1").ringing[0].id
        await elsewhere("a1", on.Decline(offer, first))
        await looked(world, dispatcher)
        (second,) = await ringing(world, "a1")
    assert {first, second} == {"ann", "bo"}
    assert (await world.get("assignment", "a2")).state == "cancelled"


async def test_who_is_removed_meanwhile(world: World, valkey: str) -> None:
    """A reservation of somebody who is no longer known is nothing to give back."""
    await world.present("ann")
    market = await world.market()

    async def remove() -> None:
        await world.tell("interpreter", "ann", RemoveProfile())
        await world.until(lambda: "ann" not in market.population)
        await world.tell("assignment", "a1", on.Update(KARI, {"note": "Ward 7"}))

    async with Meddled(valkey, remove) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        async with dispatching(world, "n1", engine) as dispatcher:
            await world.ask("a1")
            await looked(world, dispatcher)
    assert (await world.get("assignment", "a1")).state == "unfilled"


async def test_a_commit_that_is_lost_frees_whom_it_would_have_rung(world: World, wire: Cut) -> None:
    await world.present("ann")
    market = await world.market()

    async def lose() -> None:
        wire.answers = True

    async with Meddled(wire.url, lose) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        async with dispatching(world, "n1", engine) as dispatcher:
            await world.ask("a1")
            await settled(dispatcher)
            wire.answers = False
            assert market.population.presence("ann").reserved_until_ms == 0
            await looked(world, dispatcher)
    assert await ringing(world, "a1") == ["ann"]
    assert [m for m, _ in await world.mails("i:ann")] == ["offer.made"]


async def test_the_end_leaves_nothing_running(world: World, valkey: str) -> None:
    """What was asked for while it ended is the next one's to do."""
    await world.present("ann")
    await world.market()
    hold = asyncio.Event()
    reached = asyncio.Event()

    async def wait() -> None:
        reached.set()
        await hold.wait()

    async with Meddled(valkey, wait) as store:
        engine = Engine(store, world.clock, world.engine.bounds)
        async with dispatching(world, "n1", engine) as dispatcher:
            await world.ask("a1")
            await reached.wait()
            dispatcher._start((world.marketplace, "a1"))
        assert dispatcher._tasks == {}
        assert dispatcher._again == set()
    assert await ringing(world, "a1") == []
    (found,) = await world.engine.read(world.marketplace, Key("assignment", "a1"))
    assert found.state == "searching"


async def test_what_nobody_can_take_does_not_keep_others_from_being_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many old bookings find nobody, a sweep goes on where the last one ended."""
    monkeypatch.setattr(module, "SWEEP_MOST", 2)
    async with dispatching(world) as dispatcher:
        for _ in range(4):
            await book(world, hence(world, 24), languages={"from": "ti", "to": "no"})
        id_ = await book(world, hence(world, 24))
        await settled(dispatcher)
        await world.register("ann")
        market = await world.market()
        await world.until(lambda: "ann" in market.profiles)
        for _ in range(3):
            await looked(world, dispatcher)
        assert (await letters(world, id_)).keys() == {"ann"}


async def test_a_sweep_keeps_nobody_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what it finds only so many are looked at together: whoever asks meanwhile goes between."""
    monkeypatch.setattr(module, "SWEPT_AT_ONCE", 3)
    for n in range(10):
        await world.ask(f"a{n}")
    most = 0

    async with dispatching(world) as dispatcher:
        begin = dispatcher._start

        def counting(work: module.Work, *, alone: bool = False) -> None:
            nonlocal most
            begin(work, alone=alone)
            most = max(most, len(dispatcher._tasks))

        monkeypatch.setattr(dispatcher, "_start", counting)
        await looked(world, dispatcher)
    assert most == 3
    assert [reason for _, reason in await told(world)].count("nobody_eligible") == 10
