# ruff: noqa: ARG002 - handlers have the signature of the seam
"""A service of one meeting that everybody may join, and a node around it on a real store."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from aiohttp.test_utils import TestServer

from signalling.errors import Conflict, Gone, NotFound
from signalling.protocol.messages import interpreter as im
from signalling.protocol.messages import meeting as mm
from signalling.protocol.messages import presence as pm
from signalling.protocol.messages import session as sm
from signalling.service.call import Call, Caller, Handler, Session
from signalling.settings import Limits, Settings, load
from signalling.store.apps import App, Apps
from signalling.store.commit import Batch, Mail, Post
from signalling.store.connect import StoreUnavailable
from signalling.store.keys import Keys
from signalling.store.store import Store
from signalling.web.auth import Authenticator, mint
from signalling.web.node import Node
from signalling.web.server import build

SECRET = "s" * 43
STAMP = "2026-01-31T12:00:00.000Z"


class FakeService:
    """Lets everybody into any meeting but `me-none`, and remembers what it was told."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.told: list[tuple[Any, ...]] = []
        self.heard = asyncio.Condition()
        self.inside: dict[str, dict[str, str]] = {}
        self.gate = asyncio.Event()
        self.is_over = False
        self.ice_policy: Literal["all", "relay"] = "all"
        self.is_away = False
        self.bookings = b"BEGIN:VCALENDAR\r\n"
        self.handlers: Mapping[str, Handler] = {
            "meeting.join": self.join,
            "meeting.leave": self.leave,
            "meeting.get": self.get,
            "presence.watch": self.watch,
            "presence.summary": self.summary,
            "presence.set": self.set,
            "interpreter.import": self.take,
            "interpreter.get": self.slow,
            "assignment.cancel": self.broken,
            "assignment.create": self.create,
            "offer.accept": self.late,
        }

    async def tell(self, *what: Any) -> None:
        async with self.heard:
            self.told.append(what)
            self.heard.notify_all()

    async def wait_for(self, word: str) -> tuple[Any, ...]:
        """Return the last thing told under *word*, once there is one."""
        async with self.heard, asyncio.timeout(10):
            await self.heard.wait_for(lambda: any(told[0] == word for told in self.told))
        return next(told for told in reversed(self.told) if told[0] == word)

    async def admits(self, caller: Caller, session: Session) -> bool:
        if caller.user == "used":
            raise Gone("the invitation was used", reason="used")
        return caller.user == "lone"

    async def opened(self, caller: Caller, session: Session) -> None:
        await self.tell("opened", caller, session)

    async def snapshot(self, caller: Caller) -> Any:
        return sm.Snapshot(offers=(), assignments=(), meetings=())

    async def calendar(self, marketplace: str, interpreter: str, secret: str) -> bytes:
        await self.tell("calendar", marketplace, interpreter)
        if secret != SECRET:
            raise NotFound("no such calendar")
        return self.bookings

    async def dropped(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        if self.is_away:
            await self.tell("in vain")
            raise StoreUnavailable("away")
        await self.tell("dropped", caller, session, meetings)

    async def closed(self, caller: Caller, session: Session, meetings: frozenset[str]) -> None:
        await self.tell("closed", caller, session, meetings)

    def participants(self, meeting: str) -> tuple[mm.Participant, ...]:
        return tuple(
            mm.Participant(participant=id_, user=user, role="customer", state="joined")
            for id_, user in self.inside.get(meeting, {}).items()
        )

    async def join(self, call: Call, params: mm.MeetingJoinParams) -> mm.MeetingJoinResult:
        if params.meeting == "me-none":
            raise NotFound("no such meeting", path="meeting")
        session = call.require_session()
        id_ = f"pa-{call.caller.user}"
        self.inside.setdefault(params.meeting, {})[id_] = call.caller.user
        return mm.MeetingJoinResult(
            meeting=params.meeting,
            participant=id_,
            epoch=session.epoch,
            state="joined",
            ice_policy=self.ice_policy,
            participants=self.participants(params.meeting),
            peers=(),
            ice_servers=(),
            topology="mesh",
        )

    async def leave(self, call: Call, params: mm.MeetingLeaveParams) -> mm.MeetingLeaveResult:
        self.inside[params.meeting].pop(f"pa-{call.caller.user}", None)
        return mm.MeetingLeaveResult()

    async def get(self, call: Call, params: mm.MeetingGetParams) -> mm.MeetingGetResult:
        if params.meeting not in self.inside:
            raise NotFound("no such meeting", path="meeting")
        return mm.MeetingGetResult(meeting=self.meeting(params.meeting))

    def meeting(self, id_: str, state: Any = "live") -> mm.Meeting:
        return mm.Meeting(
            id=id_,
            state=state,
            participants=self.participants(id_),
            created_at=STAMP,
            topology="mesh",
        )

    async def watch(self, call: Call, params: pm.PresenceWatchParams) -> pm.PresenceWatchResult:
        if "stranger" in params.interpreters:
            raise NotFound("no such interpreter", path="interpreters")
        if "former" in params.interpreters and self.is_over:
            raise NotFound("no such interpreter", path="interpreters")
        return pm.PresenceWatchResult(
            presence=tuple(
                pm.Presence(interpreter=who, status="available", since=STAMP)
                for who in params.interpreters
            )
        )

    async def summary(
        self, call: Call, params: pm.PresenceSummaryParams
    ) -> pm.PresenceSummaryResult:
        if self.is_away:
            raise StoreUnavailable("the store does not answer")
        return pm.PresenceSummaryResult(pairs=(), available=7, server_time=STAMP)

    async def set(self, call: Call, params: pm.PresenceSetParams) -> pm.PresenceSetResult:
        presence = pm.Presence(interpreter=call.caller.user, status=params.status, since=STAMP)
        return pm.PresenceSetResult(presence=presence)

    async def take(
        self, call: Call, params: im.InterpreterImportParams
    ) -> im.InterpreterImportResult:
        bad = [n for n, i in enumerate(params.interpreters, 1) if i.id == "bad"]
        failures = tuple(im.ImportFailure(line=n, detail="bad", id="bad") for n in bad)
        kept = len(params.interpreters) - len(bad)
        await self.tell("imported", kept)
        return im.InterpreterImportResult(imported=kept, failed=len(bad), failures=failures)

    async def slow(self, call: Call, params: Any) -> Any:
        await self.tell("slow")
        await self.gate.wait()
        return {}

    async def broken(self, call: Call, params: Any) -> Any:
        raise RuntimeError("secret of the house")

    async def late(self, call: Call, params: Any) -> Any:
        raise Gone("somebody else took it", reason="taken")

    async def create(self, call: Call, params: Any) -> Any:
        if params.idempotency_key == "used":
            raise Conflict("this key came with another body", path="idempotency_key")
        return {"key": params.idempotency_key}


@dataclass
class World:
    """A running node, its app and what it takes to speak with it."""

    store: Store
    app: App
    node: Node
    service: FakeService
    server: TestServer
    offset_ms: int = 0
    offset_s: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/v1/ws"))

    def token(self, user: str = "anna", role: str = "customer", **claims: Any) -> str:
        return mint(self.app, user, role, **claims)

    @property
    def keys(self) -> Keys:
        return Keys(self.app.marketplace)

    async def mail(self, address: str, method: str, params: dict[str, Any]) -> str:
        """Put an event into an inbox, as a commit does."""
        body = msgspec.msgpack.encode({"method": method, "params": params})
        done = await self.store.commit(self.app.marketplace, Batch(mails=(Mail(address, body),)))
        assert done is not None
        return done.event_ids[0]

    async def post(self, channel: str, method: str, params: dict[str, Any]) -> None:
        body = msgspec.msgpack.encode({"method": method, "params": params})
        await self.store.commit(self.app.marketplace, Batch(posts=(Post(channel, body),)))


def settings(**limits: Any) -> Settings:
    base = load({})
    return msgspec.structs.replace(base, limits=Limits(**limits))


@asynccontextmanager
async def world(
    store: Store, marketplace: str, service: FakeService | None = None, **limits: Any
) -> AsyncIterator[World]:
    """Run a node with an app of its own; *limits* differ from the defaults."""
    apps = Apps(store)
    found = [app for app in await apps.list() if app.marketplace == marketplace]
    app = found[0] if found else await apps.create("Test", marketplace)
    chosen = settings(**limits)
    made = service or FakeService(store)
    here: list[World] = []

    def now_ms() -> int:
        return int(time.time() * 1000) + (here[0].offset_ms if here else 0)

    def now() -> float:
        return time.monotonic() + (here[0].offset_s if here else 0.0)

    auth = Authenticator(apps.get, chosen.tokens)
    node = Node(chosen, store, made, auth, now_ms, now=now)
    server = TestServer(build(node))
    await server.start_server()
    running = World(store, app, node, made, server)
    here.append(running)
    try:
        yield running
    finally:
        await server.close()
