"""feedback.rate and feedback.standing: what the sides think of each other, and what counts."""

from signalling.core import standing as life
from signalling.core.effects import Key, Tell
from signalling.core.events import Rate
from signalling.core.profile import Profile
from signalling.core.ratings import rated_by
from signalling.core.slot import Assignment
from signalling.core.standing import Standing
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import NotFound
from signalling.protocol.messages import feedback as fm
from signalling.service import access
from signalling.service.call import Call, Handler
from signalling.service.carriage import PolicyOf
from signalling.service.idempotency import Idempotency, Remembering


class Feedback:
    """Handlers of feedback.rate and feedback.standing."""

    def __init__(self, engine: Engine, policy_of: PolicyOf) -> None:
        self.engine = engine
        self.policy_of = policy_of
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "feedback.rate": self.rate,
            "feedback.standing": self.standing,
        }

    async def rate(self, call: Call, params: fm.FeedbackRateParams) -> fm.FeedbackRateResult:
        """Keep what one side thinks of the other; the newest rating counts."""
        caller = call.caller
        own = caller.role == "interpreter"
        key = Key("assignment", params.assignment)
        (found,) = await self.engine.read(caller.marketplace, key)
        access.check_assignment(caller, found)
        who = access.named(caller, params.interpreter)
        event = Rate(caller.address, params.stars, params.text, who)

        async def rate(remember: Remembering) -> str:
            await self.engine.handle(caller.marketplace, Tell(key, event), *remember(key.id))
            return key.id

        await self.idempotency.once(caller, "feedback.rate", params, rate)
        a: Assignment
        (a,) = await self.engine.read(caller.marketplace, key)
        given = ((s, s.their_rating if own else s.rating) for s in rated_by(a, event))
        slot, rating = next((s, r) for s, r in given if r is not None)
        return fm.FeedbackRateResult(
            assignment=a.id,
            interpreter=None if own else slot.interpreter,
            stars=rating.stars,
            rated_at=rfc3339(rating.at_ms),
        )

    async def standing(
        self, call: Call, params: fm.FeedbackStandingParams
    ) -> fm.FeedbackStandingResult:
        """Return the no-shows of an interpreter, and what follows by the caller's app's rules."""
        caller = call.caller
        who = access.own_or_staff(caller, params.interpreter)
        if caller.role != "interpreter":
            access.check_manages_interpreters(caller)
        profile: Profile | None
        found: Standing
        profile, found = await self.engine.read(
            caller.marketplace, Key("interpreter", who), Key("standing", who)
        )
        if profile is None:
            raise NotFound("no such interpreter", path="interpreter")
        rules = (await self.policy_of(caller.app)).rules
        now_ms = self.engine.clock.now_ms()
        until_ms = found.suspended_until_ms
        suspended = until_ms is not None and until_ms > now_ms
        return fm.FeedbackStandingResult(
            no_shows=tuple(fm.NoShow(**each) for each in life.view(found.missed)),
            counted=len(found.counted(now_ms, rules.no_shows_days)),
            appeal=life.APPEAL,
            most=rules.no_shows_most,
            suspended_until=rfc3339(until_ms) if until_ms is not None and suspended else None,
        )
