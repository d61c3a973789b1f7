"""Coming back after a drop: resume, snapshot, close codes, giving up."""

import asyncio

import pytest

from signalling.client import (
    Backoff,
    Client,
    CodecName,
    ConnectionLost,
    RemoteError,
    Resume,
    session,
)
from tests.client.server import FakeServer

AT_ONCE = Backoff(first_s=0, most_s=0, attempts=3)
BOTH: tuple[CodecName, ...] = ("json", "msgpack")


@pytest.mark.parametrize("codec", BOTH)
async def test_a_dropped_session_is_resumed_and_misses_nothing(
    server: FakeServer, codec: CodecName
) -> None:
    async with await Client.connect(server.url, "token", codec=codec) as client:
        await server.send("offer.made", event_id="e.1-0")
        await client.next_event("offer.made")
        await client.drop()
        server.inbox = ["e.1-0", "e.2-0", "e.3-0"]
        assert await client.reconnect(AT_ONCE) is True
        assert [(await client.next_event("offer.made")).event_id for _ in range(2)] == [
            "e.2-0",
            "e.3-0",
        ]
        assert client.last_event == "e.3-0"
    assert server.called("session.open")[1]["resume"] == {
        "session": "s1",
        "resume_token": "secret-1",
        "last_event": "e.1-0",
    }


async def test_the_resume_token_of_the_last_open_is_used(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        for _ in range(3):
            await client.drop()
            assert await client.reconnect(AT_ONCE) is True
        assert client.resume == Resume("s1", "secret-4")


async def test_what_cannot_be_replayed_comes_as_a_snapshot(server: FakeServer) -> None:
    server.snapshot = {"offers": [], "last_event": "f.9-0"}
    async with await Client.connect(server.url, "token") as client:
        await client.drop()
        server.opens += 1  # another resume token than the client's
        assert await client.reconnect(AT_ONCE) is False
        assert client.opened["snapshot"] == server.snapshot
        assert client.last_event == "f.9-0"


async def test_another_process_continues_a_session(server: FakeServer) -> None:
    first = await Client.connect(server.url, "token")
    resume = first.resume
    await first.drop()
    await first.close()
    async with await Client.connect(server.url, "token", resume=resume) as second:
        assert second.opened["recovered"]


async def test_calls_fail_while_the_socket_is_down(server: FakeServer) -> None:
    server.answers["slow"] = {}
    async with await Client.connect(server.url, "token") as client:
        slow = asyncio.create_task(client.call("slow"))
        await client.call("echo")
        await client.drop()
        with pytest.raises(ConnectionLost):
            await slow
        with pytest.raises(ConnectionLost):
            await client.call("echo")
        with pytest.raises(ConnectionLost):
            await client.next_event("offer.made")
    assert server.called("session.close") == []


@pytest.mark.parametrize("code", [4500, 4501, 4502, 4503, 4504, 4505, 4999])
async def test_some_close_codes_forbid_to_return(server: FakeServer, code: int) -> None:
    async with await Client.connect(server.url, "token") as client:
        await server.close(code)
        lost = await client.wait_lost()
        assert (lost.code, lost.reason, lost.may_return) == (code, "as told", False)
        with pytest.raises(ConnectionLost):
            await client.reconnect(AT_ONCE)
    assert server.opens == 1


@pytest.mark.parametrize("code", [1001, 4001, 4002, 4003, 4004, 4499])
async def test_others_ask_to_return(server: FakeServer, code: int) -> None:
    async with await Client.connect(server.url, "token") as client:
        await server.close(code)
        assert (await client.wait_lost()).code == code
        assert await client.reconnect(AT_ONCE) is True


async def test_advice_is_kept_for_the_return(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        await server.send("session.draining", code=4001, retry_after_ms=1, jitter_ms=2)
        await server.close(4001)
        await client.wait_lost()
        assert client.advice is not None
        assert (client.advice.retry_after_s, client.advice.jitter_s) == (0.001, 0.002)
        await client.reconnect(AT_ONCE)
        assert client.advice is None


async def test_a_server_that_is_not_up_yet_is_tried_again(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        await client.drop()
        server.refuse_handshakes = 2
        assert await client.reconnect(AT_ONCE) is True


async def test_a_banned_client_stops_trying(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        await client.drop()
        server.close_on_open = 4503
        with pytest.raises(ConnectionLost, match="4503"):
            await client.reconnect(AT_ONCE)
        assert len(server.called("session.open")) == 2


async def test_a_server_that_does_not_answer_is_left(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Client.connect(server.url, "token") as client:
        await client.drop()
        server.silent = True
        monkeypatch.setattr(session, "ANSWER_S", 0.01)
        with pytest.raises(ConnectionLost, match="not answered"):
            await client.reconnect(AT_ONCE)
        with pytest.raises(ConnectionLost):
            await client.next_event("offer.made")


async def test_a_socket_that_is_up_may_be_replaced(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        assert await client.reconnect(AT_ONCE) is True
        assert await client.call("echo") == {"echo": {}}
    assert server.opens == 2


async def test_one_gives_up_in_the_end(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        await client.drop()
        server.refuse_handshakes = 3
        with pytest.raises(ConnectionLost, match="503"):
            await client.reconnect(AT_ONCE)
        with pytest.raises(ConnectionLost):
            await client.next_event("offer.made")


async def test_a_refused_token_is_not_tried_again(server: FakeServer) -> None:
    data = {"name": "unauthenticated", "retryable": False}
    refusal = {"code": 1001, "message": "unauthenticated", "data": data}
    server.refusals = [refusal]
    with pytest.raises(RemoteError) as caught:
        await Client.connect(server.url, "token")
    assert caught.value.name == "unauthenticated"
    async with await Client.connect(server.url, "token") as client:
        await client.drop()
        server.refusals = [refusal]
        with pytest.raises(RemoteError):
            await client.reconnect(AT_ONCE)
    assert server.opens == 1


async def test_a_busy_server_is_tried_again(server: FakeServer) -> None:
    data = {"name": "unavailable", "retryable": True}
    async with await Client.connect(server.url, "token") as client:
        await client.drop()
        server.refusals = [{"code": 1010, "message": "unavailable", "data": data}]
        assert await client.reconnect(AT_ONCE) is True
