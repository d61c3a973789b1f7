"""A server that talks nonsense does no harm."""

import json

import pytest
from aiohttp import web

from signalling.client import Client, ConnectionLost, RemoteError
from tests.client.server import FakeServer, serving


@pytest.mark.parametrize(
    "garbage", ["{", "7", "null", "[1]", "{}", '{"method":"x","params":7}', '{"id":1,"error":{}}']
)
async def test_an_unreadable_frame_ends_the_socket(server: FakeServer, garbage: str) -> None:
    async with await Client.connect(server.url, "token") as client:
        await server.sockets[0].send_str(garbage)
        lost = await client.wait_lost()
        assert lost.code == 1002
        assert "unreadable" in lost.reason


async def test_garbage_in_messagepack_ends_it_too(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token", codec="msgpack") as client:
        await server.sockets[0].send_bytes(b"\xc1")
        assert (await client.wait_lost()).code == 1002


async def test_a_batch_of_messages_is_read(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        batch = [{"jsonrpc": "2.0", "method": "offer.made", "params": {"n": n}} for n in (1, 2)]
        await server.sockets[0].send_str(json.dumps(batch))
        assert [(await client.next_event("offer.made")).params["n"] for _ in batch] == [1, 2]


async def test_answers_to_nobody_are_ignored(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        for number in (999, None, "x", [1]):
            await server.sockets[0].send_str(json.dumps({"id": number, "result": {}}))
        assert await client.call("echo") == {"echo": {}}


async def test_an_answer_after_the_caller_left_is_ignored(server: FakeServer) -> None:
    server.answers["slow"] = {}
    async with await Client.connect(server.url, "token") as client:
        with pytest.raises(TimeoutError):
            await client._connected.call("slow", {}, within_s=0.01)
        await server.sockets[0].send_str(json.dumps({"id": 2, "result": {}}))
        assert await client.call("echo") == {"echo": {}}


async def test_a_server_without_the_subprotocol_is_left() -> None:
    async def plain(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for _ in ws:
            pass
        return ws

    app = web.Application()
    app.router.add_get("/v1/ws", plain)
    async with serving(app) as url:
        with pytest.raises(ConnectionLost, match="does not speak"):
            await Client.connect(url, "token", codec="msgpack")


async def test_an_answer_before_the_close_is_heard(server: FakeServer) -> None:
    error = {"code": 1001, "message": "unauthenticated", "data": {"name": "unauthenticated"}}
    server.answers["session.refresh"] = {"error": error}
    async with await Client.connect(server.url, "token") as client:
        with pytest.raises(RemoteError):
            await client.refresh("bad")
        await server.close(4500)
        assert not (await client.wait_lost()).may_return
