"""Records without a life of their own: profiles, decisions, answers to repeated requests."""

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import outcomes
from signalling.core.booking_events import Book, BookRefused, NoShow
from signalling.core.calendar_key import RenewKey
from signalling.core.effects import Effect, Key, Moment, Tell
from signalling.core.events import Deadline, Forget
from signalling.core.history import Finished, Rated
from signalling.errors import Conflict, NotFound

DAY_MS = 86_400_000


class PutProfile(Struct, frozen=True):
    profile: Mapping[str, Any]


class RemoveProfile(Struct, frozen=True):
    pass


class Profile(Struct, frozen=True):
    """What an app says of an interpreter: the fields of interpreter.put."""

    kind: ClassVar[str] = "interpreter"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None

    id: str
    profile: Mapping[str, Any]
    updated_ms: int

    @property
    def indexes(self) -> dict[str, float]:
        return {"interpreters": 0}

    @property
    def feed(self) -> Mapping[str, Any]:
        return self.profile


def decide_profile(
    old: Profile | None,
    event: PutProfile
    | RemoveProfile
    | Finished
    | Rated
    | NoShow
    | Book
    | BookRefused
    | RenewKey
    | Deadline,
    at: Moment,
) -> tuple[Profile | None, tuple[Effect, ...]]:
    """Keep the newest profile; removing it also forgets the availability, or is refused.

    What is told of their work is passed on to the history or the standing, which nobody has
    without a profile, and bookings to the diary, with where they live. So is a new key of their
    calendar's feed.
    """
    match event:
        case PutProfile():
            return Profile(str(event.profile["id"]), event.profile, at.now_ms), ()
        case Deadline():
            return old, ()  # it never asks to be woken
        case RemoveProfile():
            kinds = ("availability", "history", "diary", "standing", "calendar_key")
            who = _registered(old).id
            return None, tuple(Tell(Key(kind, who), Forget()) for kind in kinds)
        case _:
            return old, _passed_on(event, old)


def _registered(profile: Profile | None) -> Profile:
    if profile is None:
        raise NotFound("no such interpreter")
    return profile


def _passed_on(
    event: Finished | Rated | NoShow | Book | BookRefused | RenewKey, old: Profile | None
) -> tuple[Tell, ...]:
    match event:
        case Book():
            return (_to_diary(event, old),)
        case BookRefused():
            return (Tell(Key("assignment", event.assignment), event.event),)
        case RenewKey():
            return (Tell(Key("calendar_key", _registered(old).id), event),)
        case _:
            kind = "standing" if isinstance(event, NoShow) else "history"
            return () if old is None else (Tell(Key(kind, old.id), event),)


def _to_diary(event: Book, profile: Profile | None) -> Tell:
    known = replace(event, profile=profile.profile if profile else {})
    refused = BookRefused(event.assignment, event.refused) if event.refused else None
    return Tell(Key("diary", event.interpreter), known, refused=refused)


class RecordDecision(Struct, frozen=True):
    body: Mapping[str, Any]


class MatchDecision(Struct, frozen=True):
    """Why whom was asked: the recorded ranking of one wave, never changed."""

    kind: ClassVar[str] = "decision"
    schema: ClassVar[int] = 2
    large: ClassVar[bool] = True
    ttl_ms: ClassVar[int | None] = 90 * DAY_MS
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[Mapping[str, Any] | None] = None
    indexes: ClassVar[Mapping[str, float]] = {}

    body: Mapping[str, Any]


def decide_decision(
    old: MatchDecision | None, event: RecordDecision, at: Moment
) -> tuple[MatchDecision, tuple[Effect, ...]]:
    """Keep the first, and name it in the log of decisions if it says its id."""
    if old is not None:
        return old, ()
    named = event.body.get("id")
    return MatchDecision(event.body), (outcomes.decided(named, at),) if named else ()


class Remember(Struct, frozen=True):
    """Keep the answer to a request with an idempotency key, beside what it created."""

    digest: str
    created: str


class AlreadyAnswered(Conflict):
    """The same request was answered before; *created* is what it made. Never seen by clients."""

    def __init__(self, created: str) -> None:
        super().__init__("already answered")
        self.created = created


class Answer(Struct, frozen=True):
    """An idempotency key, the digest of its request and the id of what it created."""

    kind: ClassVar[str] = "answer"
    schema: ClassVar[int] = 1
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[Mapping[str, Any] | None] = None
    indexes: ClassVar[Mapping[str, float]] = {}

    digest: str
    created: str
    ttl_ms: int


def decide_answer(
    old: Answer | None, event: Remember, at: Moment
) -> tuple[Answer, tuple[Effect, ...]]:
    """Keep the first answer. The same key again is AlreadyAnswered, or Conflict if it differs."""
    if old is None:
        return Answer(event.digest, event.created, at.bounds.idempotency), ()
    if old.digest != event.digest:
        raise Conflict("this idempotency key came with another body", path="idempotency_key")
    if old.created != event.created:
        raise AlreadyAnswered(old.created)
    return old, ()
