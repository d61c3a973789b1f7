import asyncio
from contextlib import aclosing

import pytest
from redis.asyncio.connection import AbstractConnection

from signalling.store.commit import Append, Batch, IndexChange, Write
from signalling.store.feed import Entry, Feed, FeedLost
from signalling.store.keys import Keys
from signalling.store.store import Store, StoreUnavailable
from tests.store.cut import Cut


async def append(store: Store, keys: Keys, *bodies: bytes) -> None:
    batch = Batch(appends=tuple(Append(keys.feed, body, 10_000) for body in bodies))
    await store.commit(keys.marketplace, batch)


async def put(store: Store, keys: Keys, kind: str, *ids: str) -> None:
    batch = Batch(
        writes=tuple(Write(keys.record(kind, id_), 0, id_.encode()) for id_ in ids),
        indexes=tuple(IndexChange(f"{kind}s", id_, 0) for id_ in ids),
        appends=(Append(keys.feed, b"put", 10_000),),
    )
    assert await store.commit(keys.marketplace, batch) is not None


async def follow(feed: Feed, after: str, count: int) -> list[Entry]:
    found: list[Entry] = []
    async with asyncio.timeout(5), aclosing(feed.follow(after)) as lists:
        async for entries in lists:
            found += entries
            if len(found) >= count:
                break
    return found


async def test_snapshot_then_follow(store: Store, keys: Keys) -> None:
    """A snapshot has every record once its changes are followed from its position."""
    feed = Feed(store, keys.marketplace)
    await put(store, keys, "profile", *(f"p{n}" for n in range(1200)))
    await put(store, keys, "availability", "p1")
    await store.command("ZADD", keys.index("profiles"), 0, "vanished")
    snapshot = await feed.snapshot({"profile": "profiles", "availability": "availabilitys"})
    await append(store, keys, b"later")

    records = {(kind, id_): body async for kind, id_, body in snapshot.records}
    assert len(records) == 1201
    assert records["profile", "p7"] == b"p7"
    assert [body for _, body in await follow(feed, snapshot.position, 1)] == [b"later"]


async def test_empty(store: Store, keys: Keys) -> None:
    """Following starts before the first entry is there."""
    feed = Feed(store, keys.marketplace)
    snapshot = await feed.snapshot({"profile": "profiles"})
    assert [record async for record in snapshot.records] == []

    following = asyncio.create_task(follow(feed, snapshot.position, 3))
    await append(store, keys, b"1", b"2")
    await append(store, keys, b"3")
    assert [body for _, body in await following] == [b"1", b"2", b"3"]


async def test_waits(store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower that is up to date waits until there is more."""
    feed = Feed(store, keys.marketplace)
    waiting = asyncio.Event()
    whole = feed._wait

    async def wait(connection: AbstractConnection, after: str) -> None:
        waiting.set()
        await whole(connection, after)

    monkeypatch.setattr(feed, "_wait", wait)
    await append(store, keys, b"1")
    (first,) = await follow(feed, "0-0", 1)
    following = asyncio.create_task(follow(feed, first[0], 1))
    await asyncio.wait_for(waiting.wait(), 5)
    await append(store, keys, b"2")
    assert [body for _, body in await following] == [b"2"]


async def test_lost(store: Store, keys: Keys) -> None:
    """Entries trimmed away unread are noticed; those that were read are not missed."""
    feed = Feed(store, keys.marketplace)
    await append(store, keys, b"1", b"2", b"3", b"4")
    ids = [id_ for id_, _ in await follow(feed, "0-0", 4)]
    await store.command("XTRIM", keys.feed, "MAXLEN", "=", 2)

    assert [body for _, body in await follow(feed, ids[2], 1)] == [b"4"]
    for after in ("0-0", ids[0], "9999999999999-0"):
        with pytest.raises(FeedLost):
            await follow(feed, after, 1)
    await store.command("XTRIM", keys.feed, "MAXLEN", "=", 0)
    with pytest.raises(FeedLost):
        await follow(feed, ids[2], 1)
    await store.command("DEL", keys.feed)
    with pytest.raises(FeedLost):
        await follow(feed, ids[3], 1)


async def test_connection_lost(cut: Cut, keys: Keys) -> None:
    """A lost connection is told; the follower goes on from its last entry."""
    async with Store(cut.url) as through:
        feed = Feed(through, keys.marketplace)
        await append(through, keys, b"1")
        ((last, _),) = await follow(feed, "0-0", 1)
        cut.answers = True
        with pytest.raises(StoreUnavailable):
            await follow(feed, last, 1)
        cut.answers = False
        await append(through, keys, b"2")
        assert [body for _, body in await follow(feed, last, 1)] == [b"2"]
