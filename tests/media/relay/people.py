"""People with real peer connections at a relay: a tone and a number each, and who hears them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from signalling.media.bind import LOOPBACK, pin
from signalling.media.carrier import Place, Want
from signalling.media.relay.leg import Bounds, Leg
from signalling.media.relay.packet import Kind
from signalling.media.relay.relay import Relay
from signalling.media.tones import Observer, Stripes, Tone
from tests.media.relay.arrivals import until

DEADLINE_S: Final = 40
BOUNDS: Final = Bounds(bind=LOOPBACK)
CODECS: Final = {"audio": ("audio/opus",), "video": ("video/VP8", "video/rtx")}


def usual_codecs(transceiver: RTCRtpTransceiver) -> None:
    known = RTCRtpSender.getCapabilities(transceiver.kind).codecs
    wanted = [codec for codec in known if codec.mimeType in CODECS[transceiver.kind]]
    transceiver.setCodecPreferences(wanted)


class Person:
    """One participant: offers their tracks and *slots* pairs of receiving sections."""

    def __init__(
        self,
        relay: Relay,
        number: int,
        *,
        kinds: Sequence[str] = ("audio", "video"),
        slots: int = 4,
        meeting: str = "m1",
        turn: RTCIceServer | None = None,
    ) -> None:
        self.relay = relay
        self.number = number
        self.hz = 440.0 + 220 * number
        self.place = Place(meeting, f"p{number}")
        self.kinds = kinds
        self.tracks: list[MediaStreamTrack] = []
        policy = RTCIceTransportPolicy.RELAY if turn else RTCIceTransportPolicy.ALL
        self.pc = RTCPeerConnection(
            RTCConfiguration(
                iceServers=[turn] if turn else [],
                bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
                iceTransportPolicy=policy,
            )
        )
        self._slots = slots
        self._observers: dict[str, Observer] = {}
        self._listening: list[asyncio.Task[None]] = []

    async def offer(self, *whom: str) -> str:
        """Connect, wishing for these participants; return the answer."""
        await self.describe()
        wants = tuple(
            Want(self.mid(index, kind), participant)
            for index, participant in enumerate(whom)
            for kind in ("audio", "video")
        )
        answer = await self.relay.offer(self.place, self.pc.localDescription.sdp, wants)
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return answer

    async def describe(self) -> None:
        """Make the offer, `pc.localDescription`."""
        made: dict[str, MediaStreamTrack] = {"audio": Tone(self.hz), "video": Stripes(self.number)}
        for kind in self.kinds:
            self.tracks.append(made[kind])
            usual_codecs(self.pc.addTransceiver(made[kind], direction="sendonly"))
        for _ in range(self._slots):
            for kind in ("audio", "video"):
                usual_codecs(self.pc.addTransceiver(kind, direction="recvonly"))
        pin(self.pc, LOOPBACK)
        await self.pc.setLocalDescription()
        for transceiver in self.pc.getTransceivers():
            if transceiver.direction == "recvonly":
                self._listen(transceiver)

    def candidates(self) -> list[str]:
        lines = self.pc.localDescription.sdp.splitlines()
        return [line for line in lines if line.startswith("a=candidate:")]

    def mid(self, index: int, kind: str) -> str:
        """Return the mid of one of our receiving sections."""
        slots = [t for t in self.pc.getTransceivers() if t.direction == "recvonly"]
        return str([t for t in slots if t.kind == kind][index].mid)

    def wants(self, *others: "Person | None") -> tuple[Want, ...]:
        """Return the wish to have these people in our slots, in this order."""
        return tuple(
            Want(self.mid(index, kind), other.place.participant if other else None)
            for index, other in enumerate(others)
            for kind in ("audio", "video")
        )

    async def want(self, *others: "Person | None") -> None:
        await self.relay.want(self.place, self.wants(*others))

    def observer(self, index: int, kind: str = "audio") -> Observer:
        """Return who listens to a slot."""
        return self._observers[self.mid(index, kind)]

    def _listen(self, transceiver: RTCRtpTransceiver) -> None:
        observer = self._observers[str(transceiver.mid)] = Observer()
        answered = asyncio.Event()
        self.pc.on("signalingstatechange", answered.set)

        async def listen() -> None:
            await answered.wait()
            with suppress(MediaStreamError):
                await observer.observe(transceiver.receiver.track)

        self._listening.append(asyncio.create_task(listen()))

    @property
    def leg(self) -> Leg:
        """What the relay has of us."""
        leg = self.relay._rooms[self.place.meeting][self.place.participant].leg
        assert leg is not None
        return leg

    async def send(self, plain: bytes) -> None:
        """Send a packet of our own making, RTP or RTCP, encrypted as ours."""
        await self.pc.getTransceivers()[0].receiver.transport._send_rtp(plain)

    def coming(self, kind: Kind) -> int:
        """Return a sequence number ahead of ours: also of what the relay has not read yet."""
        return self.leg.sources[kind]._reception.highest + 50 & 0xFFFF

    def ssrc(self, kind: str) -> int:
        """Return the SSRC that we send this kind under."""
        senders = [t.sender for t in self.pc.getTransceivers() if t.direction == "sendonly"]
        return int(next(s for s in senders if s.kind == kind)._ssrc)

    async def connected(self) -> None:
        """Wait until media can flow."""
        await self._comes_into("connected")
        # the relay's end may learn of it a moment later
        seat = self.relay._rooms[self.place.meeting][self.place.participant]
        await until(lambda: seat.leg is not None)

    async def closed(self) -> None:
        """Wait until the relay has ended the connection."""
        await self._comes_into("closed")

    async def _comes_into(self, state: str) -> None:
        done = asyncio.Event()
        self.pc.on(
            "connectionstatechange",
            lambda: done.set() if self.pc.connectionState == state else None,
        )
        if self.pc.connectionState != state:
            await done.wait()

    async def close(self) -> None:
        for track in self.tracks:
            track.stop()
        await self.pc.close()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)


@asynccontextmanager
async def people(
    relay: Relay, count: int, kinds: Sequence[str] = ("audio", "video"), slots: int = 4
) -> AsyncIterator[list[Person]]:
    """Give people who have not connected yet; all is ended afterwards."""
    async with AsyncExitStack() as stack, asyncio.timeout(DEADLINE_S):
        everybody = [Person(relay, number, kinds=kinds, slots=slots) for number in range(count)]
        for person in everybody:
            stack.push_async_callback(person.close)
        yield everybody


async def gather_all(everybody: Sequence[Person]) -> None:
    """Connect everybody, each wishing for all the others in order."""
    for person in everybody:
        await person.offer()
    for person in everybody:
        await person.want(*(other for other in everybody if other is not person))
    for person in everybody:
        await person.connected()
