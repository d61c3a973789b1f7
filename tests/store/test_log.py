import msgpack
import pytest

from signalling.store.commit import Append, Batch
from signalling.store.keys import Keys
from signalling.store.log import Entry, Log
from signalling.store.store import Store


@pytest.fixture
def log(store: Store, keys: Keys) -> Log:
    return Log(store, keys.marketplace, "decisions")


async def write(store: Store, keys: Keys, *bodies: dict[str, int], at_ms: int = 0) -> None:
    """Write entries, by a commit as the engine does or at times of the test's own."""
    stream = keys.log("decisions")
    if not at_ms:
        appends = tuple(Append(stream, msgpack.packb(body), 1000) for body in bodies)
        assert await store.commit(keys.marketplace, Batch(appends=appends))
    for number, body in enumerate(bodies) if at_ms else ():
        await store.command("XADD", stream, f"{at_ms}-{number}", "e", msgpack.packb(body))


async def read(
    log: Log, since_ms: int | None = None, until_ms: int | None = None, size: int = 200
) -> list[list[Entry]]:
    return [page async for page in log.pages(since_ms, until_ms, size)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
async def test_all_in_order(log: Log, store: Store, keys: Keys, count: int) -> None:
    """Whatever the page's size, each entry comes once; entries of one commit share a time."""
    if count:
        await write(store, keys, *({"n": n} for n in range(count)))
    assert await log.length() == count
    for size in (1, 2, 4, 100):
        pages = await read(log, size=size)
        assert [entry.body["n"] for page in pages for entry in page] == list(range(count))
        assert all(0 < len(page) <= size for page in pages)


async def test_a_span_of_time(log: Log, store: Store, keys: Keys) -> None:
    """The beginning belongs to it, the end does not; times before there were any are none."""
    for at_ms in (1000, 2000, 3000):
        await write(store, keys, {"n": at_ms}, {"n": at_ms + 1}, at_ms=at_ms)

    async def seen(since_ms: int | None, until_ms: int | None = None) -> list[int]:
        return [entry.body["n"] for page in await read(log, since_ms, until_ms) for entry in page]

    assert await seen(2000, 3000) == [2000, 2001]
    assert await seen(1001) == [2000, 2001, 3000, 3001]
    assert await seen(None, 1000) == []
    assert await seen(None, 1001) == [1000, 1001]
    assert await seen(-5, 0) == []
    assert [entry.at_ms for page in await read(log, 3000) for entry in page] == [3000, 3000]


async def test_written_and_trimmed_while_read(log: Log, store: Store, keys: Keys) -> None:
    """What comes meanwhile is read, what goes meanwhile is left out, and nothing comes twice."""
    await write(store, keys, *({"n": n} for n in range(6)))
    seen = []
    async for page in log.pages(size=2):
        seen += [entry.body["n"] for entry in page]
        if len(seen) == 2:
            await store.command("XTRIM", keys.log("decisions"), "MAXLEN", 2)
            await write(store, keys, {"n": 6})
    assert seen == [0, 1, 4, 5, 6]
