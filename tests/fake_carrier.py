"""A carrier of media that carries none, for the tests of what asks it."""

import asyncio
from typing import Any, Literal

from signalling.media.carrier import Offered, Place, Stream, Want


class Fake:
    """A carrier that notes what it is asked, and answers when it is let."""

    def __init__(self, kind: Literal["relay", "janus"] = "relay") -> None:
        self.kind: Literal["relay", "janus"] = kind
        self.load = 0.0
        self.asked: list[Any] = []
        self.changed = asyncio.Event()
        self.busy = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()

    def note(self, *what: Any) -> None:
        self.asked.append(what)
        self.changed.set()

    async def until(self, *what: Any) -> None:
        async with asyncio.timeout(5):
            while what not in self.asked:
                await self.changed.wait()
                self.changed.clear()

    async def _make(self) -> None:
        self.busy.set()
        await self.free.wait()

    async def offer(self, place: Place, sdp: str, wants: tuple[Want, ...]) -> str:
        await self._make()
        self.note("offer", place, wants)
        return sdp + "answered"

    async def want(self, place: Place, wants: tuple[Want, ...]) -> None:
        self.note("want", place, wants)

    async def subscribe(self, place: Place, participants: tuple[str, ...]) -> Offered:
        await self._make()
        self.note("subscribe", place, participants)
        return Offered("v=0", (Stream("0", participants[0], "audio"),))

    async def answer(self, place: Place, sdp: str) -> None:
        self.note("answer", place, sdp)

    async def leave(self, place: Place) -> None:
        self.note("leave", place)

    async def end(self, meeting: str) -> None:
        self.note("end", meeting)
