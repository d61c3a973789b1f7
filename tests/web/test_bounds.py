"""What one connection, user or address may take up; and what a lost socket or store means."""

import asyncio
import socket as sockets
from typing import Any

import pytest

from signalling.store.connect import StoreUnavailable
from signalling.store.store import Store
from tests.web.client import Clients, clients, handshake
from tests.web.fake import FakeService, World, world


async def test_a_slow_handler_holds_nobody_up(here: World, people: Clients) -> None:
    anna = await people.open()
    slow = {"jsonrpc": "2.0", "id": "slow", "method": "interpreter.get", "params": {}}
    await anna.send(slow)
    await here.service.wait_for("slow")
    assert await anna.call("session.ping")
    here.service.gate.set()
    assert (await anna.answer("slow"))["result"] == {}


async def test_work_at_once_is_bounded(here: World, people: Clients) -> None:
    anna = await people.open()
    for n in range(1000, 1090):
        await anna.send({"jsonrpc": "2.0", "id": n, "method": "interpreter.get", "params": {}})
    refused = await anna.answer(1089)
    assert refused["error"]["code"] == 1006
    assert refused["error"]["data"]["retry_after_ms"] == 1000
    here.service.gate.set()
    assert (await anna.answer(1079))["result"] == {}


async def test_requests_a_second_are_bounded(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, requests_burst=5, requests_per_s=1.0) as here,
        clients(here) as people,
    ):
        anna = await people.open()
        answers = [await anna.ask("session.ping") for _ in range(6)]
        refused = [a["error"] for a in answers if "error" in a]
        assert refused
        assert refused[0]["code"] == 1006
        assert 0 < refused[0]["data"]["retry_after_ms"] <= 1000


async def test_a_users_sockets_share_a_bound(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, user_requests_burst=6, user_requests_per_s=0.01) as here,
        clients(here) as people,
    ):
        two = [await people.open(), await people.open()]
        answers = [await one.ask("session.ping") for _ in range(4) for one in two]
        codes = [a["error"]["code"] for a in answers if "error" in a]
        assert codes == [1006, 1006]


async def test_signals_count_against_nothing_else(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, requests_burst=9, requests_per_s=0.01) as here,
        clients(here) as people,
    ):
        anna, bert = await people.open("anna"), await people.open("bert")
        for one in (anna, bert):
            await one.call("meeting.join", meeting="me-1")
        signal = {"meeting": "me-1", "to": "pa-bert", "signal": {"candidate": ""}}
        sent = {"jsonrpc": "2.0", "id": 1, "method": "meeting.signal", "params": signal}
        for _ in range(50):
            await anna.call("meeting.signal", **signal)
        await anna.send([sent] * 20)
        answers = await anna.receive()
        assert [answer["result"]["seq"] for answer in answers] == list(range(51, 71))
        assert await anna.call("session.ping")


@pytest.mark.parametrize("nested", [{}, {"nested": {}}], ids=["usual", "nested"])
async def test_signals_a_second_are_bounded(store: Store, marketplace: str, nested: Any) -> None:
    async with (
        world(store, marketplace, signals_burst=3, signals_per_s=0.1) as here,
        clients(here) as people,
    ):
        anna, bert = await people.open("anna"), await people.open("bert")
        for one in (anna, bert):
            await one.call("meeting.join", meeting="me-1")
        to_bert = {"meeting": "me-1", "to": "pa-bert", "signal": {"candidate": ""} | nested}
        answers = [await anna.ask("meeting.signal", **to_bert) for _ in range(4)]
        assert [a["result"]["seq"] for a in answers[:3]] == [1, 2, 3]
        assert answers[3]["error"]["code"] == 1006
        assert 9000 < answers[3]["error"]["data"]["retry_after_ms"] <= 10_000
        assert await anna.call("session.ping")


async def test_a_signal_through_the_store_counts_as_ten(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, signals_burst=25, signals_per_s=0.1) as here,
        clients(here) as people,
    ):
        anna = await people.open("anna")
        await anna.call("meeting.join", meeting="me-1")
        answers = [
            await anna.ask("meeting.signal", meeting="me-1", to=f"pa-{n}", signal={})
            for n in range(3)
        ]
        assert [a["error"]["code"] for a in answers] == [1003, 1003, 1006]


async def test_ways_through_the_store_at_once_are_bounded(people: Clients) -> None:
    anna = await people.open("anna")
    await anna.call("meeting.join", meeting="me-1")
    for n in range(1000, 1020):
        params = {"meeting": "me-1", "to": f"pa-{n}", "signal": {}}
        await anna.send({"jsonrpc": "2.0", "id": n, "method": "meeting.signal", "params": params})
    codes = [(await anna.answer(n))["error"]["code"] for n in range(1000, 1020)]
    assert set(codes) <= {1003, 1006}
    assert codes[0] == 1003


async def test_sockets_of_one_address_are_bounded(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, connections_per_address=1) as here,
        clients(here) as people,
    ):
        await people.open()
        status, problem = await handshake(people)
        assert (status, problem["code"]) == (429, 1006)


async def test_who_never_reads_is_closed_and_harms_nobody(store: Store, marketplace: str) -> None:
    async with (
        world(store, marketplace, queue_bytes=65_536) as here,
        clients(here) as people,
    ):
        deaf = await people.open("deaf")
        bert = await people.open("bert", "interpreter")
        for one in (deaf, bert):
            await one.call("meeting.join", meeting="me-1")
        (connection,) = (c for c in here.node.connections if c.caller and c.caller.user == "deaf")
        assert connection.transport is not None
        sending = connection.transport.get_extra_info("socket")
        sending.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 4096)
        raw = deaf.socket.get_extra_info("socket")
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        transport = deaf.socket._response.connection.transport  # type: ignore[union-attr]
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        big = {"sdp": "x" * 30_000}
        for _ in range(150):
            await bert.ask("meeting.signal", meeting="me-1", to="pa-deaf", signal=big)
            if connection.code is not None:
                break
        assert connection.code == 4002
        assert await bert.call("session.ping")
        here.offset_s += 10
        await here.node.sweeper.sweep()
        told = await here.service.wait_for("dropped")
        assert told[1].user == "deaf"


async def test_what_was_asked_before_the_socket_was_lost_is_done(
    here: World, people: Clients
) -> None:
    anna = await people.open()
    await anna.send({"jsonrpc": "2.0", "id": 9, "method": "interpreter.get", "params": {}})
    await here.service.wait_for("slow")
    await anna.socket.close()
    here.service.gate.set()
    await here.service.wait_for("dropped")
    assert here.node.metrics.requests["interpreter.get", 0] == 1


async def test_a_store_that_is_away_closes_with_advice(
    here: World, people: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("the store does not answer")

    monkeypatch.setattr(FakeService, "opened", away)
    anna = await people.connect()
    refused = await anna.ask("session.open", token=here.token())
    assert refused["error"]["code"] == 1010
    assert refused["error"]["data"]["retryable"] is True
    assert await anna.closing() == 4004
