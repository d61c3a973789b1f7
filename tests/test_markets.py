"""The population in memory is what the store says, whatever was missed."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import msgpack
import pytest
from structlog.testing import capture_logs

from matching.population import Population
from matching.types import NEW, Mode
from signalling import markets as module
from signalling.core import events as on
from signalling.core.availability import Availability, Connection, Status
from signalling.core.booking_events import Suspend
from signalling.core.diary import Booking, Diary
from signalling.core.history import Finished, History, Rated
from signalling.core.profile import Profile
from signalling.core.track import Counts
from signalling.markets import Market, Markets
from signalling.store.commit import Append, Batch, IndexChange, Write
from signalling.store.records import pack
from signalling.store.store import Store, StoreUnavailable
from signalling.translate import admitted_profile, request_of
from tests.store.cut import Cut
from tests.world import HOSPITAL, TABLES, TERMS, World, operator, profile

# Two entries, of which a reader who is behind only ever sees the second.
TRIM = """
for _ = 1, 2 do redis.call("XADD", KEYS[1], "*", "e", "x") end
redis.call("XTRIM", KEYS[1], "MAXLEN", 1)
"""
PAIR = ("no", "so")
NOW, HOUR = 1_800_000_000_000, 3_600_000


@pytest.fixture
async def wire(valkey: str) -> AsyncIterator[Cut]:
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        async with Cut(valkey.removeprefix("unix://"), f"{runtime}/s") as wire:
            yield wire


def record(who: str, **fields: Any) -> bytes:
    return pack(Profile(who, admitted_profile(profile(who, **fields), TABLES), 1), 1)


def present(who: str, **fields: Any) -> bytes:
    sessions = (Connection("s", 1),)
    fields = {"sessions": sessions, "idle_since_ms": 60_000, **fields}
    return pack(Availability(who, Status.AVAILABLE, **fields), 1)


def busy(who: str, offers: float, hours: float = 10) -> bytes:
    """Return who is present and got so many offers in so many hours, with 45 minutes of work."""
    counts = Counts(
        *(NOW, offers, hours, 4, 1, 5, 1), ((NOW // HOUR, 45),), streak_min=30, worked_until_ms=NOW
    )
    return present(who, counts=counts, status_since_ms=NOW, idle_since_ms=NOW)


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


def state(market: Market) -> dict[str, Any]:
    people = sorted(market.profiles)
    return {
        "profiles": market.profiles,
        "availability": {
            who: found.feed
            for who, found in market.availability.items()
            if found.feed != Availability(who).feed
        },
        "pairs": market.pair_counts(),
        "available": market.available,
        "presence": {who: market.population.presence(who) for who in people},
        "numbers": len(market.population),
        "tracks": {who: market.population.track(who) for who in people},
        "histories": market.histories,
    }


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


def test_who_is_available_before_they_are_known() -> None:
    """Profile and presence may come in either order; both are needed."""
    market = Market("m", Population(TABLES))
    assert not market.apply("availability", "ann", present("ann"))
    assert (market.available, market.pair_counts()) == (0, [])
    assert market.apply("interpreter", "ann", record("ann"))
    assert market.available == 1
    assert market.population.presence("ann").last_active_ms == 60_000
    other = Market("m", Population(TABLES))
    assert not other.apply("interpreter", "ann", record("ann"))
    assert other.apply("availability", "ann", present("ann"))
    assert state(market) == state(other)


def test_who_has_records_and_no_profile() -> None:
    market = Market("m", Population(TABLES))
    market.apply("availability", "ann", present("ann"))
    market.apply("history", "bo", pack(History("bo"), 1))
    assert market.strangers == {"ann", "bo"}
    market.apply("interpreter", "ann", record("ann"))
    market.apply("history", "bo", None)
    assert market.strangers == set()
    market.apply("interpreter", "ann", None)
    assert market.strangers == {"ann"}
    market.apply("availability", "ann", None)
    assert market.strangers == set()


def test_who_goes() -> None:
    """Removed is gone; whoever goes offline frees their reservation."""
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    market.apply("availability", "ann", present("ann"))
    market.population.reserve("ann", 10**13)
    assert market.pair_counts() == []
    market.apply("availability", "ann", pack(Availability("ann"), 1))
    assert market.apply("availability", "ann", present("ann"))
    assert market.pair_counts() != []
    market.apply("interpreter", "ann", None)
    assert (market.available, len(market.population)) == (0, 0)
    assert not market.apply("availability", "ann", None)
    assert not market.apply("interpreter", "ann", None)
    assert market.availability == {}


def test_who_rings() -> None:
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    rings = pack(Availability("ann", Status.RINGING), 1)
    market.apply("availability", "ann", rings)
    assert market.ringing == {"ann"}
    again = Market("m", Population(TABLES))
    again.availability.put("ann", rings)
    again.resume()
    assert again.ringing == {"ann"}
    market.apply("availability", "ann", present("ann"))
    assert market.ringing == set()
    market.apply("availability", "ann", rings)
    market.apply("availability", "ann", None)
    assert market.ringing == set()


def test_a_booking_changes_the_agenda_and_not_who_is_there() -> None:
    """It may end what kept somebody from being asked, if they are there."""
    market = Market("m", Population(TABLES))
    booked = pack(Diary("ann", (Booking("a1", "1", NOW, NOW + HOUR),)), 1)
    assert not market.apply("diary", "ann", booked)
    assert market.strangers == {"ann"}
    market.apply("interpreter", "ann", record("ann"))
    assert not market.apply("diary", "ann", booked)
    assert market.apply("availability", "ann", present("ann"))
    agenda = market.population.agenda("ann")
    assert agenda is not None
    assert len(agenda.diary) == 1
    assert market.apply("diary", "ann", pack(Diary("ann"), 1))
    assert market.population.agenda("ann") is None
    assert market.available == 1


def test_the_past_is_told() -> None:
    """In whichever order it comes; who is removed and registered again is new."""
    history = pack(History("ann", {"no-so": 4}, {"h:kari": (2, NOW)}, stars=9, rated=2), 1)
    told = [
        ("interpreter", "ann", record("ann")),
        ("availability", "ann", busy("ann", 3)),
        ("history", "ann", history),
    ]
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        market = Market("m", Population(TABLES))
        for index in order:
            market.apply(*told[index])
        track, presence = market.population.track("ann"), market.population.presence("ann")
        assert (track.sessions, track.stars, track.completed) == ({"no-so": 4}, 9, 5)
        assert (track.offers, track.online_h) == (3, 10)
        assert (presence.minutes_today, presence.streak_min) == (45, 30)

    later = present("ann", status_since_ms=NOW + 30 * HOUR, counts=Counts(NOW, 3, 10))
    market.apply("availability", "ann", later)
    assert market.population.presence("ann").minutes_today == 0
    for kind, who, _ in told:
        market.apply(kind, who, None)
    market.apply(*told[0])
    assert market.population.track("ann") == NEW
    assert market.share.rate == 0


def test_a_kind_of_a_newer_node_is_nothing() -> None:
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    market.apply("availability", "ann", present("ann"))
    before = state(market)
    assert market.apply("mood", "ann", b"\x80")
    assert state(market) == before


def test_until_when_somebody_is_free() -> None:
    market = Market("m", Population(TABLES))
    market.apply("interpreter", "ann", record("ann"))
    market.apply("availability", "ann", present("ann", until_ms=NOW))
    assert market.population.presence("ann").free_until_ms == NOW
    market.apply("availability", "ann", present("ann"))
    assert market.population.presence("ann").free_until_ms is None


def test_exposure_aims_at_what_is_everybodys() -> None:
    """At once when it is known, then at most once a minute, and only if it moved by 5 %."""
    market = Market("m", Population(TABLES))
    for who, offers in (("ann", 2), ("bo", 4)):
        market.apply("interpreter", who, record(who))
        market.apply("availability", who, busy(who, offers))
    market.aim(7)
    assert market.target == 0.3
    exposed = [market.population.personal.codes(n)["exposure"] for n in (0, 1)]
    assert exposed[0] > exposed[1]
    market.apply("availability", "bo", busy("bo", 8))
    market.aim(66)
    assert market.target == 0.3
    market.aim(67)
    assert market.target == 0.5
    market.apply("availability", "bo", busy("bo", 8.4))
    market.aim(1000)
    assert market.target == 0.5


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


POLISH = [{"tag": "no", "level": "C1"}, {"tag": "pl", "level": "C1"}]
NIGHT = {"from": "22:00", "to": "07:00"}
LATE, NOON = 1_800_054_000_000, 1_800_010_800_000  # 00:00 and 12:00 in Oslo


def woken(market: Market, now_ms: int, **terms: Any) -> set[str]:
    """Return who of those known may be woken for a request."""
    request = request_of(TERMS | terms)
    return set(market.profiles) - market.quiet(request, now_ms)


def test_whom_nobody_wakes() -> None:
    """For a booking whoever is asleep, for work now whose app is closed; in an emergency nobody."""
    market = Market("m", Population(TABLES))
    assert market.quiet(request_of(TERMS), LATE) == set()
    for who, fields in {"ann": {}, "bo": {"quiet": NIGHT}, "cy": {"quiet": NIGHT}}.items():
        market.apply("interpreter", who, record(who, **fields))
    market.apply("interpreter", "di", record("di", languages=POLISH, quiet=NIGHT))
    later = {"start_ms": LATE + 100 * HOUR}
    assert woken(market, LATE, **later) == {"ann", "di"}
    assert woken(market, NOON, **later) == {"ann", "bo", "cy", "di"}
    assert woken(market, LATE, **later, emergency=True) == {"ann", "bo", "cy", "di"}

    assert woken(market, LATE) == {"ann", "bo", "cy", "di"}
    closed = {"sessions": (), "push": True, "until_ms": LATE + HOUR}
    for who in ("ann", "bo"):
        market.apply("availability", who, present(who, **closed))
    market.apply("availability", "cy", present("cy", push=True, until_ms=LATE + HOUR))
    assert market.available == 3
    assert woken(market, LATE) == {"ann", "cy", "di"}
    assert woken(market, NOON) == woken(market, LATE, emergency=True) == set(market.profiles)
    market.apply("availability", "bo", present("bo", push=True, until_ms=LATE + HOUR))
    assert woken(market, LATE) == set(market.profiles)


def test_counts_and_cards() -> None:
    """Counts go by pair and mode; a card has the languages of the pair and no place."""
    market = Market("m", Population(TABLES))
    for who, modes in (("ann", ["video"]), ("bo", ["video", "audio"])):
        market.apply("interpreter", who, record(who, modes=modes, specialisms=["medical"]))
        market.apply("availability", who, present(who))
    assert market.pair_counts() == [
        {
            "languages": {"from": "no", "to": "so"},
            "available": 2,
            "modes": {"audio": 1, "video": 2},
        }
    ]
    assert market.population.summary()[PAIR][Mode.VIDEO] == 2
    card = market.card("ann", ("so", "en"))
    assert [skill["tag"] for skill in card.pop("languages")] == ["so"]
    assert card == {"name": "Ann", "specialisms": ["medical"]}


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
