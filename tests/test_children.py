"""Media processes beside a server: started, started again, and gone with it. Real processes."""

import asyncio
import os
import select
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from signalling import children
from signalling.children import Children
from signalling.store.carriers import Carriers
from signalling.store.clock import Clock
from signalling.store.keys import MEDIA_NODES
from signalling.store.store import Store
from tests.e2e.server import Server, data_directory
from tests.store.cut import Cut

LONG_S = 60


def ended(pid: int, within_s: float) -> bool:
    """Wait for the end of a process, whosever child it is."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], within_s)[0])
    finally:
        os.close(process)


class Watched:
    """Children on a store, and what is known of them there."""

    def __init__(self, made: Children, carriers: Carriers, gone: "asyncio.Queue[str]") -> None:
        self.children = made
        self.carriers = carriers
        self.gone = gone

    async def ready(self, count: int = 1, but: frozenset[str] = frozenset()) -> set[str]:
        """Return the nodes that live, once there are so many others than *but*."""
        async with asyncio.timeout(LONG_S):
            while True:
                nodes = {c.node for c in self.carriers.alive} & set(self.children.pids) - but
                if len(nodes) >= count:
                    return nodes
                self.carriers.looked.clear()
                await self.carriers.looked.wait()


@asynccontextmanager
async def running(url: str, count: int = 1) -> AsyncIterator[Watched]:
    gone: asyncio.Queue[str] = asyncio.Queue()

    async def told(node: str) -> None:
        gone.put_nowait(node)

    environ = {"DRAGOMAN_STORE__URL": url, "DRAGOMAN_LOG__LEVEL": "warning"}
    async with Store(url) as store:
        clock = Clock(store)
        await clock.measure()
        await store.command("DEL", MEDIA_NODES)
        carriers, made = Carriers(store, clock.now_ms), Children(count, environ, told)
        async with carriers, made:
            yield Watched(made, carriers, gone)
        await store.command("DEL", MEDIA_NODES)


async def test_they_live_and_end_with_their_server(valkey: str) -> None:
    """Each as a media node of its own; asked to end, they say so."""
    async with running(valkey, 2) as here:
        nodes = await here.ready(2)
        assert nodes == set(here.children.pids)
        pids = dict(here.children.pids)
        assert len(set(pids.values())) == 2
        carriers = here.carriers

    assert all(ended(pid, 5) for pid in pids.values())
    assert here.children.pids == {}
    assert {c.node for c in carriers.alive} <= nodes


async def test_one_that_is_killed_is_told_of_and_started_again(valkey: str) -> None:
    async with running(valkey) as here:
        (node,) = await here.ready()
        os.kill(here.children.pids[node], signal.SIGKILL)

        assert await asyncio.wait_for(here.gone.get(), 10) == node
        (again,) = await here.ready(but=frozenset({node}))

        assert again != node
        assert set(here.children.pids) == {again}


async def test_one_that_cannot_be_started_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Ever less often, for as long as it keeps failing."""
    real, pauses = asyncio.sleep, asyncio.Queue[float]()

    async def quick(delay: float) -> None:
        pauses.put_nowait(delay)
        await real(0)

    monkeypatch.setattr(sys, "executable", "/no/such/python")
    monkeypatch.setattr(asyncio, "sleep", quick)
    environ: dict[str, str] = {}

    async def gone(_: str) -> None:
        raise RuntimeError("the store is away")

    async with Children(1, environ, gone):
        waited = [await asyncio.wait_for(pauses.get(), 10) for _ in range(7)]

    assert waited == [0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0]
    assert "could not be started" in caplog.text


async def test_no_children_at_all() -> None:
    async def gone(_: str) -> None:
        raise AssertionError

    async with Children(0, {}, gone) as none:
        assert none.pids == {}


@pytest.fixture
async def cut(valkey: str) -> AsyncIterator[Cut]:
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        async with Cut(valkey.removeprefix("unix://"), f"{runtime}/s") as wire:
            yield wire


async def test_a_store_that_is_gone_at_the_end(cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    """They end all the same, within the time they are given."""
    monkeypatch.setattr(children, "STOP_S", 30.0)
    environ = {"DRAGOMAN_STORE__URL": cut.url, "DRAGOMAN_LOG__LEVEL": "error"}

    async def gone(_: str) -> None:
        return

    async with Store(cut.url) as store:
        clock = Clock(store)
        await clock.measure()
        async with Carriers(store, clock.now_ms) as carriers, Children(1, environ, gone) as made:
            await Watched(made, carriers, asyncio.Queue()).ready()
            (pid,) = made.pids.values()
            loop = asyncio.get_running_loop()
            cut.speaks.clear()
            began = loop.time()

    assert ended(pid, 1)
    assert loop.time() - began < 20
    cut.speaks.set()


async def test_one_that_does_not_end_is_killed(
    valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "STOP_S", 0.2)
    async with running(valkey) as here:
        (node,) = await here.ready()
        pid = here.children.pids[node]
        os.kill(pid, signal.SIGSTOP)

    assert ended(pid, 5)


# --- the whole server ---------------------------------------------------------------------


@pytest.mark.parametrize("how", ["killed", "killed at once", "stopped"])
def test_a_server_that_is_gone_leaves_no_media_process(how: str) -> None:
    """Neither once they are ready nor before; however it ends."""
    with data_directory() as data:
        server = Server(data, environ={"DRAGOMAN_MEDIA__PROCESSES": "2"}).start()
        if how != "killed at once":
            server.hear_media()
        pids = list(server.media_pids.values())
        assert len(pids) == 2

        if how == "stopped":
            assert server.stop() == 0, server.said
        else:
            server.kill()

        assert all(ended(pid, 30) for pid in pids)
