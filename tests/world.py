"""A marketplace on the real store, without sockets: its people, its requests and the service."""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgpack
import msgspec

from matching.tables import load_tables
from signalling.assembly import service_of
from signalling.core import events as on
from signalling.core import views
from signalling.core.availability import Availability
from signalling.core.effects import Bounds, CarrierOption, Key, Tell
from signalling.engine import Engine
from signalling.markets import Market, Markets
from signalling.protocol.registry import METHODS
from signalling.service.call import Call, Caller, Session
from signalling.settings import load
from signalling.store.apps import Apps
from signalling.store.clock import Clock
from signalling.store.keys import Keys, record_of
from signalling.store.store import Store
from signalling.translate import clash_by

SETTINGS = load({"DRAGOMAN_LIMITS__ASKS_PER_CUSTOMER_PER_MINUTE": "100000"})
TABLES = load_tables(SETTINGS.config_dir)
HOSPITAL = "a1b2c3d4e5f60718"
RIGHTS = frozenset({"interpreters"})
OSLO = {"lat": 59.913, "lon": 10.739}
TERMS: dict[str, Any] = {
    "languages": {"from": "so", "to": "no"},
    "mode": "video",
    "duration_min": 30,
    "requirements": {},
    "preferences": {},
}


class Hands:
    """A clock that goes as every other does, and can be put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


class World:
    """One marketplace of its own; *service* is what sockets and HTTP would call."""

    def __init__(self, store: Store, clock: Clock, markets: Markets, hands: Hands) -> None:
        self.store = store
        self.clock = clock
        self.markets = markets
        self.hands = hands
        self.marketplace = f"w-{secrets.token_hex(6)}"
        self.keys = Keys(self.marketplace)
        self.engine = Engine(store, clock, Bounds(), clash=clash_by(TABLES.travel))
        self.epochs = itertools.count(1)
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.answer: Any = {}
        self.nodes: tuple[CarrierOption, ...] = ()
        self.engine.carriers = lambda: self.nodes
        apps = Apps(store)
        self.service = service_of(SETTINGS, self.engine, markets, apps, self._ask, apps.policy_of)

    async def _ask(
        self, _: str, node: str, method: str, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Answer as the media node of the test: with *answer*, raised if it is an error."""
        self.asked.append((node, method, dict(params)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict(self.answer)

    async def market(self) -> Market:
        return await self.markets.get(self.marketplace)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what a change of the population brings about."""
        changed = asyncio.Event()

        def hear(*_: object) -> None:
            changed.set()

        self.markets.listeners.append(hear)
        try:
            async with asyncio.timeout(5):
                while not condition():
                    await changed.wait()
                    changed.clear()
        finally:
            self.markets.listeners.remove(hear)

    async def until_status(self, who: str, status: str) -> None:
        """Wait until the population knows somebody in that status."""
        market = await self.market()
        blank = Availability(who)
        await self.until(lambda: market.availability.get(who, blank).status == status)

    async def pass_to(self, ms: int) -> None:
        """Let the time be *ms*, and wake each record when it wanted to be, the earliest first."""
        while True:
            due = await self.store.command("ZRANGE", self.keys.timers, 0, 0, "WITHSCORES")
            if not due or float(due[1]) > ms:
                break
            record, wake_ms = due
            self._put_forward(int(float(wake_ms)))
            await self.tell(*record_of(record.decode()), on.Deadline())
        self._put_forward(ms)

    async def pass_min(self, minutes: float) -> None:
        await self.pass_to(self.clock.now_ms() + round(minutes * 60_000))

    def _put_forward(self, ms: int) -> None:
        self.hands.ahead_s += max(0, ms + 1 - self.clock.now_ms()) / 1000

    # --- records -------------------------------------------------------------------------

    async def tell(self, kind: str, id_: str, event: object) -> Any:
        outcome = await self.engine.handle(self.marketplace, Tell(Key(kind, id_), event))
        return outcome.of(kind, id_)

    async def get(self, kind: str, id_: str) -> Any:
        (found,) = await self.engine.read(self.marketplace, Key(kind, id_))
        return found

    async def version(self, kind: str, id_: str) -> int:
        ((version, _),) = await self.store.load([self.keys.record(kind, id_)])
        return version

    async def body(self, kind: str, id_: str) -> dict[str, Any]:
        ((_, body),) = await self.store.load([self.keys.record(kind, id_)])
        found: dict[str, Any] = msgpack.unpackb(body)
        return found

    async def index(self, name: str) -> list[str]:
        found = await self.store.command("ZRANGE", self.keys.index(name), 0, -1)
        return [member.decode() for member in found]

    async def mails(self, address: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the events in an inbox."""
        found = await self.store.command("XRANGE", self.keys.inbox(address), "-", "+")
        bodies = [msgpack.unpackb(fields[b"e"]) for _, fields in found]
        return [(body["method"], body["params"]) for body in bodies]

    async def feed(self) -> list[tuple[str, str]]:
        """Return the kind and id of each entry of the population feed."""
        found = await self.store.command("XRANGE", self.keys.feed, "-", "+")
        entries = [msgpack.unpackb(fields[b"e"]) for _, fields in found]
        return [(entry["kind"], entry["id"]) for entry in entries]

    # --- people and requests -------------------------------------------------------------

    async def register(self, who: str, *tags: str, **fields: Any) -> None:
        whole = profile(who, *tags, **fields)
        await self.call("interpreter.put", operator(self), interpreter=whole)

    async def online(self, *people: str) -> None:
        """Let interpreters appear over a live socket, available."""
        for who in people:
            await self.tell("availability", who, on.Connect(f"s-{who}", next(self.epochs)))
            await self.tell("availability", who, on.SetStatus("available"))

    async def present(self, *people: str) -> None:
        """Register Somali interpreters who are available."""
        for who in people:
            await self.register(who)
            await self.online(who)

    async def ask(self, id_: str, **terms: Any) -> Any:
        create = on.Create(id_, HOSPITAL, "kari", TERMS | terms)
        return await self.tell("assignment", id_, create)

    async def ring(self, id_: str, *people: str, spares: tuple[str, ...] = ()) -> Any:
        candidates = tuple(candidate(id_, who) for who in (*people, *spares))
        wave = on.Wave("1", candidates, len(people), "d1")
        return await self.tell("assignment", id_, wave)

    async def accept(self, id_: str, who: str) -> Any:
        return await self.tell("assignment", id_, on.Accept(f"{id_}.{who}", who, f"m-{id_}"))

    async def call(
        self, method: str, caller: Caller, session: Session | None = None, /, **params: Any
    ) -> Any:
        """Call a method as a socket would once the params are decoded; return plain values."""
        wanted = msgspec.convert(params, METHODS[method].params)
        result = await self.service.handlers[method](Call(caller, session), wanted)
        return msgspec.to_builtins(result)


def candidate(assignment: str, who: str) -> on.Candidate:
    summary = {"id": assignment, **views.summary(TERMS)}
    return on.Candidate(
        offer=f"{assignment}.{who}",
        interpreter=who,
        score=1.5,
        p_accept=0.5,
        card={"name": who.title()},
        made={"assignment": summary, "score": 1.5, "reasons": []},
    )


def profile(who: str, *tags: str, **fields: Any) -> dict[str, Any]:
    """Return a profile with Norwegian and *tags* (Somali), each of the latter in category B."""
    skills: list[dict[str, Any]] = [{"tag": "no", "level": "C1"}]
    skills += [{"tag": tag, "level": "native", "qualification": "B"} for tag in tags or ("so",)]
    return {
        "id": who,
        "name": who.title(),
        "languages": skills,
        "modes": ["audio", "video", "onsite"],
        "timezone": "Europe/Oslo",
        "location": OSLO,
    } | fields


def interpreter(world: World, user: str) -> Caller:
    return Caller(world.marketplace, HOSPITAL, user, "interpreter", rights=RIGHTS)


def customer(world: World, user: str = "kari", app: str = HOSPITAL) -> Caller:
    return Caller(world.marketplace, app, user, "customer", name="Kari N.", rights=RIGHTS)


def operator(world: World, app: str = HOSPITAL, rights: frozenset[str] = RIGHTS) -> Caller:
    return Caller(world.marketplace, app, "olga", "operator", rights=rights)


def staff_app(world: World, app: str = HOSPITAL) -> Caller:
    return Caller(world.marketplace, app, "server", "app", rights=RIGHTS)


def request(**terms: Any) -> dict[str, Any]:
    """Return the params of a request for Somali by video."""
    return {
        "languages": {"from": "so", "to": "no"},
        "mode": "video",
        "duration_min": 30,
    } | terms


@asynccontextmanager
async def world_at(url: str) -> AsyncIterator[World]:
    async with Store(url) as store, Markets(store, TABLES) as markets:
        hands = Hands()
        clock = Clock(store, hands)
        await clock.measure()
        yield World(store, clock, markets, hands)
