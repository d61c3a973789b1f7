"""Questions to media nodes and their answers, over the channels of a real store."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgpack
import pytest

from signalling.core.effects import Announce
from signalling.errors import (
    DragomanError,
    Gone,
    IllegalTransition,
    InternalError,
    RateLimited,
    TooLarge,
    Unavailable,
)
from signalling.store import calls as module
from signalling.store.bus import Bus
from signalling.store.calls import KINDS, Calls, Desk, Handler
from signalling.store.commit import Batch, Post
from signalling.store.keys import Keys
from signalling.store.store import Store, StoreUnavailable
from signalling.transaction import _event
from tests.store.cut import Cut

Notice = Callable[[str, dict[str, Any]], Awaitable[None]]


@pytest.fixture
async def calls(store: Store) -> AsyncIterator[Calls]:
    async with Bus(store) as bus:
        yield Calls(store, bus, "web-1")


@asynccontextmanager
async def desk(
    store: Store, keys: Keys, node: str = "md-1", /, *, notices: Any = None, **handlers: Handler
) -> AsyncIterator[Desk]:
    """Be a media node with these handlers."""
    async with Bus(store) as bus, Desk(store, bus, node, handlers, notices or {}) as made:
        await made.watch(keys.marketplace)
        yield made


async def echo(marketplace: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"marketplace": marketplace, **params}


class Held:
    """A handler that answers when it is let; *asked* says that somebody waits."""

    def __init__(self) -> None:
        self.asked = asyncio.Semaphore(0)
        self.free = asyncio.Event()

    async def __call__(self, _: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.release()
        await self.free.wait()
        return params


async def test_an_answer(store: Store, keys: Keys, calls: Calls) -> None:
    async with desk(store, keys, echo=echo):
        got = await calls.ask(keys.marketplace, "md-1", "echo", {"sdp": "v=0", "n": None})

    assert got == {"marketplace": keys.marketplace, "sdp": "v=0", "n": None}


async def test_answers_find_who_asked(store: Store, keys: Keys, calls: Calls) -> None:
    """Many at once, of two processes whose questions have the same numbers, in any order."""

    async def slow(_: str, params: dict[str, Any]) -> dict[str, Any]:
        for _turn in range(params["n"] % 7):
            await asyncio.sleep(0)
        return params

    async with Bus(store) as bus, desk(store, keys, slow=slow):
        other = Calls(store, bus, "web-2")
        asked = [
            asker.ask(keys.marketplace, "md-1", "slow", {"n": n, "who": who})
            for n in range(50)
            for who, asker in (("a", calls), ("b", other))
        ]
        answers = await asyncio.gather(*asked)

    assert answers == [{"n": n, "who": who} for n in range(50) for who in "ab"]


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_refusal_arrives_as_it_was_raised(
    store: Store, keys: Keys, calls: Calls, kind: str
) -> None:
    async def refuse(_: str, __: dict[str, Any]) -> dict[str, Any]:
        raise KINDS[kind]("no", path="offer.sdp", reason="expired")

    async with desk(store, keys, refuse=refuse):
        with pytest.raises(DragomanError) as caught:
            await calls.ask(keys.marketplace, "md-1", "refuse", {})

    error = caught.value
    assert type(error) is KINDS[kind]
    assert (error.detail, error.path, error.extra) == ("no", "offer.sdp", {"reason": "expired"})


def test_every_error_has_its_name() -> None:
    for kind in (Gone, IllegalTransition, RateLimited, TooLarge, Unavailable):
        assert KINDS[kind.name] is kind


async def test_an_error_of_a_newer_node(store: Store, keys: Keys, calls: Calls) -> None:
    class Novel(DragomanError):
        name = "novel"

    async def refuse(_: str, __: dict[str, Any]) -> dict[str, Any]:
        raise Novel("new")

    async with desk(store, keys, refuse=refuse):
        with pytest.raises(InternalError):
            await calls.ask(keys.marketplace, "md-1", "refuse", {})


async def test_a_node_s_own_fault_says_nothing_of_it(
    store: Store, keys: Keys, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: str, __: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("secret of the house")

    async with desk(store, keys, broken=broken, echo=echo):
        for method in ("broken", "unknown"):
            with pytest.raises(InternalError) as caught:
                await calls.ask(keys.marketplace, "md-1", method, {})
            assert caught.value.detail == ""
        assert await calls.ask(keys.marketplace, "md-1", "echo", {})  # it goes on

    assert "a media node failed on broken" in caplog.text


# --- nobody answers -----------------------------------------------------------------------


async def test_nobody_there(store: Store, keys: Keys, calls: Calls) -> None:
    """It fails at once; another node or another marketplace is not meant."""
    began = time.monotonic()
    async with desk(store, keys, echo=echo):
        for marketplace, node in ((keys.marketplace, "md-2"), (f"{keys.marketplace}-x", "md-1")):
            with pytest.raises(Unavailable, match="gone"):
                await calls.ask(marketplace, node, "echo", {})
    with pytest.raises(Unavailable, match="gone"):
        await calls.ask(keys.marketplace, "md-1", "echo", {})

    assert time.monotonic() - began < 5


async def test_an_answer_that_is_late(store: Store, keys: Keys, calls: Calls) -> None:
    """It is nobody's any more, and does no harm."""
    held = Held()
    async with desk(store, keys, held=held, echo=echo):
        with pytest.raises(Unavailable, match="in time"):
            await calls.ask(keys.marketplace, "md-1", "held", {}, within_s=0.05)
        held.free.set()
        assert await calls.ask(keys.marketplace, "md-1", "echo", {"n": 1})

    assert calls._waiting == {}


async def test_an_answer_that_may_be_lost(store: Store, keys: Keys, cut: Cut) -> None:
    """The asker's bus was deaf for a while: it asks again, rather than wait for nothing."""
    held = Held()
    async with (
        Store(cut.url) as far,
        Bus(far, on_gap=lambda _: deaf.fail()) as bus,
        desk(store, keys, held=held, echo=echo),
    ):
        deaf = Calls(store, bus, "web-3")
        asking = asyncio.create_task(deaf.ask(keys.marketplace, "md-1", "held", {}))
        await held.asked.acquire()
        await cut.sever()
        with pytest.raises(Unavailable, match="lost"):
            await asking
        held.free.set()
        assert await deaf.ask(keys.marketplace, "md-1", "echo", {"n": 1})


async def test_a_node_s_bus_that_was_deaf(store: Store, keys: Keys, cut: Cut, calls: Calls) -> None:
    """Once it hears again it answers as before."""
    gaps: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    async with (
        Store(cut.url) as far,
        Bus(far, on_gap=gaps.put_nowait) as bus,
        Desk(store, bus, "md-1", {"echo": echo}, {}) as made,
    ):
        await made.watch(keys.marketplace)
        await cut.sever()
        await asyncio.wait_for(gaps.get(), 5)

        assert await calls.ask(keys.marketplace, "md-1", "echo", {"n": 1})


async def test_a_store_that_is_gone(store: Store, keys: Keys, cut: Cut) -> None:
    async with Store(cut.url, timeout_s=0.2) as far, Bus(store) as bus:
        calls = Calls(far, bus, "web-4")
        cut.speaks.clear()
        with pytest.raises(StoreUnavailable):
            await calls.ask(keys.marketplace, "md-1", "echo", {})
        cut.speaks.set()

    assert calls._waiting == {}


async def test_a_marketplace_that_could_not_be_watched(
    store: Store, keys: Keys, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is watched when that is tried again; twice is once."""
    async with Bus(store) as bus, Desk(store, bus, "md-1", {"echo": echo}, {}) as made:

        async def fails(*_: object) -> None:
            raise StoreUnavailable("away")

        with monkeypatch.context() as broken:
            broken.setattr(bus, "subscribe", fails)
            with pytest.raises(StoreUnavailable):
                await made.watch(keys.marketplace)
        for _ in range(2):
            await made.watch(keys.marketplace)
        assert await calls.ask(keys.marketplace, "md-1", "echo", {"n": 1})


# --- much at once, and the end ------------------------------------------------------------


async def test_a_node_with_too_much_to_do(
    store: Store, keys: Keys, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    held = Held()
    async with desk(store, keys, held=held):
        work = [
            asyncio.create_task(calls.ask(keys.marketplace, "md-1", "held", {"n": n}))
            for n in range(2)
        ]
        for _ in work:
            await held.asked.acquire()
        with pytest.raises(Unavailable, match="too much"):
            await calls.ask(keys.marketplace, "md-1", "held", {})
        held.free.set()
        assert await asyncio.gather(*work) == [{"n": 0}, {"n": 1}]
        assert await calls.ask(keys.marketplace, "md-1", "held", {"n": 3}) == {"n": 3}


async def test_the_end_of_a_node(store: Store, keys: Keys, calls: Calls) -> None:
    """What it was working on ends with it."""
    held = Held()
    ended = asyncio.Event()

    async def long(marketplace: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return await held(marketplace, params)
        finally:
            ended.set()

    async with desk(store, keys, long=long):
        asking = asyncio.create_task(calls.ask(keys.marketplace, "md-1", "long", {}, within_s=0.5))
        await held.asked.acquire()

    assert ended.is_set()
    with pytest.raises(Unavailable):
        await asking


# --- notices ------------------------------------------------------------------------------


async def test_a_notice_of_a_commit(store: Store, keys: Keys) -> None:
    """What decisions announce to a node is heard there, and asks for no answer."""
    heard: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    async def changed(marketplace: str, params: dict[str, Any]) -> None:
        heard.put_nowait((marketplace, params))

    said = Announce("media:md-1", "changed", {"meeting": "m1"})
    other = Announce("media:md-1", "novel", {"meeting": "m0"})
    async with desk(store, keys, notices={"changed": changed}):
        posts = tuple(Post(keys.tag + e.topic, _event(e)) for e in (other, said))
        await store.commit(keys.marketplace, Batch(posts=posts))

        assert await asyncio.wait_for(heard.get(), 5) == (keys.marketplace, {"meeting": "m1"})


async def test_a_notice_that_could_not_be_followed(
    store: Store, keys: Keys, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, as what it is, and the node goes on."""
    tried: asyncio.Queue[str] = asyncio.Queue()

    async def changed(_: str, params: dict[str, Any]) -> None:
        tried.put_nowait(params["how"])
        raise {"away": StoreUnavailable("away"), "broken": RuntimeError("oops")}[params["how"]]

    async with desk(store, keys, notices={"changed": changed}, echo=echo):
        for how in ("away", "broken"):
            body = msgpack.packb({"method": "changed", "params": {"how": how}})
            await store.command("SPUBLISH", keys.media("md-1"), body)
            assert await asyncio.wait_for(tried.get(), 5) == how
        assert await calls.ask(keys.marketplace, "md-1", "echo", {"n": 1})

    levels = {r.levelno for r in caplog.records if r.name == "signalling.store.calls"}
    assert levels == {logging.WARNING, logging.ERROR}
