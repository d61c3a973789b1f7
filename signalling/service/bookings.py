"""assignment.*: who could take a booking, whom the customer chooses, and who is on site."""

from matching.eligibility import Judge
from matching.types import Presence, Reason
from signalling.core.booking_events import CheckIn, Confirm, Interest
from signalling.core.effects import Key, Tell
from signalling.core.events import Candidate
from signalling.core.slot import Assignment, SlotState
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import NotEligible, NotFound
from signalling.ids import mint_offer
from signalling.markets import Market, Markets
from signalling.protocol.messages import booking as bm
from signalling.service import access
from signalling.service.assignments import shown
from signalling.service.call import Call, Caller, Handler
from signalling.showing import seen_by_them
from signalling.translate import OWN, UNNAMED, interpreter_of, kept_position, request_of


class Bookings:
    """Handlers of what happens to bookings between asking and meeting."""

    def __init__(self, engine: Engine, markets: Markets) -> None:
        self.engine = engine
        self.markets = markets
        self.handlers: dict[str, Handler] = {
            "assignment.interest": self.interest,
            "assignment.confirm": self.confirm,
            "assignment.check_in": self.check_in,
        }

    async def interest(
        self, call: Call, params: bm.AssignmentInterestParams
    ) -> bm.AssignmentInterestResult:
        """Note that an interpreter could take it, if every rule lets them; or no more."""
        caller = call.caller
        a: Assignment | None
        (a,) = await self.engine.read(caller.marketplace, Key("assignment", params.assignment))
        market = await self.markets.get(caller.marketplace)
        if a is None or caller.user not in market.profiles:
            raise NotFound("no such assignment", path="assignment")
        if params.interested and any(s.state is SlotState.GATHERING for s in a.slots):
            self._check_fits(market, a, caller.user)
        pair = (a.terms["languages"]["from"], a.terms["languages"]["to"])
        card = market.card(caller.user, pair)
        event = Interest(caller.user, params.interested, mint_offer(a.id), card)
        new = await self._tell(caller, a.id, event)
        until_ms = new.interest_until_ms or self.engine.clock.now_ms()
        return bm.AssignmentInterestResult(
            assignment=a.id, interested=params.interested, until=rfc3339(until_ms)
        )

    def _check_fits(self, market: Market, a: Assignment, who: str) -> None:
        """Refuse who does not meet a rule, in words that tell of nobody else."""
        for reason in self._reasons(market, a, who):
            if reason.rule in UNNAMED - OWN:
                raise NotFound("no such assignment", path="assignment")
            raise NotEligible(f"it is not for you: {reason.text}", path="assignment")

    def _reasons(self, market: Market, a: Assignment, who: str) -> tuple[Reason, ...]:
        """Return what keeps somebody registered from a booking, by the rules as they are now."""
        tables = self.markets.tables
        judge = Judge(tables.languages, tables.qualifications, tables.travel)
        profile, agenda = interpreter_of(market.profiles[who]), market.population.agenda(who)
        request = seen_by_them(request_of(a.terms, a.customer, a.app), agenda)
        now_ms = self.engine.clock.now_ms()
        paused_ms = market.population.suspended.get(who, 0)
        presence = Presence(available=True, suspended_until_ms=paused_ms)
        return judge.check(profile, presence, request, now_ms, frozenset(), agenda).reasons

    async def confirm(
        self, call: Call, params: bm.AssignmentConfirmParams
    ) -> bm.AssignmentConfirmResult:
        """Take whom the customer chose of those who could, if they still can."""
        caller = call.caller
        a: Assignment | None
        (a,) = await self.engine.read(caller.marketplace, Key("assignment", params.assignment))
        a = access.check_assignment(caller, a)
        market = await self.markets.get(caller.marketplace)
        held = any(slot.interpreter == params.interpreter for slot in a.slots)  # then: a retry
        if not held and not self._still_fits(market, a, params.interpreter):
            raise NotEligible("they cannot take it any more", path="interpreter")
        could = next((i for i in a.interests if i.interpreter == params.interpreter), None)
        offer, card = (could.offer, could.card) if could else (mint_offer(a.id), {})
        candidate = Candidate(offer, params.interpreter, 0.0, 0.0, card, {})
        new = await self._tell(caller, a.id, Confirm(caller.address, candidate))
        return bm.AssignmentConfirmResult(assignment=shown(caller, new))

    def _still_fits(self, market: Market, a: Assignment, who: str) -> bool:
        """Say whether who could take it may by now: much may have changed since they said so."""
        return who in market.profiles and not self._reasons(market, a, who)

    async def check_in(
        self, call: Call, params: bm.AssignmentCheckInParams
    ) -> bm.AssignmentCheckInResult:
        """Let work on site begin; of where they are, a square kilometre is kept."""
        caller = call.caller
        (a,) = await self.engine.read(caller.marketplace, Key("assignment", params.assignment))
        access.check_assignment(caller, a)
        position = kept_position(params.position, exact=False)
        new = await self._tell(caller, params.assignment, CheckIn(caller.address, position))
        return bm.AssignmentCheckInResult(assignment=shown(caller, new))

    async def _tell(self, caller: Caller, assignment: str, event: object) -> Assignment:
        key = Key("assignment", assignment)
        outcome = await self.engine.handle(caller.marketplace, Tell(key, event))
        a: Assignment = outcome.records[key]
        return a
