"""A meeting as this node sees it: who sits here, and who else is in it."""

import asyncio
from collections import deque
from typing import Any

import msgspec

from signalling.protocol.codec import Codec, Request
from signalling.protocol.messages.meeting import MeetingSignalParams
from signalling.web.connection import Connection
from signalling.web.hub import Event

# Frames held back for a participant while what was kept for them is read.
BACKLOG_MAX = 256
# Who waits for what becomes of a signal: a client, or its batch.
Waiter = Request | asyncio.Future[int]
_INSIDE = frozenset({"joined", "reconnecting"})


class Lane:
    """Signals on a way that takes a while."""

    __slots__ = ("queue",)

    def __init__(self) -> None:
        self.queue: deque[tuple[Waiter, MeetingSignalParams]] = deque()


class Room:
    """The seats of a meeting on this node, and the roster of all its participants.

    *epochs* has the newest connection of each participant that was heard of. *relay_only*: its
    signals may name nobody's own address.
    """

    __slots__ = ("epochs", "gone", "marketplace", "meeting", "relay_only", "roster", "seats")

    def __init__(self, marketplace: str, meeting: str) -> None:
        self.marketplace = marketplace
        self.meeting = meeting
        self.relay_only = False
        self.seats: dict[str, Seat] = {}
        self.roster: dict[str, str] = {}
        self.gone: set[str] = set()
        self.epochs: dict[str, int] = {}

    def learn(self, meeting: dict[str, Any]) -> None:
        """Take over who is in the meeting and who has left it, from its view."""
        for participant in meeting.get("participants", ()):
            id_ = participant["participant"]
            if participant["state"] in _INSIDE:
                self.roster[id_] = participant["user"]
            elif participant["state"] != "waiting":
                self.roster.pop(id_, None)
                self.gone.add(id_)

    def resolve(self, to: str) -> str | None:
        """Return the participant meant: by their id, or a user's while they have only one."""
        if to in self.roster:
            return to
        theirs = [id_ for id_, user in self.roster.items() if user == to]
        return theirs[0] if len(theirs) == 1 else None


class Seat:
    """A participant whose socket is here.

    *epoch* is that of its session, *seqs* counts signals by receiver, *heads* has what the events
    of its signals begin with, by codec; *heard* has epoch and seq of the last signal from each
    sender elsewhere; *backlog* holds back what is newer than what was kept.
    """

    __slots__ = (
        "backlog", "channel", "connection", "epoch", "heads", "heard", "is_draining", "lanes",
        "meeting", "must_drain", "overflow", "participant", "room", "seqs",
    )  # fmt: skip

    def __init__(self, room: Room, connection: Connection, participant: str, channel: str) -> None:
        self.room = room
        self.meeting = room.meeting
        self.connection = connection
        self.participant = participant
        self.channel = channel
        self.epoch = connection.session.epoch if connection.session else 0
        self.seqs: dict[str, int] = {}
        self.heads: dict[str, bytes] = {}
        self.lanes: dict[str, Lane] = {}
        self.backlog: list[bytes | Event] | None = []
        self.overflow = False
        self.is_draining = False
        self.must_drain = False
        self.heard: dict[str, tuple[int, int]] = {}

    @property
    def is_outdated(self) -> bool:
        """Whether a newer connection of the participant was heard of."""
        return self.epoch < self.room.epochs.get(self.participant, 0)

    def next_seq(self, receiver: str) -> int:
        seq = self.seqs.get(receiver, 0) + 1
        self.seqs[receiver] = seq
        return seq

    def misses(self, sender: str, epoch: int, seq: int) -> bool:
        """Take note of a signal from elsewhere; say whether some before it were lost."""
        last, self.heard[sender] = self.heard.get(sender), (epoch, seq)
        return last is not None and last[0] == epoch and seq > last[1] + 1

    def event(self, codec: Codec, seq: int, signal: msgspec.Raw | bytes) -> bytes:
        """Return the event of a signal of this participant, spelled as *codec* does."""
        head = self.heads.get(codec.name)
        if head is None:
            head = codec.signal_head(self.meeting, self.participant, self.epoch)
            self.heads[codec.name] = head
        return codec.signal_event(head, seq, signal)

    def put(self, frame: bytes) -> None:
        """Send a frame, or hold it back."""
        if self.backlog is None:
            self.connection.send(frame)
        else:
            self.hold(frame)

    def hold(self, signal: bytes | Event) -> None:
        """Hold a frame or an event back until what was kept has been sent."""
        if self.backlog is not None and len(self.backlog) < BACKLOG_MAX:
            self.backlog.append(signal)
        else:
            self.overflow = True

    def open(self) -> list[bytes | Event]:
        """Hold nothing back from now on; return what was."""
        self.is_draining = False
        held, self.backlog = self.backlog or [], None
        return held
