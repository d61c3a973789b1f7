"""What is kept of a session in the store, so that any node can take it up or bury it."""

from typing import Self

import msgspec

from signalling.protocol.messages.session import Resume, SessionOpenParams
from signalling.service.call import Caller, Session
from signalling.store.leases import NodeLease
from signalling.store.sessions import Sessions as Resumable
from signalling.store.store import Store
from signalling.web.hub import UNSTORED

# How long a session is kept whose node does not come back to it; longer than any socket lives.
CONNECTED_MS = 7 * 24 * 3_600_000

_ENCODE = msgspec.msgpack.Encoder().encode


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A session as the store has it; *seats* are participants by meeting.

    *relay_only* are the meetings among them in which addresses stay hidden.
    """

    schema: int = 1
    session: str
    epoch: int
    node: str = ""
    marketplace: str
    app: str
    user: str
    role: str
    name: str = ""
    meeting: str | None = None
    expires_ms: int = 0
    rights: frozenset[str] = frozenset()
    device: str | None = None
    capabilities: frozenset[str] = frozenset()
    seats: dict[str, str] = {}
    relay_only: frozenset[str] = frozenset()

    @classmethod
    def of(cls, caller: Caller, session: str, epoch: int, params: SessionOpenParams) -> Self:
        """Return a session that begins, or goes on, with this epoch."""
        opened = Session(session, epoch, "", params.device, frozenset(params.capabilities))
        return cls.now(caller, opened, {})

    @classmethod
    def now(
        cls,
        caller: Caller,
        session: Session,
        seats: dict[str, str],
        relay_only: frozenset[str] = frozenset(),
    ) -> Self:
        """Return a session as it is."""
        return cls(
            session=session.id,
            epoch=session.epoch,
            node=session.node,
            device=session.device,
            capabilities=session.capabilities,
            marketplace=caller.marketplace,
            app=caller.app,
            user=caller.user,
            role=caller.role,
            name=caller.name,
            meeting=caller.meeting,
            expires_ms=caller.expires_ms,
            rights=caller.rights,
            seats=seats,
            relay_only=relay_only,
        )

    def caller(self) -> Caller:
        return Caller(
            self.marketplace, self.app, self.user, self.role, self.name, self.expires_ms,
            self.meeting, self.rights,
        )  # fmt: skip

    def as_session(self) -> Session:
        return Session(self.session, self.epoch, self.node, self.device, self.capabilities)


_DECODE = msgspec.msgpack.Decoder(Kept).decode


def decode(body: bytes) -> Kept:
    return _DECODE(body)


class Keeping:
    """The sessions of this node in the store: what a resume needs, and the node's list of them."""

    def __init__(self, store: Store, lease: NodeLease) -> None:
        self.store = store
        self.lease = lease

    async def begin(self, kept: Kept, token: str) -> Kept:
        kept = msgspec.structs.replace(kept, node=self.lease.node)
        await self._save_here(kept, token)
        return kept

    async def resume(
        self, caller: Caller, params: SessionOpenParams, resume: Resume, token: str
    ) -> Kept | None:
        """Take a session up with its next epoch and token; None if it is gone or not theirs."""
        sessions = Resumable(self.store, caller.marketplace)
        body = await sessions.load(resume.session, resume.resume_token)
        old = None if body is None else _DECODE(body)
        if old is None or old.caller().address != caller.address or old.app != caller.app:
            return None
        opened = Kept.of(caller, old.session, old.epoch + 1, params)
        sat = {"seats": old.seats, "relay_only": old.relay_only}
        kept = msgspec.structs.replace(opened, node=self.lease.node, **sat)
        return kept if await self._save_here(kept, token, replaces=resume.resume_token) else None

    async def save(self, kept: Kept, token: str) -> None:
        """Keep what has changed, unless the session has gone on with another socket."""
        await self._save_here(kept, token, replaces=token)

    async def drop(self, kept: Kept, token: str, resume_s: float) -> None:
        """Leave a session to be resumed for a while, unless that has happened already."""
        resume_ms = int(resume_s * 1000)
        if await self._resumable(kept).save(
            kept.session, token, _ENCODE(kept), resume_ms, replaces=token
        ):
            await self.lease.remove_session(kept.marketplace, kept.session)

    async def end(self, kept: Kept, token: str) -> None:
        """Forget a session that nobody has resumed."""
        if await self._resumable(kept).load(kept.session, token) is not None:
            await self._resumable(kept).delete(kept.session)
            await self.lease.remove_session(kept.marketplace, kept.session)

    async def bury(self, kept: Kept, resume_s: float) -> None:
        """Leave a session of a dead node to be resumed for a while."""
        await self._resumable(kept).touch(kept.session, int(resume_s * 1000))

    async def announce(self, channel: str, session: Session) -> None:
        """Tell other nodes that a session was opened here."""
        body = {"method": "$opened", "params": {"channel": channel, "session": session}}
        await self.store.command("SPUBLISH", channel, f"{UNSTORED} ".encode() + _ENCODE(body))

    async def _save_here(self, kept: Kept, token: str, replaces: str | None = None) -> bool:
        """Save a session as one of this node, at once or not at all."""
        await self.lease.watch(kept.marketplace)
        return await self._resumable(kept).save(
            kept.session,
            token,
            _ENCODE(kept),
            CONNECTED_MS,
            replaces=replaces,
            node=self.lease.node,
        )

    def _resumable(self, kept: Kept) -> Resumable:
        return Resumable(self.store, kept.marketplace)
