from pathlib import Path

from signalling.store.checks import problems
from signalling.store.embedded import Embedded
from signalling.store.store import Store


async def test_ready(store: Store) -> None:
    """The test server is as it should be."""
    assert await problems(store) == []


async def test_unfit(tmp_path: Path) -> None:
    """Each fault is named in a sentence."""
    async with Embedded(tmp_path) as own, Store(own.url) as store:
        assert await problems(store) == []
        await store.command("CONFIG", "SET", "appendonly", "no")
        await store.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        await store.command("REPLICAOF", "127.0.0.1", "1")
        found = await problems(store)

        assert [("evict" in s, "appendonly" in s, "replica" in s) for s in found] == [
            (True, False, False),
            (False, True, False),
            (False, False, True),
        ]


async def test_away() -> None:
    """A store that does not answer is a problem, not an exception."""
    async with Store("unix:///nonexistent/socket") as store:
        (sentence,) = await problems(store)
    assert "does not answer" in sentence
