"""meeting.* but for signals, which the sockets carry themselves; and device.ice."""

from collections.abc import Callable
from typing import Any

import msgspec

from signalling.core import views
from signalling.core.effects import Key, Tell
from signalling.core.events import (
    End,
    Join,
    Leave,
    Lock,
    Media,
    Message,
    Open,
    Party,
    SocketDropped,
    SocketResumed,
)
from signalling.core.room import Meeting, Participant
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import InvalidParams
from signalling.ids import mint
from signalling.protocol.messages import device as dm
from signalling.protocol.messages import meeting as mm
from signalling.service import access
from signalling.service.call import Call, Caller, Handler, Session
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.lists import Lists

IceServers = Callable[[str, float], tuple[list[dict[str, Any]], float]]


class Meetings:
    """Handlers of meeting.* and device.ice.

    *ice_servers* (user, now in s) returns the servers with fresh credentials, and their end in s.
    """

    def __init__(self, engine: Engine, lists: Lists, ice_servers: IceServers) -> None:
        self.engine = engine
        self.lists = lists
        self.ice_servers = ice_servers
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "meeting.create": self.create,
            "meeting.get": self.get,
            "meeting.join": self.join,
            "meeting.leave": self.leave,
            "meeting.end": self.end,
            "meeting.update": self.update,
            "meeting.message": self.message,
            "device.ice": self.ice,
        }

    async def create(self, call: Call, params: mm.MeetingCreateParams) -> mm.MeetingCreateResult:
        """Open a meeting for the people named."""
        caller = call.caller
        _check_invitees(params.participants)
        if params.assignment is not None:
            (found,) = await self.engine.read(
                caller.marketplace, Key("assignment", params.assignment)
            )
            access.check_assignment(caller, found)

        async def create(remember: Remembering) -> str:
            id_ = mint("me")
            parties = tuple(
                Party(access.party_address(caller.app, i.role, i.user, id_), i.role, i.name or "")
                for i in params.participants
            )
            opened = Open(id_, caller.app, "video", parties, params.assignment)
            await self.engine.handle(
                caller.marketplace, Tell(Key("meeting", id_), opened), *remember(id_)
            )
            return id_

        made = await self.idempotency.once(caller, "meeting.create", params, create)
        return mm.MeetingCreateResult(meeting=shown(await self._read(caller, made)))

    async def get(self, call: Call, params: mm.MeetingGetParams) -> mm.MeetingGetResult:
        return mm.MeetingGetResult(meeting=shown(await self._read(call.caller, params.meeting)))

    async def join(self, call: Call, params: mm.MeetingJoinParams) -> mm.MeetingJoinResult:
        """Enter, and learn whom to connect to and how. Joining twice is joining once."""
        caller, session = call.caller, call.require_session()
        event = Join(
            address=caller.address,
            participant=mint("pa"),
            session=session.id,
            epoch=session.epoch,
            name=params.name or caller.name,
            single_offerer="single-offerer" in session.capabilities,
        )
        said: list[Media] = []
        if params.media is not None:
            said.append(_media(caller, session.id, params.media, None))
        m = await self._tell(caller, params.meeting, event, *said)
        mine = next(p for p in m.inside if p.session == session.id)
        servers, _ = self._ice(caller)
        peers = [views.peer(mine, p) for p in m.inside if p.id != mine.id]
        return mm.MeetingJoinResult(
            meeting=m.id,
            participant=mine.id,
            epoch=mine.epoch,
            participants=tuple(_participant(p) for p in m.inside),
            peers=msgspec.convert(peers, tuple[mm.Peer, ...]),
            ice_servers=servers,
            topology=msgspec.convert(m.topology, mm.Topology),
        )

    async def leave(self, call: Call, params: mm.MeetingLeaveParams) -> mm.MeetingLeaveResult:
        session = call.require_session()
        event = Leave(call.caller.address, session.id, epoch=session.epoch)
        await self._read(call.caller, params.meeting)
        await self._tell(call.caller, params.meeting, event)
        return mm.MeetingLeaveResult()

    async def end(self, call: Call, params: mm.MeetingEndParams) -> mm.MeetingEndResult:
        """End it for everybody; a meeting that is over stays as it ended."""
        await self._read(call.caller, params.meeting)
        event = End(call.caller.address, params.reason or "ended")
        return mm.MeetingEndResult(
            meeting=shown(await self._tell(call.caller, params.meeting, event))
        )

    async def update(self, call: Call, params: mm.MeetingUpdateParams) -> mm.MeetingUpdateResult:
        """Change what one sends or is called, or lock the meeting."""
        caller = call.caller
        m = await self._read(caller, params.meeting)
        events: list[Media | Lock] = []
        if params.media is not None or params.name is not None:
            session = call.session.id if call.session else None
            events.append(_media(caller, session, params.media, params.name))
        if params.locked is not None:
            events.append(Lock(caller.address, params.locked))
        if events:
            m = await self._tell(caller, params.meeting, *events)
        return mm.MeetingUpdateResult(meeting=shown(m))

    async def message(self, call: Call, params: mm.MeetingMessageParams) -> mm.MeetingMessageResult:
        """Write to the others: stored, so it also reaches whoever is reconnecting."""
        caller, session = call.caller, call.require_session()

        async def create(remember: Remembering) -> str:
            id_, now_ms = mint("ms"), self.engine.clock.now_ms()
            said = Message(caller.address, session.id, id_, params.text, params.to)
            key = Key("meeting", params.meeting)
            made = f"{id_} {now_ms}"  # a repeat is answered with the time of the first
            await self.engine.handle(caller.marketplace, Tell(key, said), *remember(made))
            return made

        made = await self.idempotency.once(caller, "meeting.message", params, create)
        id_, _, sent_ms = made.partition(" ")
        return mm.MeetingMessageResult(message=id_, sent_at=rfc3339(int(sent_ms)))

    async def ice(self, call: Call, _: dm.DeviceIceParams) -> dm.DeviceIceResult:
        servers, until_s = self._ice(call.caller)
        return dm.DeviceIceResult(ice_servers=servers, expires_at=rfc3339(int(until_s * 1000)))

    async def dropped(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        """Let the meetings of a lost socket wait for it."""
        for meeting in sorted(meetings):
            event = SocketDropped(session.id, session.epoch)
            await self._tell(caller, meeting, event)

    async def resumed(self, caller: Caller, session: Session) -> None:
        """Bring the session's participants back, in whichever meetings they are."""
        page = await self.lists.page(caller.marketplace, f"meetings:{caller.address}")
        for meeting in page.ids:
            await self._tell(caller, meeting, SocketResumed(session.id, session.epoch))

    async def closed(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        for meeting in sorted(meetings):
            leave = Leave(caller.address, session.id, "session_closed", session.epoch)
            await self._tell(caller, meeting, leave)

    async def current(self, caller: Caller) -> tuple[mm.Meeting, ...]:
        """Return the meetings, not over, that the caller is a party of."""
        name = f"meetings:{caller.address}"
        page = await self.lists.page(caller.marketplace, name)
        keys = [Key("meeting", m) for m in page.ids]
        found = await self.engine.read(caller.marketplace, *keys)
        return tuple(shown(m) for m in found if m is not None and m.ended_ms is None)

    def _ice(self, caller: Caller) -> tuple[tuple[dm.IceServer, ...], float]:
        servers, until_s = self.ice_servers(caller.user, self.engine.clock.now_ms() / 1000)
        return msgspec.convert(servers, tuple[dm.IceServer, ...]), until_s

    async def _read(self, caller: Caller, meeting: str) -> Meeting:
        (found,) = await self.engine.read(caller.marketplace, Key("meeting", meeting))
        return access.check_meeting(caller, found)

    async def _tell(self, caller: Caller, meeting: str, *events: object) -> Meeting:
        key = Key("meeting", meeting)
        outcome = await self.engine.handle(caller.marketplace, *(Tell(key, e) for e in events))
        m: Meeting = outcome.records[key]
        return m


def _check_invitees(invitees: tuple[mm.Invitee, ...]) -> None:
    if len({(i.role, i.user) for i in invitees}) < len(invitees):
        raise InvalidParams("someone is named twice", path="participants")
    for index, invitee in enumerate(invitees):
        if invitee.role == "app":
            raise InvalidParams("an app meets nobody", path=f"participants.{index}.role")


def shown(m: Meeting) -> mm.Meeting:
    return msgspec.convert(views.meeting(m), mm.Meeting)


def _media(
    caller: Caller, session: str | None, media: mm.MediaState | None, name: str | None
) -> Media:
    sent = None if media is None else {"audio": media.audio, "video": media.video}
    return Media(caller.address, session, sent, name)


def _participant(p: Participant) -> mm.Participant:
    return msgspec.convert(views.participant(p), mm.Participant)
