"""Bad input at a socket: each has its error, and harms nobody else."""

from typing import Any

import aiohttp
import msgspec
import pytest
import websockets

from tests.web.client import Clients, handshake
from tests.web.fake import World


async def test_a_strangers_client_needs_no_subprotocol(here: World) -> None:
    url = here.url.replace("http", "ws", 1)
    async with websockets.connect(url, compression="deflate") as socket:
        assert socket.subprotocol is None
        ask = {"jsonrpc": "2.0", "id": "a", "method": "session.open"}
        await socket.send(msgspec.json.encode(ask | {"params": {"token": here.token()}}).decode())
        answer = msgspec.json.decode(await socket.recv())
        assert answer["id"] == "a"
        assert answer["result"]["user"] == "anna"


async def test_unknown_subprotocols_are_refused(people: Clients) -> None:
    status, problem = await handshake(people, **{"Sec-WebSocket-Protocol": "soap, rest"})
    assert (status, problem["code"]) == (400, -32600)


async def test_foreign_origins_are_refused(here: World, people: Clients) -> None:
    status, problem = await handshake(people, Origin="https://evil.example")
    assert (status, problem["code"]) == (403, 1002)
    own = f"http://{here.server.host}:{here.server.port}"
    assert await people.connect(headers={"Origin": own})


async def test_plain_http_at_the_socket(here: World, people: Clients) -> None:
    async with people.session.get(here.url) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("text", ["{", "", "[1,", "\ufeff{}", '{"jsonrpc":"2.0","method":1e999}'])
async def test_not_json_before_open(people: Clients, text: str) -> None:
    anna = await people.connect()
    await anna.socket.send_str(text)
    assert await anna.closing() == 4504


async def test_not_json_after_open_keeps_the_socket(people: Clients) -> None:
    anna = await people.open()
    await anna.socket.send_str("{")
    assert (await anna.answer(None))["error"]["code"] == -32700
    assert await anna.call("session.ping")


async def test_not_utf8(people: Clients) -> None:
    anna = await people.open()
    await anna.socket.send_frame(
        b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', aiohttp.WSMsgType.TEXT
    )
    assert (await anna.answer(None))["error"]["code"] == -32700


async def test_not_messagepack(people: Clients) -> None:
    anna = await people.open(binary=True)
    await anna.socket.send_bytes(b"\xc1\xc1")
    assert (await anna.answer(None))["error"]["code"] == -32700


@pytest.mark.parametrize("binary", [False, True])
async def test_the_wrong_kind_of_frame(people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    if binary:
        await anna.socket.send_str("{}")
    else:
        await anna.socket.send_bytes(b"\x80")
    assert await anna.closing() == 4504
    assert anna.answers[None]["error"]["code"] == -32600


async def test_ten_megabytes(here: World) -> None:
    url = here.url.replace("http", "ws", 1)
    async with websockets.connect(url, max_size=None) as socket:
        await socket.send("x" * 10_000_000)
        error = msgspec.json.decode(await socket.recv())
        assert error["error"]["code"] == 1007
        advice = msgspec.json.decode(await socket.recv())
        assert advice["params"]["code"] == 4504
        await socket.wait_closed()
        assert socket.close_code == 4504


async def test_before_open_frames_are_smaller(people: Clients) -> None:
    anna = await people.connect()
    await anna.socket.send_str(" " * 17_000 + "{}")
    assert await anna.closing() == 4504
    assert anna.answers[None]["error"]["code"] == 1007


@pytest.mark.parametrize("binary", [False, True])
async def test_a_thousand_levels_deep(people: Clients, binary: bool) -> None:
    anna = await people.open(binary=binary)
    if binary:
        await anna.socket.send_bytes(b"\x91" * 1000 + b"\xc0")
    else:
        await anna.socket.send_str("[" * 1000 + "]" * 1000)
    assert (await anna.answer(None))["error"]["code"] == 1007
    assert await anna.call("session.ping")


@pytest.mark.parametrize(
    ("method", "params", "code", "path"),
    [
        ("no.such", {}, -32601, None),
        ("meeting.join", {}, -32602, "meeting"),
        ("meeting.join", {"meeting": 1}, -32602, "meeting"),
        ("meeting.join", {"meeting": "me-1", "extra": 1}, -32602, "extra"),
        ("meeting.join", {"meeting": "me-none"}, 1003, "meeting"),
        ("offer.accept", {"offer": "of-1"}, 1002, None),
        ("rpc.discover", {"extra": 1}, -32602, "extra"),
    ],
)
async def test_refusals(
    people: Clients, method: str, params: dict[str, Any], code: int, path: str | None
) -> None:
    anna = await people.open()
    error = (await anna.ask(method, **params))["error"]
    assert (error["code"], error["data"].get("path")) == (code, path)


async def test_what_the_service_refuses_keeps_its_reason(people: Clients) -> None:
    bert = await people.open("bert", "interpreter")
    error = (await bert.ask("offer.accept", offer="of-1"))["error"]
    assert (error["code"], error["data"]["reason"]) == (1009, "taken")


async def test_our_own_faults_tell_nothing(people: Clients) -> None:
    anna = await people.open()
    error = (await anna.ask("assignment.cancel", assignment="as-1"))["error"]
    assert error == {
        "code": -32603,
        "message": "internal error",
        "data": {"name": "internal_error", "retryable": False},
    }


@pytest.mark.parametrize("token", ["rubbish", "a.b.c", ""])
async def test_a_bad_token_closes(people: Clients, token: str) -> None:
    anna = await people.connect()
    refused = await anna.ask("session.open", token=token or "-")
    assert refused["error"]["code"] == 1001
    assert await anna.closing() == 4500
    advice = await anna.event("session.draining")
    assert (advice["code"], advice["reconnect"]) == (4500, False)


async def test_the_first_message_must_be_session_open(people: Clients) -> None:
    anna = await people.connect()
    refused = await anna.ask("session.ping")
    assert refused["error"]["code"] == 1001
    assert await anna.closing() == 4504


async def test_discover_may_come_first(people: Clients, here: World) -> None:
    anna = await people.connect(binary=True)
    assert (await anna.call("rpc.discover"))["openrpc"]
    assert await anna.call("session.open", token=here.token())


async def test_requests_sent_with_the_open_wait_for_it(people: Clients, here: World) -> None:
    anna = await people.connect()
    opening = {"jsonrpc": "2.0", "id": 1, "method": "session.open"}
    await anna.send(opening | {"params": {"token": here.token()}})
    await anna.send({"jsonrpc": "2.0", "id": 2, "method": "session.ping"})
    first, second = await anna.receive(), await anna.receive()
    assert (first["id"], second["id"]) == (1, 2)
    assert "result" in second


async def test_a_batch_answers_each(people: Clients) -> None:
    anna = await people.open()
    await anna.send(
        [
            {"jsonrpc": "2.0", "id": 1, "method": "session.ping"},
            {"jsonrpc": "2.0", "method": "session.ping"},
            {"jsonrpc": "2.0", "id": 2, "method": "no.such"},
            {"id": 3},
            5,
        ]
    )
    answers = await anna.receive()
    found = {answer["id"]: answer.get("error", {}).get("code") for answer in answers}
    assert len(answers) == 4
    assert found == {1: None, 2: -32601, None: -32600}
    await anna.send([])
    assert (await anna.answer(None))["error"]["code"] == -32600
    await anna.send([{"jsonrpc": "2.0", "method": "session.ping"}] * 51)
    assert (await anna.answer(None))["error"]["code"] == 1007


async def test_signals_in_a_batch(people: Clients) -> None:
    anna = await people.open("anna")
    bert = await people.open("bert", "interpreter")
    for one in (anna, bert):
        await one.call("meeting.join", meeting="me-1")
    params = {"meeting": "me-1", "to": "pa-bert", "signal": {"n": 1}}
    signal = {"jsonrpc": "2.0", "method": "meeting.signal", "params": params}
    await anna.send([signal | {"id": 1}, signal | {"id": 2}, signal])
    answers = await anna.receive()
    assert [answer["result"]["seq"] for answer in answers] == [1, 2]
    assert [(await bert.event("meeting.signal"))["seq"] for _ in range(3)] == [1, 2, 3]
