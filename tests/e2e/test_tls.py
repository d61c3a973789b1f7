"""The server over https, as its users start it: sockets, a browser, new certificates."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGHUP
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from signalling.__main__ import main
from tests.browser.chrome import chromium
from tests.commands.typed import CLEAN
from tests.e2e.server import Server, data_directory
from tests.e2e.town import town_of
from tests.web.certificates import Pair, make_pair


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path)


@pytest.fixture
def secure(pair: Pair) -> Iterator[Server]:
    with data_directory() as data:
        words = ("serve", "--port", "0", "--data", str(data))
        tls = ("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
        server = Server(data, *words, *tls).start()
        try:
            yield server
        finally:
            assert server.stop() == 0, server.said


@asynccontextmanager
async def session(
    server: Server, token: str, context: ssl.SSLContext
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a session over wss; at the end, wait until the connection is closed, too."""
    url = server.url.replace("https://", "wss://") + "/v1/ws"
    opening = {"jsonrpc": "2.0", "id": 1, "method": "session.open", "params": {"token": token}}
    trace, closed = closings()
    async with aiohttp.ClientSession(trace_configs=[trace]) as http:
        async with http.ws_connect(url, ssl=context) as socket:
            await socket.send_json(opening)
            assert "result" in await socket.receive_json(timeout=10)
            yield socket
        async with asyncio.timeout(10):
            await asyncio.gather(*closed)


def closings() -> tuple[aiohttp.TraceConfig, list[asyncio.Future[None]]]:
    """Return what notes of each connection when it is closed: aiohttp waits for pooled ones only.

    Over TLS that takes an answer of the server's.
    """
    closed: list[asyncio.Future[None]] = []

    async def note(*said: Any) -> None:
        connection = said[-1].response.connection
        closed.append(connection.protocol.closed)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(note)
    return trace, closed


async def ping(socket: aiohttp.ClientWebSocketResponse, times: int) -> None:
    """Ask so much that frames fill several records of TLS, both ways."""
    for number in range(times):
        params = {"languages": ["no", "so"], "mode": "video", "padding": "x" * 4000}
        await socket.send_json(
            {"jsonrpc": "2.0", "id": 10 + number, "method": "none", "params": params}
        )
    answered = [await socket.receive_json(timeout=10) for _ in range(times)]
    assert [answer["id"] for answer in answered] == [10 + number for number in range(times)]


async def test_sockets_and_pages_over_https(secure: Server, pair: Pair) -> None:
    assert secure.url.startswith("https://127.0.0.1:")
    context = pair.trusting()
    async with town_of(secure.url, secure.store_url) as town:
        async with session(secure, town.token("kari", "customer"), context) as socket:
            await ping(socket, 50)
        async with aiohttp.ClientSession() as http, http.get(secure.url, ssl=context) as page:
            assert f"{secure.url.replace('https', 'wss')}/v1/ws" in await page.text()


async def test_new_certificates_without_a_restart(
    secure: Server, pair: Pair, tmp_path: Path
) -> None:
    before = pair.trusting()
    async with town_of(secure.url, secure.store_url) as town:
        token = town.token("kari", "customer")
        async with session(secure, token, before) as socket:
            new = make_pair(tmp_path, "new")
            pair.key.write_bytes(new.key.read_bytes())
            assert secure.process is not None
            secure.process.send_signal(SIGHUP)
            secure.errors.hear("certificates were not read again", within_s=10)
            async with session(secure, token, before):
                pass
            pair.certificate.write_bytes(new.certificate.read_bytes())
            secure.process.send_signal(SIGHUP)
            secure.errors.hear("certificates were read again", within_s=10)
            async with session(secure, token, new.trusting()):
                pass
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                async with session(secure, token, before):
                    pass
            await ping(socket, 1)


async def test_a_browser_gives_cameras_to_https(secure: Server) -> None:
    port = secure.url.rpartition(":")[2]
    async with chromium("--host-resolver-rules=MAP meet.example 127.0.0.1") as browser:
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        await page.goto(f"https://meet.example:{port}/")
        assert await page.evaluate("isSecureContext && 'mediaDevices' in navigator")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--tls-cert", "{dir}/meet.pem"), "server.tls_key is missing"),
        (("--tls-key", "{dir}/meet.key"), "server.tls_cert is missing"),
        (("--tls-cert", "{dir}/no.pem", "--tls-key", "{dir}/meet.key"), "no.pem: No such file"),
        (("--tls-cert", "{dir}/meet.pem", "--tls-key", "{dir}/x.key"), "does not belong"),
    ],
)
def test_wrong_files_are_one_line(
    pair: Pair, tmp_path: Path, words: tuple[str, ...], error: str
) -> None:
    make_pair(tmp_path, "x")
    named = [word.format(dir=pair.key.parent) for word in words]
    data = tmp_path / "data"
    result = CliRunner().invoke(main, ["serve", "--data", str(data), *named], env=dict(CLEAN))
    assert result.exit_code == 1
    assert error in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not data.exists(), "nothing was begun"
