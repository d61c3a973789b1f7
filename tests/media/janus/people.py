"""People of a meeting at a real Janus: aiortc peers that know only what a client is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from signalling.media.bind import pin
from signalling.media.carrier import Offered, Place
from signalling.media.janus.carrier import Janus
from signalling.media.janus.server import Times
from signalling.media.tones import Observer, Stripes, Tone
from signalling.settings import Janus as Settings
from tests.media.children import ADMIN_KEY, API_SECRET

WITHIN_S = 20.0
HASTY = Times(request_s=1.0, answer_s=0.5, ask_s=0.2, retry_s=0.1, retry_most_s=0.2, nobodys_s=0.5)


def settings(*urls: str, participants: int = 100) -> Settings:
    return Settings(
        urls=urls, api_secret=API_SECRET, admin_key=ADMIN_KEY, participants=participants
    )


class Heard:
    """What a carrier tells by itself; waited for, never polled."""

    def __init__(self) -> None:
        self.published: list[Place] = []
        self.gone: list[Place] = []
        self.lost: list[str] = []
        self._news = asyncio.Event()

    def on_published(self, place: Place) -> None:
        self.published.append(place)
        self._news.set()

    def on_gone(self, place: Place, why: str) -> None:
        assert why
        self.gone.append(place)
        self._news.set()

    def on_lost(self, meetings: tuple[str, ...], why: str) -> None:
        assert why
        self.lost += meetings
        self._news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not holds():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def carrying(
    heard: Heard, *urls: str, times: Times | None = None, participants: int = 100
) -> AsyncIterator[Janus]:
    """Run a carrier on these servers, all of which can be used."""
    janus = Janus(
        settings(*urls, participants=participants),
        published=heard.on_published,
        gone=heard.on_gone,
        lost=heard.on_lost,
        times=times,
    )
    async with janus:
        assert all(server.desk is not None for server in janus.servers)
        yield janus


class Person:
    """Somebody with a microphone of *hz* and a camera that shows *whose*."""

    def __init__(self, janus: Janus, place: Place, hz: float, whose: int, address: str) -> None:
        self.janus = janus
        self.place = place
        self.hz = hz
        self.whose = whose
        self.address = address
        self.sending = _connection()
        self.receiving = _connection()
        self.sees: dict[str, Observer] = {}
        self._observing: list[asyncio.Task[None]] = []

    @property
    def name(self) -> str:
        return self.place.participant

    async def publish(self) -> None:
        self.sending.addTrack(Tone(self.hz))
        self.sending.addTrack(Stripes(self.whose))
        pin(self.sending, [self.address])
        await self.sending.setLocalDescription()
        answer = await self.janus.offer(self.place, self.sending.localDescription.sdp, ())
        await self.sending.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def publish_again(self) -> None:
        """Begin anew, as a page that was loaded again."""
        await self.close()
        self.sending, self.receiving, self.sees = _connection(), _connection(), {}
        await self.publish()

    async def subscribe(self, *people: "Person") -> Offered:
        return await self.subscribe_to(*(it.name for it in people))

    async def subscribe_to(self, *names: str) -> Offered:
        offered = await self.janus.subscribe(self.place, names)
        if offered.sdp:
            await self.take(offered)
        return offered

    async def take(self, offered: Offered) -> None:
        """Answer an offer, and watch what is new in it."""
        await self.receiving.setRemoteDescription(RTCSessionDescription(offered.sdp, "offer"))
        pin(self.receiving, [self.address])
        whose = {stream.mid: stream.participant for stream in offered.streams}
        for transceiver in self.receiving.getTransceivers():
            if transceiver.mid in whose and whose[transceiver.mid] not in self.sees:
                self.sees[whose[transceiver.mid]] = Observer()
        for transceiver in self.receiving.getTransceivers():
            if transceiver.mid in whose:
                observer = self.sees[whose[transceiver.mid]]
                watching = observer.observe(transceiver.receiver.track)
                self._observing.append(asyncio.create_task(watching))
        await self.receiving.setLocalDescription()
        await self.janus.answer(self.place, self.receiving.localDescription.sdp)

    async def perceives(self, *people: "Person") -> None:
        """Wait until each is heard with their tone and seen with their stripes."""
        async with asyncio.timeout(WITHIN_S):
            for person in people:
                observer = self.sees[person.name]
                await observer.hears(person.hz)
                seen = await observer.seen(5)
                assert {whose for _, whose in seen[2:]} == {person.whose}

    async def close(self) -> None:
        for task in self._observing:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._observing = []
        await self.sending.close()
        await self.receiving.close()


@asynccontextmanager
async def people(
    janus: Janus, address: str, names: Iterable[str], meeting: str = "m"
) -> AsyncIterator[list[Person]]:
    """Give people who have not begun yet."""
    everybody = [
        Person(janus, Place(meeting, name), 400 + 150 * number, 11 * (number + 1), address)
        for number, name in enumerate(names)
    ]
    try:
        yield everybody
    finally:
        for person in everybody:
            await person.close()


def _connection() -> RTCPeerConnection:
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


async def publishing(heard: Heard, *group: Person) -> None:
    """Publish, and wait until the media of all arrives."""
    await asyncio.gather(*(person.publish() for person in group))
    await heard.until(lambda: {it.place for it in group} <= set(heard.published))
