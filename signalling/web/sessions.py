"""session.*: opening and resuming, refreshing, closing, and what a lost socket means."""

import asyncio
import dataclasses
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from signalling.errors import (
    DragomanError,
    Gone,
    InvalidRequest,
    NotFound,
    RateLimited,
    Unavailable,
)
from signalling.ids import mint
from signalling.protocol.messages import session as sm
from signalling.protocol.messages.common import RoleName, stamp
from signalling.service.call import Call, Caller, Session
from signalling.store.inbox import Inbox, parse_event_id
from signalling.store.keys import Keys
from signalling.store.leases import Reaped
from signalling.web.answers import Own
from signalling.web.auth import same_user
from signalling.web.close import CloseCode
from signalling.web.connection import Connection
from signalling.web.hub import Event
from signalling.web.keeping import Keeping, Kept, decode

if TYPE_CHECKING:
    from signalling.web.node import Node

LOG = structlog.get_logger(__name__)
VERSION = "1"
FEATURES = ("batch", "resume", "signal_notifications")
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0
# Of these an interpreter is pinged as often as somebody in a meeting (states.md).
LIVE = frozenset({"available", "ringing", "held", "in_meeting"})
# The device of whoever may have one session alone, so that a newer one takes its place.
ONLY = "$only"


class Sessions:
    """The session methods, and the end of every connection."""

    def __init__(self, node: "Node") -> None:
        self.node = node
        self.keeping = Keeping(node.store, node.lease)
        self.own: Mapping[str, Own] = {
            "session.open": self.open,
            "session.refresh": self.refresh,
            "session.ping": self.ping,
            "session.close": self.close,
        }
        node.seats.changed = self.save
        node.hub.intercepts.insert(0, self._hear)

    # --- opening -----------------------------------------------------------------------------

    async def open(self, connection: Connection, params: sm.SessionOpenParams) -> Any:
        """Open or resume a session; whatever fails, the socket is closed with its reason."""
        if connection.caller is not None:
            raise InvalidRequest("this socket has a session")
        parting = CloseCode.BAD_TOKEN
        try:
            caller = await self.node.auth.authenticate(params.token)
            parting = CloseCode.TOO_MANY_CONNECTIONS
            if not self.node.census.open(self.node.user_key(caller)):
                raise RateLimited("too many connections of this user", retry_after_ms=60_000)
            connection.caller = caller
            parting = CloseCode.STATE_LOST
            return await self._open(connection, caller, params)
        except BaseException as error:
            is_ours = isinstance(error, Unavailable) or not isinstance(error, DragomanError)
            if isinstance(error, Gone | NotFound):  # a guest's link that opens no more
                parting = CloseCode.BAD_TOKEN
            connection.parting = CloseCode.STATE_LOST if is_ours else parting
            raise

    async def _open(
        self, connection: Connection, caller: Caller, params: sm.SessionOpenParams
    ) -> sm.SessionOpenResult:
        """Subscribe, then read, so that no event falls between."""
        node = self.node
        await node.hub.join(
            connection, Keys(caller.marketplace).inbox(caller.address), caller.address
        )
        kept, token = await self._begin(caller, params)
        session = Session(
            kept.session, kept.epoch, node.id, params.device, frozenset(params.capabilities)
        )
        connection.session = session
        connection.token = token
        if await node.service.admits(caller, session):
            connection.session = session = dataclasses.replace(session, device=ONLY)
        connection.call = Call(caller, session)
        connection.user_bucket = node.throttle.users.get(node.user_key(caller))
        connection.is_live = caller.role == "interpreter"
        await self._replace(caller, session)
        for meeting, participant in kept.seats.items():
            hidden = meeting in kept.relay_only
            await node.seats.seat(connection, meeting, participant, relay_only=hidden)
        recovered, last = await self._catch_up(connection, caller, params.resume)
        await node.service.opened(caller, session)
        snapshot = None if recovered else await node.service.snapshot(caller)
        if isinstance(snapshot, sm.Snapshot):
            snapshot = msgspec.structs.replace(snapshot, last_event=last)
            if snapshot.presence is not None:
                connection.is_live = snapshot.presence.status in LIVE
        return self._opened(connection, recovered, snapshot)

    async def _begin(self, caller: Caller, params: sm.SessionOpenParams) -> tuple[Kept, str]:
        """Take up the session that is resumed if it is there and theirs, else begin one."""
        token = secrets.token_urlsafe(24)
        if params.resume is not None:
            kept = await self.keeping.resume(caller, params, params.resume, token)
            if kept is not None:
                return kept, token
        return await self.keeping.begin(Kept.of(caller, mint("se"), 1, params), token), token

    async def _catch_up(
        self, connection: Connection, caller: Caller, resume: sm.Resume | None
    ) -> tuple[bool, str | None]:
        """Put what was missed before what came meanwhile; say whether nothing is missing."""
        assert connection.session is not None  # noqa: S101 - set by the caller
        is_resumed = resume is not None and resume.session == connection.session.id
        after = resume.last_event if resume is not None and is_resumed else None
        missed = await Inbox(self.node.store, caller.marketplace).read(caller.address, after)
        last = after if missed.recovered else missed.last
        connection.position = parse_event_id(last) if last else None
        if missed.recovered and connection.held is not None:
            connection.held[:0] = [Event(event_id, body) for event_id, body in missed.events]
        return missed.recovered, last

    async def _replace(self, caller: Caller, session: Session) -> None:
        """Send away the older socket of this session or device, here and on other nodes."""
        channel = Keys(caller.marketplace).inbox(caller.address)
        for other in self.node.hub.at(channel):
            self._yield(other, session)
        if session.device is not None or session.epoch > 1:
            await self.keeping.announce(channel, session)

    def _hear(self, _: str, event: Event) -> bool:
        """Hear from another node that a session or device was opened there."""
        if event.method != "$opened":
            return False
        session = msgspec.convert(event.params["session"], Session)
        if session.node != self.node.id:
            channel = event.params["channel"]
            for other in self.node.hub.at(channel):
                self._yield(other, session)
        return True

    def _yield(self, other: Connection, session: Session) -> None:
        mine = other.session
        if mine is None or mine == session:
            return
        if mine.id == session.id:
            if mine.epoch < session.epoch:
                other.close(CloseCode.REPLACED)
        elif mine.device is not None and mine.device == session.device:
            other.on_purpose = True
            other.close(CloseCode.REPLACED)

    def _opened(
        self, connection: Connection, recovered: bool, snapshot: Any
    ) -> sm.SessionOpenResult:
        assert connection.call is not None  # noqa: S101 - set by the caller
        assert connection.session is not None  # noqa: S101
        caller, limits = connection.call.caller, self.node.limits
        return sm.SessionOpenResult(
            session=connection.session.id,
            user=caller.user,
            role=msgspec.convert(caller.role, RoleName),
            app=caller.app,
            heartbeat_s=limits.ping_s if connection.is_live else limits.idle_ping_s,
            resume_token=connection.token,
            resume_window_s=limits.resume_s,
            recovered=recovered,
            expires_at=stamp(caller.expires_ms),
            server_time=stamp(self.node.now_ms()),
            limits=sm.SessionLimits(
                frame_bytes=limits.frame_bytes,
                depth=limits.depth,
                batch_max=limits.batch_max,
                requests_per_s=limits.requests_per_s,
                requests_burst=limits.requests_burst,
            ),
            protocol=sm.Protocol(version=VERSION, features=FEATURES),
            snapshot=snapshot,
        )

    # --- while it is open --------------------------------------------------------------------

    async def refresh(
        self, connection: Connection, params: sm.SessionRefreshParams
    ) -> sm.SessionRefreshResult:
        """Go on with a newer token of the same user."""
        assert connection.call is not None  # noqa: S101 - it is not a method before open
        caller = await self.node.auth.authenticate(params.token)
        same_user(connection.call.caller, caller)
        connection.caller = caller
        connection.call = Call(caller, connection.session)
        return sm.SessionRefreshResult(expires_at=stamp(caller.expires_ms))

    async def ping(self, connection: Connection, _: Any) -> sm.SessionPingResult:  # noqa: ARG002
        return sm.SessionPingResult(server_time=stamp(self.node.now_ms()))

    async def close(self, connection: Connection, _: Any) -> sm.SessionCloseResult:
        """End the session on purpose: nothing is kept for a resume."""
        connection.on_purpose = True
        connection.parting = CloseCode.NORMAL
        return sm.SessionCloseResult()

    async def presence_set(self, connection: Connection, params: Any, result: Any) -> None:  # noqa: ARG002
        """Ping an interpreter's sockets as often as their new status asks for."""
        caller = connection.caller
        if caller is not None and caller.role == "interpreter":
            channel = Keys(caller.marketplace).inbox(caller.address)
            for other in self.node.hub.at(channel):
                other.is_live = result.presence.status in LIVE

    async def save(self, connection: Connection) -> None:
        """Keep where a session sits, for whoever takes it up after its socket or node is lost."""
        if connection.call is not None and connection.session is not None:
            kept = Kept.now(connection.call.caller, connection.session, *_places(connection))
            await self.keeping.save(kept, connection.token)

    # --- the end -----------------------------------------------------------------------------

    async def ended(self, connection: Connection) -> None:
        """Take a connection out of everything, and tell the service what its end means."""
        node = self.node
        await node.requests.finish(connection)
        caller, session = connection.caller, connection.session
        meetings = frozenset(connection.seats)
        places = _places(connection)
        for seat in tuple(connection.seats.values()):
            node.seats.unseat(seat)
        for channel in connection.watching:
            node.hub.leave(connection, channel)
        if caller is None:
            return
        node.hub.leave(connection, Keys(caller.marketplace).inbox(caller.address))
        if session is None:
            return
        kept = Kept.now(caller, session, *places)
        wait_s = FIRST_WAIT_S
        while True:
            try:
                await self._tell_end(connection, kept, meetings)
                return
            except Unavailable:
                # Untold, they would stay available for as long as this node lives.
                LOG.warning("the end of a session will be told later", session=session.id)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            except DragomanError as error:
                LOG.warning("the end of a session was refused", session=session.id, error=error)
                return

    async def _tell_end(self, connection: Connection, kept: Kept, meetings: frozenset[str]) -> None:
        service, caller, session = self.node.service, kept.caller(), kept.as_session()
        if connection.on_purpose:
            await self.keeping.end(kept, connection.token)
            await service.closed(caller, session, meetings)
        else:
            await self.keeping.drop(kept, connection.token, self.node.limits.resume_s)
            await service.dropped(caller, session, meetings)

    async def bury(self, reaped: Reaped) -> None:
        """Drop the sessions of a node that died, as it would have."""
        for body in reaped.sessions.values():
            kept = decode(body)
            await self.keeping.bury(kept, self.node.limits.resume_s)
            await self.node.service.dropped(kept.caller(), kept.as_session(), frozenset(kept.seats))


def _places(connection: Connection) -> tuple[dict[str, str], frozenset[str]]:
    """Return where a connection sits, and in which of those meetings addresses are hidden."""
    seats = connection.seats
    hidden = frozenset(meeting for meeting, seat in seats.items() if seat.room.relay_only)
    return {meeting: seat.participant for meeting, seat in seats.items()}, hidden
