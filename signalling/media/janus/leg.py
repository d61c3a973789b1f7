"""One person at a Janus, with two handles.

To the publisher handle the client offers; the subscriber handle offers to the client. Both
connections begin and end together: a second offer is a page that was loaded again, or a
connection that failed, and either way the client has neither any more.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from signalling.errors import IllegalTransition, Unavailable
from signalling.media.carrier import Offered, Place, Stream
from signalling.media.janus.link import Link
from signalling.media.janus.videoroom import VideoRoom, new_id, streams


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the legs of one connected Janus are opened.

    *legs* says whose each handle is; *failed* is told of a leg that has to begin anew, and why.
    """

    videoroom: VideoRoom
    answer_s: float  # how long another offer waits for the answer to the last one
    failed: Callable[["Leg", str], None]
    legs: dict[int, "Leg"] = field(default_factory=dict)

    @property
    def link(self) -> Link:
        return self.videoroom.link


class Leg:
    """The connections of *place* in *room*; *feed* is the number of what it publishes.

    *live* once its media can arrive: nobody can subscribe to it before.
    """

    def __init__(self, desk: Desk, room: int, place: Place) -> None:
        self.place = place
        self.feed = new_id()
        self.offered = False
        self.live = False
        self.closed = False
        self.publisher = 0
        self._subscriber = 0
        self._desk = desk
        self._room = room
        self._carried: dict[int, str] = {}
        self._streams: tuple[Stream, ...] = ()
        self._offer = ""  # ours that the client has not answered
        self._settled = asyncio.Event()
        self._settled.set()
        self._asking = asyncio.Lock()

    async def publish(self, sdp: str) -> str:
        """Take the client's offer; return the answer."""
        self.offered = True
        handle = self.publisher = await self._attach()
        jsep = await self._desk.videoroom.publish(handle, self._room, self.feed, sdp)
        if jsep is None or self.closed:
            raise Unavailable("this connection was ended")
        return jsep.sdp

    async def subscribe(self, feeds: Mapping[int, str]) -> Offered:
        """Offer exactly these feeds (number to participant); no SDP if nothing has to change.

        An offer that was not answered is repeated, or its answer waited for if it is outdated.
        """
        async with self._asking:
            if self._offer and feeds != self._carried:
                await self._until_settled()
            if feeds != self._carried:
                await self._change(feeds)
            return Offered(self._offer, self._streams)

    async def answer(self, sdp: str) -> None:
        """Take the client's answer to our offer; again is harmless."""
        if not self._subscriber:
            raise IllegalTransition("nothing was offered that could be answered")
        if self._offer:
            offer = self._offer
            with self._all_or_nothing():
                await self._desk.videoroom.start(self._subscriber, sdp)
            if self._offer == offer:
                self._offer = ""
                self._settled.set()

    def close(self) -> list[asyncio.Task[None]]:
        """Give up both handles: no more is heard of them. Return what may be waited for."""
        self.closed = True
        self.live = False
        self._settled.set()
        handles = [handle for handle in (self.publisher, self._subscriber) if handle]
        self.publisher = self._subscriber = 0
        for handle in handles:
            self._desk.legs.pop(handle, None)
        return [self._desk.link.detach(handle) for handle in handles]

    async def _until_settled(self) -> None:
        try:
            async with asyncio.timeout(self._desk.answer_s):
                await self._settled.wait()
        except TimeoutError:
            raise IllegalTransition("answer the offer before you ask for another") from None

    async def _change(self, feeds: Mapping[int, str]) -> None:
        """Have Janus carry *feeds* in place of what it does."""
        if not self._subscriber:
            handle = await self._attach()
            try:
                sections, jsep = await self._desk.videoroom.subscribe(
                    handle, self._room, feeds.keys()
                )
            except BaseException:
                self._desk.legs.pop(handle, None)
                self._desk.link.detach(handle)
                raise
            self._subscriber = handle
        else:
            with self._all_or_nothing():
                sections, jsep = await self._desk.videoroom.update(
                    self._subscriber,
                    added=feeds.keys() - self._carried.keys(),
                    removed=self._carried.keys() - feeds.keys(),
                )
        if self.closed:
            self.close()
            raise Unavailable("this connection was ended")
        self._carried = dict(feeds)
        if jsep is not None:
            self._offer = jsep.sdp
            self._settled.clear()
            self._streams = streams(sections, feeds)
        else:  # whoever was dropped had gone
            left = set(feeds.values())
            self._streams = tuple(it for it in self._streams if it.participant in left)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Begin anew if nobody knows whether Janus has done what it was asked."""
        try:
            yield
        except (Unavailable, asyncio.CancelledError):
            if not self.closed:
                self._desk.failed(self, "what Janus did is not known")
            raise

    async def _attach(self) -> int:
        handle = await self._desk.link.attach()
        if self.closed:
            self._desk.link.detach(handle)
            raise Unavailable("this connection was ended")
        self._desk.legs[handle] = self
        return handle
