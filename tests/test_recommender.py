"""New bookings are told to those whom they fit, over the real store and bus."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from signalling import recommender as module
from signalling.core import events as on
from signalling.recommender import Recommender, fitting
from signalling.store.bus import Bus
from signalling.store.leases import Ownership
from signalling.store.store import StoreUnavailable
from tests.world import HOSPITAL, TERMS, World

HOUR_MS = 3_600_000
EVENT = "assignment.recommended"


async def book(world: World, id_: str, *, window: bool = True, **terms: Any) -> Any:
    """Ask for a Somali interpreter in two hours, with an hour to say that they could."""
    now_ms = world.clock.now_ms()
    booking = TERMS | {"start_ms": now_ms + 2 * HOUR_MS, "starts_at": "2027-01-15T10:00:00Z"}
    until_ms = now_ms + HOUR_MS if window else None
    create = on.Create(id_, HOSPITAL, "kari", booking | terms, interest_until_ms=until_ms)
    return await world.tell("assignment", id_, create)


async def registered(world: World, *people: str, **fields: Any) -> None:
    """Register Somali interpreters, none of whom is there."""
    for who in people:
        await world.register(who, **fields)
    market = await world.market()
    await world.until(lambda: all(who in market.profiles for who in people))


async def told(world: World, who: str) -> list[str]:
    """Return what was recommended to somebody."""
    mails = await world.mails(f"i:{who}")
    return [
        params["recommendation"]["assignment"]["id"] for method, params in mails if method == EVENT
    ]


@asynccontextmanager
async def recommending(world: World, node: str = "n1") -> AsyncIterator[Recommender]:
    async with Bus(world.store) as bus, Recommender(world.engine, bus, world.markets, node) as it:
        await it.watch(world.marketplace)
        yield it


class Mail:
    """Waits for events of one inbox."""

    def __init__(self, world: World, bus: Bus, who: str) -> None:
        self.world, self.bus, self.who = world, bus, who
        self.came = asyncio.Event()

    async def listen(self) -> None:
        channel = self.world.keys.inbox(f"i:{self.who}")
        await self.bus.subscribe(channel, lambda *_: self.came.set())

    async def until(self, *ids: str) -> None:
        """Wait until exactly these are recommended."""
        async with asyncio.timeout(5):
            while await told(self.world, self.who) != list(ids):
                await self.came.wait()
                self.came.clear()


@pytest.fixture
async def ann(world: World) -> AsyncIterator[Mail]:
    """Give the mail of Ann, who is not there."""
    await registered(world, "ann")
    async with Bus(world.store) as bus:
        mail = Mail(world, bus, "ann")
        await mail.listen()
        yield mail


async def test_a_new_booking_is_told_once(world: World, ann: Mail) -> None:
    """Also to who is offline; without a window there is nothing to say, and offers go out."""
    async with recommending(world) as recommender:
        await book(world, "a1")
        await ann.until("a1")
        await recommender.watch(world.marketplace)  # again is harmless
        await book(world, "a2", window=False)
        await book(world, "a3")
        await ann.until("a1", "a3")
    a = await world.get("assignment", "a1")
    assert a.recommended == ("ann",)
    (_, params), _ = await world.mails("i:ann")
    assert params["recommendation"]["interest_until"]
    assert "kari" not in str(params)
    assert params["recommendation"]["score"] == sum(
        reason["contribution"] for reason in params["recommendation"]["reasons"]
    )


async def test_what_was_missed_is_found(
    world: World, ann: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a process begins, and from time to time, whenever the store answers."""
    await book(world, "a1")
    async with recommending(world) as recommender:
        await ann.until("a1")
        await recommender.bus.unsubscribe(world.keys.untold, recommender._heard)
        await book(world, "a2")
        monkeypatch.setattr(recommender.engine.store, "command", failing_once(world))
        await recommender._sweep(world.marketplace)
        assert not recommender._waiting
        await recommender._sweep(world.marketplace)
        recommender._woken.set()
        await ann.until("a1", "a2")
    assert await world.index("untold") == []


def failing_once(world: World) -> Callable[..., Awaitable[Any]]:
    whole, calls = world.store.command, itertools.count()

    async def command(*args: Any) -> Any:
        if next(calls) == 0:
            raise StoreUnavailable("gone")
        return await whole(*args)

    return command


async def test_looks_by_itself(world: World, ann: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    async with recommending(world) as recommender:
        await recommender.bus.unsubscribe(world.keys.untold, recommender._heard)
        await book(world, "a1")
        await ann.until("a1")


async def test_changed_terms_are_told_again(world: World, ann: Mail) -> None:
    async with recommending(world):
        await book(world, "a1")
        await ann.until("a1")
        await world.tell("assignment", "a1", on.Update("c", {"duration_min": 60}))
        await ann.until("a1", "a1")


async def test_one_process_recommends(world: World, ann: Mail) -> None:
    """Another takes over when the lease of the first has ended."""
    ownership = Ownership(world.store, world.marketplace)
    assert await ownership.acquire("recommend", "other", 60_000)
    async with recommending(world) as recommender:
        await book(world, "a1")
        await recommender._take((world.marketplace, "a1"))
        assert await told(world, "ann") == []
        await ownership.release("recommend", "other")
        for id_ in ("a1", "a1", "nothing"):
            await recommender._take((world.marketplace, id_))
        await ann.until("a1")
    assert await ownership.acquire("recommend", "other", 60_000)  # given back at the end


async def test_the_best_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never who is excluded, nor who was asked."""
    monkeypatch.setattr(module, "BEST", 2)
    await registered(world, "plain", "asked")
    await registered(world, "court", "legal", specialisms=["court"])
    await registered(world, "foe", specialisms=["court"], blocked_customers=["kari"])
    wish = {"preferences": {"preferred": ["court", "legal"]}}
    a = await book(world, "a1", window=False, **wish)
    market, now_ms = await world.market(), world.clock.now_ms()
    best = [each.interpreter for each in fitting(market, a, now_ms).suggestions]
    assert best == ["court", "legal"]
    a = await world.ring("a1", "court")
    best = [each.interpreter for each in fitting(market, a, now_ms).suggestions]
    assert best == ["legal", "asked"]


@pytest.mark.parametrize("error", [ValueError("of this booking"), StoreUnavailable("gone")])
async def test_a_failure_harms_one_booking_only(
    world: World, ann: Mail, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    whole = module.fitting

    def fails(market: Any, a: Any, now_ms: int) -> Any:
        if a.id == "bad":
            raise error
        return whole(market, a, now_ms)

    monkeypatch.setattr(module, "fitting", fails)
    async with recommending(world):
        await book(world, "bad")
        await book(world, "a1")
        await ann.until("a1")
    assert await world.index("untold") == ["bad"]


async def test_ranked_for_what_is_no_longer_so(
    world: World, ann: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terms change between the ranking and the commit: it is ranked anew."""
    whole, changed = world.engine.handle, False

    async def handle(marketplace: str, *tells: Any, **how: Any) -> Any:
        nonlocal changed
        if how.get("expect") and not changed:
            changed = True
            await world.tell("assignment", "a1", on.Update("c", {"mode": "audio"}))
        return await whole(marketplace, *tells, **how)

    monkeypatch.setattr(world.engine, "handle", handle)
    async with recommending(world):
        await book(world, "a1")
        await ann.until("a1")
    ((_, params),) = await world.mails("i:ann")
    assert params["recommendation"]["assignment"]["mode"] == "audio"
