"""Bodies and handshakes that no honest client sends."""

import asyncio
import gzip
import json
from typing import Any

import pytest
from aiohttp import StreamReader, web
from structlog.testing import capture_logs

from signalling.store.store import Store
from tests.web.client import Clients, clients, handshake
from tests.web.fake import World, world

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}


async def post(
    people: Clients, method: str, body: bytes, role: str = "operator", **headers: str
) -> tuple[int, Any]:
    url = people.world.server.make_url(f"/v1/{method}")
    bearer = {"Authorization": f"Bearer {people.world.token('boss', role)}"}
    async with people.session.post(url, data=body, headers=bearer | headers) as answer:
        return answer.status, json.loads(await answer.read())


async def begin(here: World, method: str, headers: dict[str, str], body: bytes) -> Any:
    """Send a request whose body of 100 bytes goes no further than *body*."""
    reader, writer = await asyncio.open_connection(here.server.host, here.server.port)
    fields = {
        "Host": "x",
        "Authorization": f"Bearer {here.token('boss', 'operator')}",
        "Content-Length": "100",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"POST /v1/{method} HTTP/1.1\r\n{head}\r\n".encode() + body)
    return reader, writer


@pytest.mark.parametrize("method", ["assignment.create", "interpreter.import"])
@pytest.mark.parametrize("body", [gzip.compress(b"\n" * 10_000_000), b"no gzip"])
async def test_a_compressed_body_is_refused(people: Clients, method: str, body: bytes) -> None:
    kind = JSON if method == "assignment.create" else NDJSON
    status, problem = await post(people, method, body, **kind, **{"Content-Encoding": "gzip"})
    assert (status, problem["code"]) == (415, -32600)


async def test_empty_lines_count(store: Store, marketplace: str) -> None:
    async with world(store, marketplace, import_lines_max=100) as here, clients(here) as people:
        status, problem = await post(people, "interpreter.import", b"\n" * 101, **NDJSON)
        assert (status, problem["code"]) == (413, 1007)
        status, _ = await post(people, "interpreter.import", b"\n" * 100, **NDJSON)
        assert status == 200


@pytest.mark.parametrize(
    ("method", "headers"), [("assignment.create", JSON), ("interpreter.import", NDJSON)]
)
async def test_a_body_that_does_not_come(
    store: Store, marketplace: str, method: str, headers: dict[str, str]
) -> None:
    async with world(store, marketplace, body_s=0.05) as here:
        reader, writer = await begin(here, method, headers, b"{")
        async with asyncio.timeout(5):
            assert b" 408 " in await reader.readline()
        writer.close()


@pytest.mark.parametrize("error", [ConnectionResetError(), web.RequestPayloadError("broken")])
async def test_a_client_that_goes_in_the_middle_is_no_fault_of_ours(
    here: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def read(*_: object) -> bytes:
        raise error

    metrics, counted = here.node.metrics, asyncio.Event()
    count = metrics.count

    def note(*args: Any) -> None:
        count(*args)
        counted.set()

    with capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(StreamReader, "read", read)
        patched.setattr(metrics, "count", note)
        _, writer = await begin(here, "assignment.create", JSON, b"{")
        async with asyncio.timeout(5):
            await counted.wait()
        writer.close()
    assert metrics.requests == {("assignment.create", -32600): 1}
    assert logs == []


@pytest.mark.parametrize("origin", ["http://[::1", "null", "file://{host}", "http://{host}@evil"])
async def test_an_origin_that_is_none(here: World, people: Clients, origin: str) -> None:
    host = f"{here.server.host}:{here.server.port}"
    status, problem = await handshake(people, Origin=origin.format(host=host))
    assert (status, problem["code"]) == (403, 1002)
    for scheme in ("http", "https"):
        assert await handshake(people, Origin=f"{scheme}://{host}") == (101, None)
