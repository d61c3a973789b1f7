"""meeting.negotiate, device.check and device.ice: what carries the media, and how it fares."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from signalling.core import views
from signalling.core.effects import CarrierOption, Key, Tell
from signalling.core.events import Checked
from signalling.core.policy import Policy
from signalling.core.room import Meeting, Participant
from signalling.core.room_events import Path
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import IllegalTransition, InvalidParams, NotFound, Unavailable
from signalling.ids import mint
from signalling.protocol.messages import device as dm
from signalling.protocol.messages import meeting as mm
from signalling.protocol.messages import negotiation as nm
from signalling.service.call import Call, Caller, Handler, Session
from signalling.service.records import MeetingRecords

PolicyOf = Callable[[str], Awaitable[Policy]]
STEPS: Final = ("offer", "want", "subscribe", "answer", "state")


class Ask(Protocol):
    """Ask a media node (`store.calls.Calls.ask`)."""

    async def __call__(
        self, marketplace: str, node: str, method: str, params: Mapping[str, Any], /
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Ice:
    """Gives out STUN and TURN servers.

    *make* (user, now in s, meeting) returns them with fresh credentials, and their end in s.
    """

    make: Callable[[str, float, str | None], tuple[list[dict[str, Any]], float]]
    now_ms: Callable[[], int]

    def servers(self, user: str, meeting: str | None) -> tuple[tuple[dm.IceServer, ...], float]:
        made, until_s = self.make(user, self.now_ms() / 1000, meeting)
        return msgspec.convert(made, tuple[dm.IceServer, ...]), until_s


class Carriage:
    """Handlers of what concerns media. *nodes* gives the media nodes that live."""

    def __init__(
        self, engine: Engine, ice: Ice, ask: Ask, nodes: Callable[[], tuple[CarrierOption, ...]]
    ) -> None:
        self.engine = engine
        self.records = MeetingRecords(engine)
        self.ice = ice
        self.ask = ask
        self.nodes = nodes
        self.handlers: dict[str, Handler] = {
            "meeting.negotiate": self.negotiate,
            "device.check": self.check,
            "device.ice": self.give_ice,
        }

    # --- meetings -----------------------------------------------------------------------------

    async def negotiate(
        self, call: Call, params: nm.MeetingNegotiateParams
    ) -> nm.MeetingNegotiateResult:
        """Take a step towards the carrier, or hear how a leg fares."""
        _check_step(params)
        session = call.require_session()
        m = await self.records.read(call, params.meeting)
        if params.state is not None:
            return await self._fares(call.caller, session, params)
        mine = _inside(m, call.caller, session)
        if m.carrier is None or m.carrier.id != params.carrier:
            raise IllegalTransition("the meeting is not carried there any more", path="carrier")
        step = {name: msgspec.to_builtins(getattr(params, name)) for name in STEPS}
        told = {"meeting": m.id, "participant": mine.id, "kind": m.carrier.kind, **step}
        node = m.carrier.node
        answer = await self.ask(call.caller.marketplace, node, "negotiate", told)
        return msgspec.convert(answer, nm.MeetingNegotiateResult)

    async def _fares(
        self, caller: Caller, session: Session, params: nm.MeetingNegotiateParams
    ) -> nm.MeetingNegotiateResult:
        event = Path(
            caller.address,
            session.id,
            params.peer or "",
            params.state or "",
            None if params.took_ms is None else round(params.took_ms),
            params.reason,
        )
        m = await self.records.tell(caller, params.meeting, event)
        return nm.MeetingNegotiateResult(
            topology=msgspec.convert(m.topology, mm.Topology), carrier=carrier_of(m)
        )

    async def give_ice(self, call: Call, params: dm.DeviceIceParams) -> dm.DeviceIceResult:
        """Give fresh credentials, for a meeting that one is in or a device check."""
        if params.meeting is not None:
            m = await self.records.read(call, params.meeting)
            if all(p.address != call.caller.address for p in m.inside):
                raise NotFound("you are not in this meeting", path="meeting")
        servers, until_s = self.ice.servers(call.caller.user, params.meeting)
        return dm.DeviceIceResult(ice_servers=servers, expires_at=rfc3339(int(until_s * 1000)))

    # --- device checks ------------------------------------------------------------------------

    async def check(self, call: Call, params: dm.DeviceCheckParams) -> dm.DeviceCheckResult:
        """Send somebody's own media back to them; then say how it was."""
        if (params.offer is None) == (params.check is None):
            raise InvalidParams("either offer or check", path="offer")
        if params.offer is not None:
            return await self._begin_check(call.caller, params.offer.sdp)
        return await self._end_check(call.caller, params.check or "", params.seen)

    async def _begin_check(self, caller: Caller, sdp: str) -> dm.DeviceCheckResult:
        free = [n for n in self.nodes() if n.kind == "relay" and n.load < 1]
        if not free:
            raise Unavailable("there is no media node to check with now")
        node = min(free, key=lambda n: n.load).node
        check = f"{node}.{mint('ck')}"
        told = {"check": check, "user": caller.address, "sdp": sdp}
        answer = await self.ask(caller.marketplace, node, "check", told)
        servers, _ = self.ice.servers(caller.user, None)
        return dm.DeviceCheckResult(
            check=check, answer=dm.CheckAnswer(sdp=answer["sdp"]), ice_servers=servers
        )

    async def _end_check(
        self, caller: Caller, check: str, seen: dm.Seen | None
    ) -> dm.DeviceCheckResult:
        node = check.partition(".")[0]
        if all(n.node != node for n in self.nodes()):
            raise NotFound("no such check", path="check")
        told = {"check": check, "user": caller.address, "seen": msgspec.to_builtins(seen)}
        verdict = await self.ask(caller.marketplace, node, "checked", told)
        result = msgspec.convert({"check": check, **verdict}, dm.DeviceCheckResult)
        if caller.role == "interpreter":
            event = Checked(passed=result.verdict != "bad")
            key = Key("availability", caller.user)
            await self.engine.handle(caller.marketplace, Tell(key, event))
        return result


def carrier_of(m: Meeting) -> mm.Carrier | None:
    """Return what carries a meeting, as its participants see it."""
    return msgspec.convert(m.carrier and views.carrier(m.carrier), mm.Carrier | None)


def _check_step(params: nm.MeetingNegotiateParams) -> None:
    """Refuse what is no step, or two."""
    said = [name for name in STEPS if getattr(params, name) is not None]
    if said not in (["offer"], ["offer", "want"], *([s] for s in STEPS[1:])):
        raise InvalidParams("one step: offer, want, subscribe, answer or state", path="offer")
    if "state" in said and params.peer is None:
        raise InvalidParams("with whom", path="peer")
    if "state" not in said and params.carrier is None:
        raise InvalidParams("which carrier", path="carrier")


def _inside(m: Meeting, caller: Caller, session: Session) -> Participant:
    for p in m.inside:
        if p.session == session.id and p.address == caller.address:
            return p
    raise NotFound("you are not in this meeting", path="meeting")
