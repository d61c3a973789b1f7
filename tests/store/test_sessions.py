import asyncio

from signalling.store.keys import Keys
from signalling.store.sessions import Sessions
from signalling.store.store import Store


async def test_save_and_load(store: Store, keys: Keys) -> None:
    """A session is loaded by its token only, which is nowhere in the store."""
    sessions = Sessions(store, keys.marketplace)
    assert await sessions.save("s1", "secret", b"body", 60_000)

    assert await sessions.load("s1", "secret") == b"body"
    assert await sessions.load("s1", "wrong") is None
    assert await sessions.load("s2", "secret") is None
    kept = await store.command("HGETALL", keys.session("s1"))
    assert all(b"secret" not in value for value in kept.values())
    assert await sessions.touch("s1", 90_000)
    assert 60_000 < await store.command("PTTL", keys.session("s1")) <= 90_000

    await sessions.delete("s1")
    assert await sessions.load("s1", "secret") is None
    assert not await sessions.touch("s1", 90_000)


async def test_token_is_used_once(store: Store, keys: Keys) -> None:
    """Of many who resume with one token, one gets the next token's session."""
    sessions = Sessions(store, keys.marketplace)
    await sessions.save("s1", "t0", b"0", 60_000)
    won = await asyncio.gather(
        *(sessions.save("s1", f"t{n}", b"%d" % n, 60_000, replaces="t0") for n in range(1, 9))
    )

    assert sum(won) == 1
    winner = won.index(True) + 1
    assert await sessions.load("s1", f"t{winner}") == b"%d" % winner
    assert not await sessions.save("gone", "t1", b"", 60_000, replaces="t0")


async def test_listed_with_its_node(store: Store, keys: Keys) -> None:
    """A session that is saved as a node's is on its list, one that was not saved is not."""
    sessions = Sessions(store, keys.marketplace)
    assert await sessions.save("s1", "t0", b"0", 60_000, node="n1")
    assert not await sessions.save("s1", "t2", b"2", 60_000, replaces="t1", node="n1")
    assert await store.command("HGETALL", keys.node_sessions("n1")) == {b"s1": b"0"}
