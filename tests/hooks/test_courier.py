"""From the outbox to the webhook: in order, again until it arrives, whoever dies meanwhile."""

import asyncio

from aiohttp import web

from signalling.core.delivery import Redeliver
from signalling.core.effects import Bounds, Key, Tell
from signalling.core.webhook import ChangeWebhook, DisableWebhook, RemoveWebhook, Spec
from signalling.store.apps import Apps
from signalling.store.outbox import Outbox
from tests.hooks.receiver import (
    Receiver,
    deliveries,
    delivering,
    happens,
    receiving,
    webhook,
)
from tests.world import HOSPITAL, World

HOUR = 3_600_000


async def left(world: World) -> int:
    return await Outbox(world.store, world.marketplace).length()


async def test_what_happens_arrives_in_order(world: World, receiver: Receiver) -> None:
    """Signed, once; the outbox is empty after it, and the app sees what arrived."""
    await webhook(world, receiver.url, "assignment.*")
    async with delivering(world) as one:
        await happens(world, ("a1", 1), ("a1", 2), ("a1", 3))
        found = await one.until("delivered", 3)
    assert receiver.numbers() == [1, 2, 3]
    assert receiver.ids == [delivery.id for delivery in found]
    assert len(set(receiver.ids)) == 3
    assert await left(world) == 0


async def test_the_life_of_an_assignment(world: World, receiver: Receiver) -> None:
    """Every step, as its app hears of it, about the one assignment."""
    await webhook(world, receiver.url, "assignment.*")
    await world.online("ann")
    async with delivering(world) as one:
        await world.ask("a1")
        await world.ring("a1", "ann")
        await world.accept("a1", "ann")
        found = await one.until("delivered", 3)
    events = receiver.events()
    steps = ["assignment.created", "assignment.offering", "assignment.held"]
    assert [event["type"] for event in events] == steps
    assert {event["data"]["assignment"]["id"] for event in events} == {"a1"}
    assert {delivery.about for delivery in found} == {"a1"}


async def test_each_webhook_gets_what_it_wants_of_its_own_app(
    world: World, receiver: Receiver
) -> None:
    """What concerns interpreters goes to every app that runs them."""
    apps = Apps(world.store)
    runs = await apps.create("runs them", world.marketplace)
    other = await apps.create("another", world.marketplace)
    for id_, app, types in (
        ("wh-1", runs.key, ()),
        ("wh-2", runs.key, ("offer.*",)),
        ("wh-3", other.key, ()),
    ):
        await webhook(world, f"{receiver.url}/{id_}", *types, id_=id_, app=app)
    async with delivering(world) as one:
        await happens(world, ("a1", 1), app=other.key)
        await one.until("delivered", 1, "wh-3")
        await happens(world, ("a2", 2), app=None)
        await one.until("delivered", 1, "wh-1")
    assert sorted(request.path for request in receiver.got) == ["/in/wh-1", "/in/wh-3"]
    assert receiver.numbers() == [1, 2]


async def test_what_nobody_wants_is_dropped(world: World, receiver: Receiver) -> None:
    """However much of it there is before what somebody wants."""
    await webhook(world, receiver.url)
    async with delivering(world) as one:
        await happens(world, *(("a1", n) for n in range(250)), app="another")
        await happens(world, ("a1", 250))
        await one.until("delivered", 1)
    assert receiver.numbers() == [250]
    assert await left(world) == 0


async def test_a_failing_one_holds_back_only_what_follows_it(
    world: World, receiver: Receiver
) -> None:
    """At its webhook and of its about; tried later and later, under the same id."""
    fails = 3

    async def pick(request: web.Request) -> web.Response:
        nonlocal fails
        number = int((await request.json())["data"]["n"])
        if number == 1 and fails:
            fails -= 1
            return web.Response(status=500)
        return web.Response()

    receiver.answer = pick
    await webhook(world, receiver.url)
    async with delivering(world) as one:
        await happens(world, ("a1", 1), ("a1", 2), ("a2", 3))
        await receiver.until(2)
        assert sorted(receiver.numbers()) == [1, 3]
        await one.until("delivered", 1)
        for tried, wait in enumerate((5_000, 10_000, 20_000), start=1):
            (failed, _) = await one.until("pending", 2, tried=tried)
            assert failed.due_ms - one.clock.now_ms() <= wait
            await one.later(wait)
            before = len(receiver.got)
            await receiver.until(before + 1)
        await one.until("delivered", 3)
    assert [n for n in receiver.sent() if n != 3] == [1, 1, 1, 1, 2]
    assert len(set(receiver.ids)) == 3


async def test_after_a_day_it_is_dead_and_the_next_goes_on(
    world: World, receiver: Receiver
) -> None:
    """It is listed, and sent again if the app wants, under its old id."""
    broken = True

    async def pick(request: web.Request) -> web.Response:
        first = (await request.json())["data"]["n"] == 1
        return web.Response(status=503 if first and broken else 200)

    receiver.answer = pick
    await webhook(world, receiver.url)
    async with delivering(world) as one:
        await happens(world, ("a1", 1), ("a1", 2))
        await one.until("pending", 2, tried=1)
        await one.later(24 * HOUR)
        (dead,) = await one.until("dead", 1)
        assert (dead.data, dead.attempts) == ({"n": 1}, 2)
        await one.until("delivered", 1)
        assert receiver.sent() == [1, 1, 2]
        broken = False
        again = Tell(Key("delivery", dead.id), Redeliver())
        await world.engine.handle(world.marketplace, again)
        await one.until("delivered", 2)
    assert receiver.sent() == [1, 1, 2, 1]
    assert receiver.ids[0] == receiver.ids[1] == receiver.ids[3] == dead.id != receiver.ids[2]


async def test_410_disables_the_webhook(world: World, receiver: Receiver) -> None:
    """What waits for it is dead, what comes is not queued, until the app enables it."""

    async def gone(request: web.Request) -> web.Response:
        return web.Response(status=410 if request.path == "/in" else 200)

    receiver.answer = gone
    await webhook(world, receiver.url)
    await webhook(world, f"{receiver.url}/other", id_="wh-2")
    async with delivering(world) as one:
        await happens(world, ("a1", 1), ("a1", 2))
        dead = await one.until("dead", 2)
        assert [each.last.why for each in dead if each.last] == [
            "it answered 410 Gone",
            "the webhook is disabled",
        ]
        hook = await world.get("webhook", "wh-1")
        assert (hook.state, hook.why) == ("disabled", "it answered 410 Gone")
        await happens(world, ("a2", 3))
        await one.until("delivered", 3, "wh-2")
        receiver.answer = None
        await world.tell("webhook", "wh-1", ChangeWebhook(Spec(receiver.url)))
        await happens(world, ("a2", 4))
        await one.until("delivered", 1)
    came = zip(receiver.got, receiver.numbers(), strict=True)
    assert [n for request, n in came if request.path == "/in"] == [1, 4]


async def test_a_webhook_that_is_gone_gets_nothing(world: World, receiver: Receiver) -> None:
    receiver.status = 500
    await webhook(world, receiver.url)
    async with delivering(world) as one:
        await happens(world, ("a1", 1), ("a1", 2))
        await receiver.until(1)
        await one.until("pending", 2, tried=1)
        await world.tell("webhook", "wh-1", RemoveWebhook())
        await one.later(5_000)
        await one.until("pending", 0)
    assert len(receiver.got) == 1
    assert await deliveries(world, "dead") == []


async def test_a_slow_webhook_delays_no_other(world: World, receiver: Receiver) -> None:
    """Neither of its own app nor of another, though it takes all the places it can get."""
    hanging = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await hanging.wait()
        return web.Response()

    async with receiving() as slow:
        slow.answer = hang
        for number in range(6):
            await webhook(world, slow.url, id_=f"wh-slow{number}", app="slowapp")
        await webhook(world, receiver.url)
        async with delivering(world, places=8, at_once=4) as one:
            await happens(world, *((f"s{n}", n) for n in range(20)), app="slowapp")
            await slow.until(4)
            await happens(world, *((f"a{n}", n) for n in range(20)))
            await one.until("delivered", 20)
            assert len(slow.got) == 4
            hanging.set()


async def test_one_webhook_has_so_many_at_once(world: World, receiver: Receiver) -> None:
    """None of the first three ends before the three are there; no fourth comes beside them."""
    at_once, most, three = 0, 0, asyncio.Barrier(3)

    async def count(_: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await three.wait()
        at_once -= 1
        return web.Response()

    receiver.answer = count
    await webhook(world, receiver.url)
    async with delivering(world, at_once=3) as one:
        await happens(world, *((f"a{n}", n) for n in range(12)))
        await one.until("delivered", 12)
    assert most == 3


async def test_disabled_while_it_waits(world: World, receiver: Receiver) -> None:
    receiver.status = 500
    await webhook(world, receiver.url)
    async with delivering(world, bounds=Bounds(retry=1_000)) as one:
        await happens(world, ("a1", 1))
        await receiver.until(1)
        await one.until("pending", 1, tried=1)
        await world.tell("webhook", "wh-1", DisableWebhook("as its app wants"))
        await one.later(1_000)
        (dead,) = await one.until("dead", 1)
    assert dead.app == HOSPITAL
    assert len(receiver.got) == 1
