"""feedback.*: what the parties think of the work."""

from signalling.core.effects import Key, Tell
from signalling.core.events import Rate
from signalling.core.slot import Assignment
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.protocol.messages import feedback as fm
from signalling.service import access
from signalling.service.call import Call, Handler
from signalling.service.idempotency import Idempotency, Remembering


class Feedback:
    """Handlers of feedback.*."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {"feedback.rate": self.rate}

    async def rate(self, call: Call, params: fm.FeedbackRateParams) -> fm.FeedbackRateResult:
        """Keep what the customer thinks of the interpreter; the newest rating counts."""
        caller = call.caller
        key = Key("assignment", params.assignment)
        (found,) = await self.engine.read(caller.marketplace, key)
        access.check_assignment(caller, found)

        async def rate(remember: Remembering) -> str:
            event = Rate(caller.address, params.stars, params.text)
            await self.engine.handle(caller.marketplace, Tell(key, event), *remember(key.id))
            return key.id

        await self.idempotency.once(caller, "feedback.rate", params, rate)
        a: Assignment
        (a,) = await self.engine.read(caller.marketplace, key)
        slot, rating = next((s, s.rating) for s in a.slots if s.rating is not None)
        return fm.FeedbackRateResult(
            assignment=a.id,
            interpreter=slot.interpreter or "",
            stars=rating.stars,
            rated_at=rfc3339(rating.at_ms),
        )
