"""People at a meeting in memory: a tone and a number each, who observe each other one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiortc.mediastreams import MediaStreamTrack

from signalling.client.meeting import Media, MeetingPeer
from signalling.media.bind import LOOPBACK
from signalling.media.tones import Observer, Stripes, Tone
from tests.client.carrying import CarriedRoom
from tests.client.room import Room, Seat

DEADLINE_S = 40


class Person:
    """Somebody with a tone and a number of their own, who observes each other one."""

    def __init__(self, room: Room, number: int, connect_s: float = 10) -> None:
        self.number = number
        self.hz = 440.0 + 220 * number
        self.seat: Seat = room.seat()
        self.observers: dict[str, Observer] = {}
        self.tracks: list[MediaStreamTrack] = []
        media = Media(self._sources, self._sink, LOOPBACK, connect_s)
        self.peer = MeetingPeer(self.seat, "m1", media)

    def _sources(self) -> list[MediaStreamTrack]:
        tracks = [Tone(self.hz), Stripes(self.number)]
        self.tracks += tracks
        return tracks

    async def _sink(self, participant: str, track: MediaStreamTrack) -> None:
        await self.observer(participant).observe(track)

    def observer(self, participant: str) -> Observer:
        return self.observers.setdefault(participant, Observer())

    def forget(self) -> None:
        """Observe anew."""
        self.observers = {}


@asynccontextmanager
async def people(
    room: CarriedRoom, count: int, connect_s: float = 10
) -> AsyncIterator[list[Person]]:
    async with AsyncExitStack() as stack, asyncio.timeout(DEADLINE_S):
        stack.push_async_callback(room.close)
        everybody = [Person(room, number, connect_s) for number in range(1, count + 1)]
        for person in everybody:
            await stack.enter_async_context(person.peer)
        yield everybody


async def hears_and_sees(listener: Person, speaker: Person) -> None:
    await listener.peer.connected(speaker.peer.participant)
    observer = listener.observer(speaker.peer.participant)
    assert await observer.heard_hz() == pytest.approx(speaker.hz, abs=5)
    assert {whose for _, whose in await observer.seen(5)} == {speaker.number}


async def all_hear_and_see(everybody: list[Person]) -> None:
    for listener in everybody:
        for speaker in everybody:
            if listener is not speaker:
                await hears_and_sees(listener, speaker)
