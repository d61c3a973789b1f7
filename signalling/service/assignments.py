"""assignment.*: asking for an interpreter, and what becomes of it."""

import asyncio
from typing import Any, Final

import msgspec

from signalling.core import audit, views
from signalling.core.effects import Key, Tell
from signalling.core.events import Cancel, Complete, Update
from signalling.core.slot import OVER, Assignment
from signalling.core.times import rfc3339
from signalling.engine import Engine, Outcome
from signalling.errors import Conflict, InvalidParams, Unavailable
from signalling.protocol.messages import assignment as am
from signalling.protocol.messages.common import milliseconds
from signalling.service import access, hours
from signalling.service.call import Call, Caller, Handler
from signalling.service.carriage import PolicyOf
from signalling.service.creation import creations
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.lists import Lists, Window
from signalling.service.terms import Admission

CURRENT_MOST: Final = 50  # of the bookings, and of the newest, that a snapshot looks at
LATELY_MS: Final = 2 * 86_400_000  # the longest work has ended so long after its start
HISTORY_MOST: Final = 3_000  # entries of an answer, some 500 KB: a socket queues twice that
ATTEMPTS: Final = 10  # of a change whose ground moves, as when offers go out meanwhile


class Assignments:
    """Handlers of assignment.*."""

    def __init__(
        self, engine: Engine, lists: Lists, admission: Admission, policy_of: PolicyOf
    ) -> None:
        self.engine = engine
        self.policy_of = policy_of
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
        rules = (await self.policy_of(caller.app)).rules
        asks = creations(self.admission, caller, customer, params, rules)

        written: Outcome | None = None

        async def create(remember: Remembering) -> str:
            nonlocal written
            self.admission.count_ask(caller, customer)
            made, tells = asks()
            fresh = tuple(tell.key for tell in tells)
            written = await self.engine.handle(
                caller.marketplace, *tells, *remember(made), fresh=fresh
            )
            return made

        made = await self.idempotency.once(caller, "assignment.create", params, create)
        found, version = await self._look(caller, made, written)
        return am.AssignmentCreateResult(assignment=shown(caller, found, version))

    async def get(self, call: Call, params: am.AssignmentGetParams) -> am.AssignmentGetResult:
        """Show one, with everything that happened to it if that is wanted."""
        caller = call.caller
        found, version = await self._look(caller, params.assignment)
        history = await self._history(caller, found) if params.history else None
        return am.AssignmentGetResult(assignment=shown(caller, found, version), history=history)

    async def _history(self, caller: Caller, a: Assignment) -> tuple[am.HistoryEntry, ...]:
        """Return what happened, as far as the caller may see it: interpreters, their own part."""
        name = audit.name(a.id)
        commits = await self.lists.whole_log(caller.marketplace, name, audit.MOST)
        own = caller.user if caller.role == "interpreter" else None
        audience = access.audience(caller)
        entries = [
            (rfc3339(each["at_ms"]), entry)
            for each in commits
            for entry in each["entries"]
            if own is None or audit.is_own(entry, own)
        ]
        return tuple(
            msgspec.convert(audit.view(at, entry, audience, a), am.HistoryEntry)
            for at, entry in entries[-HISTORY_MOST:]
        )

    async def list(self, call: Call, params: am.AssignmentListParams) -> am.AssignmentListResult:
        """Return the caller's assignments, staff their app's, newest or soonest first."""
        caller = call.caller
        owner = caller.address
        if caller.staff:
            named = params.customer and f"c:{caller.app}:{params.customer}"
            owner = named or f"a:{caller.app}"
        elif params.customer is not None:
            raise InvalidParams("only apps and operators name a customer", path="customer")
        by_start = not (params.starts_from is None and params.starts_before is None)
        if by_start and not (params.since is None and params.until is None):
            raise InvalidParams("by creation or by start, not by both", path="since")
        since, until = params.since, params.until
        if by_start:
            since, until = params.starts_from, params.starts_before
        window = Window(
            None if since is None else milliseconds(since),
            None if until is None else milliseconds(until),
            params.limit,
            params.cursor,
        )
        name = f"{'starts' if by_start else 'assignments'}:{owner}"
        page = await self.lists.page(caller.marketplace, name, window, oldest_first=by_start)
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
        """Call it off, with those that follow in its series if that is wanted."""
        caller = call.caller
        found, _ = await self._look(caller, params.assignment)
        cancel = Cancel(caller.address, params.reason)
        others = await self._following(caller, found) if params.following else ()
        a, version = await self._tell(caller, found.id, cancel, others=others)
        return am.AssignmentCancelResult(assignment=shown(caller, a, version))

    async def _following(self, caller: Caller, a: Assignment) -> tuple[str, ...]:
        """Return the later ones of a series that concern the caller and are not over."""
        if a.series is None:
            raise InvalidParams("it is no part of a series", path="following")
        (series,) = await self.engine.read(caller.marketplace, Key("series", a.series.id))
        keys = [Key("assignment", id_) for id_ in series.members[a.series.index :]]
        found = await self.engine.read(caller.marketplace, *keys)
        return tuple(
            each.id
            for each in found
            if each.state not in OVER
            and (caller.role != "interpreter" or each.held_by(caller.address))
        )

    async def complete(
        self, call: Call, params: am.AssignmentCompleteParams
    ) -> am.AssignmentCompleteResult:
        """Say that the work is done; called again, that its wrap-up is."""
        caller = call.caller
        found, _ = await self._look(caller, params.assignment)
        said = hours.said(found, caller.address, params, self.engine.clock.now_ms())
        complete = Complete(caller.address, said)
        a, version = await self._tell(caller, params.assignment, complete)
        return am.AssignmentCompleteResult(assignment=shown(caller, a, version))

    async def current(self, caller: Caller) -> tuple[am.Assignment, ...]:
        """Return the caller's assignments that are not over.

        Bookings first, the soonest foremost, however many were made later; then the newest.
        """
        lately = Window(since_ms=self.engine.clock.now_ms() - LATELY_MS, limit=CURRENT_MOST)
        pages = await asyncio.gather(
            self.lists.page(
                caller.marketplace, f"starts:{caller.address}", lately, oldest_first=True
            ),
            self.lists.page(
                caller.marketplace, f"assignments:{caller.address}", Window(limit=CURRENT_MOST)
            ),
        )
        ids = dict.fromkeys(id_ for page in pages for id_ in page.ids)
        found = await self.engine.read(caller.marketplace, *(Key("assignment", i) for i in ids))
        return tuple(shown(caller, a) for a in found if a is not None and a.state not in OVER)

    async def _look(
        self, caller: Caller, assignment: str, written: Outcome | None = None
    ) -> tuple[Assignment, int]:
        """Return an assignment and its version: as *written* just now, else as it is."""
        key = Key("assignment", assignment)
        outcome = written or await self.engine.look(caller.marketplace, key)
        return access.check_assignment(caller, outcome.records[key]), outcome.versions[key]

    async def _tell(
        self,
        caller: Caller,
        assignment: str,
        event: object,
        version: int | None = None,
        others: tuple[str, ...] = (),
    ) -> tuple[Assignment, int]:
        key = Key("assignment", assignment)
        expect = {} if version is None else {key: version}
        tells = [Tell(key, event), *(Tell(Key("assignment", id_), event) for id_ in others)]
        outcome = await self.engine.handle(caller.marketplace, *tells, expect=expect)
        return outcome.records[key], outcome.versions[key]


def shown(caller: Caller, a: Assignment, version: int | None = None) -> am.Assignment:
    view: dict[str, Any] = views.assignment(a, access.audience(caller), caller.user)
    if version is not None:
        view["version"] = version
    return msgspec.convert(view, am.Assignment)
