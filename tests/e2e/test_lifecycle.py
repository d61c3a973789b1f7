"""Starting and stopping: what cannot be is said clearly, and an end is clean."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from signalling.store.store import Store
from tests.e2e.census import Census
from tests.e2e.server import Server, data_directory
from tests.e2e.town import WITHIN_S, offered, town_of


@pytest.fixture
def data() -> Iterator[Path]:
    with data_directory() as data:
        yield data


def refused(data: Path, *words: str) -> str:
    """Run the command line, which must fail soon, and return its one line of complaint."""
    done = subprocess.run(
        [sys.executable, "-m", "signalling", *words, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode not in (0, -signal.SIGKILL), done.stdout
    assert "Traceback" not in done.stderr
    complaint = done.stderr.strip()
    assert complaint.startswith("Error: ")
    assert "\n" not in complaint
    assert done.stdout == ""
    return complaint


def test_a_data_directory_that_cannot_be_made(data: Path) -> None:
    data.parent.joinpath("file").write_text("not a directory")
    inside = data.parent / "file" / "data"
    assert str(inside) in refused(inside, "serve", "--port", "0")


def test_a_data_directory_that_cannot_be_written(data: Path) -> None:
    data.mkdir(mode=0o500)
    if os.access(data, os.W_OK):  # root may write anywhere: take what even root may not
        data = Path("/proc/self/fdinfo/data")
    assert str(data) in refused(data, "serve", "--port", "0")


def test_a_store_that_cannot_be_read_back(data: Path) -> None:
    broken = data / "valkey" / "appendonlydir"
    broken.mkdir(parents=True)
    (broken / "appendonly.aof.manifest").write_text("nonsense\n")
    assert "valkey.log" in refused(data, "serve", "--port", "0")


def test_two_servers_on_one_directory(data: Path) -> None:
    server = Server(data).start()
    try:
        complaint = refused(data, "serve", "--port", "0")
        assert f"in use by process {server.pid}" in complaint
        assert str(data) in complaint
    finally:
        assert server.stop() == 0


def test_a_port_that_is_taken(data: Path) -> None:
    server = Server(data).start()
    try:
        port = server.url.rpartition(":")[2]
        with data_directory() as other:
            assert port in refused(other, "serve", "--port", port)
    finally:
        assert server.stop() == 0


def test_the_command_line_beside_a_server_and_without_one(data: Path) -> None:
    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "signalling", *words, "--data", str(data)],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout

    first = run("apps", "create", "first", "--json")
    server = Server(data).start()
    try:
        second = run("apps", "create", "second", "--json")
        listed = run("apps", "list")
        assert "first" in listed
        assert "second" in listed
        assert '"secret"' in first
        assert '"secret"' in second
    finally:
        assert server.stop() == 0
    assert "no app" in refused(
        data, "tokens", "create", "--app", "nokey123", "--user", "u", "--role", "customer"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_end_is_announced_and_clean(data: Path, number: int) -> None:
    server = Server(data).start()
    async with town_of(server.url, server.store_url) as town:
        interpreter = await town.interpreter("i")
        customer = await town.customer(codec="msgpack")
        await town.ask(customer)
        await offered(interpreter)
        silent = aiohttp.ClientSession()
        url = town.url.replace("http", "ws") + "/v1/ws"
        if number == signal.SIGTERM:  # one that never reads and never says goodbye
            await silent.ws_connect(url, autoclose=False)
        began = time.monotonic()
        os.kill(server.pid, number)
        for client in (interpreter, customer):
            advice = (await client.next_event("session.draining", WITHIN_S)).params
            assert advice["code"] == 4001
            assert advice["reconnect"]
            async with asyncio.timeout(WITHIN_S):
                lost = await client.wait_lost()
            assert lost.code == 4001
        assert await asyncio.to_thread(server.wait) == 0
        assert time.monotonic() - began < 8
        await silent.close()
    assert "Traceback" not in server.said
    assert "exception" not in server.said.lower()
    assert not (data / "runtime").exists()
    again = Server(data).start()
    assert again.stop() == 0


async def test_a_store_that_is_killed_ends_the_server_too(data: Path) -> None:
    """A server that could do nothing any more is not left to look alive."""
    server = Server(data).start()
    async with town_of(server.url, server.store_url) as town:
        interpreter = await town.interpreter("i")
        asked = await town.ask(await town.customer())
        os.kill(server.store_pid, signal.SIGKILL)
        advice = (await interpreter.next_event("session.draining", WITHIN_S)).params
        assert advice["reconnect"]
        assert await asyncio.to_thread(server.wait) == 1
    assert "Traceback" not in server.said
    assert server.said.rstrip().splitlines()[-1].startswith("Error: the store has ended")
    server.start()
    async with Store(server.store_url) as store:
        assert asked["id"] in (await Census.of(store, town.marketplace)).assignments
    assert server.stop() == 0
