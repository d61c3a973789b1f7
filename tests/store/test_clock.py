import asyncio

import pytest

from signalling.store import clock as clock_module
from signalling.store.clock import Clock
from signalling.store.store import Store
from tests.store.cut import Cut


async def store_ms(store: Store) -> float:
    seconds, micros = await store.command("TIME")
    return int(seconds) * 1000 + int(micros) / 1000


async def test_follows_the_store(store: Store) -> None:
    """Between two looks at the store's time, the clock is between them, however it started."""
    clock = Clock(store, monotonic=lambda: asyncio.get_running_loop().time() + 10**6)
    with pytest.raises(RuntimeError):
        clock.now_ms()
    await clock.measure()

    before = await store_ms(store)
    now = clock.now_ms()
    after = await store_ms(store)
    assert before - 50 <= now <= after + 50


async def test_never_goes_back(store: Store) -> None:
    """A clock that runs ahead stands still until the store has caught up."""
    local = 1000.0
    clock = Clock(store, monotonic=lambda: local)
    await clock.measure()
    local += 60
    ahead = clock.now_ms()
    await clock.measure()
    assert clock.now_ms() == ahead
    local += 120
    assert clock.now_ms() > ahead


async def test_keep(cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is away is asked again later; the clock goes on meanwhile."""
    monkeypatch.setattr(clock_module, "REFRESH_S", 0.001)
    failed, measured = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(clock_module.LOG, "warning", lambda *_: failed.set())
    async with Store(cut.url) as through:
        clock = Clock(through)
        await clock.measure()
        cut.answers = True
        keeper = asyncio.create_task(clock.keep())
        await asyncio.wait_for(failed.wait(), 5)
        cut.answers = False
        whole = clock.measure

        async def measure() -> None:
            await whole()
            measured.set()

        monkeypatch.setattr(clock, "measure", measure)
        await asyncio.wait_for(measured.wait(), 5)
        assert clock.now_ms() > 0
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
