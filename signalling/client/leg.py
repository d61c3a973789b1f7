"""One peer connection of a meeting: this end and one other participant.

aiortc cannot roll back and ignores ICE restarts, so whatever would need either gets a new
RTCPeerConnection instead (media.md, "Gaps of aiortc").
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from signalling.client.errors import ClientError, LegFailed
from signalling.media.bind import pin
from signalling.media.sdp import CANDIDATES_MOST, SDP_ERRORS, bounded_sdp, candidate_of

LOG = structlog.get_logger(__name__)

SIGNALS_MOST: Final = 128  # waiting to be worked on
CODECS: Final = {"audio": ("audio/opus",), "video": ("video/VP8", "video/rtx")}
UFRAG: Final = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)

Signal = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Peer:
    """How to negotiate with one participant, as the server says."""

    participant: str
    offers: bool
    polite: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Peer":
        return cls(str(params["participant"]), bool(params["offers"]), bool(params.get("polite")))


async def ignore(participant: str, track: MediaStreamTrack) -> None:
    """Read nothing of a track that arrives; the leg throws it away."""


@dataclass(frozen=True, slots=True)
class Media:
    """What every leg of a participant does alike.

    `sources` makes new tracks for each leg (a track has one reader); `sink` reads a track that
    arrives, and what it leaves is read and thrown away, for aiortc's queues have no bound.
    `bind` are the addresses to offer, empty for all of the machine's.
    """

    sources: Callable[[], Sequence[MediaStreamTrack]]
    sink: Callable[[str, MediaStreamTrack], Awaitable[None]] = ignore
    bind: tuple[str, ...] = ()
    connect_s: float = 12.0


class Leg:
    """Negotiates and holds the media with one participant; `signal` feeds it, `send` answers.

    `connected` resolves when media can flow, or raises LegFailed, at the latest after
    `connect_s`. Only the side that the server named ever offers.
    """

    def __init__(
        self,
        peer: Peer,
        media: Media,
        ice_servers: Sequence[Mapping[str, Any]],
        send: Callable[[str, Signal], Awaitable[None]],
    ) -> None:
        self.peer = peer
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._media = media
        self._servers = [_ice_server(server) for server in ice_servers]
        self._send = send
        self._signals: asyncio.Queue[Signal] = asyncio.Queue(SIGNALS_MOST)
        self._tracks: list[MediaStreamTrack] = []
        self._sinks: set[asyncio.Task[None]] = set()
        self._remote_ufrag: str | None = None
        self._candidates = 0
        self._pc = self._connection()
        name = f"dragoman leg {peer.participant}"
        self._worker = asyncio.create_task(self._work(), name=name)
        self._deadline = asyncio.get_running_loop().call_later(
            media.connect_s, self._fail, f"not connected within {media.connect_s:g} s"
        )

    def signal(self, signal: Signal) -> None:
        """Take what the other end sent; never blocks."""
        try:
            self._signals.put_nowait(signal)
        except asyncio.QueueFull:
            self._fail("too many signals at once")

    async def close(self) -> None:
        """End the media; nothing of this leg runs afterwards."""
        self._fail("closed")
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        await self._hang_up()
        for sink in self._sinks:
            sink.cancel()
        await asyncio.gather(*self._sinks, return_exceptions=True)

    # --- negotiation --------------------------------------------------------------------------

    async def _work(self) -> None:
        """Offer if we are named, then answer signals one after another."""
        try:
            if self.peer.offers:
                await self._offer()
            while True:
                await self._take(await self._signals.get())
        except SDP_ERRORS as error:
            LOG.info("negotiation failed", participant=self.peer.participant, error=repr(error))
            self._fail(f"negotiation failed: {error!r}")
        except (ClientError, TimeoutError) as error:
            self._fail(f"the other end cannot be reached: {error}")

    async def _take(self, signal: Signal) -> None:
        match signal.get("type"):
            case "offer":
                await self._answer(bounded_sdp(signal.get("sdp")))
            case "answer" if self._pc.signalingState == "have-local-offer":
                await self._remote(bounded_sdp(signal.get("sdp")), "answer")
            case "candidate":
                await self._candidate(signal)
            case kind:
                LOG.info("signal ignored", kind=kind, participant=self.peer.participant)

    async def _offer(self) -> None:
        for track in self._media.sources():
            self._tracks.append(track)
            transceiver = self._pc.addTransceiver(track)
            transceiver.setCodecPreferences(_codecs(track.kind))
        await self._local()

    async def _answer(self, sdp: str) -> None:
        if self._pc.signalingState == "have-local-offer":
            if not self.peer.polite:
                return  # glare: ours stands
            await self._renew()
        if self._remote_ufrag not in (None, ufrag_of(sdp)):
            await self._renew()
        await self._remote(sdp, "offer")
        if not self._tracks:
            self._attach()
        await self._local()

    def _attach(self) -> None:
        """Send what the offer has room for."""
        free = [t for t in self._pc.getTransceivers() if t.sender.track is None]
        for track in self._media.sources():
            transceiver = next((t for t in free if t.kind == track.kind), None)
            if transceiver is None:
                track.stop()
                continue
            free.remove(transceiver)
            self._tracks.append(track)
            self._pc.addTrack(track)

    async def _local(self) -> None:
        """Describe this end, with all candidates: aiortc gathers before it returns."""
        if self._media.bind:
            pin(self._pc, self._media.bind)
        await self._pc.setLocalDescription()
        description = self._pc.localDescription
        await self._send(self.peer.participant, {"type": description.type, "sdp": description.sdp})
        await self._send(self.peer.participant, {"type": "candidate", "candidate": None})

    async def _remote(self, sdp: str, kind: str) -> None:
        self._remote_ufrag = ufrag_of(sdp)
        self._candidates = 0
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp, kind))

    async def _candidate(self, signal: Signal) -> None:
        """Add one candidate, or the end of them.

        Skipped are bad ones, those of an offer that was, and what is too many.
        """
        self._candidates += 1
        if self._remote_ufrag is None or self._candidates > CANDIDATES_MOST:
            return
        try:
            await self._pc.addIceCandidate(candidate_of(signal.get("candidate")))
        except SDP_ERRORS as error:
            LOG.info("candidate refused", participant=self.peer.participant, error=repr(error))

    # --- the connection -----------------------------------------------------------------------

    def _connection(self) -> RTCPeerConnection:
        # an explicit list: None would mean a public STUN server
        configuration = RTCConfiguration(
            iceServers=self._servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE
        )
        pc = RTCPeerConnection(configuration)

        def changed() -> None:
            if pc is self._pc and pc.connectionState == "connected":
                self._succeed()
            elif pc is self._pc and pc.connectionState == "failed":
                self._fail("the connection failed")

        pc.on("connectionstatechange", changed)
        pc.on("track", self._arrived)
        return pc

    async def _renew(self) -> None:
        await self._hang_up()
        self._remote_ufrag = None
        self._pc = self._connection()

    async def _hang_up(self) -> None:
        for track in self._tracks:
            track.stop()
        self._tracks = []
        # after a bad BUNDLE group close() itself raises
        with contextlib.suppress(*SDP_ERRORS):
            await self._pc.close()

    def _arrived(self, track: MediaStreamTrack) -> None:
        name = f"dragoman {track.kind} from {self.peer.participant}"
        sink = asyncio.create_task(self._listen(track), name=name)
        self._sinks.add(sink)
        sink.add_done_callback(self._sinks.discard)

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            await self._media.sink(self.peer.participant, track)
            while True:
                await track.recv()

    def _succeed(self) -> None:
        self._deadline.cancel()
        if not self.connected.done():
            self.connected.set_result(None)

    def _fail(self, reason: str) -> None:
        self._deadline.cancel()
        if not self.connected.done():
            self.connected.set_exception(LegFailed(f"{self.peer.participant}: {reason}"))
            self.connected.exception()  # nobody may be waiting for it


def ufrag_of(sdp: str) -> str:
    """Return the first ICE user fragment: another one means another ICE session."""
    found = UFRAG.search(sdp)
    return found[1] if found else ""


def _ice_server(server: Mapping[str, Any]) -> RTCIceServer:
    return RTCIceServer(
        urls=list(server["urls"]),
        username=server.get("username"),
        credential=server.get("credential"),
    )


def _codecs(kind: str) -> list[Any]:
    """Return Opus, or VP8 with its retransmission: what the relay carries too."""
    known = RTCRtpSender.getCapabilities(kind).codecs
    return [codec for codec in known if codec.mimeType in CODECS[kind]]
