"""Media through a carrier: the embedded relay, or Janus.

`RelayLeg` has one connection: what we send, then pairs of slots to receive on. Whom the slots
carry is said by `want`, without negotiating. `JanusLeg` has two: we offer what we send, the carrier
offers what we receive, anew whenever `carry` names somebody else. Both speak `meeting.negotiate`,
which is given as *negotiate*; its answers are another's word, and bounded.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import structlog
from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from signalling.client.attempt import Attempt
from signalling.client.connection import Connection, Ice, Media
from signalling.client.errors import ClientError
from signalling.media.sdp import SDP_ERRORS, bounded_sdp

LOG = structlog.get_logger(__name__)

SECTIONS_MOST: Final = 64
SLOTS: Final = 4  # pairs: others who may come without another connection
SILENT_S: Final = 4  # neither packets nor reports
KINDS: Final = ("audio", "video")
ASK_AGAIN_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)

Negotiate = Callable[..., Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Way:
    """To which carrier, with what media, and whom to tell that there is none (any more)."""

    carrier: str
    media: Media
    ice: Ice
    negotiate: Negotiate
    lost: Callable[[str], None]


class CarriedLeg(ABC):
    """Connects to one carrier; `carry` says whose media is wanted, at any time.

    `connected` resolves when media can flow, or raises LegFailed; `Way.lost` is told once why there
    is no media (any more): the carrier does not answer, the way failed, or nothing came for 4 s.
    """

    def __init__(self, way: Way) -> None:
        self.carrier = way.carrier
        self.attempt = Attempt(way.carrier, way.media.connect_s, way.lost)
        self._media = way.media
        self._ice = way.ice
        self._negotiate = way.negotiate
        self._wanted: tuple[str, ...] = ()
        self._news = asyncio.Event()
        self._sending = Connection(way.media, way.ice, self._changed)
        self._tasks = [
            asyncio.create_task(self._safely(work), name=f"dragoman carried leg {way.carrier}")
            for work in (self._work, self._watch)
        ]

    @property
    def connected(self) -> asyncio.Future[None]:
        """Resolve when media can flow; raise LegFailed when it cannot."""
        return self.attempt.connected

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Everything that media goes over."""
        return (self._sending,)

    def carry(self, participants: Sequence[str]) -> None:
        """Receive these participants, and nobody else; the first is the most important."""
        wanted = tuple(participants)
        if wanted != self._wanted:
            self._wanted = wanted
            self._news.set()

    def look_again(self) -> None:
        """Learn that somebody began to send."""
        self._news.set()

    @abstractmethod
    async def received(self, participant: str) -> int:
        """Return how many packets of somebody have come."""

    @abstractmethod
    async def _work(self) -> None:
        """Connect, then follow `carry`."""

    async def close(self) -> None:
        """End the media; nothing of this leg runs afterwards."""
        self.attempt.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sending.close()

    async def _safely(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except SDP_ERRORS as error:
            LOG.info("negotiation failed", carrier=self.carrier, error=repr(error))
            self.attempt.fail(f"negotiation failed: {error!r}")
        except (ClientError, TimeoutError) as error:
            self.attempt.fail(f"the carrier cannot be reached: {error}")

    async def _watch(self) -> None:
        """Notice a carrier that died: it reports on what we send once a second."""
        await asyncio.shield(self.connected)
        before, silent_s = -1, 0
        while self._sending.tracks and silent_s < SILENT_S:
            await asyncio.sleep(1)
            count = await self._sending.received()
            silent_s = silent_s + 1 if count == before else 0
            before = count
        if self._sending.tracks:
            self.attempt.fail(f"nothing came for {SILENT_S} s")

    async def _offer(self, sdp: str, **more: Any) -> None:
        """Offer our connection to the carrier and take its answer."""
        answer = await self._say(offer={"sdp": sdp}, **more)
        described = RTCSessionDescription(sdp_of(answer.get("answer")), "answer")
        await self._sending.pc.setRemoteDescription(described)

    async def _say(self, **params: Any) -> Mapping[str, Any]:
        return await self._negotiate(carrier=self.carrier, **params)

    def _changed(self, state: str) -> None:
        if state == "connected":
            self.attempt.succeed()
        elif state in {"failed", "closed"}:
            self.attempt.fail(f"the connection {state}")


class RelayLeg(CarriedLeg):
    """One connection with *slots* pairs of receiving sections."""

    def __init__(self, way: Way, slots: int = SLOTS) -> None:
        self.slots = slots
        self._mids: list[tuple[str, str]] = []  # of audio and video, a pair
        self._seats: list[str | None] = [None] * slots
        super().__init__(way)

    async def received(self, participant: str) -> int:
        """Return how many packets of somebody have come; 0 without a slot."""
        if participant not in self._seats or not self._mids:
            return 0
        tracks = self._tracks(self._seats.index(participant))
        return await self._sending.received(tracks)

    async def _work(self) -> None:
        self._sending.send_all("sendonly")
        pairs = [[self._sending.add(kind, "recvonly") for kind in KINDS] for _ in range(self.slots)]
        self._news.clear()
        # the sections have their names once they are described
        sdp = await self._sending.describe()
        self._mids = [(str(audio.mid), str(video.mid)) for audio, video in pairs]
        moved = self._seat()
        await self._offer(sdp, want=list(self._wants(moved)))
        self._listen(range(self.slots))
        while True:
            await self._news.wait()
            self._news.clear()
            moved = self._seat()
            if moved:
                self._listen(i for i in moved if self._seats[i] is None)
                await self._say(want=list(self._wants(moved)))
                self._listen(i for i in moved if self._seats[i] is not None)

    def _seat(self) -> list[int]:
        """Give each who is wanted a slot, leaving those who have one; return what changed."""
        wanted = list(islice(self._wanted, self.slots))
        before = list(self._seats)
        self._seats = [seat if seat in wanted else None for seat in self._seats]
        for newcomer in wanted:
            if newcomer not in self._seats:
                self._seats[self._seats.index(None)] = newcomer
        return [index for index, seat in enumerate(self._seats) if seat != before[index]]

    def _wants(self, slots: Sequence[int]) -> Iterator[dict[str, Any]]:
        for index in slots:
            for mid in self._mids[index]:
                yield {"mid": mid, "participant": self._seats[index]}

    def _listen(self, slots: Any) -> None:
        for index in slots:
            for track in self._tracks(index):
                self._sending.listen(track, self._seats[index])

    def _tracks(self, index: int) -> list[MediaStreamTrack]:
        pcs = self._sending.pc.getTransceivers()
        return [t.receiver.track for t in pcs if t.mid in self._mids[index] and t.receiver.track]


class JanusLeg(CarriedLeg):
    """A connection that sends, and one that the carrier offers us to receive on."""

    def __init__(self, way: Way) -> None:
        self._receiving: Connection | None = None
        self._heard: dict[str, tuple[MediaStreamTrack, str]] = {}  # by mid: of whom
        super().__init__(way)

    @property
    def connections(self) -> tuple[Connection, ...]:
        return (self._sending, *([self._receiving] if self._receiving else []))

    async def received(self, participant: str) -> int:
        """Return how many packets of somebody have come."""
        tracks = [track for track, whose in self._heard.values() if whose == participant]
        return await self._receiving.received(tracks) if self._receiving and tracks else 0

    async def close(self) -> None:
        """End the media; nothing of this leg runs afterwards."""
        await super().close()
        if self._receiving is not None:
            await self._receiving.close()

    async def _work(self) -> None:
        self._sending.send_all("sendonly")
        await self._offer(await self._sending.describe(), want=[])
        missing, asked = False, 0
        while True:
            # who does not send yet is asked for again, if nobody says that they began
            wait_s = ASK_AGAIN_S[min(asked, len(ASK_AGAIN_S) - 1)] if missing else None
            try:
                await asyncio.wait_for(self._news.wait(), wait_s)
            except TimeoutError:
                asked += 1
            else:
                asked = 0
            self._news.clear()
            missing = not await self._subscribe() and asked < 2 * len(ASK_AGAIN_S)

    async def _subscribe(self) -> bool:
        """Receive who is wanted; return whether all of them are there."""
        wanted = self._wanted
        if not wanted and self._receiving is None:
            return True
        said = await self._say(subscribe=list(wanted))
        streams = {str(s["mid"]): str(s["participant"]) for s in said.get("streams", ())}
        if said.get("offer") is not None:
            await self._take(sdp_of(said["offer"]), streams)
        return set(wanted) <= set(streams.values())

    async def _take(self, offer: str, streams: Mapping[str, str]) -> None:
        """Answer an offer, and listen to what is new in it."""
        if self._receiving is None:
            self._receiving = Connection(self._media, self._ice, self._received)
        pc = self._receiving.pc
        await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        answer = await self._receiving.describe()
        await self._say(answer={"sdp": answer})
        for transceiver in pc.getTransceivers():
            self._hear(str(transceiver.mid), transceiver.receiver.track, streams)

    def _hear(self, mid: str, track: MediaStreamTrack | None, streams: Mapping[str, str]) -> None:
        whose = streams.get(mid)
        if self._receiving is None or track is None or self._heard.get(mid) == (track, whose):
            return
        self._receiving.listen(track, whose)
        if whose is None:
            self._heard.pop(mid, None)
        else:
            self._heard[mid] = (track, whose)

    def _received(self, state: str) -> None:
        if state == "failed":
            self.attempt.fail("the receiving connection failed")


def sdp_of(description: Any) -> str:
    """Return the bounded SDP of a carrier's description; raise ValueError if there is none."""
    sdp = description.get("sdp") if isinstance(description, Mapping) else None
    return bounded_sdp(sdp, SECTIONS_MOST)
