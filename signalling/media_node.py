"""The media node: lets the carriers do what meetings need, and records say what becomes of them.

It holds no truth of its own. Whatever it is told of a meeting, it reads the record and makes its
carriers match: who is out is hung up on, a meeting that ended or moved has no media here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

from signalling.core import room_events as room
from signalling.core.effects import Key, Tell
from signalling.core.room import Meeting, MeetingState
from signalling.engine import Engine
from signalling.errors import DragomanError, IllegalTransition, Unavailable
from signalling.media.carrier import Carrier, Place, Want
from signalling.store.tasks import end

LOG = logging.getLogger(__name__)
SWEEP_S: Final = 5.0
LINGER_S: Final = 10.0

# Told of each meeting that this node carries, as its record is now.
Follower = Callable[[str, Meeting], Awaitable[None]]


class MediaNode:
    """Joins *carriers*, by kind, with the records of the meetings that they carry at *node*."""

    def __init__(self, engine: Engine, node: str) -> None:
        self.engine = engine
        self.node = node
        self.carriers: Mapping[str, Carrier] = {}
        self.followers: list[Follower] = []
        self._told: set[asyncio.Task[None]] = set()
        self._held: dict[tuple[str, str], set[str]] = {}
        self._moved: dict[tuple[str, str], float] = {}
        self._busy: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    # --- what it is asked ---------------------------------------------------------------------

    async def negotiate(self, marketplace: str, params: dict[str, Any]) -> dict[str, Any]:
        """Take one step of connecting a participant; the asker has checked who they are."""
        meeting, participant = params["meeting"], params["participant"]
        carrier = self.carriers.get(params["kind"])
        if carrier is None:
            raise Unavailable("this media node carries no such meetings")
        place = Place(whole(marketplace, meeting), participant)
        wants = tuple(Want(w["mid"], w.get("participant")) for w in params.get("want") or ())
        if offer := params.get("offer"):
            sdp = await carrier.offer(place, offer["sdp"], wants)
            await self._check_still(carrier, (marketplace, meeting), participant)
            return {"answer": {"sdp": sdp}}
        if params.get("subscribe") is not None:
            offered = await carrier.subscribe(place, tuple(params["subscribe"]))
            await self._check_still(carrier, (marketplace, meeting), participant)
            streams = [
                {"mid": s.mid, "participant": s.participant, "kind": s.kind}
                for s in offered.streams
            ]
            offer = {"offer": {"sdp": offered.sdp}} if offered.sdp else {}  # else nothing is new
            return {**offer, "streams": streams}
        if params.get("answer"):
            await carrier.answer(place, params["answer"]["sdp"])
        else:
            await carrier.want(place, wants)
        return {}

    async def _check_still(self, carrier: Carrier, key: tuple[str, str], participant: str) -> None:
        """Hang up on who left, or was put out, while what they asked for was made."""
        self._held.setdefault(key, set()).add(participant)
        is_here = await self.follow(*key)
        if is_here and participant in self._held.get(key, ()):
            return
        await carrier.leave(Place(whole(*key), participant))
        raise IllegalTransition("you are not in this meeting any more", path="meeting")

    # --- what it is told ----------------------------------------------------------------------

    async def changed(self, marketplace: str, params: dict[str, Any]) -> None:
        """Look at a meeting that changed."""
        await self.follow(marketplace, params["meeting"])

    async def follow(self, marketplace: str, meeting: str) -> bool:
        """Make the media here match the meeting's record; say whether it is carried here."""
        key = marketplace, meeting
        async with self._busy.setdefault(key, asyncio.Lock()):
            (m,) = await self.engine.read(marketplace, Key("meeting", meeting))
            is_here = m is not None and m.carrier is not None and m.carrier.node == self.node
            if m is None or m.state is MeetingState.ENDED or not self._keeps(key, is_here):
                await self._end(key)
            else:
                inside = {p.id for p in m.inside}
                for gone in self._held.get(key, set()) - inside:
                    self._held[key].discard(gone)
                    await self._each("leave", Place(whole(*key), gone))
            if m is not None:
                for follower in self.followers:
                    await follower(marketplace, m)
        return is_here

    def _keeps(self, key: tuple[str, str], is_here: bool) -> bool:
        """Say whether media stays: of what moved away until people are connected elsewhere."""
        now = asyncio.get_running_loop().time()
        if is_here:
            self._moved.pop(key, None)
            return True
        return key in self._held and now - self._moved.setdefault(key, now) < LINGER_S

    async def _end(self, key: tuple[str, str]) -> None:
        self._moved.pop(key, None)
        if self._held.pop(key, None) is not None:
            for carrier in self.carriers.values():
                await carrier.end(whole(*key))

    async def _each(self, step: str, place: Place) -> None:
        for carrier in self.carriers.values():
            await getattr(carrier, step)(place)

    async def sweep(self) -> None:
        """Look at every meeting here once, for what was said while nobody could be heard."""
        for marketplace, meeting in tuple(self._held):
            try:
                await self.follow(marketplace, meeting)
            except Exception:  # or the meetings after it would never be looked at
                LOG.exception("meeting %s could not be followed", meeting)

    async def sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await self.sweep()

    # --- what its carriers say ----------------------------------------------------------------

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do what a carrier's callback begins."""
        task = asyncio.create_task(work)
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    async def close(self) -> None:
        await end(self._told)

    async def lost(self, kind: str, meetings: tuple[str, ...], reason: str) -> None:
        """Let meetings go on elsewhere whose carrier of that kind died behind this node."""
        for whole in meetings:
            marketplace, _, meeting = whole.partition("/")
            try:
                (m,) = await self.engine.read(marketplace, Key("meeting", meeting))
            except DragomanError as error:
                LOG.warning("meeting %s could not be moved: %s", meeting, error)
                continue
            here = (self.node, kind)
            if m is not None and m.carrier and (m.carrier.node, m.carrier.kind) == here:
                event = room.CarrierLost(m.carrier.id, reason)
                await self.tell(marketplace, meeting, event)

    async def published(self, place: Place) -> None:
        """Let the others know that somebody's media can be subscribed to now (janus)."""
        marketplace, _, meeting = place.meeting.partition("/")
        await self.tell(marketplace, meeting, room.Published(place.participant))

    async def tell(self, marketplace: str, meeting: str, event: object) -> None:
        try:
            await self.engine.handle(marketplace, Tell(Key("meeting", meeting), event))
        except DragomanError as error:
            LOG.warning("meeting %s could not be told: %s", meeting, error)


def whole(marketplace: str, meeting: str) -> str:
    """Name a meeting among those of all marketplaces."""
    return f"{marketplace}/{meeting}"
