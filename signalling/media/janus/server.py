"""One Janus, kept connected: left when it dies, tried again, and cleared of what is nobody's.

It is asked for its rooms every few seconds. That shows that it answers, keeps our session, and
says how many people it carries for other processes of ours.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import aiohttp
import structlog

from signalling.errors import Unavailable
from signalling.media.carrier import Gone, Lost, Place
from signalling.media.janus.leg import Desk, Leg
from signalling.media.janus.link import Link, Message, Refused
from signalling.media.janus.room import Room
from signalling.media.janus.videoroom import MARK, VideoRoom
from signalling.settings import Janus as Settings

LOG = structlog.get_logger(__name__)
# Told of a place whose media arrives, so that the others subscribe to it now.
Published = Callable[[Place], None]
UNAUTHORIZED: Final = frozenset({403, 433})  # of the core, of VideoRoom


@dataclass(frozen=True, slots=True)
class Times:
    """How patient we are, in seconds.

    *nobodys_s*: a room of ours that is empty for so long was left behind by a process that died.
    """

    request_s: float = 4.0
    answer_s: float = 5.0
    ask_s: float = 3.0
    retry_s: float = 0.5
    retry_most_s: float = 15.0
    nobodys_s: float = 60.0


@dataclass(frozen=True, slots=True)
class News:
    """Who is told what happens at a Janus by itself."""

    published: Published
    gone: Gone
    lost: Lost


class Server:
    """A Janus at *url* and the meetings we have there; *desk* is None while it cannot be used.

    *tried* once it is known whether it can.
    """

    def __init__(self, url: str, settings: Settings, times: Times, news: News) -> None:
        self.url = url
        self.desk: Desk | None = None
        self.rooms: dict[str, Room] = {}
        self.tried = asyncio.Event()
        self._settings = settings
        self._times = times
        self._news = news
        self._elsewhere = 0
        self._empty_since: dict[int, float] = {}
        self._legs: dict[int, Leg] = {}

    @property
    def load(self) -> float:
        """How full it is, 0 to 1, counting people of other processes as they were last seen."""
        if self.desk is None:
            return 1.0
        ours = sum(len(room.legs) for room in self.rooms.values())
        return min(1.0, (ours + self._elsewhere) / self._settings.participants)

    async def run(self, http: aiohttp.ClientSession) -> None:
        """Keep it connected until cancelled."""
        pause_s, said = self._times.retry_s, ""
        while True:
            was_used, why = await self._use(http)
            if was_used:
                pause_s = self._times.retry_s
            if was_used or why != said:
                LOG.warning("janus cannot be used", url=self.url, why=why)
                said = why
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load
            pause_s = min(2 * pause_s, self._times.retry_most_s)

    async def aclose(self) -> None:
        """Remove our rooms, if it still listens."""
        rooms, self.rooms = self.rooms, {}
        with suppress(TimeoutError):
            async with asyncio.timeout(self._times.request_s):
                await asyncio.gather(*(room.destroy() for room in rooms.values()))

    async def _use(self, http: aiohttp.ClientSession) -> tuple[bool, str]:
        """Connect and stay so; return whether it could be used, and why it no longer can."""
        link: Link | None = None
        try:
            link = await Link.open(
                http, self.url, self._settings.api_secret, self._take, self._times.request_s
            )
            control = await link.attach()
            videoroom = VideoRoom(link, control, self._settings)
            desk = Desk(videoroom, self._times.answer_s, self._end, self._legs)
            await self._look(desk)
            self.desk = desk
            self.tried.set()
            LOG.info("janus can be used", url=self.url)
            why = await self._watch(desk)
        except (Unavailable, Refused) as error:
            why = _words(error)
        except Exception:  # or this server would never be tried again
            LOG.exception("janus cannot be used", url=self.url)
            why = "an error of ours"
        finally:
            was_used = self.desk is not None
            self.desk = None
            if link is not None:
                await link.aclose()
        self.tried.set()
        self._lose(why)
        return was_used, why

    async def _watch(self, desk: Desk) -> str:
        """Look after it until it ends; return why it did."""
        ended = desk.link.ended
        while not ended.done():
            await asyncio.wait([ended], timeout=self._times.ask_s)
            try:
                await self._look(desk)
            except Unavailable:
                continue  # asked again at once; the link ends when it misses too many
        return ended.result()

    async def _look(self, desk: Desk) -> None:
        """See who is there, and remove rooms of processes of ours that died."""
        rooms = await desk.videoroom.rooms()
        ours = {room.number for room in self.rooms.values()}
        others = [room for room in rooms if room.room not in ours]
        self._elsewhere = sum(room.num_participants for room in others)
        now = asyncio.get_running_loop().time()
        self._empty_since = {
            room.room: self._empty_since.get(room.room, now)
            for room in others
            if room.description == MARK and not room.num_participants
        }
        for number, since in self._empty_since.items():
            if now - since >= self._times.nobodys_s:
                with suppress(Refused):
                    await desk.videoroom.destroy(number)

    def _take(self, handle: int, message: Message) -> None:
        """Take what Janus says by itself about a handle."""
        leg = self._legs.get(handle)
        if leg is None:
            return
        if message.janus == "webrtcup" and handle == leg.publisher:
            leg.live = True
            self._news.published(leg.place)
        elif message.janus in {"hangup", "detached"}:
            self._end(leg, "its connection was closed or failed")

    def _end(self, leg: Leg, why: str) -> None:
        """Drop a leg whose connection ended; tell it unless another has taken its place."""
        room = self.rooms.get(leg.place.meeting)
        if room is None or leg not in room.legs:
            return
        counts = room.latest(leg.place.participant) is leg
        room.legs.remove(leg)
        leg.close()
        if counts:
            self._news.gone(leg.place, why)

    def _lose(self, why: str) -> None:
        rooms, self.rooms = self.rooms, {}
        self._legs.clear()
        if lost := tuple(meeting for meeting, room in rooms.items() if room.made):
            self._news.lost(lost, why)


def _words(error: Unavailable | Refused) -> str:
    if isinstance(error, Unavailable):
        return error.detail
    if error.code in UNAUTHORIZED:
        return "it refuses our api_secret or admin_key"
    return f"it answers with its error {error.code}"
