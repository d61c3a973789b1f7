import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import ResponseError

from signalling.store.connect import connection_to
from signalling.store.pipe import Pipe
from signalling.store.store import Store
from tests.store.cut import Cut


@pytest.fixture
async def pipe(store: Store) -> AsyncIterator[Pipe]:
    pipe = Pipe(connection_to(store.client, ""), 5.0)
    await pipe.open()
    yield pipe
    await pipe.aclose()


async def test_answers_come_in_order(pipe: Pipe) -> None:
    """Many ask at once, and each gets their own answer; an error is one's own too."""
    asked = [pipe.ask("ECHO", str(n)) for n in range(100)]
    wrong = pipe.ask("HGET", "no")
    last = pipe.ask("ECHO", b"\x00")

    assert await asyncio.gather(*asked) == [str(n).encode() for n in range(100)]
    with pytest.raises(ResponseError):
        await wrong
    assert await last == b"\x00"


async def test_who_gives_up_takes_nobodys_answer(pipe: Pipe) -> None:
    gone, stays = pipe.ask("ECHO", "a"), pipe.ask("ECHO", "b")
    gone.cancel()

    assert await stays == b"b"


async def test_lost_connection_fails_all(cut: Cut) -> None:
    """Nobody waits for ever, nothing is sent again, and what comes later is refused."""
    async with Store(cut.url) as store:
        pipe = Pipe(connection_to(store.client, ""), 5.0)
        await pipe.open()
        cut.speaks.clear()
        asked = [pipe.ask("ECHO", "a") for _ in range(3)]
        await cut.held.wait()
        await cut.sever()

        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(outcome, OSError) for outcome in outcomes)
        assert not pipe.alive
        with pytest.raises(OSError, match="lost"):
            await pipe.ask("ECHO", "a")
        await pipe.aclose()


async def test_silence_ends_it(cut: Cut) -> None:
    """Too long without an answer ends the connection, counted from the question."""
    async with Store(cut.url) as store:
        pipe = Pipe(connection_to(store.client, ""), 0.3)
        await pipe.open()
        assert await pipe.ask("ECHO", "a") == b"a"
        pipe._heard -= 60  # nothing was asked for a minute
        cut.speaks.clear()
        silent = pipe.ask("ECHO", "b")
        pipe._look()
        assert pipe.alive
        with pytest.raises(OSError, match="no answer"):
            await silent
        await pipe.aclose()


async def test_store_opens_another(cut: Cut) -> None:
    """A store whose pipe died goes on over a new one."""
    async with Store(cut.url) as store:
        assert await store.load(["{m}:meeting:1"]) == [(0, None)]
        assert store._pipe is not None
        lost = store._pipe._tasks
        await cut.sever()
        await asyncio.wait(lost)

        assert await store.load(["{m}:meeting:1"]) == [(0, None)]
