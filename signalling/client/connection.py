"""An RTCPeerConnection, the tracks that it sends, and who listens to what arrives on it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from signalling.media.bind import pin
from signalling.media.hangup import hang_up

CODECS: Final = {"audio": ("audio/opus",), "video": ("video/VP8", "video/rtx")}


async def ignore(participant: str, track: MediaStreamTrack) -> None:
    """Read nothing of a track that arrives; the connection throws it away."""


@dataclass(frozen=True, slots=True)
class Media:
    """What every connection of a participant does alike.

    `sources` makes new tracks for each connection (a track has one reader); `sink` reads a track
    that arrives, and what it leaves is read and thrown away, for aiortc's queues have no bound.
    `bind` are the addresses to offer, empty for all of the machine's.
    """

    sources: Callable[[], Sequence[MediaStreamTrack]]
    sink: Callable[[str, MediaStreamTrack], Awaitable[None]] = ignore
    bind: tuple[str, ...] = ()
    connect_s: float = 12.0


@dataclass(frozen=True, slots=True)
class Ice:
    """How to find a way: servers as meeting.join names them; relay: through TURN alone."""

    servers: Sequence[Mapping[str, Any]] = ()
    policy: Literal["all", "relay"] = "all"

    def configuration(self) -> RTCConfiguration:
        """Return it as aiortc takes it: an explicit list, for None would mean a public server."""
        policy = RTCIceTransportPolicy.RELAY if self.policy == "relay" else None
        return RTCConfiguration(
            iceServers=[_ice_server(server) for server in self.servers],
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
            iceTransportPolicy=policy or RTCIceTransportPolicy.ALL,
        )


class Connection:
    """Everything of one RTCPeerConnection; *changed* is told of each state it comes into."""

    def __init__(self, media: Media, ice: Ice, changed: Callable[[str], None]) -> None:
        self.pc = RTCPeerConnection(ice.configuration())
        self.tracks: list[MediaStreamTrack] = []
        self._media = media
        self._listening: dict[MediaStreamTrack, asyncio.Task[None]] = {}
        self.pc.on("connectionstatechange", lambda: changed(self.pc.connectionState))

    def send_all(self, direction: str = "sendrecv") -> None:
        """Add a section for each of our tracks."""
        for track in self._media.sources():
            self.tracks.append(track)
            self.add(track, direction)

    def add(self, track: str | MediaStreamTrack, direction: str) -> RTCRtpTransceiver:
        """Add a section with Opus or VP8 alone: what carriers carry too."""
        transceiver = self.pc.addTransceiver(track, direction=direction)
        known = RTCRtpSender.getCapabilities(transceiver.kind).codecs
        wanted = [codec for codec in known if codec.mimeType in CODECS[transceiver.kind]]
        transceiver.setCodecPreferences(wanted)
        return transceiver

    async def describe(self) -> str:
        """Set our description, with all candidates: aiortc gathers first; return its SDP."""
        if self._media.bind:
            pin(self.pc, self._media.bind)
        await self.pc.setLocalDescription()
        return str(self.pc.localDescription.sdp)

    def listen(self, track: MediaStreamTrack, participant: str | None) -> None:
        """Let the sink read a track as somebody's; None: throw it away unread.

        Who listened to it before hears no more.
        """
        before = self._listening.get(track)
        if before is not None:
            before.cancel()
        name = f"dragoman {track.kind} from {participant or 'nobody'}"
        task = asyncio.create_task(self._listen(before, track, participant), name=name)
        self._listening[track] = task

    async def _listen(
        self, before: asyncio.Task[None] | None, track: MediaStreamTrack, participant: str | None
    ) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)  # a track has one reader
        with contextlib.suppress(MediaStreamError):
            if participant is not None:
                await self._media.sink(participant, track)
            while True:
                await track.recv()

    async def received(self, tracks: Sequence[MediaStreamTrack] | None = None) -> int:
        """Return how many packets have come, of these tracks or of all, and reports too."""
        if tracks is None:
            report = await self.pc.getStats()
            return sum(s.packetsReceived for s in report.values() if s.type == "transport")
        count = 0
        for receiver in self.pc.getReceivers():
            if receiver.track in tracks:
                stats = (await receiver.getStats()).values()
                count += sum(s.packetsReceived for s in stats if s.type == "inbound-rtp")
        return count

    def path(self) -> Literal["udp", "turn_udp", "turn_tcp"] | None:
        """Return how media goes: straight, or by a TURN server reached by UDP or TCP."""
        transceivers = self.pc.getTransceivers()
        if not transceivers:
            return None
        ice: Any = transceivers[0].receiver.transport.transport._connection  # noqa: SLF001
        pair = ice._nominated.get(1)  # noqa: SLF001 - aiortc does not tell
        if pair is None:
            return None
        if pair.local_candidate.type != "relay":
            return "udp"
        return "turn_tcp" if ice.turn_transport == "tcp" else "turn_udp"

    async def close(self) -> None:
        """End it; nothing of it runs afterwards."""
        for track in self.tracks:
            track.stop()
        await hang_up(self.pc)
        listening = tuple(self._listening.values())
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


def _ice_server(server: Mapping[str, Any]) -> RTCIceServer:
    return RTCIceServer(
        urls=list(server["urls"]),
        username=server.get("username"),
        credential=server.get("credential"),
    )
