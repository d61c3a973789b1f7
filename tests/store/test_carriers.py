"""Which media nodes live: their leases on a real store, with a clock to set."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from signalling.core.effects import CarrierOption
from signalling.store import carriers as module
from signalling.store.carriers import FORGET_MS, Carriers, MediaLease, end_lease
from signalling.store.keys import MEDIA_LEASE_MS, MEDIA_NODES
from signalling.store.store import Store
from tests.logs import hearing_lines
from tests.store.cut import Cut


class Clock:
    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
async def clock(store: Store) -> AsyncIterator[Clock]:
    """Give a clock, and a list of nodes that is empty: it is one for all marketplaces."""
    await store.command("DEL", MEDIA_NODES)
    yield Clock()
    await store.command("DEL", MEDIA_NODES)


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)


async def seen(carriers: Carriers) -> Carriers:
    """Let it look anew."""
    await carriers.look()
    return carriers


def lease(store: Store, clock: Clock, node: str = "md-1", **kinds: float) -> MediaLease:
    return MediaLease(store, clock, node, lambda: kinds or {"relay": 0.25})


async def test_who_lives_and_how_busy_they_are(store: Store, clock: Clock) -> None:
    carriers = Carriers(store, clock)
    async with lease(store, clock), lease(store, clock, "md-2", relay=0.5, janus=1.0):
        alive = (await seen(carriers)).alive

    assert set(alive) == {
        CarrierOption("md-1", "relay", 0.25),
        CarrierOption("md-2", "relay", 0.5),
        CarrierOption("md-2", "janus", 1.0),
    }
    assert carriers.dead == {}


async def test_a_node_that_ends_says_so(store: Store, clock: Clock) -> None:
    async with lease(store, clock):
        pass

    carriers = await seen(Carriers(store, clock))

    assert (carriers.alive, carriers.dead) == ((), {"md-1": clock.ms - 1})


async def test_a_node_that_falls_silent(store: Store, clock: Clock) -> None:
    """It lives for as long as its lease, and is dead then; alive again once it renews it."""
    node = lease(store, clock)
    await node.beat()
    carriers = Carriers(store, clock)
    clock.ms += MEDIA_LEASE_MS
    assert (await seen(carriers)).alive != ()

    clock.ms += 1
    assert (await seen(carriers)).alive == ()
    assert set(carriers.dead) == {"md-1"}

    await node.beat()
    assert (await seen(carriers)).alive != ()
    assert carriers.dead == {}


async def test_a_dead_node_is_forgotten_once_nobody_can_choose_it(
    store: Store, clock: Clock
) -> None:
    await end_lease(store, "md-1", clock.ms)
    carriers = await seen(Carriers(store, clock))

    await carriers.forget("md-1")
    assert set((await seen(carriers)).dead) == {"md-1"}
    clock.ms += FORGET_MS
    await carriers.forget("md-1")

    assert (await seen(carriers)).dead == {}
    assert await store.command("HLEN", MEDIA_NODES) == 0


@pytest.mark.usefixtures("swift")
async def test_it_is_renewed_and_looked_at_all_the_time(store: Store, clock: Clock) -> None:
    async with Carriers(store, clock) as carriers, lease(store, clock):
        async with asyncio.timeout(5):
            while carriers.alive == () or clock.ms < 1_700_000_100_000:
                carriers.looked.clear()
                await carriers.looked.wait()
                clock.ms += MEDIA_LEASE_MS if carriers.alive else 0
    assert carriers.dead == {}


@pytest.mark.usefixtures("swift")
async def test_a_store_that_is_away_for_a_while(clock: Clock, cut: Cut) -> None:
    """Neither the lease nor the look at it ends with it; what was known stays known."""
    async with (
        Store(cut.url, timeout_s=0.2) as far,
        lease(far, clock),
        Carriers(far, clock) as carriers,
    ):
        assert carriers.alive != ()
        cut.speaks.clear()
        with hearing_lines() as lines:
            await asyncio.wait_for(lines.hear("renewed", "cannot be read"), 5)
        assert carriers.alive != ()
        cut.speaks.set()
        carriers.looked.clear()
        await asyncio.wait_for(carriers.looked.wait(), 5)
        assert carriers.alive != ()


async def test_a_store_that_is_gone_when_the_node_ends(
    clock: Clock, cut: Cut, caplog: pytest.LogCaptureFixture
) -> None:
    """The node ends all the same; its lease does by itself."""
    async with Store(cut.url, timeout_s=0.2) as far:
        async with lease(far, clock):
            cut.speaks.clear()
        cut.speaks.set()

    assert "ends by itself" in caplog.text


@pytest.mark.usefixtures("swift")
async def test_what_is_not_understood_ends_neither(store: Store, clock: Clock) -> None:
    """An entry of who knows what, and a carrier that cannot say how busy it is."""
    loads = iter([0.25, None, 0.5])

    def load() -> dict[str, float]:
        found = next(loads, 0.75)
        if found is None:
            raise RuntimeError("oops")
        return {"relay": found}

    async with MediaLease(store, clock, "md-1", load), Carriers(store, clock) as carriers:
        await store.command("HSET", MEDIA_NODES, "md-x", b"\xc1")
        async with asyncio.timeout(5):
            with hearing_lines() as lines:
                await lines.hear("not understood", "not known")
            await store.command("HDEL", MEDIA_NODES, "md-x")
            while carriers.alive != (CarrierOption("md-1", "relay", 0.75),):
                carriers.looked.clear()
                await carriers.looked.wait()
