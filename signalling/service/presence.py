"""presence.*: what interpreters say of themselves, and what others may know of it."""

import msgspec

from signalling.core import availability
from signalling.core.availability import Availability
from signalling.core.effects import Key, Tell
from signalling.core.events import Close, Connect, Drop, SetStatus
from signalling.core.slot import OVER
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import Forbidden, InvalidParams, NotFound
from signalling.markets import Market, Markets
from signalling.protocol.messages import presence as pm
from signalling.protocol.messages.common import milliseconds
from signalling.service import access
from signalling.service.call import Call, Caller, Handler, Session
from signalling.service.carriage import PolicyOf
from signalling.service.lists import Lists, Window
from signalling.translate import kept_position, refusals


class Presence:
    """Handlers of presence.*, and the sockets of interpreters."""

    def __init__(self, engine: Engine, lists: Lists, markets: Markets, policy_of: PolicyOf) -> None:
        self.engine = engine
        self.lists = lists
        self.markets = markets
        self.policy_of = policy_of
        self.handlers: dict[str, Handler] = {
            "presence.set": self.set,
            "presence.log": self.log,
            "presence.watch": self.watch,
            "presence.summary": self.summary,
        }

    async def set(self, call: Call, params: pm.PresenceSetParams) -> pm.PresenceSetResult:
        """Take what an interpreter wishes; staff may only set somebody away or offline."""
        caller = call.caller
        who = access.own_or_staff(caller, params.interpreter)
        if caller.role != "interpreter":
            access.check_manages_interpreters(caller)
            if params.status not in ("away", "offline"):
                raise Forbidden("only interpreters themselves become available or busy")
            (profile,) = await self.engine.read(caller.marketplace, Key("interpreter", who))
            if profile is None:
                raise NotFound("no such interpreter", path="interpreter")
        until_ms = None if params.until is None else milliseconds(params.until)
        if until_ms is not None and until_ms <= self.engine.clock.now_ms():
            raise InvalidParams("this time is over", path="until")
        position = kept_position(params.position, exact=params.exact_location)
        checked = (await self.policy_of(caller.app)).device_check
        event = SetStatus(params.status, params.modes, position, until_ms, checked, params.push)
        key = Key("availability", who)
        outcome = await self.engine.handle(caller.marketplace, Tell(key, event))
        return pm.PresenceSetResult(presence=shown(outcome.records[key]))

    async def log(self, call: Call, params: pm.PresenceLogParams) -> pm.PresenceLogResult:
        """Return when an interpreter was available, newest first."""
        who = access.own_or_staff(call.caller, params.interpreter)
        if call.caller.role != "interpreter":
            access.check_manages_interpreters(call.caller)
        window = Window(
            None if params.since is None else milliseconds(params.since),
            None if params.until is None else milliseconds(params.until),
            params.limit,
            params.cursor,
        )
        entries, more = await self.lists.log(call.caller.marketplace, f"presence:{who}", window)
        return pm.PresenceLogResult(
            entries=tuple(
                pm.PresenceLogEntry(at=rfc3339(e["at_ms"]), status=e["status"]) for e in entries
            ),
            next=more,
        )

    async def watch(self, call: Call, params: pm.PresenceWatchParams) -> pm.PresenceWatchResult:
        """Return how those stand whom the caller may watch; the socket subscribes to them."""
        caller = call.caller
        await self._check_may_watch(caller, params.interpreters)
        market = await self.markets.get(caller.marketplace) if params.summary else None
        return pm.PresenceWatchResult(
            presence=await self.current(caller, params.interpreters),
            summary=None if market is None else pair_counts(market),
        )

    async def _check_may_watch(self, caller: Caller, interpreters: tuple[str, ...]) -> None:
        """Let staff watch anybody, customers whoever works for them now, others themselves."""
        if caller.staff:
            return
        allowed: set[str | None] = {caller.user} if caller.role == "interpreter" else set()
        if caller.role == "customer" and interpreters:
            page = await self.lists.page(caller.marketplace, f"assignments:{caller.address}")
            keys = [Key("assignment", a) for a in page.ids]
            for a in await self.engine.read(caller.marketplace, *keys):
                if a is not None and a.state not in OVER:
                    allowed |= {slot.interpreter for slot in a.slots}
        for index, who in enumerate(interpreters):
            if who not in allowed:
                raise NotFound("no such interpreter", path=f"interpreters.{index}")

    async def summary(
        self, call: Call, params: pm.PresenceSummaryParams
    ) -> pm.PresenceSummaryResult:
        """Count who is available, by language pair and mode."""
        market = await self.markets.get(call.caller.marketplace)
        language = params.language
        if language is not None:
            with refusals("language"):
                language = self.markets.tables.languages.resolve(language).tag
        return pm.PresenceSummaryResult(
            pairs=tuple(
                each
                for each in pair_counts(market)
                if (language is None or language in (each.languages.from_, each.languages.to))
                and (params.mode is None or each.modes.get(params.mode))
            ),
            available=market.available,
            server_time=rfc3339(self.engine.clock.now_ms()),
        )

    async def current(
        self, caller: Caller, interpreters: tuple[str, ...]
    ) -> tuple[pm.Presence, ...]:
        """Return the availability of several interpreters as it is."""
        keys = [Key("availability", who) for who in interpreters]
        return tuple(shown(found) for found in await self.engine.read(caller.marketplace, *keys))

    async def connected(self, caller: Caller, session: Session) -> None:
        """Let an interpreter's availability know of a live socket."""
        await self._tell(caller, Connect(session.id, session.epoch))

    async def dropped(self, caller: Caller, session: Session) -> None:
        await self._tell(caller, Drop(session.id, session.epoch))

    async def closed(self, caller: Caller, session: Session) -> None:
        await self._tell(caller, Close(session.id))

    async def _tell(self, caller: Caller, event: Connect | Drop | Close) -> None:
        if caller.role == "interpreter":
            key = Key("availability", caller.user)
            await self.engine.handle(caller.marketplace, Tell(key, event))


def pair_counts(market: Market) -> tuple[pm.PairCount, ...]:
    """Return how many are available for each pair of languages, sorted."""
    return msgspec.convert(market.pair_counts(), tuple[pm.PairCount, ...])


def shown(record: Availability) -> pm.Presence:
    return msgspec.convert(availability.view(record), pm.Presence)
