import asyncio

from signalling.store.bus import Bus
from signalling.store.keys import Keys
from signalling.store.signals import Kept, Signals
from signalling.store.store import Store

KEPT = Kept(candidates=3, size=1000, ms=60_000)


async def test_sent_to_who_listens(store: Store, keys: Keys) -> None:
    """A signal to a participant whose node listens is published, and not kept."""
    signals = Signals(store, keys.marketplace, KEPT)
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with Bus(store) as bus:
        await bus.subscribe(keys.to("m", "p"), lambda _, body: heard.put_nowait(body))
        assert await signals.deliver("m", "p", b"sdp", is_candidate=False) == "sent"
        assert await asyncio.wait_for(heard.get(), 5) == b"sdp"
        assert await signals.take("m", "p") == []


async def test_kept_in_order(store: Store, keys: Keys) -> None:
    """What was kept is taken first: until then new signals queue up behind it."""
    signals = Signals(store, keys.marketplace, KEPT)
    heard: list[bytes] = []
    assert await signals.deliver("m", "p", b"sdp", is_candidate=False) == "kept"
    assert 0 < await store.command("PTTL", keys.pending("m", "p")) <= 60_000
    async with Bus(store) as bus:
        await bus.subscribe(keys.to("m", "p"), lambda _, body: heard.append(body))
        assert await signals.deliver("m", "p", b"c1", is_candidate=True) == "kept"
        assert await signals.take("m", "p") == [b"sdp", b"c1"]
        assert await signals.deliver("m", "p", b"c2", is_candidate=True) == "sent"


async def test_too_many_candidates(store: Store, keys: Keys) -> None:
    """One candidate too many drops all that was kept."""
    signals = Signals(store, keys.marketplace, KEPT)
    for _ in range(KEPT.candidates):
        assert await signals.deliver("m", "p", b"c" * 2000, is_candidate=True) == "kept"
    assert await signals.deliver("m", "p", b"s", is_candidate=False) == "kept"
    assert await signals.deliver("m", "p", b"c", is_candidate=True) == "overflow"
    assert await signals.take("m", "p") == []


async def test_too_many_bytes(store: Store, keys: Keys) -> None:
    """So does one byte too many of other signals."""
    signals = Signals(store, keys.marketplace, KEPT)
    assert await signals.deliver("m", "p", b"s" * KEPT.size, is_candidate=False) == "kept"
    assert await signals.deliver("m", "p", b"c", is_candidate=True) == "kept"
    assert await signals.deliver("m", "p", b"s", is_candidate=False) == "overflow"
    assert await signals.deliver("m", "p", b"s" * (KEPT.size + 1), is_candidate=False) == "overflow"
