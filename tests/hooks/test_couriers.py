"""A courier for each marketplace of a process."""

from tests.hooks.receiver import Receiver, delivering, happens, webhook
from tests.world import World


async def test_a_marketplace_is_watched_once(world: World, receiver: Receiver) -> None:
    """And delivered in whatever else is watched."""
    await webhook(world, receiver.url)
    async with delivering(world) as one:
        await one.couriers.watch("another")
        for _ in range(2):
            await one.couriers.watch(world.marketplace)
        assert len(one.couriers._couriers) == 2
        await happens(world, ("a1", 1))
        await one.until("delivered", 1)
    assert receiver.numbers() == [1]


async def test_what_was_not_heard_is_found_after_a_gap(world: World, receiver: Receiver) -> None:
    """Of events in the outbox nothing was published, as while the bus was away."""
    await webhook(world, receiver.url)
    async with delivering(world) as one:
        (courier,) = one.couriers._couriers.values()
        await happens(world, ("a1", 1))
        await one.until("delivered", 1)
        await one.couriers._bus.unsubscribe(world.keys.hooks, courier.hear)
        await happens(world, ("a1", 2))
        one.couriers.look()
        await one.until("delivered", 2)
    assert receiver.numbers() == [1, 2]
