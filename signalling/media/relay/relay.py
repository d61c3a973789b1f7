"""The embedded relay: meetings whose media goes through this process, not decoded.

A participant has one connection. Which of their receiving sections carries whom is their wish;
who is wished for and sends nothing yet is carried as soon as they do. When a participant connects
anew, the old connection goes on until the new one is there: others do not lose them meanwhile.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from signalling.errors import DragomanError, InvalidParams, Unavailable
from signalling.media.carrier import Gone, Offered, Place, Want
from signalling.media.relay.leg import Bounds, Leg
from signalling.media.relay.packet import Kind
from signalling.media.relay.source import Source

LOG = structlog.get_logger(__name__)

LOAD_EVERY_S: Final = 2.0


@dataclass(slots=True)
class _Seat:
    """One participant: the connection that carries them, and one that is to."""

    leg: Leg | None = None
    coming: Leg | None = None


def nobody(_: object) -> None:
    """Tell nobody."""


class Relay:
    """A Carrier.

    *gone* is told of places whose media ended without a leave; *published* of every source that
    begins (a recording adds itself as a sink there).
    """

    kind: Final[Literal["relay", "janus"]] = "relay"

    def __init__(
        self,
        bounds: Bounds | None = None,
        gone: Gone = lambda _, __: None,
        published: Callable[[Source], None] = nobody,
    ) -> None:
        self._bounds = bounds or Bounds()
        self._gone, self._published = gone, published
        self._rooms: dict[str, dict[str, _Seat]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._now = asyncio.get_running_loop().time
        self._load = 0.0
        self._load_s, self._cpu_s = self._now(), time.process_time()

    @property
    def load(self) -> float:
        """Return how busy this process is, 0 to 1: at 1 it has no time for another meeting."""
        passed_s = self._now() - self._load_s
        if passed_s >= LOAD_EVERY_S:
            cpu_s = time.process_time()
            self._load = min(1.0, (cpu_s - self._cpu_s) / passed_s / self._bounds.core)
            self._load_s, self._cpu_s = self._now(), cpu_s
        return self._load

    def source(self, place: Place, kind: Kind) -> Source | None:
        """Return what a participant sends of one kind, if they are connected."""
        seat = self._rooms.get(place.meeting, {}).get(place.participant)
        return seat.leg.sources.get(kind) if seat and seat.leg else None

    def sources(self, meeting: str) -> list[Source]:
        """Return everything that is sent in a meeting."""
        seats = self._rooms.get(meeting, {}).values()
        return [source for seat in seats if seat.leg for source in seat.leg.sources.values()]

    # --- Carrier ------------------------------------------------------------------------------

    async def offer(self, place: Place, sdp: str, wants: tuple[Want, ...]) -> str:
        """Take the client's offer; return the answer's SDP."""
        self._room_for(place)
        try:
            leg = await Leg.answer(place, sdp, self._bounds, self._opened, self._ended)
        except ValueError as error:
            LOG.info("offer refused", participant=place.participant, error=str(error))
            raise InvalidParams(str(error), path="offer.sdp") from error
        try:
            self._room_for(place)  # others may have come while this one was answered
            _check(place, leg, wants)
        except DragomanError:
            self._close(leg)
            raise
        seat = self._rooms.setdefault(place.meeting, {}).setdefault(place.participant, _Seat())
        if seat.coming is not None:
            self._close(seat.coming)
        seat.coming = leg
        self._carry(leg, wants)
        return leg.sdp

    async def want(self, place: Place, wants: tuple[Want, ...]) -> None:
        """Change what the receiving sections carry; a place without media has none to change."""
        seat = self._rooms.get(place.meeting, {}).get(place.participant)
        if seat is not None and (newest := seat.coming or seat.leg):
            _check(place, newest, wants)
            self._carry(newest, wants)

    async def subscribe(self, place: Place, participants: tuple[str, ...]) -> Offered:  # noqa: ARG002
        """Refuse: the relay's clients offer."""
        raise InvalidParams(f"{place.participant} receives by offering", path="subscribe")

    async def answer(self, place: Place, sdp: str) -> None:  # noqa: ARG002
        """Refuse: the relay's clients offer."""
        raise InvalidParams(f"{place.participant} was offered nothing", path="answer")

    async def leave(self, place: Place) -> None:
        """End a participant's media."""
        seat = self._rooms.get(place.meeting, {}).get(place.participant)
        if seat is not None:
            self._vacate(place)
            for leg in (seat.leg, seat.coming):
                if leg is not None:
                    await leg.close()

    async def end(self, meeting: str) -> None:
        """End all media of a meeting."""
        for participant in tuple(self._rooms.get(meeting, {})):
            await self.leave(Place(meeting, participant))

    async def close(self) -> None:
        """End everything; nothing runs afterwards."""
        for meeting in tuple(self._rooms):
            await self.end(meeting)
        await asyncio.gather(*self._closing)

    # --- rooms --------------------------------------------------------------------------------

    def _room_for(self, place: Place) -> None:
        room = self._rooms.get(place.meeting)
        if room is None and self.load >= 1:
            raise Unavailable("the relay is full")
        if room and place.participant not in room and len(room) >= self._bounds.participants:
            raise Unavailable(f"the relay carries {self._bounds.participants} in a meeting")

    def _carry(self, leg: Leg, wants: tuple[Want, ...]) -> None:
        """Note whom the sections are to carry, and carry those who are there."""
        for want in wants:
            slot = leg.slots[want.mid]
            slot.wanted = wanted = want.participant
            source = self.source(Place(leg.place.meeting, wanted), slot.kind) if wanted else None
            slot.carry(source, self._now())

    def _opened(self, leg: Leg) -> None:
        """Put a connection that is there in the place of the one before."""
        place = leg.place
        seat = self._rooms.get(place.meeting, {}).get(place.participant)
        if seat is None or seat.coming is not leg:
            return
        before, seat.leg, seat.coming = seat.leg, leg, None
        for other in self._rooms[place.meeting].values():
            for theirs in (other.leg, other.coming):
                for slot in theirs.slots.values() if theirs else ():
                    if slot.wanted == place.participant:
                        slot.carry(leg.sources.get(slot.kind), self._now())
        if before is not None:
            self._close(before)
        for source in leg.sources.values():
            try:
                self._published(source)
            except Exception:  # whatever fails in a recording, the meeting goes on
                LOG.exception("who is told of sources failed", participant=place.participant)

    def _ended(self, leg: Leg, reason: str) -> None:
        """Tell of a participant who has no connection any more, nor one that is coming."""
        place = leg.place
        seat = self._rooms.get(place.meeting, {}).get(place.participant)
        self._close(leg)
        if seat is None or leg not in (seat.leg, seat.coming):
            return
        if seat.leg is leg:
            seat.leg = None
        else:
            seat.coming = None
        if seat.leg is None and seat.coming is None:
            self._vacate(place)
            LOG.info("media ended", participant=place.participant, reason=reason)
            self._gone(place, reason)

    def _vacate(self, place: Place) -> None:
        room = self._rooms.get(place.meeting, {})
        room.pop(place.participant, None)
        if not room:
            self._rooms.pop(place.meeting, None)

    def _close(self, leg: Leg) -> None:
        name = f"dragoman relay leg {leg.place.participant} ending"
        task = asyncio.create_task(leg.close(), name=name)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _check(place: Place, leg: Leg, wants: tuple[Want, ...]) -> None:
    for want in wants:
        if want.mid not in leg.slots:
            raise InvalidParams(f"there is no receiving section {want.mid}", path="want")
        if want.participant == place.participant:
            raise InvalidParams("nobody receives themselves", path="want")
