"""The shape of a meeting and of its participants."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from signalling.core.events import Party


class MeetingState(StrEnum):
    OPEN = "open"
    LIVE = "live"
    ENDED = "ended"


class ParticipantState(StrEnum):
    JOINED = "joined"
    RECONNECTING = "reconnecting"
    LEFT = "left"
    REMOVED = "removed"


IN: Final = frozenset({ParticipantState.JOINED, ParticipantState.RECONNECTING})


@dataclass(frozen=True, slots=True)
class Participant:
    """*tell_ms* is when a lost socket is announced, *gone_ms* when it means having left."""

    id: str
    address: str
    role: str
    name: str
    session: str
    epoch: int
    single_offerer: bool
    joined_ms: int
    state: ParticipantState = ParticipantState.JOINED
    media: Mapping[str, Any] | None = None
    tell_ms: int | None = None
    gone_ms: int | None = None
    left_ms: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """*until_ms* bounds a meeting that nobody ends; *alone_ms* one that everybody but one left."""

    kind: ClassVar[str] = "meeting"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    feed: ClassVar[Mapping[str, Any] | None] = None

    id: str
    app: str
    mode: str
    parties: tuple[Party, ...]
    created_ms: int
    until_ms: int
    assignment: str | None = None
    topology: str = "mesh"
    state: MeetingState = MeetingState.OPEN
    locked: bool = False
    participants: tuple[Participant, ...] = ()
    alone_ms: int | None = None
    live_ms: int | None = None
    ended_ms: int | None = None
    reason: str | None = None

    @property
    def inside(self) -> tuple[Participant, ...]:
        return tuple(p for p in self.participants if p.state in IN)

    @property
    def wake_at_ms(self) -> int | None:
        """When the shell must feed a Deadline; None once the meeting is over."""
        if self.state is MeetingState.ENDED:
            return None
        due: list[int | None] = [self.until_ms, self.alone_ms]
        for participant in self.inside:
            due += [participant.tell_ms, participant.gone_ms]
        return min(at for at in due if at is not None)

    @property
    def indexes(self) -> dict[str, float]:
        if self.state is MeetingState.ENDED:
            return {}
        return {f"meetings:{p.address}": self.created_ms for p in self.parties}
