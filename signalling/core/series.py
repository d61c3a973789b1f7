"""A series of assignments: who takes the first takes the others with it, where they are free."""

from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from signalling.core.booking_events import Alone, Follow
from signalling.core.effects import Effect, Key, Moment, Tell
from signalling.core.events import Candidate, Deadline
from signalling.errors import NotFound


class Begin(Struct, frozen=True):
    """*members* are the assignments, in order."""

    id: str
    app: str
    members: tuple[str, ...]


class Led(Struct, frozen=True):
    """*candidate* took the place *slot* of the first one."""

    slot: str
    candidate: Candidate


class Off(Struct, frozen=True):
    """Nobody took the place *slot* of the first one, or it is off."""

    slot: str


Event = Begin | Led | Off | Deadline


class Series(Struct, frozen=True):
    """The assignments of a series, in order; it has no life of its own."""

    kind: ClassVar[str] = "series"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None

    id: str
    app: str
    members: tuple[str, ...]

    @property
    def indexes(self) -> dict[str, Any]:
        return {}


def decide(old: Series | None, event: Event, _: Moment) -> tuple[Series, tuple[Effect, ...]]:
    """Pass on to the others what became of the first; who does not wait for it is not moved."""
    if isinstance(event, Begin):
        return old or Series(event.id, event.app, event.members), ()
    if old is None:
        raise NotFound("no such series")
    if isinstance(event, Deadline):
        return old, ()  # it never asks to be woken
    others = old.members[1:]
    if isinstance(event, Off):
        return old, tuple(Tell(Key("assignment", id_), Alone(event.slot)) for id_ in others)
    told = (Follow(event.slot, _renamed(event.candidate, id_)) for id_ in others)
    pairs = zip(others, told, strict=True)
    return old, tuple(Tell(Key("assignment", id_), each) for id_, each in pairs)


def _renamed(candidate: Candidate, assignment: str) -> Candidate:
    """Return a candidate under an offer id of another assignment, which is as unguessable."""
    return replace(candidate, offer=f"{assignment}.{candidate.offer.rpartition('.')[2]}")
