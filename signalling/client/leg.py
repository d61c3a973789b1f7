"""One peer connection of a meeting: this end and one other participant.

aiortc cannot roll back and ignores ICE restarts, so whatever would need either gets a new
RTCPeerConnection instead (media.md, "Gaps of aiortc").
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from signalling.client.attempt import Attempt
from signalling.client.connection import Connection, Ice, Media
from signalling.client.errors import ClientError
from signalling.media.sdp import CANDIDATES_MOST, SDP_ERRORS, bounded_sdp, candidate_of

LOG = structlog.get_logger(__name__)

SIGNALS_MOST: Final = 128  # waiting to be worked on
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


def nobody(_: str) -> None:
    """Tell nobody."""


class Leg:
    """Negotiates and holds the media with one participant; `signal` feeds it, `send` answers.

    `connected` resolves when media can flow, or raises LegFailed, at the latest after
    `connect_s`; *lost* is told once why there is no media (any more). Only the side that the
    server named ever offers.
    """

    def __init__(
        self,
        peer: Peer,
        media: Media,
        ice: Ice,
        send: Callable[[str, Signal], Awaitable[None]],
        lost: Callable[[str], None] = nobody,
    ) -> None:
        self.peer = peer
        self.attempt = Attempt(peer.participant, media.connect_s, lost)
        self._media = media
        self._ice = ice
        self._send = send
        self._signals: asyncio.Queue[Signal] = asyncio.Queue(SIGNALS_MOST)
        self._remote_ufrag: str | None = None
        self._candidates = 0
        self._renewed: list[asyncio.Task[None]] = []
        self._connection = self._connect()
        name = f"dragoman leg {peer.participant}"
        self._worker = asyncio.create_task(self._work(), name=name)

    @property
    def connected(self) -> asyncio.Future[None]:
        """Resolve when media can flow; raise LegFailed when it cannot."""
        return self.attempt.connected

    @property
    def connections(self) -> tuple[Connection, ...]:
        return (self._connection,)

    async def received(self) -> int:
        """Return how many packets have come."""
        return await self._connection.received()

    def signal(self, signal: Signal) -> None:
        """Take what the other end sent; never blocks."""
        try:
            self._signals.put_nowait(signal)
        except asyncio.QueueFull:
            self.attempt.fail("too many signals at once")

    async def close(self) -> None:
        """End the media; nothing of this leg runs afterwards."""
        self.attempt.close()
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        await asyncio.gather(self._connection.close(), *self._renewed)

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
            self.attempt.fail(f"negotiation failed: {error!r}")
        except (ClientError, TimeoutError) as error:
            self.attempt.fail(f"the other end cannot be reached: {error}")

    async def _take(self, signal: Signal) -> None:
        match signal.get("type"):
            case "offer":
                await self._answer(bounded_sdp(signal.get("sdp")))
            case "answer" if self._connection.pc.signalingState == "have-local-offer":
                await self._remote(bounded_sdp(signal.get("sdp")), "answer")
            case "candidate":
                await self._candidate(signal)
            case kind:
                LOG.info("signal ignored", kind=kind, participant=self.peer.participant)

    async def _offer(self) -> None:
        self._connection.send_all()
        await self._local()

    async def _answer(self, sdp: str) -> None:
        if self._connection.pc.signalingState == "have-local-offer":
            if not self.peer.polite:
                return  # glare: ours stands
            self._renew()
        if self._remote_ufrag not in (None, ufrag_of(sdp)):
            self._renew()
        await self._remote(sdp, "offer")
        if not self._connection.tracks:
            self._attach()
        await self._local()

    def _attach(self) -> None:
        """Send what the offer has room for."""
        free = [t for t in self._connection.pc.getTransceivers() if t.sender.track is None]
        for track in self._media.sources():
            transceiver = next((t for t in free if t.kind == track.kind), None)
            if transceiver is None:
                track.stop()
                continue
            free.remove(transceiver)
            self._connection.tracks.append(track)
            self._connection.pc.addTrack(track)

    async def _local(self) -> None:
        """Describe this end, with all candidates."""
        sdp = await self._connection.describe()
        kind = self._connection.pc.localDescription.type
        await self._send(self.peer.participant, {"type": kind, "sdp": sdp})
        await self._send(self.peer.participant, {"type": "candidate", "candidate": None})

    async def _remote(self, sdp: str, kind: str) -> None:
        self._remote_ufrag = ufrag_of(sdp)
        self._candidates = 0
        await self._connection.pc.setRemoteDescription(RTCSessionDescription(sdp, kind))

    async def _candidate(self, signal: Signal) -> None:
        """Add one candidate, or the end of them.

        Skipped are bad ones, those of an offer that was, and what is too many.
        """
        self._candidates += 1
        if self._remote_ufrag is None or self._candidates > CANDIDATES_MOST:
            return
        try:
            await self._connection.pc.addIceCandidate(candidate_of(signal.get("candidate")))
        except SDP_ERRORS as error:
            LOG.info("candidate refused", participant=self.peer.participant, error=repr(error))

    # --- the connection -----------------------------------------------------------------------

    def _connect(self) -> Connection:
        connection = Connection(self._media, self._ice, self._changed)
        connection.pc.on("track", lambda track: self._arrived(connection, track))
        return connection

    def _renew(self) -> None:
        before, self._connection = self._connection, self._connect()
        self._remote_ufrag = None
        name = f"dragoman leg {self.peer.participant} renewed"
        self._renewed.append(asyncio.create_task(before.close(), name=name))

    def _changed(self, state: str) -> None:
        if self._connection.pc.connectionState != state:
            return  # of the one before
        if state == "connected":
            self.attempt.succeed()
        elif state == "failed":
            self.attempt.fail("the connection failed")

    def _arrived(self, connection: Connection, track: MediaStreamTrack) -> None:
        connection.listen(track, self.peer.participant)


def ufrag_of(sdp: str) -> str:
    """Return the first ICE user fragment: another one means another ICE session."""
    found = UFRAG.search(sdp)
    return found[1] if found else ""
