"""One attempt, and what is written down of it."""

from collections.abc import AsyncIterator

import pytest

from signalling.core.delivery import Delivery, Drop
from signalling.core.webhook import DisableWebhook, RemoveWebhook
from signalling.hooks.attempt import Attempts
from signalling.hooks.fanout import FanOut
from signalling.hooks.lanes import Waiting
from signalling.hooks.sending import Sender
from signalling.store.outbox import Outbox
from tests.hooks.receiver import OPEN, Names, Receiver, happens, webhook
from tests.world import World


@pytest.fixture
async def attempts(world: World) -> AsyncIterator[Attempts]:
    async with Sender(OPEN, Names(), 5, lambda: 0.0) as sender:
        yield Attempts(world.engine, sender, world.marketplace)


@pytest.fixture
async def one(world: World, receiver: Receiver) -> Waiting:
    """Give a delivery that waits."""
    await webhook(world, receiver.url)
    await happens(world, ("a1", 1))
    entries = await Outbox(world.store, world.marketplace).oldest(1)
    (made,) = await FanOut(world.engine, world.marketplace).queue(entries)
    return Waiting(made.id, made.webhook, made.app, made.about, made.sequence, made.due_ms)


async def written(world: World, one: Waiting) -> Delivery | None:
    found: Delivery | None = await world.get("delivery", one.id)
    return found


async def test_what_arrived_is_over(
    world: World, attempts: Attempts, one: Waiting, receiver: Receiver
) -> None:
    """A second attempt, by whoever had it in memory still, sends nothing."""
    assert await attempts.make(one) is None
    assert await attempts.make(one) is None
    found = await written(world, one)
    assert found is not None
    assert (found.state, found.attempts, len(receiver.got)) == ("delivered", 1, 1)


async def test_what_failed_is_due_again(
    world: World, attempts: Attempts, one: Waiting, receiver: Receiver
) -> None:
    receiver.status = 500
    due_ms = await attempts.make(one)
    found = await written(world, one)
    assert found is not None
    assert found.last is not None
    assert due_ms == found.due_ms == found.last.at_ms + 5_000


async def test_410_is_written_of_webhook_and_delivery_at_once(
    world: World, attempts: Attempts, one: Waiting, receiver: Receiver
) -> None:
    receiver.status = 410
    assert await attempts.make(one) is None
    found = await written(world, one)
    assert found is not None
    assert (found.state, (await world.get("webhook", "wh-1")).state) == ("dead", "disabled")


@pytest.mark.parametrize(("event", "state"), [(DisableWebhook("x"), "dead"), (RemoveWebhook(), "")])
async def test_nothing_is_sent_where_nobody_wants_it(
    world: World, attempts: Attempts, one: Waiting, receiver: Receiver, event: object, state: str
) -> None:
    await world.tell("webhook", "wh-1", event)
    assert await attempts.make(one) is None
    found = await written(world, one)
    assert (found.state if found else "") == state
    assert receiver.got == []


async def test_what_is_forgotten_is_not_sent(
    world: World, attempts: Attempts, one: Waiting, receiver: Receiver
) -> None:
    await world.tell("delivery", one.id, Drop())
    assert await attempts.make(one) is None
    assert receiver.got == []
