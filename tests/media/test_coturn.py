"""TURN credentials at a real coturn: who gets a relayed address, and for how long."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aioice import stun
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamTrack

from signalling.media.relay_only import check_relay_only
from signalling.media.tones import Observer, Stripes, Tone
from signalling.media.turn import credentials_end_s, ice_servers, turn_credential
from tests.browser.chrome import chromium
from tests.media.children import TurnChild, turn_running

WITHIN_S = 20.0


def relay_only(servers: list[dict[str, Any]]) -> RTCPeerConnection:
    return RTCPeerConnection(
        RTCConfiguration(
            iceServers=[RTCIceServer(**server) for server in servers],
            iceTransportPolicy=RTCIceTransportPolicy.RELAY,
        )
    )


def server(turn: TurnChild, transport: str, user: str, password: str) -> list[dict[str, Any]]:
    return [{"urls": [turn.url(transport)], "username": user, "credential": password}]


async def candidates(pc: RTCPeerConnection) -> list[str]:
    """Gather; return the candidates, none if the server refuses."""
    pc.addTrack(Tone(440))
    async with asyncio.timeout(WITHIN_S):
        await pc.setLocalDescription()
    lines = pc.localDescription.sdp.splitlines()
    return [line for line in lines if line.startswith("a=candidate:")]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_right_credentials_give_a_relayed_address(turn: TurnChild, transport: str) -> None:
    servers = ice_servers(turn.settings(transport), "c:north:ola", time.time(), "m1")
    pc = relay_only(servers)
    try:
        (candidate,) = await candidates(pc)
        assert f" {turn.address} " in candidate
        assert " typ relay " in candidate
        check_relay_only({"sdp": pc.localDescription.sdp})
    finally:
        await pc.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(
    ("secret", "user", "lives_s"),
    [("", "ola", -1), ("another secret", "ola", 600), ("", "ola", None)],
    ids=["expired", "wrong", "without expiry"],
)
async def test_wrong_ones_give_none(
    turn: TurnChild, transport: str, secret: str, user: str, lives_s: int | None
) -> None:
    username, password = turn_credential(
        secret or turn.secret, user, int(time.time()) + (lives_s or 0)
    )
    if lives_s is None:
        username = user
    pc = relay_only(server(turn, transport, username, password))
    try:
        assert await candidates(pc) == []
    finally:
        await pc.close()


class Pair:
    """Two who meet only through a TURN server; *hears* what the offering one sends."""

    def __init__(self, servers: list[dict[str, Any]]) -> None:
        self.ola, self.kari = relay_only(servers), relay_only(servers)
        self.hears = Observer()
        self._watching: list[asyncio.Task[None]] = []
        self.kari.on("track", self._watch)

    def _watch(self, track: MediaStreamTrack) -> None:
        self._watching.append(asyncio.create_task(self.hears.observe(track)))

    async def connect(self) -> None:
        self.ola.addTrack(Tone(660))
        self.ola.addTrack(Stripes(7))
        await self.ola.setLocalDescription()
        offer = self.ola.localDescription
        check_relay_only({"sdp": offer.sdp})
        await self.kari.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        await self.kari.setLocalDescription()
        answer = self.kari.localDescription
        check_relay_only({"sdp": answer.sdp})
        await self.ola.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))

    async def perceive(self) -> None:
        """Wait for the tone, and for pictures that are new."""
        async with asyncio.timeout(WITHIN_S):
            assert await self.hears.heard_hz() == pytest.approx(660, abs=5)
            self.hears.pictures.clear()
            seen = await self.hears.seen(10)
        assert {whose for _, whose in seen[3:]} == {7}

    async def allocations_say(self, method: stun.Method, **attributes: Any) -> None:
        """Ask coturn something about the running allocations, as they will in some minutes."""
        for pc in (self.ola, self.kari):
            for protocol in pc.getSenders()[0].transport.transport._connection._protocols:
                request = stun.Message(message_method=method, message_class=stun.Class.REQUEST)
                request.attributes.update(attributes)
                turn: Any = vars(protocol.transport)["_TurnTransport__inner_protocol"]
                await turn.request_with_retry(request)

    async def close(self) -> None:
        await self.ola.close()
        await self.kari.close()
        for task in self._watching:  # a track whose connection never stood does not end
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)


@asynccontextmanager
async def meeting(servers: list[dict[str, Any]]) -> AsyncIterator[Pair]:
    pair = Pair(servers)
    try:
        async with asyncio.timeout(WITHIN_S):
            await pair.connect()
        yield pair
    finally:
        await pair.close()


GATHERED = """async (iceServers) => {
    const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
    pc.addTransceiver('audio');
    const found = [];
    const done = new Promise((resolve) => {
        pc.onicecandidate = ({ candidate }) =>
            candidate ? found.push(candidate.candidate) : resolve();
    });
    await pc.setLocalDescription();
    await done;
    pc.close();
    return found;
}"""


async def test_chromium_takes_what_aiortc_takes(turn: TurnChild) -> None:
    now = time.time()
    right = {
        transport: ice_servers(turn.settings(transport), "ola", now, "m1")
        for transport in ("udp", "tcp")
    }
    expired = server(turn, "udp", *turn_credential(turn.secret, "ola", int(now) - 1))
    wrong = server(turn, "tcp", *turn_credential("another secret", "ola", int(now) + 600))
    async with chromium() as browser, asyncio.timeout(60):
        page = await browser.new_page()
        for transport, servers in right.items():
            (candidate,) = await page.evaluate(GATHERED, servers)
            assert f" {turn.address} " in candidate, transport
            check_relay_only({"candidate": candidate})
        for servers in (expired, wrong):
            assert await page.evaluate(GATHERED, servers) == []


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_two_hear_and_see_each_other_through_it(turn: TurnChild, transport: str) -> None:
    async with meeting(ice_servers(turn.settings(transport), "ola", time.time(), "m1")) as pair:
        await pair.perceive()


async def over_for_newcomers(servers: list[dict[str, Any]]) -> None:
    """Wait until credentials are over by coturn's own clock, which is a second or two late."""
    found = ["unknown"]
    async with asyncio.timeout(WITHIN_S):
        while found:
            late = relay_only(servers)
            found = await candidates(late)
            await late.close()


async def test_a_running_meeting_outlives_its_credentials(turn: TurnChild) -> None:
    short = turn.settings("udp", ttl_s=6)  # time to begin in, on a machine with much to do
    first = ice_servers(short, "ola", time.time(), "m1")
    ends_s = credentials_end_s(short, time.time())
    async with meeting(first) as pair:
        await pair.perceive()
        await asyncio.sleep(max(0.0, ends_s - time.time()))
        await over_for_newcomers(first)

        await pair.perceive()
        await pair.allocations_say(stun.Method.REFRESH, LIFETIME=600)
        peer = ("127.0.0.1", 40_000)
        bound = {"CHANNEL-NUMBER": 0x4ABC, "XOR-PEER-ADDRESS": peer}
        await pair.allocations_say(stun.Method.CHANNEL_BIND, **bound)
        await pair.perceive()

        fresh = relay_only(ice_servers(turn.settings(), "ola", time.time(), "m1"))
        assert await candidates(fresh) != [], "an ICE restart needs those that were fetched since"
        await fresh.close()


async def test_without_a_server_there_is_no_candidate_and_no_error() -> None:
    with turn_running() as turn:
        servers = ice_servers(turn.settings("udp"), "ola", time.time())
        turn.kill()
        pc = relay_only(servers)
        assert await candidates(pc) == []
        await pc.close()
        turn.start()
        async with meeting(servers) as pair:
            await pair.perceive()
