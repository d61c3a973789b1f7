"""What is asked of Janus's VideoRoom, and what of its answers is used.

Every answer is checked against a type; what does not fit is nonsense (`Link.say`).
Source: https://janus.conf.meetecho.com/docs/videoroom.html (1.1, multistream).
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec

from signalling.media.carrier import Kind, Stream
from signalling.media.janus.link import JSON_NUMBERS, Jsep, Link
from signalling.settings import Janus

NO_SUCH_ROOM: Final = 426
# JSEP_INVALID_SDP of the core, INVALID_SDP_TYPE and INVALID_SDP of the plugin: the client's fault.
BAD_DESCRIPTION: Final = frozenset({465, 431, 437})
MARK: Final = "dragoman"  # the description of our rooms, whichever process made them
PUBLISHERS_MOST: Final = 64
VIDEO_BITS_PER_S: Final = 2_000_000  # a publisher's camera


def new_id() -> int:
    """Return an id of a room or a publisher that nobody can guess."""
    return secrets.randbelow(JSON_NUMBERS) + 1


class Done(msgspec.Struct, frozen=True):
    """An answer of which only matters that it is no error."""

    videoroom: str


class Listed(msgspec.Struct, frozen=True):
    """A room, ours or not."""

    room: int
    description: str
    num_participants: int


class Rooms(msgspec.Struct, frozen=True):
    """All rooms."""

    list: list[Listed]


class Section(msgspec.Struct, frozen=True):
    """A section of a subscriber's offer; *active* is false once nobody is in it."""

    type: Kind
    mid: str
    active: bool
    feed_id: int = 0


class Subscribed(msgspec.Struct, frozen=True):
    """All sections of a subscriber's offer; none are told when nothing has changed."""

    streams: list[Section] = []


class VideoRoom:
    """VideoRoom over one link; *control* is a handle for what concerns nobody in particular."""

    def __init__(self, link: Link, control: int, settings: Janus) -> None:
        self.link = link
        self._control = control
        self._settings = settings

    async def rooms(self) -> list[Listed]:
        """Return all rooms, private ones too."""
        body = {"request": "list", "admin_key": self._settings.admin_key}
        answer, _ = await self.link.say(self._control, body, Rooms)
        return answer.list

    async def create(self, room: int) -> None:
        """Make a room for one meeting: Opus with FEC, VP8, and how loud each packet is."""
        body = {
            "request": "create",
            "room": room,
            "secret": self._derived("secret", room),
            "pin": self._derived("pin", room),
            "admin_key": self._settings.admin_key,
            "description": MARK,
            "is_private": True,
            "permanent": False,
            "publishers": PUBLISHERS_MOST,
            "bitrate": VIDEO_BITS_PER_S,
            "audiocodec": "opus",
            "opus_fec": True,
            "videocodec": "vp8",
            "audiolevel_ext": True,
            "record": False,
        }
        await self.link.say(self._control, body, Done)

    async def destroy(self, room: int) -> None:
        """Remove a room and whoever is in it."""
        body = {"request": "destroy", "room": room, "secret": self._derived("secret", room)}
        await self.link.say(self._control, body, Done)

    async def publish(self, handle: int, room: int, feed: int, sdp: str) -> Jsep | None:
        """Join as the publisher *feed* with a client's offer; return the answer."""
        body = {
            "request": "joinandconfigure",
            "ptype": "publisher",
            "room": room,
            "pin": self._derived("pin", room),
            "id": feed,
        }
        _, jsep = await self.link.say(handle, body, Done, Jsep("offer", sdp))
        return jsep

    async def subscribe(
        self, handle: int, room: int, feeds: Collection[int]
    ) -> tuple[list[Section], Jsep | None]:
        """Join as a subscriber to *feeds*, at least one; return the offer, and what is in it."""
        body = {
            "request": "join",
            "ptype": "subscriber",
            "room": room,
            "pin": self._derived("pin", room),
            "autoupdate": False,  # offers only when we ask, never beside another
            "streams": _feeds(feeds),
        }
        answer, jsep = await self.link.say(handle, body, Subscribed)
        return answer.streams, jsep

    async def update(
        self, handle: int, added: Collection[int], removed: Collection[int]
    ) -> tuple[list[Section], Jsep | None]:
        """Change what a subscriber gets; no offer comes back if there is nothing to negotiate."""
        body: dict[str, Any] = {"request": "update"}
        if added:  # an empty list is an error
            body["subscribe"] = _feeds(added)
        if removed:
            body["unsubscribe"] = _feeds(removed)
        answer, jsep = await self.link.say(handle, body, Subscribed)
        return answer.streams, jsep

    async def start(self, handle: int, sdp: str) -> None:
        """Take a subscriber's answer."""
        await self.link.say(handle, {"request": "start"}, Done, Jsep("answer", sdp))

    def _derived(self, what: str, room: int) -> str:
        """Return a room's secret or pin: any of our processes can so clear away another's room."""
        key = self._settings.api_secret.encode()
        return hmac.new(key, f"{what}:{room}".encode(), hashlib.sha256).hexdigest()


def _feeds(feeds: Collection[int]) -> list[dict[str, int]]:
    return [{"feed": feed} for feed in sorted(feeds)]


def streams(sections: Iterable[Section], feeds: Mapping[int, str]) -> tuple[Stream, ...]:
    """Return whose audio and video the sections carry; *feeds* says whose each number is."""
    return tuple(
        Stream(section.mid, feeds[section.feed_id], section.type)
        for section in sections
        if section.active and section.feed_id in feeds
    )
