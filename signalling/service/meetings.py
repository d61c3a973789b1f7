"""meeting.*: opening, entering and leaving; what is said in it, and its end.

Signals are carried by the sockets themselves; media (`carriage`), guests (`lobby`) and recordings
(`recording`) have files of their own.
"""

from collections.abc import Callable

import msgspec

from signalling.core import lobby, views
from signalling.core.effects import Key, Tell
from signalling.core.events import (
    End,
    Join,
    Leave,
    Lock,
    Media,
    Message,
    Party,
    SocketDropped,
    SocketResumed,
)
from signalling.core.quality import Gained, Report, gained, heard
from signalling.core.room import Meeting, Participant, ParticipantState
from signalling.core.room_events import LetIn, Open, Quality
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import InvalidParams
from signalling.ids import mint
from signalling.protocol.messages import meeting as mm
from signalling.service import access
from signalling.service.call import Call, Caller, Handler, Session
from signalling.service.carriage import Ice, PolicyOf, carrier_of
from signalling.service.idempotency import Idempotency, Remembering
from signalling.service.lists import Lists
from signalling.service.records import MeetingRecords


class Meetings:
    """Handlers of meeting.*; *policy_of* finds how an app wants its meetings carried.

    `fared` is told of each report of quality, and what it added.
    """

    def __init__(self, engine: Engine, lists: Lists, ice: Ice, policy_of: PolicyOf) -> None:
        self.engine = engine
        self.records = MeetingRecords(engine)
        self.lists = lists
        self.ice = ice
        self.policy_of = policy_of
        self.fared: Callable[[Report, Gained], None] = lambda *_: None
        self.idempotency = Idempotency(engine)
        self.handlers: dict[str, Handler] = {
            "meeting.create": self.create,
            "meeting.get": self.get,
            "meeting.join": self.join,
            "meeting.leave": self.leave,
            "meeting.end": self.end,
            "meeting.update": self.update,
            "meeting.message": self.message,
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
        return mm.MeetingCreateResult(meeting=shown(await self.records.read(call, made), caller))

    async def get(self, call: Call, params: mm.MeetingGetParams) -> mm.MeetingGetResult:
        """Show a meeting; on request what happened in it, and who was connected for how long."""
        caller = call.caller
        m = await self.records.read(call, params.meeting)
        if not params.history or not m.sees(caller.address):
            return mm.MeetingGetResult(meeting=shown(m, caller))
        attended = views.attendance(m, self.engine.clock.now_ms())
        return mm.MeetingGetResult(
            meeting=shown(m, caller),
            history=msgspec.convert(views.history(m), tuple[mm.Happening, ...]),
            attendance=msgspec.convert(attended, tuple[mm.Attendance, ...]),
        )

    async def join(self, call: Call, params: mm.MeetingJoinParams) -> mm.MeetingJoinResult:
        """Enter, and learn whom to connect to and how. Joining twice is joining once."""
        caller, session = call.caller, call.require_session()
        known = await self.records.recall(call, params.meeting)
        event = Join(
            address=caller.address,
            participant=mint("pa"),
            session=session.id,
            epoch=session.epoch,
            name=params.name or caller.name,
            single_offerer="single-offerer" in session.capabilities,
            policy=await self.policy_of(known.app),
        )
        m = await self.records.tell(caller, params.meeting, event)
        mine = next(p for p in m.around if p.session == session.id)
        if params.media is not None and mine.state is not ParticipantState.WAITING:
            said = _media(caller, session.id, params.media, None)
            m = await self.records.tell(caller, params.meeting, said)
            mine = next(p for p in m.around if p.session == session.id)
        return self._joined(caller, m, mine)

    def _joined(self, caller: Caller, m: Meeting, mine: Participant) -> mm.MeetingJoinResult:
        if mine.state is ParticipantState.WAITING:
            return mm.MeetingJoinResult(
                meeting=m.id,
                participant=mine.id,
                epoch=mine.epoch,
                state="waiting",
                participants=(_participant(mine),),
                peers=(),
                ice_servers=(),
                topology="mesh",
                locked=m.locked,
            )
        servers, until_s = self.ice.servers(caller.user, m.id)
        peers = [views.peer(mine, p) for p in m.inside if p.id != mine.id and m.carrier is None]
        return mm.MeetingJoinResult(
            meeting=m.id,
            participant=mine.id,
            epoch=mine.epoch,
            state="joined",
            participants=tuple(_participant(p) for p in m.around),
            peers=msgspec.convert(peers, tuple[mm.Peer, ...]),
            ice_servers=servers,
            topology=msgspec.convert(m.topology, mm.Topology),
            carrier=carrier_of(m),
            ice_policy=m.policy.ice,
            ice_expires_at=rfc3339(round(until_s * 1000)),
            recording=msgspec.convert(views.recording(m), mm.Recording),
            locked=m.locked,
        )

    async def leave(self, call: Call, params: mm.MeetingLeaveParams) -> mm.MeetingLeaveResult:
        session = call.require_session()
        event = Leave(call.caller.address, session.id, epoch=session.epoch)
        await self.records.read(call, params.meeting)
        await self.records.tell(call.caller, params.meeting, event)
        return mm.MeetingLeaveResult()

    async def end(self, call: Call, params: mm.MeetingEndParams) -> mm.MeetingEndResult:
        """End it for everybody; a meeting that is over stays as it ended."""
        await self.records.read(call, params.meeting)
        event = End(call.caller.address, params.reason or "ended")
        m = await self.records.tell(call.caller, params.meeting, event)
        return mm.MeetingEndResult(meeting=shown(m, call.caller))

    async def update(self, call: Call, params: mm.MeetingUpdateParams) -> mm.MeetingUpdateResult:
        """Change what one sends or is called, say how it fares, let in, or lock the meeting."""
        caller = call.caller
        m = await self.records.read(call, params.meeting)
        session = call.session.id if call.session else None
        events: list[Media | Lock | LetIn | Quality] = []
        if params.media is not None or params.name is not None:
            events.append(_media(caller, session, params.media, params.name))
        if params.quality is not None:
            report = heard(msgspec.to_builtins(params.quality))
            events.append(Quality(caller.address, session, report))
        if params.locked is not None:
            events.append(Lock(caller.address, params.locked))
        if params.admit is not None:
            events.append(LetIn(caller.address, params.admit))
        before = m
        if events:
            m = await self.records.tell(caller, params.meeting, *events)
        if params.quality is not None:
            self._count(heard(msgspec.to_builtins(params.quality)), before, m, session)
        return mm.MeetingUpdateResult(meeting=shown(m, caller))

    def _count(self, report: Report, before: Meeting, now: Meeting, session: str | None) -> None:
        for p in now.inside:
            was = before.participant(p.id)
            if p.session == session and was is not None:
                self.fared(report, gained(was.quality, p.quality))

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

    async def admits(self, caller: Caller, session: Session) -> bool:
        """Say whether a session is to be its user's only one: a guest's who has a link.

        Raise Gone for a link that is used up, NotFound for one that was taken back.
        """
        if caller.role != "guest" or caller.meeting is None:
            return False
        (m,) = await self.engine.read(caller.marketplace, Key("meeting", caller.meeting))
        if m is None or m.ended_ms is not None:
            return False
        access.check_meeting(caller, m, session)
        link = m.invitation(caller.address)
        if link is None:
            return False
        lobby.check_link(link, session.id, self.engine.clock.now_ms())
        return True

    async def dropped(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        """Let the meetings of a lost socket wait for it."""
        for meeting in await self._theirs(caller, meetings):
            event = SocketDropped(session.id, session.epoch)
            await self.records.tell(caller, meeting, event)

    async def resumed(self, caller: Caller, session: Session) -> None:
        """Bring the session's participants back, in whichever meetings they are."""
        page = await self.lists.page(caller.marketplace, f"meetings:{caller.address}")
        for meeting in page.ids:
            await self.records.tell(caller, meeting, SocketResumed(session.id, session.epoch))

    async def closed(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        for meeting in await self._theirs(caller, meetings):
            leave = Leave(caller.address, session.id, "session_closed", session.epoch)
            await self.records.tell(caller, meeting, leave)

    async def current(self, caller: Caller) -> tuple[mm.Meeting, ...]:
        """Return the meetings, not over, that the caller is a party of."""
        name = f"meetings:{caller.address}"
        page = await self.lists.page(caller.marketplace, name)
        keys = [Key("meeting", m) for m in page.ids]
        found = await self.engine.read(caller.marketplace, *keys)
        return tuple(shown(m, caller) for m in found if m is not None and m.ended_ms is None)

    async def _theirs(self, caller: Caller, meetings: frozenset[str]) -> list[str]:
        """Return where a socket was: in *meetings*, and maybe in the lobby of the guest's own."""
        if caller.meeting is None or caller.meeting in meetings:
            return sorted(meetings)
        (own,) = await self.engine.read(caller.marketplace, Key("meeting", caller.meeting))
        return sorted(meetings | ({own.id} if own else set()))


def _check_invitees(invitees: tuple[mm.Invitee, ...]) -> None:
    if len({(i.role, i.user) for i in invitees}) < len(invitees):
        raise InvalidParams("someone is named twice", path="participants")
    for index, invitee in enumerate(invitees):
        if invitee.role == "app":
            raise InvalidParams("an app meets nobody", path=f"participants.{index}.role")


def shown(m: Meeting, caller: Caller) -> mm.Meeting:
    return msgspec.convert(views.meeting(m, caller.address), mm.Meeting)


def _media(
    caller: Caller, session: str | None, media: mm.MediaState | None, name: str | None
) -> Media:
    sent = None if media is None else {"audio": media.audio, "video": media.video}
    return Media(caller.address, session, sent, name)


def _participant(p: Participant) -> mm.Participant:
    return msgspec.convert(views.participant(p), mm.Participant)
