"""The population in memory is what the store says, whatever was missed."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator

import msgpack
import pytest
from structlog.testing import capture_logs

from matching.population import Population
from signalling import markets as module
from signalling.core import events as on
from signalling.core.booking_events import Suspend
from signalling.core.history import Finished, Rated
from signalling.core.profile import Profile
from signalling.markets import Market, Markets
from signalling.store.commit import Append, Batch, IndexChange, Write
from signalling.store.records import pack
from signalling.store.store import Store, StoreUnavailable
from tests.market_records import busy, present, record, state
from tests.store.cut import Cut
from tests.world import HOSPITAL, TABLES, World, operator, profile

# Two entries, of which a reader who is behind only ever sees the second.
TRIM = """
for _ = 1, 2 do redis.call("XADD", KEYS[1], "*", "e", "x") end
redis.call("XTRIM", KEYS[1], "MAXLEN", 1)
"""


@pytest.fixture
async def wire(valkey: str) -> AsyncIterator[Cut]:
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        async with Cut(valkey.removeprefix("unix://"), f"{runtime}/s") as wire:
            yield wire


async def put(world: World, who: str, body: bytes) -> None:
    """Write somebody's availability as it is, and tell of it."""
    name = world.keys.record("availability", who)
    entry = msgpack.packb({"kind": "availability", "id": who, "body": body})
    batch = Batch(
        writes=(Write(name, await world.version("availability", who), body),),
        appends=(Append(world.keys.feed, entry, 1000),),
        indexes=(IndexChange("availability", who, 0),),
    )
    assert await world.store.commit(world.marketplace, batch)


async def feed_into(market: Market, world: World) -> None:
    """Apply the whole feed, entry by entry."""
    found = await world.store.command("XRANGE", world.keys.feed, "-", "+")
    for _, fields in found:
        entry = msgpack.unpackb(fields[b"e"])
        market.apply(entry["kind"], entry["id"], entry["body"])


async def change(world: World, chance: random.Random) -> None:
    """Let something happen to somebody."""
    who = f"p{chance.randrange(12)}"
    kind = chance.randrange(8)
    if kind == 7:
        await world.tell("availability", who, Suspend(chance.choice([1, 2, None])))
    elif kind == 0:
        await world.register(who, *chance.sample(["so", "ti", "ar-SY", "pl"], 2))
    elif kind == 1:
        await world.online(who)
    elif kind == 2:
        await world.tell("availability", who, on.Connect(f"s-{who}", next(world.epochs)))
        await world.tell("availability", who, on.SetStatus("busy"))
    elif kind == 3:
        await world.tell("availability", who, on.Drop(f"s-{who}", next(world.epochs)))
    elif kind == 4:
        await world.tell("interpreter", who, Finished(who, "no-so", f"{HOSPITAL}:kari", good=True))
    elif kind == 5:
        await world.tell("interpreter", who, Rated(who, f"{HOSPITAL}:kari", 4, None, True))
    elif who in (await world.index("interpreters")):
        await world.call("interpreter.remove", operator(world), interpreter=who)


async def test_snapshot_and_feed_are_everything_in_order(world: World) -> None:
    """Opened early, in the middle or late, or told every entry: all know the same."""
    chance = random.Random(1)
    for _ in range(60):
        await change(world, chance)
    market = await world.market()
    for _ in range(60):
        await change(world, chance)
    await world.register("last")
    await world.until(lambda: "last" in market.profiles)

    one_by_one = Market(world.marketplace, Population(TABLES))
    await feed_into(one_by_one, world)
    async with Markets(world.store, TABLES) as others:
        late = await others.get(world.marketplace)
    assert state(market)["pairs"]
    assert state(market) == state(one_by_one) == state(late)


async def test_exposure_is_aimed_when_read_and_when_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.market.TARGET_S", 0)
    await world.register("ann")
    await put(world, "ann", busy("ann", 3))
    market = await world.market()
    assert market.target == 0.3
    await put(world, "ann", busy("ann", 6))
    await world.until(lambda: market.target == 0.6)


async def test_a_trimmed_feed_is_read_anew(world: World) -> None:
    """What was trimmed away unread, comings and goings, is found in the records."""
    await world.present("ann", "bo", "cy")
    market = await world.market()
    await world.until(lambda: market.available == 3)
    heard: list[list[str]] = []
    world.markets.listeners.append(lambda _, free: heard.append(free))

    for kind in ("interpreter", "availability"):
        gone = Write(world.keys.record(kind, "ann"), await world.version(kind, "ann"), None)
        assert await world.store.commit(world.marketplace, Batch(writes=(gone,)))
    await world.store.command("EVAL", TRIM, 1, world.keys.feed)

    await world.until(lambda: "ann" not in market.profiles)
    assert sorted(market.profiles) == sorted(market.availability) == ["bo", "cy"]
    assert [sorted(free) for free in heard] == [["bo", "cy"]]
    await world.present("dan")
    await world.until(lambda: market.available == 3)


async def test_what_cannot_be_read_is_left_out(world: World) -> None:
    """A malformed entry, one of a newer node and somebody gone again do not stop the rest."""
    await world.register("old")
    market = await world.market()
    heard: list[list[str]] = []
    world.markets.listeners.append(lambda _, free: heard.append(free))
    newer = pack(Profile("new", profile("new"), 1), 99)
    entries = [
        b"\xc1",
        msgpack.packb(["not a map"]),
        msgpack.packb({"kind": "interpreter", "id": "new", "body": newer}),
        msgpack.packb({"kind": "interpreter", "id": "ann", "body": record("ann")}),
        msgpack.packb({"kind": "availability", "id": "ann", "body": present("ann")}),
        msgpack.packb({"kind": "interpreter", "id": "ann", "body": None}),
        msgpack.packb({"kind": "interpreter", "id": "bo", "body": record("bo")}),
        msgpack.packb({"kind": "availability", "id": "bo", "body": present("bo")}),
    ]
    script = 'for i, e in ipairs(ARGV) do redis.call("XADD", KEYS[1], "*", "e", e) end'
    await world.store.command("EVAL", script, 1, world.keys.feed, *entries)

    await world.until(lambda: market.available)
    assert sorted(market.profiles) == ["bo", "old"]
    assert heard == [["bo"]]  # not Ann, who was free for a moment and is gone


async def test_a_listener_that_fails_does_not_end_the_following(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came after it is known all the same."""
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    market = await world.market()
    failed: list[Market] = []
    has_failed = asyncio.Event()

    def fail(market: Market, free: list[str]) -> None:
        del free
        world.markets.listeners.remove(fail)
        failed.append(market)
        has_failed.set()
        raise RuntimeError("never thought of")

    world.markets.listeners.append(fail)
    await world.present("ann")
    async with asyncio.timeout(5):
        await has_failed.wait()  # those who listen after it have not heard of her
    assert failed == [market]
    await world.present("bo")
    await world.until(lambda: market.available == 2)


async def test_a_snapshot_leaves_out_what_it_cannot_read(world: World) -> None:
    await world.register("ann")
    await world.register("new")
    name = world.keys.record("interpreter", "new")
    write = Write(name, 1, pack(Profile("new", profile("new"), 1), 99))
    assert await world.store.commit(world.marketplace, Batch(writes=(write,)))
    assert list((await world.market()).profiles) == ["ann"]


async def test_how_far_reading_is_goes_to_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOLD_EVERY", 2)
    for number in range(5):
        await world.register(f"p{number}")
    with capture_logs() as logs:
        await world.market()
    told = [(each["event"], each["interpreters"]) for each in logs if "interpreters" in each]
    assert told == [("reading", 2), ("reading", 4), ("population read", 5)]


async def test_a_store_that_goes_and_comes(
    world: World, wire: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening fails and is tried anew; a follower that lost its store goes on where it was."""
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    await world.register("ann")
    async with Store(wire.url, timeout_s=1) as store, Markets(store, TABLES) as markets:
        wire.answers = True
        with pytest.raises(StoreUnavailable):
            await markets.get(world.marketplace)
        wire.answers = False
        market = await markets.get(world.marketplace)
        assert await markets.get(world.marketplace) is market
        world.markets = markets
        for who in ("bo", "cy"):
            await wire.sever()
            await world.register(who)
            await world.until(lambda who=who: who in market.profiles)  # type: ignore[misc]
        wire.answers = True
        await wire.sever()
        await world.store.command("EVAL", TRIM, 1, world.keys.feed)
        await world.register("dan")
        wire.answers = False
        await world.until(lambda: "dan" in market.profiles)
    assert sorted(market.profiles) == ["ann", "bo", "cy", "dan"]
