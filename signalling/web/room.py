"""A meeting as this node sees it: who sits here, and who else is in it."""

import asyncio
from collections import deque
from typing import Any

from signalling.protocol.codec import Request
from signalling.protocol.messages.meeting import MeetingSignalParams
from signalling.web.connection import Connection

# Frames held back for a participant while what was kept for them is read.
BACKLOG_MAX = 256
# Who waits for what becomes of a signal: a client, or its batch.
Waiter = Request | asyncio.Future[int]
_INSIDE = frozenset({"joined", "reconnecting", "waiting", "invited"})


class Lane:
    """Signals on a way that takes a while."""

    __slots__ = ("queue",)

    def __init__(self) -> None:
        self.queue: deque[tuple[Waiter, MeetingSignalParams]] = deque()


class Room:
    """The seats of a meeting on this node, and the roster of all its participants.

    *epochs* has the newest connection of each participant that was heard of.
    """

    __slots__ = ("epochs", "gone", "marketplace", "meeting", "roster", "seats")

    def __init__(self, marketplace: str, meeting: str) -> None:
        self.marketplace = marketplace
        self.meeting = meeting
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
            else:
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

    *epoch* is that of its session, *seqs* counts signals by receiver; *backlog* holds back what
    is newer than what was kept.
    """

    __slots__ = (
        "backlog", "channel", "connection", "epoch", "is_draining", "lanes", "meeting", "overflow",
        "participant", "room", "seqs",
    )  # fmt: skip

    def __init__(self, room: Room, connection: Connection, participant: str, channel: str) -> None:
        self.room = room
        self.meeting = room.meeting
        self.connection = connection
        self.participant = participant
        self.channel = channel
        self.epoch = connection.session.epoch if connection.session else 0
        self.seqs: dict[str, int] = {}
        self.lanes: dict[str, Lane] = {}
        self.backlog: list[bytes] | None = []
        self.overflow = False
        self.is_draining = False

    @property
    def is_outdated(self) -> bool:
        """Whether a newer connection of the participant was heard of."""
        return self.epoch < self.room.epochs.get(self.participant, 0)

    def next_seq(self, receiver: str) -> int:
        seq = self.seqs.get(receiver, 0) + 1
        self.seqs[receiver] = seq
        return seq

    def put(self, frame: bytes) -> None:
        """Send a frame, or hold it back."""
        if self.backlog is None:
            self.connection.send(frame)
        elif len(self.backlog) < BACKLOG_MAX:
            self.backlog.append(frame)
        else:
            self.overflow = True

    def open(self) -> bool:
        """Send what was held back, and everything from now on; say whether some was lost."""
        held, self.backlog = self.backlog or [], None
        for frame in held:
            self.connection.send(frame)
        return self.overflow
