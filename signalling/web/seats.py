"""The seats of this node's participants: who sits where, and what was kept for them meanwhile.

Signals to a participant come by a channel of their own, to the node where they sit. Those that
found nobody there were kept in the store: they are taken once the channel is heard, before
anything newer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from signalling.errors import NotFound, Unavailable
from signalling.protocol.messages.meeting import MeetingGetParams
from signalling.settings import Limits
from signalling.store.keys import Keys, marketplace_of
from signalling.store.signals import Kept
from signalling.store.signals import Signals as Pending
from signalling.store.store import Store
from signalling.web.close import CloseCode
from signalling.web.connection import Connection
from signalling.web.hub import Event, Hub
from signalling.web.room import Room, Seat
from signalling.web.seam import Service

# Kept in place of signals that were too many: whoever takes it has to negotiate anew.
OVERFLOW = "$overflow"
# Pauses before a store that did not answer is asked again.
TAKE_AGAIN_S = (0.05, 0.2, 0.5, 1.0)
LOST = msgspec.msgpack.encode({"method": OVERFLOW})


class Seats:
    """Gives seats to whom `meeting.join` let in, and takes them away."""

    def __init__(self, hub: Hub, store: Store, service: Service, limits: Limits) -> None:
        self.hub = hub
        self.store = store
        self.service = service
        self.kept = Kept(
            limits.pending_signals, limits.pending_signal_bytes, int(limits.resume_s * 1000)
        )
        self.rooms: dict[tuple[str, str], Room] = {}
        self.channels: dict[str, Seat] = {}
        self.changed: Callable[[Connection], Awaitable[None]] | None = None
        self.after: Mapping[str, Callable[[Connection, Any, Any], Awaitable[None]]] = {
            "meeting.join": self.joined,
            "meeting.leave": self.left,
        }
        hub.intercepts.append(self.intercept)
        hub.gaps.append(self.on_gap)

    async def joined(self, connection: Connection, params: Any, result: Any) -> None:  # noqa: ARG002
        """Give a seat to whom `meeting.join` let in; who waits in the lobby has none."""
        if result.state == "waiting":
            return
        hidden = result.ice_policy == "relay"
        room = await self.seat(connection, result.meeting, result.participant, relay_only=hidden)
        room.learn(msgspec.to_builtins({"participants": result.participants}))
        if self.changed is not None:
            await self.changed(connection)

    async def left(self, connection: Connection, params: Any, result: Any) -> None:  # noqa: ARG002
        if (seat := connection.seats.get(params.meeting)) is not None:
            self.unseat(seat)
        if self.changed is not None:
            await self.changed(connection)

    async def seat(
        self, connection: Connection, meeting: str, participant: str, *, relay_only: bool = False
    ) -> Room:
        """Let signals to a participant come to this connection, held back until `release`."""
        assert connection.call is not None  # noqa: S101 - only opened connections join
        marketplace = connection.call.caller.marketplace
        key = (marketplace, meeting)
        old = connection.seats.get(meeting)
        if old is not None and old.participant == participant:
            old.room.relay_only = relay_only
            return old.room
        if old is not None:
            self.unseat(old)
        room = self.rooms.get(key) or self.rooms.setdefault(key, Room(marketplace, meeting))
        room.relay_only = relay_only
        seat = Seat(room, connection, participant, Keys(marketplace).to(meeting, participant))
        self.channels[seat.channel] = seat
        try:
            await self.hub.join(connection, seat.channel)
        except BaseException:
            self.unseat(seat)
            raise
        room.seats[participant] = seat
        room.epochs[participant] = seat.epoch
        connection.seats[meeting] = seat
        return room

    def unseat(self, seat: Seat) -> None:
        """Take a seat away, unless somebody newer sits there already."""
        room = seat.room
        if seat.connection.seats.get(room.meeting) is seat:
            del seat.connection.seats[room.meeting]
        if self.channels.get(seat.channel) is seat:
            del self.channels[seat.channel]
        self.hub.leave(seat.connection, seat.channel)
        if room.seats.get(seat.participant) is seat:
            del room.seats[seat.participant]
        if not room.seats:
            self.rooms.pop((room.marketplace, room.meeting), None)

    def release(self, connection: Connection) -> None:
        """Let the seats of a connection hear what was kept for them, then what is new."""
        for seat in tuple(connection.seats.values()):
            if seat.backlog is not None and not seat.is_draining:
                self._begin_drain(seat)

    def on_gap(self, channels: frozenset[str]) -> None:
        """Take what was kept for the seats whose channels were deaf for a while."""
        for channel in channels & self.channels.keys():
            seat = self.channels[channel]
            seat.must_drain = True
            if seat.backlog is None:
                seat.backlog = []
                self._begin_drain(seat)

    def _begin_drain(self, seat: Seat) -> None:
        seat.is_draining = True
        self.hub.spawn(self._drain(seat))

    async def _drain(self, seat: Seat) -> None:
        """Send what was kept, then what was held back, and hold nothing back from now on."""
        seat.must_drain = True
        while seat.must_drain:
            seat.must_drain = False
            for body in await self._take(seat):
                event = Event("", body)
                if event.method == OVERFLOW:
                    seat.overflow = True
                else:
                    self._pass(seat, event)
        for held in seat.open():
            if isinstance(held, Event):
                self._pass(seat, held)
            else:
                seat.connection.send(held)
        if seat.overflow:
            seat.overflow = False
            await self.renegotiate(seat)

    async def _take(self, seat: Seat) -> list[bytes]:
        """Take what was kept; while it lies there, everything new queues behind it."""
        for pause_s in TAKE_AGAIN_S:
            try:
                return await self.pending(seat).take(seat.meeting, seat.participant)
            except Unavailable:
                seat.overflow = True  # an answer that was lost took what was kept with it
                await asyncio.sleep(pause_s)
        seat.connection.close(CloseCode.STATE_LOST)
        return []

    # --- what comes by their channels --------------------------------------------------------

    def intercept(self, channel: str, event: Event) -> bool:
        """Take signals to their seats, and learn from events who is in a meeting."""
        seat = self.channels.get(channel)
        if seat is None:
            if event.method == "meeting.changed":
                self._meeting_changed(marketplace_of(channel), event.params.get("meeting"))
            return False
        if event.method == OVERFLOW:
            self.hub.spawn(self.renegotiate(seat))
        elif seat.backlog is None:
            self._pass(seat, event)
        else:
            seat.hold(event)
        return True

    def _pass(self, seat: Seat, event: Event) -> None:
        if self._is_current(seat, event.params):
            seat.connection.send(event.frame(seat.connection.codec))

    def _is_current(self, seat: Seat, sent: Mapping[str, Any]) -> bool:
        """Learn from a signal with which socket its sender goes on; False from an older one."""
        sender, epoch, seq = sent.get("from", ""), sent.get("epoch", 0), sent.get("seq", 0)
        epochs = seat.room.epochs
        if epoch < epochs.get(sender, 0):
            return False
        epochs[sender] = epoch
        old = seat.room.seats.get(sender)
        if old is not None and old.epoch < epoch:
            self.unseat(old)  # its socket may not have heard yet that it was replaced
        if seat.misses(sender, epoch, seq):
            self.hub.spawn(self.lost(seat, sender))
        return True

    async def lost(self, seat: Seat, other: str) -> None:
        """Tell both that signals between them were lost."""
        await self.renegotiate(seat)
        channel = Keys(seat.room.marketplace).to(seat.meeting, other)
        await self.store.command("SPUBLISH", channel, LOST)

    def _meeting_changed(self, marketplace: str, meeting: Any) -> None:
        if not isinstance(meeting, dict):
            return
        room = self.rooms.get((marketplace, meeting.get("id", "")))
        if room is None:
            return
        room.learn(meeting)
        over = meeting.get("state") == "ended"
        for participant, seat in tuple(room.seats.items()):
            if over or participant in room.gone:
                self.unseat(seat)

    # --- its meeting ---------------------------------------------------------------------------

    async def meeting(self, seat: Seat) -> dict[str, Any]:
        """Ask the service for a seat's meeting, as its participant sees it."""
        call = seat.connection.call
        if call is None:
            raise NotFound("no such meeting", path="meeting")
        handler = self.service.handlers["meeting.get"]
        result = await handler(call, MeetingGetParams(meeting=seat.meeting))
        meeting: dict[str, Any] = msgspec.to_builtins(result.meeting)
        return meeting

    def pending(self, seat: Seat) -> Pending:
        """Return what keeps the signals of a seat's marketplace."""
        return Pending(self.store, seat.room.marketplace, self.kept)

    async def renegotiate(self, seat: Seat) -> None:
        """Tell a participant that signals were lost."""
        event = {"meeting": await self.meeting(seat), "renegotiate": True}
        seat.connection.send_event("meeting.changed", event)
