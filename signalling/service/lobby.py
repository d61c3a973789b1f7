"""meeting.invite, meeting.remove and meeting.transfer: who else may be in it."""

from collections.abc import Awaitable, Callable
from typing import Final

from signalling.core import address
from signalling.core.effects import Key, Tell
from signalling.core.events import Party, Transfer
from signalling.core.room import Meeting
from signalling.core.room_events import HandOver, Invite, Remove
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import InvalidParams, NotFound
from signalling.ids import mint
from signalling.protocol.messages import meeting as mm
from signalling.service.call import Call, Caller, Handler
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.meetings import shown
from signalling.service.records import MeetingRecords

# Signs a guest's token: app, user, name, meeting, seconds.
Sign = Callable[[str, str, str, str, int], Awaitable[str]]
NAMELESS: Final = "Guest"


class Lobby:
    """Handlers of who is let in or put out; *sign* makes guests' tokens."""

    def __init__(self, engine: Engine, sign: Sign) -> None:
        self.engine = engine
        self.records = MeetingRecords(engine)
        self.sign = sign
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "meeting.invite": self.invite,
            "meeting.remove": self.remove,
            "meeting.transfer": self.transfer,
        }

    async def invite(self, call: Call, params: mm.MeetingInviteParams) -> mm.MeetingInviteResult:
        """Make a link that one guest can use once, until it expires."""
        caller = call.caller
        m = await self.records.read(call, params.meeting)
        now_ms = self.engine.clock.now_ms()

        async def create(remember: Remembering) -> str:
            user, until_ms = mint("gu"), now_ms + params.expires_s * 1000
            guest = Party(address.guest(m.id, user), "guest", params.name or NAMELESS)
            event = Invite(caller.address, guest, until_ms)
            made = f"{user} {until_ms}"
            await self.engine.handle(
                caller.marketplace, Tell(Key("meeting", m.id), event), *remember(made)
            )
            return made

        made = await self.idempotency.once(caller, "meeting.invite", params, create)
        user, _, until_ms = made.partition(" ")
        # The link is to be opened in time; the meeting may last longer than that.
        life_s = max(0, max(int(until_ms), m.until_ms) - now_ms) // 1000
        token = await self.sign(m.app, user, params.name or NAMELESS, m.id, life_s)
        return mm.MeetingInviteResult(
            guest=user,
            token=token,
            path=f"/meet#invite={token}",
            expires_at=rfc3339(int(until_ms)),
        )

    async def remove(self, call: Call, params: mm.MeetingRemoveParams) -> mm.MeetingRemoveResult:
        """Put somebody out; they may not come back."""
        caller = call.caller
        await self.records.read(call, params.meeting)
        event = Remove(caller.address, params.participant, params.reason or "removed")
        return mm.MeetingRemoveResult(
            meeting=shown(await self.records.tell(caller, params.meeting, event), caller)
        )

    async def transfer(
        self, call: Call, params: mm.MeetingTransferParams
    ) -> mm.MeetingTransferResult:
        """Hand the meeting to another interpreter, who comes before the other goes."""
        caller = call.caller
        m = await self.records.read(call, params.meeting)

        async def create(remember: Remembering) -> str:
            if m.assignment is not None:
                event = Transfer(caller.address, params.to, params.reason)
                tell = Tell(Key("assignment", m.assignment), event)
            else:
                tell = Tell(Key("meeting", m.id), await self._hand_over(caller, m, params.to))
            await self.engine.handle(caller.marketplace, tell, *remember(m.id))
            return m.id

        await self.idempotency.once(caller, "meeting.transfer", params, create)
        # whoever hands over to somebody who is connected already is out by now
        (now,) = await self.engine.read(caller.marketplace, Key("meeting", m.id))
        return mm.MeetingTransferResult(meeting=shown(now, caller))

    async def _hand_over(self, caller: Caller, m: Meeting, to: str | None) -> HandOver:
        """Return the event that lets *to* take over from the interpreter of the meeting."""
        if to is None:
            raise InvalidParams("a meeting without an assignment: name an interpreter", path="to")
        (profile,) = await self.engine.read(caller.marketplace, Key("interpreter", to))
        if profile is None:
            raise NotFound("no such interpreter", path="to")
        coming = {h.coming for h in m.handovers}
        leaving = [p.address for p in m.parties if p.role == "interpreter"]
        leaving = [who for who in leaving if who not in coming]
        if caller.role == "interpreter":
            leaving = [caller.address]
        if len(leaving) != 1:
            raise InvalidParams("there is not one interpreter to take over from", path="meeting")
        name = str(profile.profile.get("name", ""))
        successor = Party(address.interpreter(to), "interpreter", name)
        return HandOver(caller.address, successor, *leaving)
