"""The life of a report: a party says what went wrong, and a human answers.

Some of it acts at once, within the same commit: that somebody never came. An answer may put right
how long the work took, or excuse a no-show.
"""

from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import address
from signalling.core.booking_events import Correct, Excuse, NeverCame
from signalling.core.effects import Effect, Hook, Key, Moment, Send, Tell
from signalling.core.review import ReviewState, Verdict, answered
from signalling.core.times import rfc3339
from signalling.errors import IllegalTransition, InvalidParams, NotFound


class OpenReport(Struct, frozen=True):
    """A party of an assignment reports it to the apps *staff*; *claim* is told to the assignment.

    *interpreter* is about whose work it is, *minutes* how long that took as they say.
    """

    id: str
    app: str
    staff: tuple[str, ...]
    by: str
    assignment: str
    interpreter: str | None
    kind: str
    text: str
    minutes: int | None = None
    claim: NeverCame | None = None


class NotTaken(Struct, frozen=True):
    """The assignment takes the claim no more; the report stands all the same."""


class AnswerReport(Struct, frozen=True):
    """A human has looked; *outcome*: upheld, changed (the work took *minutes*) or excused."""

    by: str
    text: str
    outcome: str
    minutes: int | None = None

    @property
    def said(self) -> tuple[str, str, int | None]:
        return self.text, self.outcome, self.minutes


Event = OpenReport | NotTaken | AnswerReport
# An absent cell refuses, unless the event only repeats what is so.
TABLE: Final[dict[ReviewState, dict[type[Event], ReviewState]]] = {
    ReviewState.OPEN: {NotTaken: ReviewState.OPEN, AnswerReport: ReviewState.ANSWERED},
    ReviewState.ANSWERED: {},
}


class Report(Struct, frozen=True):
    """What somebody (the address *by*) reported *about* an assignment of *app*.

    *about* is the kind of report. The staff of the apps *staff* may answer.
    """

    kind: ClassVar[str] = "report"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None

    id: str
    app: str
    staff: tuple[str, ...]
    by: str
    assignment: str
    interpreter: str | None
    about: str
    text: str
    minutes: int | None
    reported_ms: int
    state: ReviewState = ReviewState.OPEN
    verdict: Verdict | None = None

    @property
    def indexes(self) -> dict[str, float]:
        """The reporter's own list; of what is still open each app's, and what they wait for."""
        at_ms = float(self.reported_ms)
        own = {f"reports:{self.by}": at_ms}
        if self.state is not ReviewState.OPEN:
            return own
        waiting = {open_of(app): at_ms for app in self.staff}
        return own | waiting | {waiting_of(self.by): at_ms}

    @property
    def forgivable(self) -> bool:
        """Whether it is about a no-show of the interpreter's, which staff may excuse."""
        reported = self.about == "no_show" and address.role(self.by) != "interpreter"
        return self.interpreter is not None and (reported or self.about == "appeal")


Decision = tuple[Report, tuple[Effect, ...]]


def waiting_of(by: str) -> str:
    """Name the index of what whoever has this address waits to have answered."""
    return f"reports:open:{by}"


def open_of(app: str) -> str:
    """Name the index of what waits for an answer from the staff of an app."""
    return f"reports:staff:{app}"


def decide(old: Report | None, event: Event, at: Moment) -> Decision:
    """Return the next report, whom to tell, and what it does.

    Raises NotFound for what was never opened, IllegalTransition for a second, other answer, and
    InvalidParams for an answer that says what cannot be said of it.
    """
    if old is None:
        return _opened(event, at)
    if isinstance(event, OpenReport):
        return old, ()  # the commit that made it was repeated
    state = TABLE[old.state].get(type(event))
    if state is None:
        if isinstance(event, AnswerReport) and old.verdict and old.verdict.repeats(*event.said):
            return old, ()  # a client's retry
        raise IllegalTransition(f"the report is {old.state}; got {type(event).__name__}")
    if isinstance(event, NotTaken):
        return old, ()
    _check(old, event)
    verdict = Verdict(event.by, event.text, event.outcome, at.now_ms, event.minutes)
    new = replace(old, state=state, verdict=verdict)
    told = Send(new.by, "feedback.answered", {"report": view(new, staff=False)})
    return new, (told, *_hooks(new, "feedback.answered"), *_consequences(new, verdict))


def _opened(event: Event, at: Moment) -> Decision:
    if not isinstance(event, OpenReport):
        raise NotFound("no such report")
    new = Report(
        id=event.id,
        app=event.app,
        staff=event.staff,
        by=event.by,
        assignment=event.assignment,
        interpreter=event.interpreter,
        about=event.kind,
        text=event.text,
        minutes=event.minutes,
        reported_ms=at.now_ms,
    )
    shown = {"report": view(new, staff=True)}
    told = tuple(Send(address.app(app), "feedback.reported", shown) for app in new.staff)
    key = Key("assignment", new.assignment)
    claim = () if event.claim is None else (Tell(key, event.claim, refused=NotTaken()),)
    return new, (*told, *_hooks(new, "feedback.reported"), *claim)


def _check(report: Report, event: AnswerReport) -> None:
    """Refuse an answer that would do what a report of this kind has no ground for."""
    if event.outcome == "excused" and not report.forgivable:
        raise InvalidParams("only a no-show of an interpreter's is excused", path="outcome")
    if event.minutes is not None and (event.outcome != "changed" or report.interpreter is None):
        raise InvalidParams("only for work of somebody's that is put right", path="minutes")
    if event.minutes is None and (report.about, event.outcome) == ("times", "changed"):
        raise InvalidParams("say how long the work took", path="minutes")


def _consequences(report: Report, verdict: Verdict) -> tuple[Tell, ...]:
    """Return what an answer does beside telling it: to the minutes, or to the standing."""
    who = report.interpreter
    if who is not None and verdict.minutes is not None:
        event = Correct(verdict.by, who, verdict.minutes)
        return (Tell(Key("assignment", report.assignment), event),)
    if who is not None and verdict.outcome == "excused":
        return (Tell(Key("standing", who), Excuse(report.assignment)),)
    return ()


def _hooks(report: Report, type_: str) -> tuple[Hook, ...]:
    shown = {"report": view(report, staff=True)}
    return tuple(Hook(type_, about=report.assignment, data=shown, app=app) for app in report.staff)


def view(report: Report, *, staff: bool) -> dict[str, Any]:
    """Return a report as who made it sees it, or as staff do: with who that was."""
    shown: dict[str, Any] = {
        "id": report.id,
        "state": str(report.state),
        "kind": report.about,
        "assignment": report.assignment,
        "interpreter": report.interpreter,
        "text": report.text,
        "minutes": report.minutes,
        "reported_at": rfc3339(report.reported_ms),
    }
    if staff:
        shown["reported_by"] = address.user_id(report.by)
        shown["role"] = address.role(report.by)
    if report.verdict:
        shown |= answered(report.verdict, staff=staff)
        shown["minutes_now"] = report.verdict.minutes
    return {name: value for name, value in shown.items() if value is not None}
