import asyncio

import pytest

from signalling.store.keys import Keys
from signalling.store.leases import NodeLease, Ownership, Reaped, forget, reap
from signalling.store.sessions import Sessions
from signalling.store.store import Store
from tests.store.cut import Cut


class Node:
    """A node's lease with a clock to set; its losses and gains are noted."""

    def __init__(self, store: Store, name: str = "n1", lease_ms: int = 15_000) -> None:
        self.now = 100.0
        self.noted: list[str] = []
        self.lease = NodeLease(
            store,
            name,
            on_lost=lambda: self.noted.append("lost"),
            on_regained=lambda: self.noted.append("regained"),
            lease_ms=lease_ms,
            monotonic=lambda: self.now,
        )


async def add(store: Store, keys: Keys, lease: NodeLease, **bodies: bytes) -> None:
    """Save sessions, by their ids, as those of a node."""
    await lease.watch(keys.marketplace)
    for session, body in bodies.items():
        sessions = Sessions(store, keys.marketplace)
        assert await sessions.save(session, "token", body, 60_000, node=lease.node)


async def expire(store: Store, keys: Keys, node: str = "n1") -> None:
    await store.command("ZADD", keys.nodes, 1, node)


async def test_dead_node_is_reaped_once(store: Store, keys: Keys) -> None:
    """Of many reapers one gets a dead node's sessions; forgotten, it is gone."""
    node = Node(store).lease
    await add(store, keys, node, s1=b"one", s2=b"two", s3=b"three")
    await node.remove_session(keys.marketplace, "s3")
    assert await reap(store, keys.marketplace) == []

    await expire(store, keys)
    found = await asyncio.gather(*(reap(store, keys.marketplace) for _ in range(8)))
    assert [r for each in found for r in each] == [
        Reaped(keys.marketplace, "n1", {"s1": b"one", "s2": b"two"})
    ]

    await forget(store, next(r for each in found for r in each))
    assert await store.command("EXISTS", keys.nodes, keys.node_sessions("n1")) == 0


async def test_dead_reaper(store: Store, keys: Keys) -> None:
    """What a reaper claimed but never forgot is claimed again."""
    await add(store, keys, Node(store).lease, s1=b"one")
    await expire(store, keys)
    first = await reap(store, keys.marketplace)
    await expire(store, keys)

    assert await reap(store, keys.marketplace) == first != []


async def test_revived_node_keeps_its_new_sessions(store: Store, keys: Keys) -> None:
    """A session that the node opened again after it was claimed is not forgotten."""
    node = Node(store).lease
    await add(store, keys, node, s1=b"epoch 1", s2=b"epoch 1")
    await expire(store, keys)
    (reaped,) = await reap(store, keys.marketplace)
    await node.beat()
    await add(store, keys, node, s1=b"epoch 2")
    await forget(store, reaped)

    assert await store.command("HGETALL", keys.node_sessions("n1")) == {b"s1": b"epoch 2"}
    assert await store.command("ZSCORE", keys.nodes, "n1") is not None


async def test_leave(store: Store, keys: Keys) -> None:
    """A node that ends cleanly leaves nothing to reap."""
    node = Node(store).lease
    await node.watch(keys.marketplace)
    await node.leave()
    assert await store.command("EXISTS", keys.nodes) == 0


async def test_lost_before_others_may_act(cut: Cut, keys: Keys) -> None:
    """After ten seconds without renewal the node is told, once; and once that it is back."""
    async with Store(cut.url) as through:
        node = Node(through)
        await node.lease.watch(keys.marketplace)
        await node.lease.beat()
        cut.answers = True
        for seconds in (5.0, 4.9):
            node.now += seconds
            await node.lease.beat()
            assert node.noted == []
        for _ in range(2):
            node.now += 0.2
            await node.lease.beat()
            assert node.noted == ["lost"]

        cut.answers = False
        await node.lease.beat()
        await node.lease.beat()
        assert node.noted == ["lost", "regained"]


async def test_stopped_for_long(store: Store, keys: Keys) -> None:
    """A process that slept past its lease is lost even if it could renew at once."""
    node = Node(store)
    await node.lease.watch(keys.marketplace)
    node.now += 60
    await node.lease.beat()
    assert node.noted == ["lost", "regained"]


async def test_keeps_beating(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its context the lease renews itself."""
    beats: asyncio.Queue[None] = asyncio.Queue()
    node = Node(store, lease_ms=30)
    whole = node.lease.beat

    async def beat() -> None:
        node.now += 0.001
        await whole()
        beats.put_nowait(None)

    monkeypatch.setattr(node.lease, "beat", beat)
    async with node.lease:
        for _ in range(3):
            await asyncio.wait_for(beats.get(), 5)


async def test_ownership(store: Store, keys: Keys) -> None:
    """One owner at a time; one's own lease is renewed, another's is not released."""
    ownership = Ownership(store, keys.marketplace)
    won = await asyncio.gather(*(ownership.acquire("pl-no", f"p{n}", 60_000) for n in range(10)))
    owner = f"p{won.index(True)}"

    assert sum(won) == 1
    assert await ownership.acquire("pl-no", owner, 90_000)
    assert await store.command("PTTL", keys.lease("pl-no")) > 60_000
    assert not await ownership.release("pl-no", "somebody")
    assert await ownership.release("pl-no", owner)
    assert await ownership.acquire("pl-no", "somebody", 60_000)
