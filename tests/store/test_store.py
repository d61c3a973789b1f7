import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from signalling.store.commit import (
    Append,
    Batch,
    Check,
    Committed,
    IndexChange,
    Mail,
    Post,
    Write,
)
from signalling.store.embedded import Embedded
from signalling.store.keys import Keys
from signalling.store.store import Store, StoreUnavailable
from tests.store.cut import Cut


def write(key: str, version: int, body: bytes | None = b"x", wake: int | None = None) -> Batch:
    return Batch(writes=(Write(key, version, body, wake),))


async def test_write_and_load(store: Store, keys: Keys) -> None:
    """A record written is read back with its version; an absent one is version 0."""
    key = keys.record("meeting", "1")

    assert await store.commit(keys.marketplace, write(key, 0)) == Committed()
    assert await store.commit(keys.marketplace, write(key, 1, b"y")) == Committed()
    assert await store.load([key, keys.record("meeting", "2")]) == [(2, b"y"), (0, None)]
    assert await store.load([]) == []


async def test_the_time(store: Store) -> None:
    """In milliseconds, and it goes on."""
    before = await store.time_ms()
    seconds, _ = await store.command("TIME")
    assert before <= (int(seconds) + 1) * 1000
    assert before >= (int(seconds) - 5) * 1000
    assert await store.time_ms() >= before


async def test_ask(store: Store, keys: Keys) -> None:
    """A single command is answered as by the server itself, an error of its included."""
    key = keys.pending("m", "p")
    assert await store.ask("RPUSH", key, b"a", b"b") == 2
    assert await store.ask("LPOP", key, 5) == [b"a", b"b"]
    assert await store.ask("LPOP", key, 5) is None
    await store.ask("SET", key, b"a")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await store.ask("LPOP", key, 5)


async def test_conflict_writes_nothing(store: Store, keys: Keys) -> None:
    """One record that has moved on stops the whole batch."""
    a, b = keys.record("meeting", "a"), keys.record("meeting", "b")
    await store.commit(keys.marketplace, write(a, 0))
    batch = Batch(
        writes=(Write(b, 0, b"b", 5), Write(a, 0, b"late")),
        mails=(Mail("i:ola", b"e"),),
        appends=(Append(keys.feed, b"f", 10),),
        indexes=(IndexChange("open", "b", 1),),
    )

    assert await store.commit(keys.marketplace, batch) is None
    assert await store.load([a, b]) == [(1, b"x"), (0, None)]
    left = [keys.timers, keys.inbox("i:ola"), keys.epoch("i:ola"), keys.feed, keys.index("open")]
    assert await store.command("EXISTS", *left) == 0


async def test_check(store: Store, keys: Keys) -> None:
    """A record that was only read still has to be as it was."""
    a, b = keys.record("meeting", "a"), keys.record("meeting", "b")
    await store.commit(keys.marketplace, write(a, 0))

    def batch(version: int) -> Batch:
        return Batch(writes=(Write(b, 0, b"b"),), checks=(Check(a, version),))

    assert await store.commit(keys.marketplace, batch(2)) is None
    assert await store.commit(keys.marketplace, batch(1)) is not None
    assert await store.load([a, b]) == [(1, b"x"), (1, b"b")]


async def test_delete_keeps_the_version(store: Store, keys: Keys) -> None:
    """Who read a record before it was deleted cannot overwrite its successor."""
    key = keys.record("interpreter", "ola")
    for version, body in enumerate([b"first", None, b"second"]):
        assert await store.commit(keys.marketplace, write(key, version, body)) is not None

    assert await store.commit(keys.marketplace, write(key, 1, b"stale")) is None
    assert await store.load([key]) == [(3, b"second")]
    assert await store.command("PTTL", key) == -1


async def test_deleted_record_expires(store: Store, keys: Keys) -> None:
    """Of a deleted record only its version is left, for a while, and no timer."""
    key = keys.record("meeting", "1")
    await store.commit(keys.marketplace, write(key, 0, b"x", 100))
    await store.commit(keys.marketplace, write(key, 1, None))

    assert await store.load([key]) == [(2, None)]
    assert await store.command("PTTL", key) > 0
    assert await store.command("ZCARD", keys.timers) == 0


async def test_time_to_live(store: Store, keys: Keys) -> None:
    """A record may expire by itself."""
    key = keys.record("answer", "1")
    await store.commit(keys.marketplace, Batch(writes=(Write(key, 0, b"x", ttl_ms=90_000),)))

    assert 0 < await store.command("PTTL", key) <= 90_000


async def test_events_and_lists(store: Store, keys: Keys) -> None:
    """Mails, appends and indexes are written with the records, in order."""
    batch = Batch(
        mails=(Mail("i:ola", b"1"), Mail("i:ola", b"2"), Mail("c:a:eva", b"3")),
        appends=(Append(keys.log("x"), b"l", 10),),
        indexes=(IndexChange("open", "a", 2), IndexChange("open", "b", 1)),
    )
    done = await store.commit(keys.marketplace, batch)

    assert done is not None
    epochs = [e.partition(".")[0] for e in done.event_ids]
    ids = [e.partition(".")[2] for e in done.event_ids]
    assert epochs[0] == epochs[1]
    assert (await store.command("GET", keys.epoch("i:ola"))).decode() == epochs[0]
    entries = await store.command("XRANGE", keys.inbox("i:ola"), "-", "+")
    assert [(i.decode(), e[b"e"]) for i, e in entries] == [(ids[0], b"1"), (ids[1], b"2")]
    assert await store.command("ZRANGE", keys.index("open"), 0, -1) == [b"b", b"a"]
    assert await store.command("XLEN", keys.log("x")) == 1
    await store.commit(keys.marketplace, Batch(indexes=(IndexChange("open", "b", None),)))
    assert await store.command("ZRANGE", keys.index("open"), 0, -1) == [b"a"]


async def test_inbox_is_bounded(store: Store, keys: Keys) -> None:
    """An inbox keeps its last 64 events, under one epoch."""
    done = [
        await store.commit(keys.marketplace, Batch(mails=(Mail("i:ola", b"%d" % n),)))
        for n in range(70)
    ]

    entries = await store.command("XRANGE", keys.inbox("i:ola"), "-", "+")
    assert [e[b"e"] for _, e in entries] == [b"%d" % n for n in range(6, 70)]
    assert len({d.event_ids[0].partition(".")[0] for d in done if d}) == 1


async def test_other_marketplace_is_refused(store: Store, keys: Keys) -> None:
    """A commit that a Cluster could not run is refused everywhere."""
    other = Keys("elsewhere")

    for batch in (
        write(other.record("meeting", "1"), 0),
        Batch(checks=(Check(other.record("meeting", "1"), 0),)),
        Batch(posts=(Post(other.summary, b""),)),
        Batch(appends=(Append(other.feed, b"", 1),)),
    ):
        with pytest.raises(ValueError, match="not of marketplace"):
            await store.commit(keys.marketplace, batch)


async def test_empty_body_is_refused(store: Store, keys: Keys) -> None:
    """An empty body would mean a deletion in the script."""
    with pytest.raises(ValueError, match="empty body"):
        await store.commit(keys.marketplace, write(keys.record("meeting", "1"), 0, b""))


async def test_no_user_in_two_offers(store: Store, keys: Keys) -> None:
    """400 racing proposals over 20 users never hold a user twice."""
    gate = asyncio.Semaphore(40)

    async def propose(n: int) -> bool:
        users = [keys.record("availability", str(u)) for u in random.sample(range(20), 2)]
        async with gate:
            read = await store.load(users)
            if any(body for _, body in read):
                return False
            batch = Batch(
                writes=(
                    Write(keys.record("assignment", str(n)), 0, b"offer", 1000),
                    *(
                        Write(user, version, b"busy")
                        for user, (version, _) in zip(users, read, strict=True)
                    ),
                ),
                appends=(Append(keys.feed, "|".join(users).encode(), 10_000),),
            )
            return await store.commit(keys.marketplace, batch) is not None

    won = sum(await asyncio.gather(*map(propose, range(400))))
    held = Counter(
        user
        for _, entry in await store.command("XRANGE", keys.feed, "-", "+")
        for user in entry[b"e"].split(b"|")
    )

    assert 1 <= won == await store.command("ZCARD", keys.timers)
    assert set(held.values()) == {1}


async def test_lost_answer_is_not_sent_twice(store: Store, keys: Keys, cut: Cut) -> None:
    """An answer lost on its way raises; the script has run once."""
    key = keys.record("meeting", "1")
    async with Store(cut.url) as through:
        await through.load([key])
        await through.commit(keys.marketplace, Batch())
        cut.answers = True
        with pytest.raises(StoreUnavailable):
            await through.commit(keys.marketplace, write(key, 0))
        cut.answers = False

        assert await store.load([key]) == await through.load([key]) == [(1, b"x")]


async def test_refusing_server(tmp_path: Path) -> None:
    """A server that may not write now, here for want of replicas, is unavailable."""
    key = "{no}:meeting:1"
    async with Embedded(tmp_path) as own, Store(own.url) as store:
        await store.command("CONFIG", "SET", "min-replicas-to-write", 1)
        with pytest.raises(StoreUnavailable):
            await store.commit("no", write(key, 0))
        await store.command("CONFIG", "SET", "min-replicas-to-write", 0)
        assert await store.load([key]) == [(0, None)]
        with pytest.raises(ResponseError):
            await store.command("HGET", key)


async def test_unreachable() -> None:
    """A store that is not there is `unavailable`, which is retryable."""
    async with Store("unix:///nonexistent/socket") as store:
        with pytest.raises(StoreUnavailable) as caught:
            await store.load(["{no}:meeting:1"])
    assert caught.value.retryable
