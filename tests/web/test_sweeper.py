"""What is due at a socket: pings, expiry, the open deadline. The clock is moved by hand."""

import asyncio

import aiohttp

from signalling.web.close import CloseCode
from signalling.web.sweeper import SLICES
from tests.web.client import Client, Clients
from tests.web.fake import World


async def silent(people: Clients) -> Client:
    """Open a socket that does not answer pings."""
    socket = await people.session.ws_connect(
        people.world.url, autoping=False, timeout=aiohttp.ClientWSTimeout(ws_close=0.5)
    )
    client = Client(socket, binary=False)
    people.made.append(client)
    return client


async def sweep(here: World, seconds: float) -> None:
    here.offset_s += seconds
    await here.node.sweeper.sweep()


async def test_no_session_open_in_time(here: World, people: Clients) -> None:
    anna = await people.connect()
    await sweep(here, 9)
    assert next(iter(here.node.connections)).code is None
    await sweep(here, 1)
    assert await anna.closing() == 4504
    assert anna.answers[None]["error"]["code"] == 1001


async def test_an_idle_socket_is_pinged_late_and_closed_without_a_pong(
    here: World, people: Clients
) -> None:
    anna = await silent(people)
    await anna.call("session.open", token=here.token())
    (connection,) = here.node.connections
    await sweep(here, 24)
    assert connection.pinged is None
    await sweep(here, 1.1)
    assert (await anna.socket.receive()).type is aiohttp.WSMsgType.PING
    await sweep(here, 7.9)
    assert connection.code is None
    await sweep(here, 0.2)
    assert connection.code == 4003


async def test_an_available_interpreter_is_pinged_soon(here: World, people: Clients) -> None:
    bert = await silent(people)
    opened = await bert.call("session.open", token=here.token("bert", "interpreter"))
    assert opened["heartbeat_s"] == 10
    (connection,) = here.node.connections
    await sweep(here, 10.1)
    assert (await bert.socket.receive()).type is aiohttp.WSMsgType.PING
    await bert.call("session.ping")
    assert connection.pinged is None
    await bert.call("presence.set", status="away")
    await sweep(here, 10.1)
    assert connection.pinged is None
    await bert.call("meeting.join", meeting="me-1")
    await sweep(here, 10.1)
    await sweep(here, 5.1)
    assert connection.code == 4003


async def test_a_pong_is_life(here: World, people: Clients) -> None:
    anna = await people.open()
    (connection,) = here.node.connections
    await sweep(here, 25.1)
    assert connection.pinged is not None
    assert await anna.call("session.ping")
    await sweep(here, 24)
    assert connection.pinged is None


async def test_a_token_that_ends(here: World, people: Clients) -> None:
    anna = await people.open(token=here.token(ttl_s=100))
    here.offset_ms = 50_000
    for _ in range(2):
        await here.node.sweeper.sweep()
    warning = await anna.event("session.expiring")
    assert warning["expires_at"] == anna.opened["expires_at"]
    await anna.call("session.refresh", token=here.token(ttl_s=200))
    here.offset_ms = 110_000
    await here.node.sweeper.sweep()
    assert await anna.call("session.ping")
    here.offset_ms = 210_000
    await here.node.sweeper.sweep()
    assert await anna.closing() == 4501
    told = [event["method"] for event in anna.events]
    assert told == ["session.draining"]  # the warning came once


async def test_who_says_no_goodbye_is_cut(here: World, people: Clients) -> None:
    anna = await silent(people)
    await anna.call("session.open", token=here.token())
    (connection,) = here.node.connections
    connection.transport.pause_reading()  # type: ignore[union-attr]
    here.node.close_all(CloseCode.GOING_AWAY)
    await sweep(here, 1.9)
    assert here.node.connections
    await sweep(here, 0.2)
    await here.service.wait_for("dropped")
    assert not here.node.connections


async def test_a_sweep_looks_once_at_everybody(here: World) -> None:
    """Whether there are fewer people than slices, or more, and between them others go on."""
    seen: list[object] = []
    here.node.sweeper.look = lambda connection, *_: seen.append(connection)  # type: ignore[method-assign]
    for count in (1, 2, SLICES, 3 * SLICES + 1):
        here.node.sweeper.connections = range(count)  # type: ignore[assignment]
        sweeping = asyncio.create_task(here.node.sweeper.sweep())
        await asyncio.sleep(0)
        assert len(seen) <= -(-count // SLICES)
        await sweeping
        assert seen == list(range(count))
        seen.clear()
