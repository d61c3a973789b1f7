"""The shape of a meeting and of its participants."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import address
from signalling.core.events import Party
from signalling.core.policy import USUAL, Policy
from signalling.core.quality import NOTHING, Quality


class MeetingState(StrEnum):
    OPEN = "open"
    LIVE = "live"
    ENDED = "ended"


class ParticipantState(StrEnum):
    WAITING = "waiting"
    JOINED = "joined"
    RECONNECTING = "reconnecting"
    LEFT = "left"
    REMOVED = "removed"


class RecordingState(StrEnum):
    OFF = "off"
    ASKED = "asked"
    ON = "on"
    PAUSED = "paused"


IN: Final = frozenset({ParticipantState.JOINED, ParticipantState.RECONNECTING})
AROUND: Final = IN | {ParticipantState.WAITING}


class Participant(Struct, frozen=True):
    """*tell_ms* is when a lost socket is announced, *gone_ms* when it means having left.

    *connected_ms* is when media first flowed between them and somebody else, *took_ms* how long
    that had taken by their own account.
    """

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
    connected_ms: int | None = None
    took_ms: int | None = None
    quality: Quality = NOTHING


class Carrier(Struct, frozen=True):
    """What carries the media: a *kind* of carrier at a media node. Another one has another id."""

    id: str
    kind: str
    node: str


class Invitation(Struct, frozen=True):
    """A guest's link: it works for one *session*, the first that comes with it in time."""

    address: str
    by: str
    expires_ms: int
    session: str | None = None
    let_in: bool = False


class Recording(Struct, frozen=True):
    """Whether the meeting is being recorded: only while everybody in it consents.

    *consents* has when each address agreed; a stopped recording keeps those of whom it has.
    """

    state: RecordingState = RecordingState.OFF
    id: str | None = None
    by: str | None = None
    consents: Mapping[str, int] | None = None
    failure: str | None = None
    made: int = 0


class Handover(Struct, frozen=True):
    """*leaving* is out once *coming* is connected, or at *until_ms*.

    *added*: *coming* may be in the meeting for this alone.
    """

    leaving: str
    coming: str
    until_ms: int | None = None
    added: bool = False


class Happening(Struct, frozen=True):
    """One line of a meeting's history."""

    at_ms: int
    what: str
    participant: str | None = None
    user: str | None = None
    role: str | None = None
    detail: str | None = None


class Meeting(Struct, frozen=True):
    """*until_ms* bounds a meeting that nobody ends; *alone_ms* one that everybody but one left.

    *moves* counts its carriers; *strained* is why it cannot go on without one, *seek_ms* when it
    looks for one again.
    """

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
    policy: Policy = USUAL
    carrier: Carrier | None = None
    moves: int = 0
    strained: str | None = None
    seek_ms: int | None = None
    invitations: tuple[Invitation, ...] = ()
    recording: Recording = Recording()
    handovers: tuple[Handover, ...] = ()
    history: tuple[Happening, ...] = ()

    @property
    def inside(self) -> tuple[Participant, ...]:
        return tuple(p for p in self.participants if p.state in IN)

    @property
    def waiting(self) -> tuple[Participant, ...]:
        return tuple(p for p in self.participants if p.state is ParticipantState.WAITING)

    @property
    def around(self) -> tuple[Participant, ...]:
        """Who is inside or waits to be let in."""
        return tuple(p for p in self.participants if p.state in AROUND)

    @property
    def wake_at_ms(self) -> int | None:
        """When the shell must feed a Deadline; None once the meeting is over."""
        if self.state is MeetingState.ENDED:
            return None
        due: list[int | None] = [self.until_ms, self.alone_ms, self.seek_ms]
        due += [h.until_ms for h in self.handovers]
        for participant in self.around:
            due += [participant.tell_ms, participant.gone_ms]
        return min(at for at in due if at is not None)

    @property
    def indexes(self) -> dict[str, float]:
        if self.state is MeetingState.ENDED:
            return {}
        found: dict[str, float] = {f"meetings:{p.address}": self.created_ms for p in self.parties}
        if self.carrier:
            found[f"carried:{self.carrier.node}"] = self.created_ms
        return found

    def party(self, who: str) -> Party | None:
        return next((p for p in self.parties if p.address == who), None)

    def participant(self, id_: str) -> Participant | None:
        return next((p for p in self.participants if p.id == id_), None)

    def invitation(self, who: str) -> Invitation | None:
        return next((i for i in self.invitations if i.address == who), None)

    def with_participant(self, participant: Participant) -> "Meeting":
        """Return the meeting with that participant in place of the one of the same id."""
        changed = tuple(participant if p.id == participant.id else p for p in self.participants)
        return replace(self, participants=changed)

    def sees(self, who: str) -> bool:
        """Whether an address may see who is in it: a guest does once they are let in."""
        return address.role(who) != "guest" or any(p.address == who for p in self.inside)
