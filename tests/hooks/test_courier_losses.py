"""Whoever dies, stalls or fails: nothing is lost, and one at a time delivers."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from signalling.core.delivery import Arrived
from signalling.core.effects import Tell
from signalling.engine import Outcome
from signalling.errors import Unavailable
from signalling.hooks import courier as module
from signalling.hooks.courier import LEASE, Courier
from signalling.hooks.fanout import FanOut
from signalling.store.leases import Ownership
from signalling.store.outbox import Outbox
from tests.hooks.receiver import Receiver, delivering, happens, webhook
from tests.logs import hearing_logs
from tests.world import World


async def left(world: World) -> int:
    return await Outbox(world.store, world.marketplace).length()


async def test_one_that_dies_after_queueing_loses_nothing(world: World, receiver: Receiver) -> None:
    """The events are still in the outbox, and already queued: they arrive once."""
    await webhook(world, receiver.url)
    await happens(world, ("a1", 1), ("a1", 2))
    entries = await Outbox(world.store, world.marketplace).oldest(10)
    await FanOut(world.engine, world.marketplace).queue(entries)
    assert await left(world) == 2
    async with delivering(world) as one:
        await one.until("delivered", 2)
        assert await left(world) == 0
    assert receiver.numbers() == [1, 2]


async def test_another_takes_over_from_one_that_was_killed(
    world: World, receiver: Receiver
) -> None:
    """In the middle of an attempt: it is made again, and then what waited behind it."""
    hanging = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await hanging.wait()
        return web.Response()

    receiver.answer = hang
    await webhook(world, receiver.url)
    async with delivering(world, "one", lease_ms=600) as one:
        await happens(world, ("a1", 1), ("a1", 2))
        await receiver.until(1)
        async with delivering(world, "two", lease_ms=600) as two:
            one.kill()
            receiver.answer = None
            hanging.set()
            await two.until("delivered", 2)
            assert receiver.numbers() == [1, 1, 2]


async def test_one_of_two_delivers(world: World, receiver: Receiver) -> None:
    """An orderly end hands it over at once."""
    await webhook(world, receiver.url)
    async with delivering(world, "one") as one, delivering(world, "two", lease_ms=900) as two:
        await happens(world, *((f"a{n % 3}", n) for n in range(30)))
        await one.until("delivered", 30)
        assert sorted(receiver.numbers()) == list(range(30))
        assert not await Ownership(world.store, world.marketplace).acquire(LEASE, "three", 1)
        await one.couriers.__aexit__()
        await happens(world, ("a1", 30))
        await two.until("delivered", 31)
    assert receiver.numbers()[-1] == 30


async def test_who_lost_the_lease_stops(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And reads anew what is left once it owns the marketplace again."""
    receiver.status = 500
    await webhook(world, receiver.url)
    ownership = Ownership(world.store, world.marketplace)
    async with delivering(world, lease_ms=300) as one:
        await happens(world, ("a1", 1))
        await receiver.until(1)
        await one.until("pending", 1, tried=1)
        (courier,) = one.couriers._couriers.values()
        acquire, lost = courier._ownership.acquire, asyncio.Event()

        async def heard(*args: Any) -> bool:
            owns = await acquire(*args)
            if not owns:
                lost.set()
            return owns

        monkeypatch.setattr(courier._ownership, "acquire", heard)
        while not await ownership.acquire(LEASE, "other", 60_000):
            await ownership.release(LEASE, "one")
        await asyncio.wait_for(lost.wait(), 10)
        receiver.status = 200
        await one.later(5_000)
        await ownership.release(LEASE, "other")
        await one.until("delivered", 1)


async def test_what_waits_is_read_in_pages(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By who starts, and again after a gap of the bus; nothing is sent twice for it."""
    monkeypatch.setattr(module, "PAGE", 3)
    await webhook(world, receiver.url)
    await happens(world, *(("a1", n) for n in range(10)))
    entries = await Outbox(world.store, world.marketplace).oldest(10)
    await FanOut(world.engine, world.marketplace).queue(entries)
    async with delivering(world) as one:
        one.couriers.look()
        await one.until("delivered", 10)
        one.couriers.look()
        await happens(world, ("a1", 10))
        await one.until("delivered", 11)
    assert receiver.numbers() == list(range(11))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("an error of ours"), "an attempt failed"),
        (Unavailable("the store does not answer"), "an attempt was not written down"),
    ],
)
async def test_an_attempt_that_cannot_be_written_down_is_made_again(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """Before what follows it."""
    await webhook(world, receiver.url)
    with hearing_logs() as logs:
        async with delivering(world) as one:
            handle, broken = one.engine.handle, True

            async def fail_once(marketplace: str, *tells: Tell) -> Outcome:
                nonlocal broken
                if broken and isinstance(tells[0].event, Arrived):
                    broken = False
                    raise error
                return await handle(marketplace, *tells)

            monkeypatch.setattr(one.engine, "handle", fail_once)
            await happens(world, ("a1", 1), ("a1", 2))
            await asyncio.wait_for(logs.hear(said), 10)
            await one.later(1_000)
            await one.until("delivered", 2)
    assert receiver.numbers() == [1, 1, 2]
    assert receiver.ids[0] == receiver.ids[1]


@pytest.mark.parametrize("error", [RuntimeError("an error of ours"), Unavailable("no store")])
async def test_a_marketplace_that_fails_goes_on_later(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(module, "RETRY_MS", 1)
    await webhook(world, receiver.url)
    with hearing_logs() as logs:
        async with delivering(world) as one:
            (courier,) = one.couriers._couriers.values()
            whole = courier._fan_out.queue

            async def broken(_: object) -> list[object]:
                raise error

            monkeypatch.setattr(courier._fan_out, "queue", broken)
            await happens(world, ("a1", 1))
            await asyncio.wait_for(logs.hear("webhooks wait"), 10)
            monkeypatch.setattr(courier._fan_out, "queue", whole)
            await one.until("delivered", 1)
    assert receiver.numbers() == [1]


async def test_an_outbox_that_grows_too_long_is_said_loudly(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOOKS_LENGTH", 4)
    monkeypatch.setattr(module, "ENTRIES", 2)
    await webhook(world, receiver.url)
    await happens(world, *(("a1", n) for n in range(6)))
    with hearing_logs() as logs:
        async with delivering(world) as one:
            await one.until("delivered", 6)
    said = [line for line in logs.entries if "overflow" in line["event"]]
    assert [line["log_level"] for line in said] == ["error"]


async def test_who_loses_the_lease_while_reading_sends_nothing(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many that wait some are read; then another process owns the marketplace."""
    monkeypatch.setattr(module, "PAGE", 1)
    await webhook(world, receiver.url)
    await happens(world, *((f"a{n}", n) for n in range(3)))
    entries = await Outbox(world.store, world.marketplace).oldest(10)
    await FanOut(world.engine, world.marketplace).queue(entries)
    owned = iter([True, False])
    asked = asyncio.Event()

    async def owns(_: Courier) -> bool:
        if (answer := next(owned, None)) is None:
            asked.set()
            return False
        return answer

    monkeypatch.setattr(Courier, "_owns", owns)
    async with delivering(world):
        await asyncio.wait_for(asked.wait(), 10)
    assert receiver.got == []
