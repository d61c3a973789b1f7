"""assignment.*: asking for an interpreter, and what becomes of it."""

from typing import Any, Final

import msgspec

from signalling.core import views
from signalling.core.effects import Key, Tell
from signalling.core.events import Cancel, Complete, Create, Update
from signalling.core.slot import OVER, Assignment
from signalling.engine import Engine
from signalling.errors import Conflict, InvalidParams, Unavailable
from signalling.ids import mint
from signalling.protocol.messages import assignment as am
from signalling.protocol.messages.common import milliseconds
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.lists import Lists, Window
from signalling.service.terms import Admission

ATTEMPTS: Final = 10  # of a change whose ground moves, as when offers go out meanwhile


class Assignments:
    """Handlers of assignment.*."""

    def __init__(self, engine: Engine, lists: Lists, admission: Admission) -> None:
        self.engine = engine
        self.lists = lists
        self.admission = admission
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "assignment.create": self.create,
            "assignment.get": self.get,
            "assignment.list": self.list,
            "assignment.update": self.update,
            "assignment.cancel": self.cancel,
            "assignment.complete": self.complete,
        }

    async def create(
        self, call: Call, params: am.AssignmentCreateParams
    ) -> am.AssignmentCreateResult:
        """Take a request; offers go out as soon as it is committed."""
        caller = call.caller
        customer = access.customer_of(caller, params.customer)
        if customer is None:
            raise InvalidParams("say for which customer", path="customer")
        terms = self.admission.terms(caller, params)

        async def create(remember: Remembering) -> str:
            id_ = mint("as")
            self.admission.count_ask(caller, customer)
            key = Key("assignment", id_)
            await self.engine.handle(
                caller.marketplace,
                Tell(key, Create(id_, caller.app, customer, terms)),
                *remember(id_),
                fresh=(key,),
            )
            return id_

        made = await self.idempotency.once(caller, "assignment.create", params, create)
        found, version = await self._look(caller, made)
        return am.AssignmentCreateResult(assignment=shown(caller, found, version))

    async def get(self, call: Call, params: am.AssignmentGetParams) -> am.AssignmentGetResult:
        found, version = await self._look(call.caller, params.assignment)
        return am.AssignmentGetResult(assignment=shown(call.caller, found, version))

    async def list(self, call: Call, params: am.AssignmentListParams) -> am.AssignmentListResult:
        """Return the caller's assignments, staff their app's, newest first."""
        caller = call.caller
        name = f"assignments:{caller.address}"
        if caller.staff:
            owner = f"a:{caller.app}" if params.customer is None else None
            name = f"assignments:{owner or f'c:{caller.app}:{params.customer}'}"
        elif params.customer is not None:
            raise InvalidParams("only apps and operators name a customer", path="customer")
        window = Window(
            None if params.since is None else milliseconds(params.since),
            None if params.until is None else milliseconds(params.until),
            params.limit,
            params.cursor,
        )
        page = await self.lists.page(caller.marketplace, name, window)
        keys = [Key("assignment", a) for a in page.ids]
        found: list[Assignment | None] = await self.engine.read(caller.marketplace, *keys)
        return am.AssignmentListResult(
            assignments=tuple(
                shown(caller, a)
                for a in found
                if a is not None and (params.states is None or a.state in params.states)
            ),
            next=page.next,
        )

    async def update(
        self, call: Call, params: am.AssignmentUpdateParams
    ) -> am.AssignmentUpdateResult:
        """Change the terms, which are then offered anew, or only the note."""
        caller = call.caller
        for attempt in range(ATTEMPTS):
            old, seen = await self._look(caller, params.assignment)
            changes = self.admission.changes(old, params)
            if attempt == 0 and changes.keys() != {"note"}:  # other terms ring people anew
                self.admission.count_ask(caller, old.customer)
            update = Update(caller.address, changes)
            try:  # what was checked must still be so when it is written
                a, version = await self._tell(caller, old.id, update, params.version or seen)
            except Conflict:
                if params.version is not None:
                    raise
            else:
                return am.AssignmentUpdateResult(assignment=shown(caller, a, version))
        raise Unavailable("too many changes at once; try again")

    async def cancel(
        self, call: Call, params: am.AssignmentCancelParams
    ) -> am.AssignmentCancelResult:
        caller = call.caller
        await self._look(caller, params.assignment)
        cancel = Cancel(caller.address, params.reason)
        a, version = await self._tell(caller, params.assignment, cancel)
        return am.AssignmentCancelResult(assignment=shown(caller, a, version))

    async def complete(
        self, call: Call, params: am.AssignmentCompleteParams
    ) -> am.AssignmentCompleteResult:
        """Say that the work is done; called again, that its wrap-up is."""
        caller = call.caller
        await self._look(caller, params.assignment)
        minutes = None
        if params.started_at is not None and params.ended_at is not None:
            spent = (params.ended_at - params.started_at).total_seconds()
            if not 0 <= spent <= 86_400:
                raise InvalidParams("it ends before it starts, or a day after", path="ended_at")
            minutes = round(spent / 60)
        complete = Complete(caller.address, minutes)
        a, version = await self._tell(caller, params.assignment, complete)
        return am.AssignmentCompleteResult(assignment=shown(caller, a, version))

    async def current(self, caller: Caller) -> tuple[am.Assignment, ...]:
        """Return the caller's assignments that are not over, newest first."""
        page = await self.lists.page(
            caller.marketplace, f"assignments:{caller.address}", Window(limit=50)
        )
        keys = [Key("assignment", a) for a in page.ids]
        found = await self.engine.read(caller.marketplace, *keys)
        return tuple(shown(caller, a) for a in found if a is not None and a.state not in OVER)

    async def _look(self, caller: Caller, assignment: str) -> tuple[Assignment, int]:
        key = Key("assignment", assignment)
        outcome = await self.engine.look(caller.marketplace, key)
        return access.check_assignment(caller, outcome.records[key]), outcome.versions[key]

    async def _tell(
        self, caller: Caller, assignment: str, event: object, version: int | None = None
    ) -> tuple[Assignment, int]:
        key = Key("assignment", assignment)
        expect = {} if version is None else {key: version}
        outcome = await self.engine.handle(caller.marketplace, Tell(key, event), expect=expect)
        return outcome.records[key], outcome.versions[key]


def shown(caller: Caller, a: Assignment, version: int | None = None) -> am.Assignment:
    view: dict[str, Any] = views.assignment(a, access.audience(caller))
    if version is not None:
        view["version"] = version
    return msgspec.convert(view, am.Assignment)
