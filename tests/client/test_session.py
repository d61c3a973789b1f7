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
