"""Meetings carried by Janus servers: VideoRoom over its WebSocket API.

A meeting is at one of them, the least loaded when it began, until that one dies. Its people publish
on one connection, which they offer, and receive on another, which Janus offers; whoever does not
publish yet is left out of that offer, and asked for again when `published` says so.

Janus gets no candidates: it learns a client's address from its first packet. So clients offer at
once, nobody can make it send to strangers, and names like `x.local` are never looked up.
"""

import asyncio
from collections.abc import Collection
from typing import Final, Literal, Self

import aiohttp
import structlog

from signalling.errors import DragomanError, IllegalTransition, InvalidParams, Unavailable
from signalling.media.carrier import Gone, Lost, Offered, Place, Want
from signalling.media.janus.link import Refused
from signalling.media.janus.room import Room
from signalling.media.janus.server import News, Published, Server, Times
from signalling.media.janus.videoroom import BAD_DESCRIPTION, NO_SUCH_ROOM
from signalling.media.sdp import bounded_sdp
from signalling.settings import Janus as Settings

LOG = structlog.get_logger(__name__)
CANDIDATE_LINES: Final = ("a=candidate:", "a=end-of-candidates")


class Janus:
    """A Carrier over one or more Janus servers; an async context manager.

    Once entered it has tried them all, so that its load counts from the beginning.

    *published* is told whose media arrives now, *gone* whose ended by itself, *lost* which meetings
    have to begin anew, with an `offer`, because their Janus died or none can take them.
    """

    kind: Literal["janus"] = "janus"

    def __init__(
        self,
        settings: Settings,
        *,
        published: Published,
        gone: Gone,
        lost: Lost,
        times: Times | None = None,
    ) -> None:
        news, self._times = News(published, gone, lost), times or Times()
        self.servers = tuple(Server(url, settings, self._times, news) for url in settings.urls)
        self._lost = lost
        self._http: aiohttp.ClientSession | None = None
        self._running: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        self._running = [asyncio.create_task(server.run(self._http)) for server in self.servers]
        try:
            async with asyncio.timeout(self._times.request_s):
                await asyncio.gather(*(server.tried.wait() for server in self.servers))
        except TimeoutError:
            pass  # it is silent; its load says so
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.gather(*(server.aclose() for server in self.servers))
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    @property
    def load(self) -> float:
        """How full the least loaded server is, 0 to 1; 1 when none can be used."""
        return min((server.load for server in self.servers), default=1.0)

    async def offer(self, place: Place, sdp: str, wants: tuple[Want, ...]) -> str:
        """Publish what the client offers; a second offer begins both its connections anew."""
        if wants:
            raise InvalidParams("a Janus is asked by `subscribe`", path="want")
        offer = _described(sdp, "offer.sdp")
        tried: set[Server] = set()
        while True:
            server, room = self._room(place.meeting) or self._new_room(place.meeting, tried)
            tried.add(server)
            try:
                return await room.publish(place, offer)
            except (Unavailable, Refused) as error:
                if room.made:
                    raise self._told(error, server, room, "offer.sdp") from None
                LOG.warning("janus makes no room", url=server.url, error=str(error))
                if server.rooms.get(place.meeting) is room:
                    del server.rooms[place.meeting]

    async def want(self, place: Place, wants: tuple[Want, ...]) -> None:  # noqa: ARG002
        """Refuse: what a Janus carries is asked by `subscribe`."""
        raise InvalidParams("a Janus is asked by `subscribe`", path="want")

    async def subscribe(self, place: Place, participants: tuple[str, ...]) -> Offered:
        """Offer the media of those of *participants* who publish, and of nobody else.

        `sdp` is empty if there is nothing to negotiate: nobody publishes, or nothing has changed.
        """
        found = self._room(place.meeting)
        if found is None:
            return Offered("", ())
        server, room = found
        try:
            return await room.subscribe(place, participants)
        except (Unavailable, Refused) as error:
            raise self._told(error, server, room, "subscribe") from None

    async def answer(self, place: Place, sdp: str) -> None:
        """Take the client's answer to the last offer; again is harmless."""
        answer = _described(sdp, "answer.sdp")
        found = self._room(place.meeting)
        if found is None:
            raise IllegalTransition("nothing was offered that could be answered")
        server, room = found
        try:
            await room.answer(place, answer)
        except (Unavailable, Refused) as error:
            raise self._told(error, server, room, "answer.sdp") from None

    async def leave(self, place: Place) -> None:
        """End both connections of a place; the last one takes the room along."""
        if found := self._room(place.meeting):
            server, room = found
            await room.leave(place)
            if not room.legs and server.rooms.get(place.meeting) is room:
                await self.end(place.meeting)

    async def end(self, meeting: str) -> None:
        """Remove a meeting and everybody in it."""
        if found := self._room(meeting):
            server, room = found
            del server.rooms[meeting]
            await room.destroy()

    def _room(self, meeting: str) -> tuple[Server, Room] | None:
        for server in self.servers:
            if room := server.rooms.get(meeting):
                return server, room
        return None

    def _new_room(self, meeting: str, tried: Collection[Server]) -> tuple[Server, Room]:
        """Take the least loaded server for a meeting; raise Unavailable if there is none left."""
        usable = [server for server in self.servers if server.load < 1 and server not in tried]
        if not usable:
            # also whoever chose us by a load of before has to choose anew
            self._lost((meeting,), "no Janus can take it")
            raise Unavailable("no Janus can take the meeting now")
        server = min(usable, key=lambda server: (server.load, len(server.rooms)))
        assert server.desk is not None  # noqa: S101 - else its load were 1
        room = server.rooms[meeting] = Room(meeting, server.desk)
        return server, room

    def _told(
        self, error: Unavailable | Refused, server: Server, room: Room, path: str
    ) -> DragomanError:
        """Return what the client is told; a room that is gone is lost to the whole meeting."""
        if isinstance(error, Unavailable):
            return error
        if error.code in BAD_DESCRIPTION:
            return InvalidParams("Janus cannot read this description", path=path)
        LOG.warning("janus refuses", url=server.url, code=error.code, what=path)
        if error.code == NO_SUCH_ROOM and server.rooms.get(room.meeting) is room:
            del server.rooms[room.meeting]
            self._lost((room.meeting,), "its room is gone")
        return Unavailable("the media server cannot do this now")


def _described(sdp: str, path: str) -> str:
    """Return a client's description as Janus gets it: bounded, and without candidates."""
    try:
        lines = bounded_sdp(sdp).splitlines()
    except ValueError as error:
        raise InvalidParams(str(error), path=path) from None
    kept = (line for line in lines if not line.startswith(CANDIDATE_LINES))
    return "\r\n".join(kept) + "\r\n"
