"""meeting.signal: from one participant to another, in order.

When both sit on this node a signal goes straight across, without a store and without an await.
Otherwise it takes a *lane*: one task for each (sender, receiver) that asks the store to pass it on
or keep it. While a lane is busy later signals queue in it, and a receiver who has just joined gets
what was kept before anything newer: so both ways together keep the order.
"""

from collections.abc import Callable

import msgspec
import structlog

from signalling.errors import (
    DragomanError,
    Forbidden,
    IllegalTransition,
    InternalError,
    InvalidParams,
    NotFound,
    RateLimited,
)
from signalling.media.relay_only import check_relay_only
from signalling.protocol.codec import Request
from signalling.protocol.messages.meeting import (
    MeetingSignalParams,
)
from signalling.protocol.registry import METHODS
from signalling.settings import Limits
from signalling.web.connection import Connection
from signalling.web.fast import SignalParams
from signalling.web.room import Lane, Seat, Waiter
from signalling.web.seats import LOST, Seats

LOG = structlog.get_logger(__name__)
SIGNAL = METHODS["meeting.signal"]
_PACK = msgspec.msgpack.Encoder().encode
# What a signal through the store counts as: its work, in that of one straight across.
LANE_COST = 10.0

# Told of what became of a signal that took a lane: its number, or why it was refused.
Answer = Callable[[Connection, Request, int | DragomanError], None]


class Signals:
    """The ways between the seats of this node, and from them to others."""

    def __init__(self, seats: Seats, limits: Limits) -> None:
        self.seats = seats
        self.hub = seats.hub
        self.limits = limits
        self.answer: Answer = lambda *_: None

    def straight(self, connection: Connection, params: SignalParams) -> int | None:
        """Pass on a signal that needs no lane and no other spelling; None leaves it as it is."""
        seat = connection.seats.get(params.meeting)
        if seat is None or seat.lanes or seat.room.relay_only:
            return None
        target = seat.room.seats.get(params.to)
        if target is None or target is seat or target.connection.codec is not connection.codec:
            return None
        if not connection.signal_bucket.take(connection.heard):
            return None
        return self.across(seat, target, params.signal)

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
        if seat.room.relay_only:
            _check_hidden(seat, params.signal)
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
        codec, written = target.connection.codec, seat.connection.codec
        spelled = signal if codec is written else codec.respelled(signal, written)
        target.put(seat.event(codec, seq, spelled))
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
            seat.room.learn(await self.seats.meeting(seat))
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
        pending = self.seats.pending(seat)
        fate = await pending.deliver(
            seat.meeting, participant, body, is_candidate="candidate" in signal
        )
        if fate == "overflow":
            await pending.deliver(seat.meeting, participant, LOST, is_candidate=False)
            await self.seats.renegotiate(seat)
        return seq


def _check_hidden(seat: Seat, signal: msgspec.Raw) -> None:
    """Refuse a signal by which the receiver would learn somebody's network address."""
    try:
        check_relay_only(seat.connection.codec.decode_opaque(signal))
    except ValueError as error:
        raise InvalidParams(str(error), path="signal") from None
