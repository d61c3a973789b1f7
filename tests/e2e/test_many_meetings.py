"""Fifty meetings at once through one media process: everybody hears the other, all can leave."""

import asyncio
import fractions
from typing import Any

import av
import pytest
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from signalling.client import Client
from signalling.client.meeting import CAPABILITIES, Media, MeetingPeer
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Metronome
from signalling.web.auth import mint
from tests.e2e.carried import Ward, media_server, ward_of

MEETINGS = 50
JOINING = 8  # meetings that come together at one moment
TICK_S = 0.2  # rarely, so that two cores bear both ends of it
SILENCE = bytes.fromhex("f8fffe")  # 20 ms of Opus that codes nothing


class Ticks(MediaStreamTrack):
    """Sound that costs no encoding: one packet every fifth of a second."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._clock = Metronome(TICK_S)

    async def recv(self) -> "av.Packet[Any]":
        number = await self._clock.tick()
        if self.readyState != "live":
            raise MediaStreamError
        packet = av.Packet(SILENCE)
        packet.time_base = fractions.Fraction(1, 48_000)
        packet.pts = packet.dts = round(number * TICK_S * 48_000)
        return packet


class Pair:
    """Two people of one meeting."""

    def __init__(self, ward: Ward, number: int) -> None:
        self.ward = ward
        self.number = number
        self.peers: list[MeetingPeer] = []
        self.clients: list[Client] = []
        self.heard: dict[str, asyncio.Event] = {}

    async def meet(self) -> None:
        """Join, and hear each other."""
        people = [{"user": f"u{self.number}-{n}", "role": "operator"} for n in (0, 1)]
        http = await self.ward.http()
        made = await http.call("meeting.create", participants=people)
        for one in people:
            await self._join(str(made["meeting"]["id"]), one["user"])
        async with asyncio.timeout(60):
            for peer in self.peers:
                await self._event(peer.participant).wait()

    async def _join(self, meeting: str, user: str) -> None:
        token = mint(self.ward.app, user, "operator")
        client = await Client.connect(self.ward.server.url, token, capabilities=CAPABILITIES)
        peer = MeetingPeer(client, meeting, Media(lambda: [Ticks()], self._hear, LOOPBACK, 40))
        self.clients.append(client)
        self.peers.append(peer)
        await peer.join()

    def _event(self, participant: str) -> asyncio.Event:
        return self.heard.setdefault(participant, asyncio.Event())

    async def _hear(self, participant: str, track: Any) -> None:
        for _ in range(3):
            await track.recv()
        self._event(participant).set()

    async def part(self) -> None:
        for peer in self.peers:
            await peer.leave()
        for client in self.clients:
            await client.close()


@pytest.mark.timeout(240)
async def test_fifty_meetings_at_once() -> None:
    with media_server() as server:
        async with ward_of(server, topology="relay") as ward:
            pairs = [Pair(ward, n) for n in range(MEETINGS)]
            gate = asyncio.Semaphore(JOINING)

            async def meet(pair: Pair) -> None:
                async with gate:
                    await pair.meet()

            try:
                await asyncio.gather(*map(meet, pairs))
                kinds = [p.joined["carrier"]["kind"] for pair in pairs for p in pair.peers]
                assert kinds == ["relay"] * 2 * MEETINGS
            finally:
                await asyncio.gather(*(pair.part() for pair in pairs))
