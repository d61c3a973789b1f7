import msgpack

from signalling.store.commit import Append, Batch
from signalling.store.keys import HOOKS_LENGTH, Keys
from signalling.store.outbox import Outbox
from signalling.store.store import Store


async def leave(store: Store, keys: Keys, *about: str) -> None:
    for id_ in about:
        entry = {"type": "offer.made", "about": id_, "data": {"n": 1}, "app": None, "at_ms": 7}
        append = Append(keys.hooks, msgpack.packb(entry), HOOKS_LENGTH)
        await store.commit(keys.marketplace, Batch(appends=(append,)))


async def test_entries_stay_until_they_are_taken_out(store: Store, keys: Keys) -> None:
    """Read in order, as often as one likes; what came meanwhile is not taken out."""
    box = Outbox(store, keys.marketplace)
    assert (await box.oldest(10), await box.length()) == ([], 0)
    await leave(store, keys, "a", "b", "c")

    first, second = await box.oldest(2)

    assert [first.about, second.about] == ["a", "b"]
    assert first.id < second.id
    assert (first.type, first.data, first.app, first.at_ms) == ("offer.made", {"n": 1}, None, 7)
    assert await box.length() == 3
    await leave(store, keys, "d")
    await box.trim(second.id)
    assert [entry.about for entry in await box.oldest(10)] == ["c", "d"]
