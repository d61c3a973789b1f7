"""What can happen to a life cycle. Data only; what each means stands in the life cycle's file.

What can happen to a record without deadlines (profile, decision, answer, contest) stands there.
Ids of new things are minted by the shell and carried here: decisions draw no chance.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from signalling.core.hours import Hours
from signalling.core.policy import USUAL, Policy
from signalling.core.rules import Rules
from signalling.core.series_place import SeriesPlace


class Deadline(Struct, frozen=True):
    """A time that the record asked to be woken for may have come."""


# --- availability of an interpreter -------------------------------------------------------


class Connect(Struct, frozen=True):
    """A session has a live socket; each socket of a session has a higher epoch."""

    session: str
    epoch: int


class Drop(Struct, frozen=True):
    """A session's socket is gone, not on purpose."""

    session: str
    epoch: int


class Close(Struct, frozen=True):
    """A session was closed on purpose."""

    session: str


class SetStatus(Struct, frozen=True):
    """*checked*: they may be available only with devices that passed a check lately.

    *push*: they are to be reached until *until_ms* though no app of theirs is open.
    """

    status: str
    modes: tuple[str, ...] | None = None
    position: dict[str, float] | None = None
    until_ms: int | None = None
    checked: bool = False
    push: bool = False


class Checked(Struct, frozen=True):
    """A device check ended."""

    passed: bool


class Ring(Struct, frozen=True):
    """Ring an offer; *made* is the whole offer.made that the interpreter gets."""

    assignment: str
    offer: str
    made: Mapping[str, Any]


class Acked(Struct, frozen=True):
    """An offer has arrived, by whichever way."""

    offer: str


class Unring(Struct, frozen=True):
    """An offer rings no more; *rang_out* if it had reached them and nobody answered."""

    offer: str
    reason: str
    rang_out: bool = False


class Hold(Struct, frozen=True):
    offer: str


class Meet(Struct, frozen=True):
    assignment: str


class Work(Struct, frozen=True):
    """How accepted work ended, as far as it counts for the interpreter.

    *state*: completed, failed, cancelled; *fault*: interpreter, customer, nobody, excused;
    *came*: whether they got into the meeting, None if that is counted already or says nothing.
    """

    state: str
    fault: str = "nobody"
    minutes: int = 0
    came: bool | None = None


class Release(Struct, frozen=True):
    """Let go of them; without *work* when that was told before."""

    assignment: str
    work: Work | None = None


class Forget(Struct, frozen=True):
    """The interpreter's profile is being removed."""


# --- assignment and its offers ------------------------------------------------------------


class Create(Struct, frozen=True):
    """A customer asks. *terms* are assignment.create's, languages resolved to tags.

    *room* is the id that a booking's meeting will have; see `slot.Assignment` for the others.
    """

    id: str
    app: str
    customer: str
    terms: Mapping[str, Any]
    rules: Rules = USUAL.rules
    needed: int = 1
    interest_until_ms: int | None = None
    room: str | None = None
    series: SeriesPlace | None = None


class Candidate(Struct, frozen=True):
    """One interpreter whom the dispatcher proposes, best first.

    *card* is what the customer may see of them; *made* what they will see of the offer.
    """

    offer: str
    interpreter: str
    score: float
    p_accept: float
    card: Mapping[str, Any]
    made: Mapping[str, Any]


class Wave(Struct, frozen=True):
    """Ring the first *ring* of *candidates*, the rest are spares; one more each *pace_ms*."""

    slot: str
    candidates: tuple[Candidate, ...]
    ring: int
    decision: str
    pace_ms: int | None = None


class NoMatch(Struct, frozen=True):
    """Nobody can be asked now; *never* if nobody registered could ever be."""

    slot: str
    outlook: Mapping[str, Any]
    never: bool
    decision: str | None = None


class CouldNotRing(Struct, frozen=True):
    """A candidate's Ring was refused: they were taken, left, or ring elsewhere."""

    offer: str
    spares: tuple[Candidate, ...] = ()


class Ack(Struct, frozen=True):
    offer: str
    interpreter: str
    seen: bool


class Accept(Struct, frozen=True):
    """*meeting* is a fresh id, used if the assignment has no meeting yet."""

    offer: str
    interpreter: str
    meeting: str


class Decline(Struct, frozen=True):
    offer: str
    interpreter: str
    reason: str | None = None


class Undelivered(Struct, frozen=True):
    """An offer reached nobody; *reason* says of a push that it was not acknowledged."""

    offer: str
    interpreter: str
    reason: str | None = None


class Update(Struct, frozen=True):
    """Change the terms (offers that ring are withdrawn) or only the note."""

    by: str
    changes: Mapping[str, Any]


class Cancel(Struct, frozen=True):
    by: str
    reason: str | None = None


class Complete(Struct, frozen=True):
    by: str
    said: Hours | None = None


class Rate(Struct, frozen=True):
    """What one side thinks of the other, 1 to 5 stars; again replaces.

    *interpreter* is whom the customer's side means; an interpreter rates for their own work.
    """

    by: str
    stars: int
    text: str | None = None
    interpreter: str | None = None


class Transfer(Struct, frozen=True):
    """Hand running work over to another interpreter: *to*, or whom the matching finds."""

    by: str
    to: str | None = None
    reason: str | None = None


class Present(Struct, frozen=True):
    """The addresses that are in the assignment's meeting now."""

    meeting: str
    addresses: tuple[str, ...]


class MeetingOver(Struct, frozen=True):
    meeting: str
    reason: str
    by: str | None = None


class HandedOver(Struct, frozen=True):
    """*coming* is connected in the meeting, and *leaving* (addresses) out of it."""

    meeting: str
    leaving: str
    coming: str


# --- meeting and its participants ---------------------------------------------------------


class Party(Struct, frozen=True):
    """Who may join."""

    address: str
    role: str
    name: str = ""


class Join(Struct, frozen=True):
    """*single_offerer*: this end cannot roll back an offer (aiortc), so one side is named.

    *policy* is how the meeting's app wants it carried now.
    """

    address: str
    participant: str
    session: str
    epoch: int
    name: str = ""
    single_offerer: bool = False
    policy: Policy = USUAL


class Leave(Struct, frozen=True):
    """Without a session or an *epoch*: whichever they are in with."""

    address: str
    session: str | None
    reason: str = "left"
    epoch: int | None = None


class SocketDropped(Struct, frozen=True):
    session: str
    epoch: int


class SocketResumed(Struct, frozen=True):
    session: str
    epoch: int


class Media(Struct, frozen=True):
    """What a participant says of their microphone and camera, or of their name."""

    address: str
    session: str | None
    media: Mapping[str, Any] | None = None
    name: str | None = None


class Message(Struct, frozen=True):
    address: str
    session: str | None
    message: str
    text: str
    to: str | None = None


class Lock(Struct, frozen=True):
    by: str
    locked: bool


class End(Struct, frozen=True):
    by: str | None
    reason: str = "ended"
