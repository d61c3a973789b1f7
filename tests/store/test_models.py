import asyncio

import pytest

from signalling.errors import NotFound
from signalling.store.bus import Bus
from signalling.store.keys import Keys
from signalling.store.models import ModelFiles
from signalling.store.store import Store


@pytest.fixture
def files(store: Store, keys: Keys) -> ModelFiles:
    return ModelFiles(store, keys.marketplace)


async def test_kept_as_it_was_put(files: ModelFiles) -> None:
    """Nothing ranks before it is promoted; the same file again is the same entry."""
    assert (await files.list(), await files.current()) == ([], None)
    await files.put("learnt-1", b"\x00one")
    (before,) = await files.list()
    await files.put("learnt-1", b"\x00one")
    assert await files.list() == [before]
    assert (before.version, before.current) == ("learnt-1", False)
    assert await files.read("learnt-1") == b"\x00one"
    assert await files.read("learnt-2") is None
    assert await files.current() is None


async def next_ms(store: Store) -> None:
    """Ask the store for the time until it is a millisecond later."""
    before = await store.time_ms()
    while await store.time_ms() == before:
        pass


async def test_one_ranks(files: ModelFiles, store: Store) -> None:
    """The one promoted last, until it is retired; what is not there cannot be."""
    await files.put("learnt-2", b"two")
    await next_ms(store)
    await files.put("learnt-1", b"one")
    await files.promote("learnt-1")
    with pytest.raises(NotFound, match="learnt-3"):
        await files.promote("learnt-3")
    assert await files.current() == "learnt-1"
    assert [(m.version, m.current) for m in await files.list()] == [
        ("learnt-1", True),
        ("learnt-2", False),
    ]
    await files.promote("learnt-2")
    assert await files.current() == "learnt-2"
    await files.retire()
    assert await files.current() is None
    assert await files.read("learnt-2") == b"two"  # decisions that name it are replayed


async def test_told(files: ModelFiles, store: Store) -> None:
    """Whoever listens hears each change, and no refusal."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await files.put("learnt-1", b"one")
    async with Bus(store) as bus, asyncio.timeout(5):
        await bus.subscribe(files.channel, lambda _, body: heard.put_nowait(body))
        with pytest.raises(NotFound):
            await files.promote("none")
        await files.promote("learnt-1")
        await files.retire()
        assert [await heard.get(), await heard.get()] == [b"learnt-1", b""]


async def test_marketplaces_are_apart(files: ModelFiles, store: Store) -> None:
    await files.put("learnt-1", b"one")
    other = ModelFiles(store, Keys("elsewhere").marketplace)
    assert await other.list() == []
    with pytest.raises(NotFound):
        await other.promote("learnt-1")
