import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from signalling.store import link
from signalling.store.bus import Bus
from signalling.store.commit import Batch, Mail, Post, Write
from signalling.store.keys import Keys
from signalling.store.store import Store, StoreUnavailable
from tests.store.cut import Cut

Queue = asyncio.Queue[tuple[str, bytes]]


class Ear:
    """Keep what is heard, for a test to wait for."""

    def __init__(self) -> None:
        self.heard: Queue = asyncio.Queue()

    def __call__(self, channel: str, body: bytes) -> None:
        self.heard.put_nowait((channel, body))

    async def next(self) -> tuple[str, bytes]:
        return await asyncio.wait_for(self.heard.get(), 5)


@pytest.fixture
async def bus(store: Store) -> AsyncIterator[Bus]:
    async with Bus(store) as bus:
        yield bus


async def post(store: Store, channel: str, body: bytes) -> int:
    return int(await store.command("SPUBLISH", channel, body))


async def test_hear_a_commit(store: Store, bus: Bus, keys: Keys) -> None:
    """A commit's mails, posts and earlier wake are all heard, the mail with its event id."""
    ear = Ear()
    for channel in (keys.timers, keys.inbox("i:ola"), keys.summary):
        await bus.subscribe(channel, ear)
    batch = Batch(
        writes=(Write(keys.record("meeting", "1"), 0, b"x", 500),),
        mails=(Mail("i:ola", b"ev ent"),),
        posts=(Post(keys.summary, b"s"),),
    )
    done = await store.commit(keys.marketplace, batch)

    assert done is not None
    assert [await ear.next() for _ in range(3)] == [
        (keys.timers, b"500"),
        (keys.inbox("i:ola"), done.event_ids[0].encode() + b" ev ent"),
        (keys.summary, b"s"),
    ]


@pytest.mark.parametrize(("second", "heard"), [(499, True), (500, False), (501, False)])
async def test_only_an_earlier_wake_is_told(
    store: Store, bus: Bus, keys: Keys, second: int, heard: bool
) -> None:
    """Timers that already sleep until then are left alone."""
    ear = Ear()
    first = Write(keys.record("meeting", "1"), 0, b"x", 500)
    later = Write(keys.record("meeting", "2"), 0, b"x", second)
    await store.commit(keys.marketplace, Batch(writes=(first,)))
    await bus.subscribe(keys.timers, ear)
    await store.commit(keys.marketplace, Batch(writes=(later,)))
    await post(store, keys.timers, b"end")

    want = [(keys.timers, b"499")] if heard else []
    assert [await ear.next() for _ in range(len(want) + 1)] == [*want, (keys.timers, b"end")]


async def test_several_callbacks(store: Store, bus: Bus, keys: Keys) -> None:
    """Each callback of a channel hears; the last to go ends the subscription."""
    one, two = Ear(), Ear()
    await asyncio.gather(bus.subscribe(keys.work, one), bus.subscribe(keys.work, two))
    await post(store, keys.work, b"1")
    assert await one.next() == await two.next() == (keys.work, b"1")

    await bus.unsubscribe(keys.work, one)
    await post(store, keys.work, b"2")
    assert await two.next() == (keys.work, b"2")
    assert one.heard.empty()

    await bus.unsubscribe(keys.work, two)
    await bus.unsubscribe(keys.work, two)
    await bus.subscribe(keys.summary, two)  # its answer comes after that of the farewell
    assert await post(store, keys.work, b"3") == 0


async def test_leave_and_come_back(store: Store, bus: Bus, keys: Keys) -> None:
    """A farewell that is still on its way does not undo a new subscription."""
    ear = Ear()
    for _ in range(3):
        await bus.subscribe(keys.work, ear)
        await bus.unsubscribe(keys.work, ear)
    await bus.subscribe(keys.work, ear)

    assert await post(store, keys.work, b"1") == 1
    assert await ear.next() == (keys.work, b"1")


async def test_failing_callback(
    store: Store, bus: Bus, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    """A callback that raises is logged, and hinders no other."""
    ear = Ear()

    def fail(_channel: str, _body: bytes) -> None:
        raise RuntimeError("no")

    await bus.subscribe(keys.work, fail)
    await bus.subscribe(keys.work, ear)
    await post(store, keys.work, b"1")

    assert await ear.next() == (keys.work, b"1")
    assert "a listener failed" in caplog.text


async def test_thousands(store: Store, bus: Bus, keys: Keys) -> None:
    """Five thousand channels at once are confirmed and heard."""
    ear = Ear()
    channels = [keys.presence(str(n)) for n in range(5000)]
    async with asyncio.timeout(20):
        await asyncio.gather(*(bus.subscribe(c, ear) for c in channels))

    for channel in channels[::1000]:
        await post(store, channel, b"x")
        assert await ear.next() == (channel, b"x")


async def test_gap(cut: Cut, store: Store, keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    """After a lost connection every channel is heard again, and the owner told once it is."""
    caplog.set_level(logging.ERROR)
    gaps: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    ear = Ear()
    async with Store(cut.url) as through, Bus(through, gaps.put_nowait) as bus:
        for channel in (keys.work, keys.summary):
            await bus.subscribe(channel, ear)
        await cut.sever()

        assert await asyncio.wait_for(gaps.get(), 5) == {keys.work, keys.summary}
        assert await post(store, keys.work, b"1") == 1
        assert await ear.next() == (keys.work, b"1")
        await bus.subscribe(keys.feed, ear)
        assert gaps.empty()


async def test_silence(cut: Cut, store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent line is probed: a living server answers, a dead one is given up."""
    monkeypatch.setattr(link, "PING_S", 0.02)
    gaps: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    probes: asyncio.Queue[None] = asyncio.Queue()
    whole = link.Link._probe

    def probe(self: link.Link) -> None:
        probes.put_nowait(None)
        whole(self)

    dead = asyncio.Event()
    die = link.Link._die

    def dying(self: link.Link) -> None:
        dead.set()
        die(self)

    monkeypatch.setattr(link.Link, "_probe", probe)
    monkeypatch.setattr(link.Link, "_die", dying)
    async with Store(cut.url, timeout_s=0.2) as through, Bus(through, gaps.put_nowait) as bus:
        await bus.subscribe(keys.work, Ear())
        for _ in range(4):
            await asyncio.wait_for(probes.get(), 5)
        assert gaps.empty()

        cut.speaks.clear()
        await asyncio.wait_for(dead.wait(), 5)
        cut.speaks.set()
        assert await asyncio.wait_for(gaps.get(), 5) == {keys.work}
        assert await post(store, keys.work, b"1") == 1


async def test_cancelled_subscription(cut: Cut, store: Store, keys: Keys) -> None:
    """Giving up while a server does not answer leaves nothing subscribed."""
    async with Store(cut.url) as through, Bus(through) as bus:
        await bus.subscribe(keys.summary, Ear())
        cut.speaks.clear()
        task = asyncio.create_task(bus.subscribe(keys.work, Ear()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        cut.speaks.set()
        await bus.subscribe(keys.feed, Ear())
        assert await post(store, keys.work, b"1") == 0


async def test_failing_owner(cut: Cut, keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    """An owner that fails on a gap does not end the bus."""
    told = asyncio.Event()

    def fail(_gap: frozenset[str]) -> None:
        told.set()
        raise RuntimeError("no")

    async with Store(cut.url) as through, Bus(through, fail) as bus:
        await bus.subscribe(keys.work, Ear())
        for _ in range(2):
            told.clear()
            await cut.sever()
            await asyncio.wait_for(told.wait(), 5)
    assert "failed on a gap" in caplog.text


async def test_subscribe_while_lost(cut: Cut, store: Store, keys: Keys) -> None:
    """A subscription asked for during the break is confirmed after it."""
    ear = Ear()
    async with Store(cut.url) as through, Bus(through) as bus:
        await bus.subscribe(keys.work, ear)
        await cut.sever()
        await bus.subscribe(keys.work, ear)
        await bus.subscribe(keys.summary, ear)

        assert await post(store, keys.summary, b"1") == 1


async def test_unreachable() -> None:
    """Where there is no server, subscribing fails in time and leaves nothing behind."""
    async with Store("unix:///nonexistent/socket", timeout_s=0.2) as store, Bus(store) as bus:
        with pytest.raises(StoreUnavailable):
            await bus.subscribe("{no}:work", Ear())
