"""People who send encoded media and count what comes: the load of benchmarks.media.

The same for both servers: real peer connections, of which only the packets are handled here,
without aiortc's queues, decoders and encoders; reports go both ways once a second.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aiortc import RTCRtpTransceiver, RTCSessionDescription
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
)

from benchmarks.common import progress
from benchmarks.media_streams import CLOCK_HZ, FRAMES_PER_S, Kind, Names, packets
from signalling.client.connection import Connection, Ice, Media
from signalling.media.carrier import Carrier, Place, Want
from signalling.media.janus.carrier import Janus
from signalling.media.relay.answer import LEVEL, SENT
from signalling.media.relay.packet import HEADER
from signalling.media.relay.reception import Reception
from signalling.media.relay.wire import Wire
from signalling.settings import Janus as JanusSettings

CONNECT_S: Final = 30
TAKES_BPS: Final = 4_000_000


class Line:
    """One peer connection: sends packets, counts what comes by SSRC."""

    def __init__(self, address: str) -> None:
        media = Media(sources=tuple, bind=(address,))
        self._connection = Connection(media, Ice(), lambda _: None)
        self.pc = self._connection.pc
        self.received: dict[int, Reception] = {}
        self._wire: Wire | None = None
        self._video: set[int] = set()

    def add(self, kind: Kind, direction: str) -> RTCRtpTransceiver:
        """Add a section with the codecs of our clients."""
        return self._connection.add(kind, direction)

    async def describe(self) -> str:
        """Set our description and take the packets; return its SDP."""
        for transceiver in self.pc.getTransceivers():
            silence(transceiver)
        sdp = await self._connection.describe()
        if self._wire is None:
            self._wire = Wire(self.pc, self)
        return sdp

    async def take(self, sdp: str, kind: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, kind))

    async def secure(self) -> None:
        """Wait until media can flow."""
        assert self._wire is not None
        done = asyncio.Event()
        wire = self._wire
        wire.on_state(lambda: done.set() if wire.secure else None)
        async with asyncio.timeout(CONNECT_S):
            while not wire.secure:
                done.clear()
                await done.wait()

    def send(self, plain: bytes) -> None:
        if self._wire is not None:
            self._wire.send_rtp(plain)

    def heard(self) -> None:
        """Do nothing: whether the server lives is seen in what comes."""

    def rtp(self, data: bytes) -> None:
        """Count a packet; its header is not encrypted."""
        _, _, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        reception = self.received.get(ssrc)
        if reception is None:
            # the clock matters for jitter alone
            reception = self.received[ssrc] = Reception(48_000)
        if len(data) > 400:
            self._video.add(ssrc)
        reception.add(sequence, timestamp, 0.0)

    def rtcp(self, data: bytes) -> None:
        """Leave reports unread."""

    def report(self, sent: Iterable[tuple[Names, int]]) -> None:
        """Send what a client reports once a second."""
        if self._wire is None:
            return
        for names, frames in sent:
            ntp = int((time.time() + 2_208_988_800) * (1 << 32))
            stamp = frames * CLOCK_HZ[names.kind] // FRAMES_PER_S[names.kind] & 0xFFFFFFFF
            info = RtcpSenderInfo(ntp, stamp, frames, frames * 80)
            self._wire.send_rtcp(bytes(RtcpSrPacket(names.ssrc, info)))
        blocks = [
            RtcpReceiverInfo(ssrc, one.fraction_lost(), 0, one.highest & 0xFFFFFFFF, 0, 0, 0)
            for ssrc, one in self.received.items()
        ]
        if blocks:
            self._wire.send_rtcp(bytes(RtcpRrPacket(1, blocks[:31])))
        if self._video:
            fci = pack_remb_fci(TAKES_BPS, sorted(self._video))
            self._wire.send_rtcp(bytes(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, fci)))

    async def close(self) -> None:
        await self._connection.close()
        if self._wire is not None:
            self._wire.close()


def silence(transceiver: RTCRtpTransceiver) -> None:
    """Start no encoder and no decoder."""

    async def nothing(_: object) -> None:
        pass

    transceiver.sender.send = nothing  # type: ignore[method-assign, assignment]
    transceiver.receiver.receive = nothing  # type: ignore[method-assign, assignment]


class Person:
    """Sends one stream of each kind; receives those of the others."""

    def __init__(self, place: Place, kinds: Sequence[Kind], address: str) -> None:
        self.place = place
        self.kinds = kinds
        self.sending = Line(address)
        self.receiving = self.sending
        self._address = address
        self._sections: list[tuple[Kind, RTCRtpTransceiver]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._sent: dict[Names, int] = {}

    async def join_relay(self, relay: "RemoteRelay", others: Sequence[str]) -> None:
        """Connect once, with a slot for each of the others."""
        self._sections = [(kind, self.sending.add(kind, "sendonly")) for kind in self.kinds]
        slots = [
            (other, self.sending.add(kind, "recvonly")) for other in others for kind in self.kinds
        ]
        sdp = await self.sending.describe()
        wants = tuple(Want(str(slot.mid), other) for other, slot in slots)
        await self.sending.take(await relay.offer(self.place, sdp, wants), "answer")
        await self.sending.secure()

    async def join_janus(self, janus: Carrier) -> None:
        """Connect to send."""
        self._sections = [(kind, self.sending.add(kind, "sendonly")) for kind in self.kinds]
        answer = await janus.offer(self.place, await self.sending.describe(), ())
        await self.sending.take(answer, "answer")
        await self.sending.secure()

    async def subscribe(self, janus: Carrier, others: Sequence[str]) -> None:
        """Connect to receive, when everybody sends."""
        self.receiving = Line(self._address)
        offered = await janus.subscribe(self.place, tuple(others))
        assert len(offered.streams) == len(others) * len(self.kinds)
        await self.receiving.take(offered.sdp, "offer")
        await janus.answer(self.place, await self.receiving.describe())
        await self.receiving.secure()

    def speak(self, phase: float) -> None:
        """Begin to send; *phase*, 0 to 1, is where in a frame's time."""
        for kind, section in self._sections:
            ids = {one.uri: one.id for one in section._headerExtensions}  # noqa: SLF001
            codec = section._codecs[0]  # noqa: SLF001
            # Janus has no abs-send-time
            extension = ids.get(LEVEL if kind == "audio" else SENT) or 0
            ssrc = int(section.sender._ssrc)  # noqa: SLF001
            names = Names(kind, ssrc, int(codec.payloadType or 0), extension)
            self._sent[names] = 0
            self._tasks.append(asyncio.create_task(self._stream(names, phase)))
        self._tasks.append(asyncio.create_task(self._report(phase)))

    async def _stream(self, names: Names, phase: float) -> None:
        loop = asyncio.get_running_loop()
        period_s = 1 / FRAMES_PER_S[names.kind]
        due_s = loop.time() + phase * period_s
        for frame in packets(names):
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            for packet in frame:
                self.sending.send(packet)
            self._sent[names] += 1
            due_s += period_s

    async def _report(self, phase: float) -> None:
        await asyncio.sleep(phase)
        while True:
            self.sending.report(self._sent.items())
            if self.receiving is not self.sending:
                self.receiving.report(())
            await asyncio.sleep(1)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sending.close()
        if self.receiving is not self.sending:
            await self.receiving.close()


class Load:
    """Rooms of people."""

    def __init__(self, address: str, kinds: Sequence[Kind], people: int) -> None:
        self.everybody: list[Person] = []
        self.meetings: list[str] = []
        self._address, self._kinds, self._people = address, kinds, people

    @property
    def streams(self) -> int:
        """How many streams the server should be forwarding."""
        return len(self.meetings) * self._people * (self._people - 1) * len(self._kinds)

    async def add_room(self, server: "RemoteRelay | Publishing") -> None:
        """Connect another room of people, and let them speak."""
        meeting = f"load-{len(self.meetings)}-{time.monotonic_ns()}"
        self.meetings.append(meeting)
        names = [f"p{number}" for number in range(self._people)]
        room = [Person(Place(meeting, name), self._kinds, self._address) for name in names]
        self.everybody += room
        for person in room:
            others = [name for name in names if name != person.place.participant]
            if isinstance(server, RemoteRelay):
                await person.join_relay(server, others)
            else:
                await person.join_janus(server.carrier)
        for number, person in enumerate(room):
            person.speak((number + len(self.meetings) % 7 / 7) / len(room))
        if not isinstance(server, RemoteRelay):
            await self._subscribe(server, room, names)

    async def _subscribe(self, janus: "Publishing", room: list[Person], names: list[str]) -> None:
        """Receive each other, once Janus has everybody's media."""
        await janus.until({person.place for person in room})
        for person in room:
            others = [name for name in names if name != person.place.participant]
            await person.subscribe(janus.carrier, others)

    def counts(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Return (received, expected) of each stream that has come."""
        return {
            (index, ssrc): (one.received, one.received + one.lost)
            for index, person in enumerate(self.everybody)
            for ssrc, one in person.receiving.received.items()
        }

    async def close(self) -> None:
        await asyncio.gather(*(person.close() for person in self.everybody))


class Publishing:
    """A Janus as a carrier, and who publishes there."""

    def __init__(self, settings: JanusSettings) -> None:
        self._places: set[Place] = set()
        self._more = asyncio.Event()
        self.carrier = Janus(
            settings,
            published=self._published,
            gone=lambda place, reason: progress(f"{place} is gone: {reason}"),
            lost=lambda meetings, reason: progress(f"{meetings} are lost: {reason}"),
        )

    def _published(self, place: Place) -> None:
        self._places.add(place)
        self._more.set()

    async def until(self, places: set[Place]) -> None:
        async with asyncio.timeout(CONNECT_S):
            while not places <= self._places:
                self._more.clear()
                await self._more.wait()

    async def ready(self) -> None:
        """Wait until the Janus can take a meeting."""
        async with asyncio.timeout(CONNECT_S):
            while self.carrier.load >= 1:  # noqa: ASYNC110 - a benchmark's beginning
                await asyncio.sleep(0.05)

    async def end(self, meeting: str) -> None:
        await self.carrier.end(meeting)


class RemoteRelay:
    """The relay of a child process, as a carrier."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._turn = asyncio.Lock()

    @classmethod
    async def connect(cls, port: int) -> "RemoteRelay":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))

    async def offer(self, place: Place, sdp: str, wants: tuple[Want, ...]) -> str:
        asked = [(want.mid, want.participant) for want in wants]
        return str(await self._call("offer", place.meeting, place.participant, sdp, asked))

    async def end(self, meeting: str) -> None:
        await self._call("end", meeting)

    async def _call(self, *request: Any) -> Any:
        async with self._turn:
            self._writer.write(json.dumps(request).encode() + b"\n")
            await self._writer.drain()
            return json.loads(await self._reader.readline())

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
