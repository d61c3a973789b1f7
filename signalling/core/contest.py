"""The life of a contest: somebody asks a human to look at what was decided of an interpreter.

Whoever works or asks through a platform may have its decisions explained, and looked at again by
a human who answers in writing (Directive (EU) 2024/2831, articles 10 and 11).
"""

from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import address
from signalling.core.effects import Effect, Moment, Send
from signalling.core.review import ReviewState, Verdict, answered
from signalling.core.times import rfc3339
from signalling.errors import IllegalTransition, NotFound


class OpenContest(Struct, frozen=True):
    """Somebody asks a human to look at what *decisions* made of an interpreter."""

    id: str
    app: str
    by: str
    assignment: str
    interpreter: str | None
    text: str
    decisions: tuple[str, ...]


class AnswerContest(Struct, frozen=True):
    """A human has looked; *outcome*: upheld or changed."""

    by: str
    text: str
    outcome: str


Event = OpenContest | AnswerContest
# An absent cell refuses, unless the event only repeats what is so.
TABLE: Final[dict[ReviewState, dict[type[Event], ReviewState]]] = {
    ReviewState.OPEN: {AnswerContest: ReviewState.ANSWERED},
    ReviewState.ANSWERED: {},
}


class Contest(Struct, frozen=True):
    """What is contested: the *decisions* of an assignment, as they concern *interpreter*.

    *by* is the address of whoever asks. Without an *interpreter* it is about all of them.
    """

    kind: ClassVar[str] = "contest"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None

    id: str
    app: str
    by: str
    assignment: str
    interpreter: str | None
    text: str
    decisions: tuple[str, ...]
    asked_ms: int
    state: ReviewState = ReviewState.OPEN
    verdict: Verdict | None = None

    @property
    def indexes(self) -> dict[str, float]:
        """The asker's own list; of what is still open the app's, and what the asker waits for."""
        at_ms = float(self.asked_ms)
        own = {f"contests:{self.by}": at_ms}
        if self.state is not ReviewState.OPEN:
            return own
        return own | {f"contests:a:{self.app}": at_ms, waiting_of(self.by): at_ms}


Decision = tuple[Contest, tuple[Effect, ...]]


def waiting_of(by: str) -> str:
    """Name the index of what whoever has this address waits to have answered."""
    return f"contests:open:{by}"


def decide(old: Contest | None, event: Event, at: Moment) -> Decision:
    """Return the next contest and whom to tell: the app when it opens, the asker when it ends.

    Raises NotFound for what was never opened, IllegalTransition for a second, other answer.
    """
    if old is None:
        return _opened(event, at)
    if isinstance(event, OpenContest):
        return old, ()  # the commit that made it was repeated
    state = TABLE[old.state].get(type(event))
    if state is None:
        if old.verdict and old.verdict.repeats(event.text, event.outcome):
            return old, ()  # a client's retry
        raise IllegalTransition(f"the contest is {old.state}; got {type(event).__name__}")
    verdict = Verdict(event.by, event.text, event.outcome, at.now_ms)
    new = replace(old, state=state, verdict=verdict)
    told = {"contest": view(new, staff=False)}
    return new, (Send(new.by, "match.contest_answered", told),)


def _opened(event: Event, at: Moment) -> Decision:
    if not isinstance(event, OpenContest):
        raise NotFound("no such contest")
    new = Contest(
        id=event.id,
        app=event.app,
        by=event.by,
        assignment=event.assignment,
        interpreter=event.interpreter,
        text=event.text,
        decisions=event.decisions,
        asked_ms=at.now_ms,
    )
    told = {"contest": view(new, staff=True)}
    return new, (Send(address.app(new.app), "match.contested", told),)


def view(contest: Contest, *, staff: bool) -> dict[str, Any]:
    """Return a contest as who asked sees it, or as staff do: with who asked and which decisions."""
    shown: dict[str, Any] = {
        "id": contest.id,
        "state": str(contest.state),
        "assignment": contest.assignment,
        "interpreter": contest.interpreter,
        "text": contest.text,
        "asked_at": rfc3339(contest.asked_ms),
    }
    if staff:
        shown["asked_by"] = address.user_id(contest.by)
        shown["role"] = address.role(contest.by)
        shown["decisions"] = list(contest.decisions)
    if contest.verdict:
        shown |= answered(contest.verdict, staff=staff)
    return {name: value for name, value in shown.items() if value is not None}
