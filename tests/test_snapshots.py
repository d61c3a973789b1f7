"""A process that starts with a snapshot knows what one that reads everything knows."""

import io
import random
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from matching.errors import InvalidSnapshot
from matching.population import Population
from signalling import snapshots as module
from signalling.core import events as on
from signalling.core.booking_events import Suspend
from signalling.core.history import Finished
from signalling.market import Market
from signalling.markets import Markets
from signalling.settings import Store as Stored
from signalling.snapshots import Snapshots, read, slices, snapshots_of
from signalling.store.store import Store, StoreUnavailable
from signalling.translate import request_of
from tests.market_records import HOUR, LATE, NIGHT, busy, present, record, state
from tests.test_markets import TRIM, change, put
from tests.world import TABLES, TERMS, World, operator

WHOLE, PART = "population read", "the feed is read since"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few people be worth a snapshot, in slices of three."""
    monkeypatch.setattr(module, "SMALLEST", 1)
    monkeypatch.setattr(module, "AT_ONCE", 3)


@contextmanager
def said() -> Iterator[list[Any]]:
    with capture_logs() as logs:
        yield logs


def snapshots(directory: Path, **other: Any) -> Snapshots:
    return Snapshots(directory, replace(TABLES, **other), 3600)


def suffixes(directory: Path) -> list[str]:
    return sorted(each.suffix for each in directory.iterdir())


async def opened(world: World, directory: Path) -> tuple[dict[str, Any], list[str], int]:
    """Start and end a process; return what it knew, what it logged, how many changes it read."""
    structlog.reset_defaults()
    with said() as logs:
        async with Markets(world.store, TABLES, snapshots(directory)) as markets:
            found = state(await markets.get(world.marketplace))
    changes = sum(each["changes"] for each in logs if each["event"] == PART)
    return found, [each["event"] for each in logs], changes


async def truth(world: World) -> dict[str, Any]:
    """Return what a process knows that reads everything from the store."""
    async with Markets(world.store, TABLES) as markets:
        return state(await markets.get(world.marketplace))


async def test_a_restart_reads_the_rest_only(world: World, tmp_path: Path) -> None:
    """Whatever happened meanwhile: people who came, changed, worked and were removed."""
    chance = random.Random(5)
    for _ in range(80):
        await change(world, chance)
    first, log, _ = await opened(world, tmp_path)
    assert log[-1] == "a snapshot is written"
    assert WHOLE in log
    path = tmp_path / f"{world.marketplace}.snapshot"
    assert path.stat().st_mode & 0o777 == 0o600
    assert suffixes(tmp_path) == [".lock", ".snapshot"]

    again, log, changes = await opened(world, tmp_path)
    assert (again, changes) == (first, 0)
    assert WHOLE not in log
    assert log[-1] == PART  # nothing new, nothing written

    before = len(await world.feed())
    for _ in range(40):
        await change(world, chance)
    await world.present("new")
    later, log, changes = await opened(world, tmp_path)
    assert WHOLE not in log
    assert changes == len(await world.feed()) - before > 0
    assert later == await truth(world) != first
    assert "new" in later["profiles"]


async def test_who_was_removed_meanwhile(world: World, tmp_path: Path) -> None:
    await world.present("ann", "bo")
    await opened(world, tmp_path)
    for who in ("ann", "bo"):
        await world.tell("availability", who, on.SetStatus("busy"))
    await world.call("interpreter.remove", operator(world), interpreter="ann")
    found, log, _ = await opened(world, tmp_path)
    assert WHOLE not in log
    assert list(found["profiles"]) == ["bo"]
    assert found["numbers"] == 1
    assert found["available"] == 0


async def test_who_is_present_before_their_profile(world: World, tmp_path: Path) -> None:
    """Their records are kept as well: told of the profile alone, they can be asked."""
    await world.present("ann")
    await world.online("bo")
    await world.tell("interpreter", "ann", Finished("ann", "no-so", "h:kari", good=True))
    await opened(world, tmp_path)
    await world.register("bo")
    found, log, changes = await opened(world, tmp_path)
    assert (WHOLE in log, changes) == (False, 1)
    assert found["available"] == 2
    assert found == await truth(world)


async def test_what_somebody_worked_and_everybodys_share(world: World, tmp_path: Path) -> None:
    """What came since the file was written counts at once, and the work of a day ends."""
    await world.register("ann")
    await put(world, "ann", busy("ann", 3))
    await opened(world, tmp_path)
    await put(world, "ann", busy("ann", 6))
    async with Markets(world.store, TABLES, snapshots(tmp_path)) as markets:
        market, world.markets = await markets.get(world.marketplace), markets
        assert market.target == 0.6
        assert market.population.presence("ann").minutes_today == 45
        await put(world, "ann", present("ann"))
        await world.until(lambda: market.population.presence("ann").minutes_today == 0)


async def test_who_is_suspended(world: World, tmp_path: Path) -> None:
    """Whether before the file was written or since."""
    for who in ("ann", "bo"):
        await world.register(who)
    await world.tell("availability", "ann", Suspend(10**13))
    await opened(world, tmp_path)
    await world.tell("availability", "bo", Suspend(10**13))
    found, log, _ = await opened(world, tmp_path)
    assert WHOLE not in log
    assert [found["presence"][who].suspended_until_ms for who in ("ann", "bo")] == [10**13] * 2


async def test_told_at_once_of_changes_after_a_restart(world: World, tmp_path: Path) -> None:
    await world.present("ann")
    await opened(world, tmp_path)
    async with Markets(world.store, TABLES, snapshots(tmp_path)) as markets:
        market, world.markets = await markets.get(world.marketplace), markets
        await world.present("bo")
        await world.until(lambda: market.available == 2)


async def test_a_file_that_is_not_what_it_was(world: World, tmp_path: Path) -> None:
    """Changed, cut, empty, another's or of other tables: read in whole, and written anew."""
    await world.present("ann", "bo")
    whole = await truth(world)
    await opened(world, tmp_path)
    path = tmp_path / f"{world.marketplace}.snapshot"
    good = path.read_bytes()
    other = good.replace(world.marketplace.encode(), b"w-" + b"0" * 12)
    for bad in (good[:-1], good[:40], b"", good.replace(b"Ann", b"Eve"), other):
        path.write_bytes(bad)
        found, log, _ = await opened(world, tmp_path)
        assert found == whole
        assert "a snapshot is not used" in log
        assert WHOLE in log
        assert path.read_bytes() == good
    with pytest.raises(InvalidSnapshot):
        read(io.BytesIO(good), world.marketplace, replace(TABLES, digest="other"))
    with pytest.raises(InvalidSnapshot):
        read(io.BytesIO(good), "another", TABLES)


async def test_records_that_cannot_be_read(world: World, tmp_path: Path) -> None:
    """A file with right checksums that this version does not understand stops nobody."""
    await world.present("ann", "bo")
    market = await world.market()
    await world.until(lambda: market.available == 2)
    assert market.position is not None
    market.availability.bodies["ann"] = b"\xc1"
    path = tmp_path / f"{world.marketplace}.snapshot"
    path.write_bytes(b"".join(slices(market, market.position)))
    found, log, _ = await opened(world, tmp_path)
    assert found == await truth(world)
    assert "a snapshot is not used" in log
    assert WHOLE in log


@pytest.mark.parametrize("lost", [TRIM, 'redis.call("DEL", KEYS[1])'])
async def test_a_feed_that_goes_on_elsewhere(world: World, tmp_path: Path, lost: str) -> None:
    """What was trimmed past the file, or is another store's feed, is no continuation of it."""
    await world.present("ann", "bo")
    await opened(world, tmp_path)
    await world.store.command("EVAL", lost, 1, world.keys.feed)
    await world.register("cy")
    found, log, _ = await opened(world, tmp_path)
    assert found == await truth(world)
    assert "a snapshot is not used" in log
    assert WHOLE in log


async def test_a_feed_trimmed_while_it_is_read(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.present("ann", "bo")
    await opened(world, tmp_path)
    load = Snapshots.load

    async def slow(*arguments: Any) -> Market | None:
        market = await load(*arguments)
        await world.store.command("EVAL", TRIM, 1, world.keys.feed)
        return market

    monkeypatch.setattr(Snapshots, "load", slow)
    found, log, _ = await opened(world, tmp_path)
    assert found == await truth(world)
    assert WHOLE in log


async def test_an_end_in_the_middle_of_writing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file stays, whether it was cancelled, killed or the disk was full."""
    await world.present("ann", "bo")
    await opened(world, tmp_path)
    path = tmp_path / f"{world.marketplace}.snapshot"
    old = path.read_bytes()
    (tmp_path / f"{world.marketplace}.new").write_bytes(b"left by one that was killed")
    await world.present("cy")

    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise OSError("no space left on device")

        patch.setattr("os.fsync", full)
        found, log, _ = await opened(world, tmp_path)
        assert log[-1] == "a snapshot cannot be written"
    assert path.read_bytes() == old
    assert suffixes(tmp_path) == [".lock", ".snapshot"]
    again, log, _ = await opened(world, tmp_path)
    assert (again, WHOLE in log, log[-1]) == (found, False, "a snapshot is written")
    assert path.read_bytes() != old


@pytest.mark.parametrize("length", [100, 20_000])
async def test_a_disk_that_is_full(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Be it noticed in the middle, or only when what is buffered has to go."""
    await world.present("ann")
    market = await world.market()
    await world.until(lambda: market.available == 1)
    monkeypatch.setattr(module, "slices", lambda *_: iter([bytes(length)]))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with said() as logs:
            await snapshots(tmp_path).save(market)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert [each["event"] for each in logs] == ["a snapshot cannot be written"]
    assert suffixes(tmp_path) == [".lock"]


async def test_a_defect_does_not_end_the_writing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged, nothing is left behind, and the next time is another chance."""
    await world.present("ann")
    market = await world.market()
    await world.until(lambda: market.available == 1)
    kept = snapshots(tmp_path)

    def broken(*_: object) -> None:
        raise RuntimeError("dictionary changed size during iteration")

    with monkeypatch.context() as patch, said() as logs:
        patch.setattr(module, "slices", broken)
        await kept.save(market)
    assert [each["event"] for each in logs] == ["a snapshot cannot be written"]
    assert suffixes(tmp_path) == [".lock"]
    await kept.save(market)
    assert suffixes(tmp_path) == [".lock", ".snapshot"]


async def test_one_process_writes_at_a_time(world: World, tmp_path: Path) -> None:
    await world.present("ann")
    market = await world.market()
    await world.until(lambda: market.available == 1)
    one, other = snapshots(tmp_path), snapshots(tmp_path)
    draft = module._Draft(one.path(world.marketplace))
    await other.save(market)
    draft.close()
    assert not one.path(world.marketplace).exists()
    await other.save(market)
    assert one.path(world.marketplace).exists()


async def test_a_directory_that_cannot_be(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    await world.present("ann")
    market = await world.market()
    with said() as logs:
        await snapshots(tmp_path / "file").save(market)
    assert [each["event"] for each in logs] == ["a snapshot cannot be written"]


async def test_it_is_written_now_and_then(world: World, tmp_path: Path) -> None:
    await world.present("ann")
    kept = Snapshots(tmp_path, TABLES, 0.01)
    async with Markets(world.store, TABLES, kept) as markets:
        world.markets = markets
        market = await markets.get(world.marketplace)
        while not kept.path(world.marketplace).exists():
            await world.register("bo")  # a turn of the loop and of the store
        position = market.position
        assert position is not None


async def test_changes_while_it_is_written(world: World, tmp_path: Path) -> None:
    """Between any two slices people change; with the feed since, all is as it is."""
    chance = random.Random(2)
    for _ in range(60):
        await change(world, chance)
    market = await world.market()
    position = market.position
    assert position is not None
    parts = []
    for part in slices(market, position):
        parts.append(part)
        for _ in range(3):
            await change(world, chance)
    kept = snapshots(tmp_path)
    kept.path(world.marketplace).parent.mkdir(exist_ok=True)
    kept.path(world.marketplace).write_bytes(b"".join(parts))
    found, log, changes = await opened(world, tmp_path)
    assert WHOLE not in log
    assert changes
    assert found == await truth(world)


async def test_few_people_are_not_worth_a_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALLEST", 2)
    await world.present("ann")
    await opened(world, tmp_path)
    assert suffixes(tmp_path) == []


async def test_a_store_that_does_not_answer(world: World, tmp_path: Path) -> None:
    """It is not the file's fault: opening fails, and is tried anew."""
    await world.present("ann")
    await opened(world, tmp_path)
    async with Store("unix:///nowhere/s") as away:
        markets = Markets(away, TABLES, snapshots(tmp_path))
        with pytest.raises(StoreUnavailable):
            await markets.get(world.marketplace)


def test_what_is_set() -> None:
    kept = snapshots_of(Stored(data="d", snapshot_s=5), TABLES)
    assert kept is not None
    assert (kept.path("m"), kept.every_s) == (Path("d/index/m.snapshot"), 5)
    assert snapshots_of(Stored(snapshot_s=0), TABLES) is None


def test_whose_app_is_closed_is_known_after_a_restart() -> None:
    """And so, whom no push may wake."""
    market = Market("m", Population(TABLES))
    for who in ("ann", "bo"):
        market.apply("interpreter", who, record(who, quiet=NIGHT))
    shut = present("ann", sessions=(), push=True, until_ms=LATE + HOUR)
    market.apply("availability", "ann", shut)
    market.apply("availability", "bo", present("bo"))

    again = read(io.BytesIO(b"".join(slices(market, "1-1"))), "m", TABLES)

    assert again.available == 2
    assert again.quiet(request_of(TERMS), LATE) == {"ann"}
