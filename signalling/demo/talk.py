"""What two do who have found each other: enter the meeting, talk, end it."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

from aiortc.mediastreams import MediaStreamTrack

from signalling.client import Client
from signalling.client.meeting import Media, MeetingPeer
from signalling.demo.actors import Unmet
from signalling.demo.scenario import Scene
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Observer, Stripes, Tone

OFF_HZ: Final = 5.0  # twice the resolution of the measurement
PICTURES: Final = 8
MEDIA_S: Final = 15.0
WORKING: Final = frozenset({"in_progress"})


@dataclass(frozen=True, slots=True)
class Voice:
    """A tone and a picture by which one end is known at the other."""

    hz: float
    whose: int


CUSTOMER: Final = Voice(440.0, 1)
INTERPRETER: Final = Voice(660.0, 2)


class End:
    """One of the two: sends their own tone and picture, observes the other's."""

    def __init__(self, client: Client, meeting: str, voice: Voice) -> None:
        self.voice = voice
        self.observer = Observer()
        self.peer = MeetingPeer(client, meeting, Media(self._sources, self._sink, LOOPBACK))

    def _sources(self) -> list[MediaStreamTrack]:
        return [Tone(self.voice.hz), Stripes(self.voice.whose)]

    async def _sink(self, _: str, track: MediaStreamTrack) -> None:
        await self.observer.observe(track)

    async def perceive(self, other: Voice) -> None:
        """Hold what arrives to what *other* sends: its tone, its pictures, and that they move."""
        await self.peer.connected()
        hz = await self.observer.heard_hz()
        if abs(hz - other.hz) > OFF_HZ:
            raise Unmet(f"heard {hz:.0f} Hz where {other.hz:.0f} Hz were sent")
        pictures = await self.observer.seen(PICTURES)
        numbers = [number for number, _ in pictures]
        if {whose for _, whose in pictures} != {other.whose} or numbers != sorted(numbers):
            raise Unmet(f"the pictures are not those that were sent: {pictures}")


async def talk(scene: Scene) -> None:
    """Meet by WebRTC: Opus audio and VP8 video both ways, negotiated by meeting.signal."""
    meeting = scene.record["meeting"]
    async with contextlib.AsyncExitStack() as stack:
        customer = End(scene.customer.client, meeting, CUSTOMER)
        interpreter = End(scene.winner.client, meeting, INTERPRETER)
        for end in (customer, interpreter):
            await stack.enter_async_context(end.peer)
        await asyncio.gather(customer.peer.join(), interpreter.peer.join())
        try:
            async with asyncio.timeout(MEDIA_S):
                await asyncio.gather(customer.perceive(INTERPRETER), interpreter.perceive(CUSTOMER))
                scene.heard_at = max(
                    customer.observer.first_sound.result(),
                    interpreter.observer.first_sound.result(),
                )
        except TimeoutError:
            raise Unmet(f"no sound or no pictures within {MEDIA_S:g} s") from None
        await _finish(scene)
    scene.notes.append(
        f"heard {CUSTOMER.hz:.0f} Hz and {INTERPRETER.hz:.0f} Hz as sent (Opus), "
        "saw each other move (VP8)"
    )


async def enter(scene: Scene) -> None:
    """Meet without media: both enter, work, end it."""
    meeting = scene.record["meeting"]
    await asyncio.gather(
        scene.customer.client.call("meeting.join", meeting=meeting),
        scene.winner.client.call("meeting.join", meeting=meeting),
    )
    await _finish(scene)


async def _finish(scene: Scene) -> None:
    """Wait until the server says that work is being done, end the meeting, complete."""
    await scene.customer.until(scene.id, WORKING)
    call = scene.customer.client.call
    ended = await call("meeting.end", meeting=scene.record["meeting"])
    scene.require(ended["meeting"]["state"] == "ended", "the meeting did not end")
    done = await call("assignment.complete", assignment=scene.id)
    state = done["assignment"]["state"]
    scene.require(state == "completed", f"after meeting.end and complete it is {state}")
