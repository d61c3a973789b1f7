"""meeting.signal: from one participant to another, in order.

When both sit on this node a signal goes straight across, without a store and without an await.
Otherwise it takes a *lane*: one task for each (sender, receiver) that asks the store to pass it on
or keep it. While a lane is busy later signals queue in it, and a receiver who has just joined gets
what was kept before anything newer: so both ways together keep the order.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import structlog

from signalling.errors import (
    DragomanError,
    Forbidden,
    IllegalTransition,
    InternalError,
    NotFound,
    RateLimited,
    Unavailable,
)
from signalling.protocol.codec import Request
from signalling.protocol.messages.meeting import (
    MeetingGetParams,
    MeetingSignalParams,
)
from signalling.protocol.registry import METHODS
from signalling.settings import Limits
from signalling.store.keys import Keys, marketplace_of
from signalling.store.signals import Kept
from signalling.store.signals import Signals as Pending
from signalling.store.store import Store
from signalling.web.connection import Connection
from signalling.web.hub import Event, Hub
from signalling.web.room import Lane, Room, Seat, Waiter
from signalling.web.seam import Service

LOG = structlog.get_logger(__name__)
SIGNAL = METHODS["meeting.signal"]
_PACK = msgspec.msgpack.Encoder().encode
# What a signal through the store counts as: its work, in that of one straight across.
LANE_COST = 10.0
# Kept in place of signals that were too many: whoever takes it has to negotiate anew.
OVERFLOW = "$overflow"
_OVERFLOW = _PACK({"method": OVERFLOW})

# Told of what became of a signal that took a lane: its number, or why it was refused.
Answer = Callable[[Connection, Request, int | DragomanError], None]


class Signals:
    """The seats of this node's participants, and the ways between them."""

    def __init__(self, hub: Hub, store: Store, service: Service, limits: Limits) -> None:
        self.hub = hub
        self.store = store
        self.service = service
        self.limits = limits
        self.kept = Kept(
            limits.pending_signals, limits.pending_signal_bytes, int(limits.resume_s * 1000)
        )
        self.rooms: dict[tuple[str, str], Room] = {}
        self.channels: dict[str, Seat] = {}
        self.answer: Answer = lambda *_: None
        self.changed: Callable[[Connection], Awaitable[None]] | None = None
        self.after: Mapping[str, Callable[[Connection, Any, Any], Awaitable[None]]] = {
            "meeting.join": self.joined,
            "meeting.leave": self.left,
        }
        hub.intercepts.append(self.intercept)

    # --- on the way --------------------------------------------------------------------------

    def straight(
        self, connection: Connection, params: MeetingSignalParams
    ) -> tuple[Seat, Seat] | None:
        """Return both ends if a signal needs no lane and no other spelling."""
        seat = connection.seats.get(params.meeting)
        target = None if seat is None else seat.room.seats.get(params.to)
        if seat is None or target is None or target is seat or seat.lanes:
            return None
        return (seat, target) if target.connection.codec is connection.codec else None

    def relay(
        self, connection: Connection, params: MeetingSignalParams, request: Waiter
    ) -> int | None:
        """Pass a signal on and return its number, or None when its lane will answer."""
        seat = connection.seats.get(params.meeting)
        if seat is None:  # only who may join has a seat: the role is looked at nowhere else
            role = connection.caller.role if connection.caller else ""
            if role not in SIGNAL.roles:
                raise Forbidden(f"{SIGNAL.name} is not for the role {role}")
            raise NotFound("you are not in this meeting", path="meeting")
        to = params.to
        target = seat.room.seats.get(to)
        if target is not None and target is not seat and not seat.lanes:
            return self.across(seat, target, params.signal)
        self._lane(seat, to).queue.append((request, params))
        return None

    def _lane(self, seat: Seat, to: str) -> Lane:
        """Return a lane with room in it, or raise RateLimited."""
        bucket = seat.connection.signal_bucket
        if not bucket.take(seat.connection.heard, LANE_COST - 1.0):
            raise bucket.refusal()
        lane = seat.lanes.get(to)
        if lane is not None and len(lane.queue) < self.limits.pending_signals:
            return lane
        if lane is not None or len(seat.lanes) >= self.limits.participants_per_meeting:
            raise RateLimited("too many signals at once", retry_after_ms=1000)
        lane = seat.lanes[to] = Lane()
        self.hub.spawn(self._run(seat, to, lane))
        return lane

    def across(self, seat: Seat, target: Seat, signal: msgspec.Raw) -> int:
        """Pass a signal to a seat of this node; return its number."""
        seq = seat.next_seq(target.participant)
        receiver = target.connection
        frame = receiver.codec.encode_signal_event(
            (seat.meeting, seat.participant, seat.epoch, seq),
            signal,
            written=seat.connection.codec,
        )
        target.put(frame)
        return seq

    async def _run(self, seat: Seat, to: str, lane: Lane) -> None:
        """Carry what queues in a lane, one after the other."""
        try:
            while lane.queue:
                request, params = lane.queue.popleft()
                outcome: int | DragomanError
                try:
                    outcome = await self._carry(seat, to, params)
                except DragomanError as error:
                    outcome = error
                except Exception:
                    LOG.exception("a signal failed")
                    outcome = InternalError()
                if isinstance(request, Request):
                    self.answer(seat.connection, request, outcome)
                elif isinstance(outcome, DragomanError):
                    request.set_exception(outcome)
                else:
                    request.set_result(outcome)
        finally:
            del seat.lanes[to]

    async def _carry(self, seat: Seat, to: str, params: MeetingSignalParams) -> int:
        participant = seat.room.resolve(to)
        if participant is None:
            await self._refresh(seat)
            participant = seat.room.resolve(to)
        if participant is None or participant == seat.participant:
            raise NotFound("no such participant in this meeting", path="to")
        if seat.is_outdated:
            raise IllegalTransition("a newer connection of yours has taken over", path="meeting")
        target = seat.room.seats.get(participant)
        if target is not None:
            return self.across(seat, target, params.signal)
        seq = seat.next_seq(participant)
        signal = seat.connection.codec.decode_opaque(params.signal)
        event = {
            "meeting": seat.meeting,
            "from": seat.participant,
            "epoch": seat.epoch,
            "seq": seq,
            "signal": signal,
        }
        body = _PACK({"method": "meeting.signal", "params": event})
        pending = self._pending(seat)
        fate = await pending.deliver(
            seat.meeting, participant, body, is_candidate="candidate" in signal
        )
        if fate == "overflow":
            await pending.deliver(seat.meeting, participant, _OVERFLOW, is_candidate=False)
            await self.renegotiate(seat)
        return seq

    async def _refresh(self, seat: Seat) -> None:
        """Ask who is in the meeting now."""
        seat.room.learn(await self._meeting(seat))

    async def _meeting(self, seat: Seat) -> dict[str, Any]:
        call = seat.connection.call
        if call is None:
            raise NotFound("no such meeting", path="meeting")
        handler = self.service.handlers["meeting.get"]
        result = await handler(call, MeetingGetParams(meeting=seat.meeting))
        meeting: dict[str, Any] = msgspec.to_builtins(result.meeting)
        return meeting

    def _pending(self, seat: Seat) -> Pending:
        return Pending(self.store, seat.room.marketplace, self.kept)

    async def renegotiate(self, seat: Seat) -> None:
        """Tell a participant that signals were lost."""
        event = {"meeting": await self._meeting(seat), "renegotiate": True}
        seat.connection.send_event("meeting.changed", event)

    # --- coming and going --------------------------------------------------------------------

    async def joined(self, connection: Connection, params: Any, result: Any) -> None:  # noqa: ARG002
        """Give a seat to whom `meeting.join` let in."""
        room = await self.seat(connection, result.meeting, result.participant)
        room.learn(msgspec.to_builtins({"participants": result.participants}))
        if self.changed is not None:
            await self.changed(connection)

    async def left(self, connection: Connection, params: Any, result: Any) -> None:  # noqa: ARG002
        if (seat := connection.seats.get(params.meeting)) is not None:
            self.unseat(seat)
        if self.changed is not None:
            await self.changed(connection)

    async def seat(self, connection: Connection, meeting: str, participant: str) -> Room:
        """Let signals to a participant come to this connection, held back until `release`."""
        assert connection.call is not None  # noqa: S101 - only opened connections join
        marketplace = connection.call.caller.marketplace
        key = (marketplace, meeting)
        old = connection.seats.get(meeting)
        if old is not None and old.participant == participant:
            return old.room
        if old is not None:
            self.unseat(old)
        room = self.rooms.get(key) or self.rooms.setdefault(key, Room(marketplace, meeting))
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
                seat.is_draining = True
                self.hub.spawn(self._drain(seat))

    async def _drain(self, seat: Seat) -> None:
        try:
            pending = await self._pending(seat).take(seat.meeting, seat.participant)
        except Unavailable:  # what was kept may be lost
            pending = [_OVERFLOW]
        for body in pending:
            event = Event("", body)
            if event.method == OVERFLOW:
                seat.overflow = True
            elif self._is_current(seat, event.params):
                seat.connection.send(event.frame(seat.connection.codec))
        if seat.open():
            await self.renegotiate(seat)

    def intercept(self, channel: str, event: Event) -> bool:
        """Take signals to their seats, and learn from events who is in a meeting."""
        seat = self.channels.get(channel)
        if seat is not None and event.method == OVERFLOW:
            self.hub.spawn(self.renegotiate(seat))
            return True
        if seat is not None:
            if self._is_current(seat, event.params):
                seat.put(event.frame(seat.connection.codec))
            return True
        if event.method == "meeting.changed":
            self._meeting_changed(marketplace_of(channel), event.params.get("meeting"))
        return False

    def _is_current(self, seat: Seat, sent: Mapping[str, Any]) -> bool:
        """Learn from a signal with which socket its sender goes on; False from an older one."""
        sender, epoch = sent.get("from", ""), sent.get("epoch", 0)
        epochs = seat.room.epochs
        if epoch < epochs.get(sender, 0):
            return False
        epochs[sender] = epoch
        old = seat.room.seats.get(sender)
        if old is not None and old.epoch < epoch:
            self.unseat(old)  # its socket may not have heard yet that it was replaced
        return True

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
