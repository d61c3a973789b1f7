"""Which deliveries an event makes."""

import pytest

from signalling.core.delivery import Arrived
from signalling.hooks import fanout as module
from signalling.hooks.fanout import FanOut
from signalling.store.outbox import Entry, Outbox
from tests.hooks.receiver import deliveries, happens, webhook
from tests.world import HOSPITAL, World

URL = "https://example.org/in"


async def entries(world: World, count: int) -> list[Entry]:
    await happens(world, *(("a1", n) for n in range(count)))
    return await Outbox(world.store, world.marketplace).oldest(count)


async def test_twice_is_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when some has arrived in between; in commits of bounded size."""
    monkeypatch.setattr(module, "AT_ONCE", 2)
    await webhook(world, URL)
    await webhook(world, URL, id_="wh-2")
    found, fan_out = await entries(world, 3), FanOut(world.engine, world.marketplace)
    first = await fan_out.queue(found)
    assert [(d.webhook, d.data["n"]) for d in first] == [
        (webhook, n) for n in range(3) for webhook in ("wh-1", "wh-2")
    ]
    await world.tell("delivery", first[0].id, Arrived(200))
    again = await fan_out.queue(found)
    assert [d.id for d in again] == [d.id for d in first]
    assert [d.state for d in again] == ["delivered", *["pending"] * 5]
    assert len(await deliveries(world, "pending")) == 2


async def test_a_trial_is_for_the_one_that_was_named(world: World) -> None:
    await webhook(world, URL, "offer.*")
    await webhook(world, URL, id_="wh-2")
    trial = Entry((1, 0), "webhook.test", "wh-1", {"webhook": "wh-1"}, HOSPITAL, 1)
    (made,) = await FanOut(world.engine, world.marketplace).queue([trial])
    assert (made.webhook, made.id) == ("wh-1", "dl-1-0-1")


async def test_nobody_wants_it(world: World) -> None:
    await webhook(world, URL, "offer.*")
    found = await entries(world, 2)
    assert await FanOut(world.engine, world.marketplace).queue(found) == []
    none = [Entry((1, 0), "offer.made", "a1", {}, None, 1)]
    assert await FanOut(world.engine, world.marketplace).queue(none) == []


async def test_a_webhook_that_takes_nothing_does_not_fill_the_store(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is disabled, and says why; what others want goes to them."""
    monkeypatch.setattr(module, "WAITING_MOST", 3)
    await webhook(world, URL)
    fan_out = FanOut(world.engine, world.marketplace)
    await fan_out.queue(await entries(world, 3))
    await webhook(world, URL, id_="wh-2")
    late = [Entry((1, 0), "assignment.held", "a1", {"n": 9}, HOSPITAL, 1)]
    assert [made.webhook for made in await fan_out.queue(late)] == ["wh-2"]
    full = await world.get("webhook", "wh-1")
    assert (full.state, full.why) == ("disabled", "3 deliveries wait already")
    assert len(await deliveries(world, "pending")) == 3
