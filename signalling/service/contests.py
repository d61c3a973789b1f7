"""match.contest and its answer: a human looks at a decision again."""

from typing import Final

import msgspec

from matching.eligibility import services
from matching.languages import Languages
from signalling.core import contest as life
from signalling.core.contest import AnswerContest, Contest, OpenContest
from signalling.core.effects import Key, Tell
from signalling.core.profile import Profile
from signalling.core.slot import Assignment
from signalling.engine import Engine
from signalling.errors import Conflict, NotFound
from signalling.ids import mint
from signalling.protocol.messages import contest as cm
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.lists import Lists, Window
from signalling.service.terms import Admission
from signalling.translate import request_of

OPEN_MOST: Final = 50  # of one asker: a human reads each, and they are kept


class Contests:
    """Handlers of match.contest, match.contests and match.answer."""

    def __init__(
        self, engine: Engine, lists: Lists, admission: Admission, languages: Languages
    ) -> None:
        self.engine = engine
        self.lists = lists
        self.admission = admission
        self.languages = languages
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "match.contest": self.contest,
            "match.contests": self.list,
            "match.answer": self.answer,
        }

    async def contest(self, call: Call, params: cm.MatchContestParams) -> cm.MatchContestResult:
        """Ask a human to look at what an assignment's decisions made of somebody."""
        caller = call.caller
        a, who = await self._subject(caller, params)

        async def create(remember: Remembering) -> str:
            id_ = mint("co")
            # An address, so that it counts apart from the requests of a customer of that id.
            self.admission.count_ask(caller, caller.address)
            await self._check_open(caller)
            # Every decision weighed the whole population: whoever it did not rank, it excluded.
            event = OpenContest(
                id_, a.app, caller.address, a.id, who, params.text, tuple(a.decisions)
            )
            key = Key("contest", id_)
            await self.engine.handle(
                caller.marketplace, Tell(key, event), *remember(id_), fresh=(key,)
            )
            return id_

        made = await self.idempotency.once(caller, "match.contest", params, create)
        (found,) = await self.engine.read(caller.marketplace, Key("contest", made))
        return cm.MatchContestResult(contest=_shown(caller, found))

    async def list(self, call: Call, params: cm.MatchContestsParams) -> cm.MatchContestsResult:
        """Return the caller's contests, or for staff those of their app that are open."""
        caller = call.caller
        name = f"contests:a:{caller.app}" if caller.staff else f"contests:{caller.address}"
        window = Window(limit=params.limit, cursor=params.cursor)
        page = await self.lists.page(caller.marketplace, name, window, oldest_first=caller.staff)
        keys = [Key("contest", id_) for id_ in page.ids]
        found: list[Contest | None] = await self.engine.read(caller.marketplace, *keys)
        shown = tuple(_shown(caller, each) for each in found if each is not None)
        return cm.MatchContestsResult(contests=shown, next=page.next)

    async def answer(self, call: Call, params: cm.MatchAnswerParams) -> cm.MatchAnswerResult:
        """Tell whoever asked what a human made of it."""
        caller, key = call.caller, Key("contest", params.contest)
        found: Contest | None
        (found,) = await self.engine.read(caller.marketplace, key)
        if found is None or found.app != caller.app:
            raise NotFound("no such contest", path="contest")
        event = AnswerContest(caller.address, params.text, params.outcome)
        outcome = await self.engine.handle(caller.marketplace, Tell(key, event))
        return cm.MatchAnswerResult(contest=_shown(caller, outcome.records[key]))

    async def _check_open(self, caller: Caller) -> None:
        """Refuse one more to whoever has so many that wait for an answer."""
        name = life.waiting_of(caller.address)
        if await self.lists.count(caller.marketplace, name) >= OPEN_MOST:
            raise Conflict(f"{OPEN_MOST} of your contests wait for an answer")

    async def _subject(
        self, caller: Caller, params: cm.MatchContestParams
    ) -> tuple[Assignment, str | None]:
        """Return the assignment and about whom it is, if that is the caller's to contest."""
        who = access.named(caller, params.interpreter)
        a: Assignment | None
        profile: Profile | None
        a, profile = await self.engine.read(
            caller.marketplace,
            Key("assignment", params.assignment),
            Key("interpreter", who or caller.user),
        )
        if caller.role != "interpreter":
            a = access.check_assignment(caller, a)
            if who is not None and profile is None:
                raise NotFound("no such interpreter", path="interpreter")
        elif a is None or not self._concerned(a, who, profile):
            raise NotFound("no such assignment", path="assignment")
        return a, who

    def _concerned(self, a: Assignment, who: str | None, profile: Profile | None) -> bool:
        """Say whether an interpreter was asked, or has languages that would have served."""
        if any(offer.interpreter == who for slot in a.slots for offer in slot.offers):
            return True
        tags = {skill["tag"] for skill in profile.profile["languages"]} if profile else set()
        request = request_of(a.terms, a.customer, a.app)
        return any(tags.issuperset(each.pair) for each in services(request, self.languages))


def _shown(caller: Caller, contest: Contest) -> cm.Contest:
    view = life.view(contest, staff=caller.staff)
    return msgspec.convert(view, cm.Contest)
