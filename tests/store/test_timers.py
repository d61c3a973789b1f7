import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from signalling.store.bus import Bus
from signalling.store.commit import Batch, Write
from signalling.store.keys import Keys
from signalling.store.store import Script, Store
from signalling.store.timers import Timers
from tests.store.cut import Cut

DUE = Script("due")


class Desk:
    """A clock to set, and a place where fired timers wait to be handled."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = 1000
        self.fired: asyncio.Queue[str] = asyncio.Queue()
        self.fail = False
        self.hold: asyncio.Event | None = None

    def now_ms(self) -> int:
        return self.now

    async def fire(self, key: str) -> None:
        self.fired.put_nowait(key)
        if self.hold is not None:
            await self.hold.wait()
        if self.fail:
            raise RuntimeError("cannot")

    async def next(self) -> str:
        return await asyncio.wait_for(self.fired.get(), 4)

    async def wake(self, keys: Keys, id_: str, at_ms: int | None) -> str:
        key = keys.record("meeting", id_)
        ((version, _),) = await self.store.load([key])
        batch = Batch(writes=(Write(key, version, b"x", at_ms),))
        assert await self.store.commit(keys.marketplace, batch) is not None
        return key


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture
async def timers(store: Store, desk: Desk) -> AsyncIterator[Timers]:
    async with Bus(store) as bus, Timers(store, bus, desk.now_ms, desk.fire, at_once=2) as timers:
        yield timers


async def test_claimed_timer_fires_again(store: Store, keys: Keys, desk: Desk) -> None:
    """A timer claimed but never committed is due again after the lease."""
    key = await desk.wake(keys, "9", 100)
    claims = [await store.run(DUE, [keys.timers], [now, 50, 10]) for now in (99, 100, 120, 150)]

    assert claims == [[b"100"], [b"150", key.encode()], [b"150"], [b"200", key.encode()]]


async def test_due_at_the_start(timers: Timers, keys: Keys, desk: Desk) -> None:
    """What fell due while nobody watched fires at once."""
    key = await desk.wake(keys, "1", 999)
    await timers.watch(keys.marketplace)
    await timers.watch(keys.marketplace)

    assert await desk.next() == key


async def test_earlier_wake(timers: Timers, keys: Keys, desk: Desk) -> None:
    """A wake committed while the loop sleeps fires without waiting for the sleep's end."""
    other = Keys(f"{keys.marketplace}-b")
    await timers.watch(keys.marketplace)
    await timers.watch(other.marketplace)

    key = await desk.wake(other, "1", 1000)
    assert await desk.next() == key
    key = await desk.wake(keys, "2", 1000)
    assert await desk.next() == key


async def test_not_before_its_time(timers: Timers, keys: Keys, desk: Desk) -> None:
    """A later timer waits; one that was moved or ended does not fire at its old time."""
    await timers.watch(keys.marketplace)
    late = await desk.wake(keys, "late", 9_000_000)
    await desk.wake(keys, "ended", 2000)
    await desk.wake(keys, "ended", None)
    key = await desk.wake(keys, "now", 1000)
    assert await desk.next() == key
    await desk.wake(keys, "now", None)
    assert desk.fired.empty()

    desk.now = 9_000_000
    timers.look()
    assert await desk.next() == late


async def test_failed_timer_is_retried(
    timers: Timers, keys: Keys, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that raises is logged, and called again once the lease is over."""
    desk.fail = True
    key = await desk.wake(keys, "1", 1000)
    await timers.watch(keys.marketplace)
    assert await desk.next() == key

    desk.fail = False
    desk.now += 5_000
    timers.look()
    assert await desk.next() == key
    assert "will fire again" in caplog.text


async def test_at_once(timers: Timers, keys: Keys, desk: Desk) -> None:
    """No more run together than allowed; the rest follow as those end."""
    desk.hold = asyncio.Event()
    made = {await desk.wake(keys, str(n), 1000) for n in range(7)}
    await timers.watch(keys.marketplace)
    fired = {await desk.next(), await desk.next()}
    assert await desk.store.command("ZCOUNT", keys.timers, "-inf", desk.now) == 5

    desk.hold.set()
    fired |= {await desk.next() for _ in range(5)}
    assert fired == made


async def test_many_due_of_one_marketplace_do_not_hold_up_another(
    timers: Timers, keys: Keys, desk: Desk
) -> None:
    other = Keys(f"{keys.marketplace}-b")
    for n in range(8):
        await desk.wake(keys, str(n), 1000)
    mine = await desk.wake(other, "1", 1000)
    desk.hold = asyncio.Event()
    await timers.watch(keys.marketplace)
    fired = [await desk.next(), await desk.next()]
    await timers.watch(other.marketplace)

    desk.hold.set()
    fired += [await desk.next() for _ in range(7)]
    assert fired.index(mine) < 5


async def test_a_claim_is_worth_its_while(
    store: Store, keys: Keys, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where many are due, not each that ends asks the store for one more: half of them do."""
    rooms: list[int] = []
    run, ends = store.run, asyncio.Semaphore(0)

    async def noting(script: Script, names: list[str], args: list[int]) -> Any:
        rooms.append(args[2])
        return await run(script, names, args)

    async def fire(key: str) -> None:
        await desk.fire(key)
        await ends.acquire()

    for n in range(9):
        await desk.wake(keys, str(n), 1000)
    monkeypatch.setattr(store, "run", noting)
    async with Bus(store) as bus, Timers(store, bus, desk.now_ms, fire, at_once=4) as timers:
        await timers.watch(keys.marketplace)
        for _ in range(4):
            await desk.next()
        ends.release()
        for _ in range(10):  # turns of the loop, in which nothing is asked for
            await asyncio.sleep(0)
        assert rooms == [4]
        ends.release()
        for _ in range(2):
            await desk.next()
        assert rooms == [4, 2]


async def test_store_comes_back(cut: Cut, keys: Keys, store: Store) -> None:
    """Timers go on after their connections were lost."""
    desk = Desk(store)
    async with (
        Store(cut.url) as through,
        Bus(through) as bus,
        Timers(through, bus, desk.now_ms, desk.fire) as timers,
    ):
        await timers.watch(keys.marketplace)
        await cut.sever()
        key = await desk.wake(keys, "1", 1000)
        timers.look()
        desk.now += 500  # should the first look meet the cut

        assert await desk.next() == key
