"""offer.*: what rings at an interpreter, and their answer."""

import msgspec

from signalling.core import address, views
from signalling.core.effects import Key, Tell
from signalling.core.events import Accept, Ack, Decline
from signalling.core.slot import Assignment
from signalling.core.times import rfc3339, rfc3339_or_none
from signalling.engine import Engine
from signalling.errors import NotFound
from signalling.ids import assignment_of, mint
from signalling.protocol.messages import assignment as am
from signalling.protocol.messages import offer as om
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.lists import Lists


class Offers:
    """Handlers of offer.*."""

    def __init__(self, engine: Engine, lists: Lists) -> None:
        self.engine = engine
        self.lists = lists
        self.handlers: dict[str, Handler] = {
            "offer.list": self.list,
            "offer.ack": self.ack,
            "offer.accept": self.accept,
            "offer.decline": self.decline,
        }

    async def list(self, call: Call, params: om.OfferListParams) -> om.OfferListResult:
        """Return the offers that ring now, with the time that is left."""
        who = access.own_or_staff(call.caller, params.interpreter)
        return om.OfferListResult(offers=await self.pending(call.caller, who))

    async def pending(self, caller: Caller, interpreter: str) -> tuple[om.Offer, ...]:
        """Return an interpreter's ringing offers, oldest first; staff see their app's only.

        Of more than a list holds, the newest: letters, however many, hide nothing that rings.
        """
        name = f"offers:{address.interpreter(interpreter)}"
        page = await self.lists.page(caller.marketplace, name)
        keys = [Key("assignment", a) for a in reversed(page.ids)]
        found: list[Assignment | None] = await self.engine.read(caller.marketplace, *keys)
        staff = caller.role != "interpreter"
        now_ms = self.engine.clock.now_ms()
        return tuple(
            self._offer(offer.made, str(offer.state))
            for a in found
            if a is not None and not (staff and a.app != caller.app)
            for slot in a.slots
            for offer in slot.ringing
            if offer.interpreter == interpreter and offer.expires_ms > now_ms
        )

    def _offer(self, made: object, state: str) -> om.Offer:
        now = rfc3339(self.engine.clock.now_ms())
        fields = {**msgspec.convert(made, dict), "state": state, "server_time": now}
        return msgspec.convert(fields, om.Offer)

    async def ack(self, call: Call, params: om.OfferAckParams) -> om.OfferAckResult:
        event = Ack(params.offer, call.caller.user, params.seen)
        a = await self._answer(call.caller, params.offer, event)
        return om.OfferAckResult(offer=params.offer, state=_state(a, params.offer))

    async def accept(self, call: Call, params: om.OfferAcceptParams) -> om.OfferAcceptResult:
        """Take the work; a letter may have outlasted the profile of whom it was for."""
        await self._check_registered(call.caller, params.offer)
        event = Accept(params.offer, call.caller.user, mint("me"))
        a = await self._answer(call.caller, params.offer, event)
        slot = next(s for s in a.slots if any(o.id == params.offer for o in s.offers))
        return om.OfferAcceptResult(
            assignment=msgspec.convert(views.assignment(a, "interpreter"), am.Assignment),
            meeting=a.meeting,
            hold_until=rfc3339_or_none(slot.until_ms) if slot.state == "held" else None,
        )

    async def _check_registered(self, caller: Caller, offer: str) -> None:
        """Refuse a letter to who was removed; at whom an offer rings cannot be."""
        if await self._is_letter(caller, offer):
            (profile,) = await self.engine.read(caller.marketplace, Key("interpreter", caller.user))
            if profile is None:
                raise NotFound("no such offer", path="offer")

    async def _is_letter(self, caller: Caller, offer: str) -> bool:
        """Say whether an offer is a letter: for good, so where it is known, that will do."""
        key = Key("assignment", assignment_of(offer))
        for recalls in (True, False):
            seen = await self.engine.look(caller.marketplace, key, recalls=recalls)
            a: Assignment | None = seen.records[key]
            for each in (o for s in (a.slots if a else ()) for o in s.offers):
                if each.id == offer:
                    return each.letter
        return False

    async def decline(self, call: Call, params: om.OfferDeclineParams) -> om.OfferDeclineResult:
        event = Decline(params.offer, call.caller.user, params.reason)
        a = await self._answer(call.caller, params.offer, event)
        return om.OfferDeclineResult(offer=params.offer, state=_state(a, params.offer))

    async def _answer(
        self, caller: Caller, offer: str, event: Ack | Accept | Decline
    ) -> Assignment:
        id_ = assignment_of(offer)
        if not id_:
            raise NotFound("no such offer", path="offer")
        outcome = await self.engine.handle(caller.marketplace, Tell(Key("assignment", id_), event))
        a: Assignment = outcome.of("assignment", id_)
        return a


def _state(a: Assignment, offer: str) -> am.OfferState:
    state = next(o.state for s in a.slots for o in s.offers if o.id == offer)
    shown: am.OfferState = msgspec.convert(str(state), am.OfferState)
    return shown
