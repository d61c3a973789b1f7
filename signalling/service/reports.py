"""feedback.report and its answer: a human looks at what a party says of an assignment."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from signalling.core import report as life
from signalling.core.booking_events import NeverCame
from signalling.core.effects import Key, Tell
from signalling.core.offer import OfferState
from signalling.core.report import AnswerReport, OpenReport, Report
from signalling.core.slot import Assignment
from signalling.core.standing import Standing
from signalling.engine import Engine
from signalling.errors import Conflict, InvalidParams, NotFound
from signalling.ids import mint
from signalling.protocol.messages import feedback as fm
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.lists import Lists, Window
from signalling.service.terms import Admission

OPEN_MOST: Final = 50  # of one person: a human reads each, and they are kept
ABOUT_WORK: Final = frozenset({"no_show", "times", "appeal"})

# The apps of a marketplace that run its interpreters.
ManagersOf = Callable[[str], Awaitable[tuple[str, ...]]]


class Reports:
    """Handlers of feedback.report, feedback.reports and feedback.answer."""

    def __init__(
        self, engine: Engine, lists: Lists, admission: Admission, managers_of: ManagersOf
    ) -> None:
        self.engine = engine
        self.lists = lists
        self.admission = admission
        self.managers_of = managers_of
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "feedback.report": self.report,
            "feedback.reports": self.list,
            "feedback.answer": self.answer,
        }

    async def report(self, call: Call, params: fm.FeedbackReportParams) -> fm.FeedbackReportResult:
        """Take what a party says to whoever answers it; a no-show acts at once."""
        caller = call.caller
        if params.kind == "times" and params.minutes is None:
            raise InvalidParams("say how many minutes the work took", path="minutes")
        if params.kind != "times" and params.minutes is not None:
            raise InvalidParams("only a report of times says how long it took", path="minutes")
        if params.kind == "appeal" and caller.role != "interpreter":
            raise InvalidParams("interpreters appeal, against a no-show of theirs", path="kind")
        a, who = await self._subject(caller, params)

        async def create(remember: Remembering) -> str:
            id_ = mint("re")
            # An address, so that it counts apart from the requests of a customer of that id.
            self.admission.count_ask(caller, caller.address)
            await self._check_open(caller)
            if params.kind == "appeal":
                await self._check_counts(caller, a)
            event = OpenReport(
                id=id_,
                app=a.app,
                staff=await self._staff(caller, params, a),
                by=caller.address,
                assignment=a.id,
                interpreter=who,
                kind=params.kind,
                text=params.text,
                minutes=params.minutes,
                claim=_claim(caller, a, who) if params.kind == "no_show" else None,
            )
            key = Key("report", id_)
            await self.engine.handle(
                caller.marketplace, Tell(key, event), *remember(id_), fresh=(key,)
            )
            return id_

        made = await self.idempotency.once(caller, "feedback.report", params, create)
        (found,) = await self.engine.read(caller.marketplace, Key("report", made))
        return fm.FeedbackReportResult(report=_shown(caller, found))

    async def list(self, call: Call, params: fm.FeedbackReportsParams) -> fm.FeedbackReportsResult:
        """Return the caller's reports, or for staff those that wait for their answer."""
        caller = call.caller
        name = life.open_of(caller.app) if caller.staff else f"reports:{caller.address}"
        window = Window(limit=params.limit, cursor=params.cursor)
        page = await self.lists.page(caller.marketplace, name, window, oldest_first=caller.staff)
        keys = [Key("report", id_) for id_ in page.ids]
        found: list[Report | None] = await self.engine.read(caller.marketplace, *keys)
        shown = tuple(_shown(caller, each) for each in found if each is not None)
        return fm.FeedbackReportsResult(reports=shown, next=page.next)

    async def answer(self, call: Call, params: fm.FeedbackAnswerParams) -> fm.FeedbackAnswerResult:
        """Tell whoever reported what a human made of it, and do what that says."""
        caller, key = call.caller, Key("report", params.report)
        found: Report | None
        (found,) = await self.engine.read(caller.marketplace, key)
        if found is None or caller.app not in found.staff:
            raise NotFound("no such report", path="report")
        event = AnswerReport(caller.address, params.text, params.outcome, params.minutes)
        outcome = await self.engine.handle(caller.marketplace, Tell(key, event))
        return fm.FeedbackAnswerResult(report=_shown(caller, outcome.records[key]))

    async def _check_open(self, caller: Caller) -> None:
        """Refuse one more to a person with so many that wait; an app answers its own."""
        name = life.waiting_of(caller.address)
        if not caller.staff and await self.lists.count(caller.marketplace, name) >= OPEN_MOST:
            raise Conflict(f"{OPEN_MOST} of your reports wait for an answer")

    async def _check_counts(self, caller: Caller, a: Assignment) -> None:
        """Refuse an appeal against what counts against nobody."""
        standing: Standing
        (standing,) = await self.engine.read(caller.marketplace, Key("standing", caller.user))
        if not any(m.assignment == a.id and not m.excused for m in standing.missed):
            raise InvalidParams("no no-show of yours counts there", path="assignment")

    async def _staff(
        self, caller: Caller, params: fm.FeedbackReportParams, a: Assignment
    ) -> tuple[str, ...]:
        """Return whose staff may answer: the app's, and of appeals those who run interpreters."""
        if params.kind != "appeal":
            return (a.app,)
        others = await self.managers_of(caller.marketplace)
        return (a.app, *(app for app in others if app != a.app))

    async def _subject(
        self, caller: Caller, params: fm.FeedbackReportParams
    ) -> tuple[Assignment, str | None]:
        """Return the assignment and about whose work it is, if that is the caller's to report."""
        named = access.named(caller, params.interpreter)
        a: Assignment | None
        (a,) = await self.engine.read(caller.marketplace, Key("assignment", params.assignment))
        if caller.role != "interpreter":
            a = access.check_assignment(caller, a)
        elif a is None or not _concerned(a, caller.user):
            raise NotFound("no such assignment", path="assignment")
        took = _took(a)
        if named is None:
            held = {slot.interpreter for slot in a.slots if slot.interpreter} or took
            named = next(iter(held)) if len(held) == 1 else None
        elif caller.role != "interpreter" and named not in took:
            raise NotFound("no such interpreter", path="interpreter")
        if params.kind in ABOUT_WORK and named not in took:
            raise InvalidParams("say about whose work, of those who took it", path="interpreter")
        return a, named


def _concerned(a: Assignment, who: str) -> bool:
    """Say whether an interpreter was asked for an assignment, or holds it."""
    return who in _took(a) or any(o.interpreter == who for s in a.slots for o in s.offers)


def _took(a: Assignment) -> frozenset[str]:
    """Return who holds a place of an assignment, or had accepted one."""
    held = {slot.interpreter for slot in a.slots if slot.interpreter}
    accepted = {
        offer.interpreter
        for slot in a.slots
        for offer in slot.offers
        if offer.state is OfferState.ACCEPTED
    }
    return frozenset(held | accepted)


def _claim(caller: Caller, a: Assignment, who: str | None) -> NeverCame | None:
    """Return what the assignment is told of a no-show; who let go of it has nothing to claim."""
    if who is None or not any(slot.interpreter == who for slot in a.slots):
        return None
    by = a.customer_address if caller.staff else caller.address
    return NeverCame(by, who)


def _shown(caller: Caller, report: Report) -> fm.Report:
    return msgspec.convert(life.view(report, staff=caller.staff), fm.Report)
