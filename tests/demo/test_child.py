"""The server of the demo: it listens while the context is open, and leaves nothing behind."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from signalling.client import ConnectionLost, HttpClient, RemoteError
from signalling.demo.child import Server, ServerFailed, serving


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def store_of(server: Server) -> int:
    return int((server.log.parent / "data" / "valkey" / "lock").read_text())


async def unknown_is_answered(server: Server) -> None:
    async with HttpClient(server.url, server.token("demo", "app")) as http:
        with pytest.raises(RemoteError, match="not_found"):
            await http.call("assignment.get", assignment="as-none")


async def test_it_serves_and_leaves_neither_process_nor_file() -> None:
    async with serving() as server:
        await unknown_is_answered(server)
        store = store_of(server)
        assert is_alive(server.pid)
        assert is_alive(store)
    assert not is_alive(server.pid)
    assert not is_alive(store)
    assert not server.log.parent.exists()


async def test_cancelled_it_leaves_nothing_either() -> None:
    started: asyncio.Future[Server] = asyncio.get_running_loop().create_future()

    async def serve() -> None:
        async with serving() as server:
            started.set_result(server)
            await asyncio.Event().wait()

    task = asyncio.create_task(serve())
    server = await started
    store = store_of(server)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_alive(server.pid)
    assert not is_alive(store)
    assert not server.log.parent.exists()


async def test_a_server_that_dies_is_the_reason_and_its_store_ends_too() -> None:
    store = 0

    async def serve() -> None:
        nonlocal store
        async with serving() as server:
            store = store_of(server)
            os.kill(server.pid, signal.SIGKILL)
            while True:
                await unknown_is_answered(server)

    with pytest.raises(ServerFailed, match="ended with -9"):
        await serve()
    assert not is_alive(store)


async def test_what_fails_beside_a_sound_server_is_told_as_it_is() -> None:
    with pytest.raises(ConnectionLost):
        async with serving():
            raise ConnectionLost


async def test_settings_that_cannot_be_are_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_CONFIG", "/nowhere")
    with pytest.raises(ServerFailed, match="/nowhere is not a directory"):
        async with serving():
            pytest.fail("it started")
