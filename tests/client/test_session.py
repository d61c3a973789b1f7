"""A session over real sockets: calls, events, drops and returns."""

import asyncio

import pytest

from signalling.client import (
    Backoff,
    Client,
    CodecName,
    ConnectionLost,
    Event,
    RemoteError,
    Resume,
    session,
)
from signalling.client.session import socket_url
from tests.client.server import FakeServer

AT_ONCE = Backoff(first_s=0, most_s=0, attempts=3)
BOTH: tuple[CodecName, ...] = ("json", "msgpack")


@pytest.mark.parametrize("codec", BOTH)
async def test_open_call_and_close(server: FakeServer, codec: CodecName) -> None:
    async with await Client.connect(
        server.url, "token", codec=codec, device="laptop", capabilities=("single-offerer",)
    ) as client:
        assert client.opened["session"] == "s1"
        assert server.sockets[0].ws_protocol == f"dragoman.v1.{codec}"
        result = await client.call("presence.set", status="available", position={"lat": 59.9})
        assert result == {"echo": {"status": "available", "position": {"lat": 59.9}}}
        assert client.lost is None
    assert server.called("session.open") == [
        {"token": "token", "device": "laptop", "capabilities": ["single-offerer"]}
    ]
    assert server.called("session.close") == [{}]
    assert client.lost is not None


@pytest.mark.parametrize("codec", BOTH)
async def test_an_error_has_code_name_and_data(server: FakeServer, codec: CodecName) -> None:
    data = {"name": "gone", "retryable": False, "reason": "taken", "detail": "somebody else won"}
    server.answers["offer.accept"] = {"error": {"code": 1009, "message": "gone", "data": data}}
    async with await Client.connect(server.url, "token", codec=codec) as client:
        with pytest.raises(RemoteError, match="somebody else won") as caught:
            await client.call("offer.accept", offer="o1")
    error = caught.value
    assert (error.code, error.name, error.message) == (1009, "gone", "gone")
    assert error.data["reason"] == "taken"
    assert not error.retryable
    assert error.path is None


async def test_calls_at_once_get_their_own_answers(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        results = await asyncio.gather(*(client.call("echo", n=n) for n in range(50)))
    assert [result["echo"]["n"] for result in results] == list(range(50))


async def test_a_notification_has_no_answer(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        await client.notify("offer.ack", offer="o1")
        await client.call("echo")
    assert next(r for r in server.requests if r["method"] == "offer.ack").get("id") is None


async def test_refreshing_keeps_the_newer_token(server: FakeServer) -> None:
    async with await Client.connect(server.url, "old") as client:
        await client.refresh("new")
        await client.drop()
        await client.reconnect(AT_ONCE)
    assert [params["token"] for params in server.called("session.open")] == ["old", "new"]


async def test_events_are_kept_until_asked_for(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        await server.send("presence.summary", pairs=[])
        await server.send("offer.made", event_id="e.1-0", offer="o1")
        event = await client.next_event("offer.made")
        assert event == Event("offer.made", {"event_id": "e.1-0", "offer": "o1"})
        assert client.last_event == "e.1-0"
        assert (await client.next_event("presence.summary")).event_id is None


async def test_waiting_for_an_event_has_an_end(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        with pytest.raises(TimeoutError):
            await client.next_event("offer.made", within_s=0.01)


async def test_the_stream_of_events_ends_with_the_socket(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        await server.send("offer.made", event_id="e.1-0")
        await server.send("offer.withdrawn", event_id="e.2-0")
        await server.close(4001)
        assert [event.method async for event in client.events()] == [
            "offer.made",
            "offer.withdrawn",
        ]


async def test_a_repeated_event_is_seen_once(server: FakeServer) -> None:
    async with await Client.connect(server.url, "token") as client:
        for event_id in ("e.1-0", "e.1-0", "e.2-0"):
            await server.send("offer.made", event_id=event_id)
        await server.close(4001)
        assert [event.event_id async for event in client.events()] == ["e.1-0", "e.2-0"]


async def test_an_observer_may_keep_events_to_itself(server: FakeServer) -> None:
    seen: list[str] = []

    def observe(event: Event) -> bool:
        seen.append(event.method)
        return event.method == "meeting.signal"

    async with await Client.connect(server.url, "token") as client:
        stop = client.on_event(observe)
        await server.send("meeting.signal", seq=1)
        await server.send("meeting.changed", event_id="e.1-0")
        await client.next_event("meeting.changed")
        stop()
        await server.send("meeting.signal", seq=2)
        assert (await client.next_event("meeting.signal")).params == {"seq": 2}
    assert seen == ["meeting.signal", "meeting.changed"]


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


async def test_nobody_there(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionLost):
        await Client.connect(f"http://127.0.0.1:{unused_tcp_port}", "token")


async def test_closing_twice_is_harmless(server: FakeServer) -> None:
    client = await Client.connect(server.url, "token")
    await client.close()
    await client.close()


def test_where_the_socket_is() -> None:
    for url in ("http://h:1", "http://h:1/", "http://h:1/v1/ws"):
        assert str(socket_url(url)) == "http://h:1/v1/ws"
    assert str(socket_url("wss://h/interpreters")) == "wss://h/interpreters/v1/ws"
