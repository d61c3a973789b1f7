"""What ranks is what was promoted, if it is what it says."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from matching.population import Population
from signalling.errors import InvalidParams, Unavailable
from signalling.markets import Markets
from signalling.models import HAND, Promotions, admit, follow, retry_pauses
from signalling.store.bus import Bus
from signalling.store.models import ModelFiles
from signalling.store.store import StoreUnavailable
from tests import learnt
from tests.world import TABLES, World

ONE, OTHER = learnt.model(1.0), learnt.model(2.0)
Promote = Callable[[bytes, str], Awaitable[None]]


@pytest.fixture
async def promoted(files: ModelFiles) -> Promote:
    async def promote(data: bytes, version: str) -> None:
        await files.put(version, data)
        await files.promote(version)

    return promote


async def ranking(world: World) -> str:
    return (await world.market()).population.scorer.model


async def test_admitted_is_what_it_says() -> None:
    assert await admit(learnt.file()) == ONE
    for data in (b"", b"no archive", learnt.tampered()):
        with pytest.raises(InvalidParams, match="the model is refused"):
            await admit(data)


async def test_a_market_opens_with_the_current_model(world: World, promoted: Promote) -> None:
    await promoted(learnt.file(), ONE.version)
    assert await ranking(world) == ONE.version


async def test_nothing_current_is_the_hand_weights(world: World, files: ModelFiles) -> None:
    await files.put(ONE.version, learnt.file())
    assert await ranking(world) == HAND == "hand"


async def test_following(world: World, files: ModelFiles, promoted: Promote) -> None:
    """From one to the next and back to the hand weights; the same again is no exchange."""
    population = Population(TABLES)
    for model, data in ((ONE, learnt.file()), (OTHER, learnt.file(2.0))):
        await promoted(data, model.version)
        await follow(world.store, world.marketplace, population)
        assert population.scorer.model == model.version
    scorer = population.scorer
    await follow(world.store, world.marketplace, population)
    assert population.scorer is scorer
    await files.retire()
    await follow(world.store, world.marketplace, population)
    assert population.scorer.model == HAND


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (learnt.tampered(), ONE.version),
        (learnt.file(), OTHER.version),
        (b"no archive", "learnt-0"),
        (learnt.file()[:-30], ONE.version),
    ],
    ids=["tampered", "another's name", "no model", "cut off"],
)
async def test_a_broken_file_leaves_the_old_one(
    world: World, promoted: Promote, data: bytes, version: str
) -> None:
    third = learnt.model(3.0)
    await promoted(learnt.file(3.0), third.version)
    market = await world.market()
    await promoted(data, version)
    with capture_logs() as logs:
        await world.markets.tune(world.marketplace)
    assert market.population.scorer.model == third.version
    (entry,) = [each for each in logs if each["event"] == "a model was left out"]
    assert entry["version"] == version


async def test_a_file_that_is_gone_leaves_the_old_one(world: World, promoted: Promote) -> None:
    await world.market()
    await promoted(learnt.file(), ONE.version)
    await world.store.command("DEL", world.keys.model(ONE.version))
    await world.markets.tune(world.marketplace)
    assert await ranking(world) == HAND


async def test_a_market_opens_though_no_model_can_be_read(
    world: World, promoted: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the hand weights, until whoever follows the promotions tries again."""

    async def killed(_: bytes) -> None:
        raise Unavailable("who was to read a model ended with -9")

    await promoted(learnt.file(), ONE.version)
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr("signalling.models.admit", killed)
        assert await ranking(world) == HAND
        with pytest.raises(Unavailable):
            await world.markets.tune(world.marketplace)
    await world.markets.tune(world.marketplace)
    assert await ranking(world) == ONE.version


async def test_a_store_that_goes_while_a_market_opens(
    world: World, promoted: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not opened by the hand weights then: who asks again gets it whole."""

    async def lost(*_: object) -> None:
        raise StoreUnavailable

    await promoted(learnt.file(), ONE.version)
    with monkeypatch.context() as gone:
        gone.setattr("signalling.markets.follow", lost)
        with pytest.raises(StoreUnavailable):
            await world.market()
    assert await ranking(world) == ONE.version


class Heard:
    """Counts what is to be tuned, and fails as often as it is told to."""

    def __init__(self, markets: Markets) -> None:
        self.markets = markets
        self.failures = 0
        self.error: Exception = StoreUnavailable()
        self.tuned: asyncio.Queue[str] = asyncio.Queue()

    async def tune(self, marketplace: str) -> None:
        if self.failures:
            self.failures -= 1
            self.tuned.put_nowait("failed")
            raise self.error
        await self.markets.tune(marketplace)
        self.tuned.put_nowait(marketplace)


@pytest.fixture
async def heard(world: World) -> Heard:
    return Heard(world.markets)


async def test_promotions_are_heard(world: World, heard: Heard, promoted: Promote) -> None:
    """Each is followed, and one that came before it was watched, too; a gap is looked into."""
    async with Bus(world.store) as bus, Promotions(bus, heard.tune) as promotions:
        async with asyncio.timeout(5):
            await world.market()
            await promoted(learnt.file(), ONE.version)
            await promotions.watch(world.marketplace)
            await promotions.watch(world.marketplace)
            await heard.tuned.get()
            assert await ranking(world) == ONE.version
            await promoted(learnt.file(2.0), OTHER.version)
            await heard.tuned.get()
            assert await ranking(world) == OTHER.version
            await world.store.command("DEL", world.keys.current_model)  # told nobody
            promotions.look()
            await heard.tuned.get()
            assert await ranking(world) == HAND
        assert heard.tuned.empty()


async def test_a_store_that_does_not_answer(
    world: World, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again until it does; who could not subscribe may watch later."""
    monkeypatch.setattr("signalling.models.RETRY_S", 0.001)
    heard.failures = 3
    async with Bus(world.store) as bus, Promotions(bus, heard.tune) as promotions:

        async def refuse(*_: object) -> None:
            raise StoreUnavailable

        with monkeypatch.context() as broken:
            broken.setattr(bus, "subscribe", refuse)
            with pytest.raises(StoreUnavailable):
                await promotions.watch(world.marketplace)
        await promotions.watch(world.marketplace)
        async with asyncio.timeout(5):
            heard_of = [await heard.tuned.get() for _ in range(4)]
    assert heard_of == ["failed"] * 3 + [world.marketplace]


async def test_a_promotion_does_not_wait_for_the_next_try(
    world: World, heard: Heard, promoted: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.models.RETRY_S", 3600.0)
    heard.failures, heard.error = 1, Unavailable("who was to read a model ended with -9")
    async with Bus(world.store) as bus, Promotions(bus, heard.tune) as promotions:
        await promotions.watch(world.marketplace)
        async with asyncio.timeout(5):
            assert await heard.tuned.get() == "failed"
            await promoted(learnt.file(), ONE.version)
            assert await heard.tuned.get() == world.marketplace
    assert await ranking(world) == ONE.version


def test_tries_become_rarer() -> None:
    pauses = list(itertools.islice(retry_pauses(), 8))
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


async def test_a_defect_does_not_end_the_following(
    world: World, heard: Heard, promoted: Promote
) -> None:
    heard.failures, heard.error = 1, RuntimeError("never thought of")
    async with Bus(world.store) as bus, Promotions(bus, heard.tune) as promotions:
        await promotions.watch(world.marketplace)
        async with asyncio.timeout(5):
            assert await heard.tuned.get() == "failed"
            await promoted(learnt.file(), ONE.version)
            assert await heard.tuned.get() == world.marketplace
    assert await ranking(world) == ONE.version
