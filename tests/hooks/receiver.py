"""Apps' servers that webhooks lead to, and couriers that deliver to them, on a clock to set."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook as Verifier

from signalling.core.delivery import Delivery
from signalling.core.effects import Bounds
from signalling.core.webhook import CreateWebhook, Spec
from signalling.engine import Engine, Outcome
from signalling.hooks.courier import Terms
from signalling.hooks.couriers import Couriers
from signalling.hooks.lookup import Lookup
from signalling.hooks.places import Places
from signalling.hooks.room import Room
from signalling.hooks.sending import Sender
from signalling.store.bus import Bus
from signalling.store.clock import Clock
from signalling.store.commit import Append, Batch, Post
from signalling.store.keys import HOOKS_LENGTH
from tests.world import HOSPITAL, World

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OPEN = Places(allow_http=True, allow_private=True)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Receiver:
    """One server; it answers with *status*, or as *answer* does. *got* is what came, by webhook."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 204
        self.answer: Answer | None = None
        self.got: list[web.Request] = []
        self.bodies: list[bytes] = []
        self._more = asyncio.Condition()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._more:
            self.got.append(request)
            self.bodies.append(body)
            self._more.notify_all()
        if self.answer is not None:
            return await self.answer(request)
        return web.Response(status=self.status)

    async def until(self, count: int) -> None:
        """Wait until so many have come."""
        async with asyncio.timeout(10), self._more:
            await self._more.wait_for(lambda: len(self.got) >= count)

    @property
    def ids(self) -> list[str]:
        return [request.headers["webhook-id"] for request in self.got]

    def events(self, secret: str = SECRET) -> list[dict[str, Any]]:
        """Return what came, each verified as an app would."""
        verifier = Verifier(secret)
        pairs = zip(self.got, self.bodies, strict=True)
        return [verifier.verify(body, dict(request.headers)) for request, body in pairs]

    def sent(self) -> list[int]:
        """Return the numbers of what came; its times may be of a clock that was set."""
        return [json.loads(body)["data"]["n"] for body in self.bodies]

    def numbers(self) -> list[int]:
        """Return the same, each verified."""
        return [event["data"]["n"] for event in self.events()]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver._handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/in"
    try:
        yield receiver
    finally:
        await runner.cleanup()


class Names(AbstractResolver):
    """Names that lead where the test says; each look-up takes the next of several addresses."""

    def __init__(self, **hosts: list[str]) -> None:
        self.hosts = hosts
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        found = self.hosts.get(host.partition(".")[0], [])
        if not found:
            raise OSError("no such host")
        address = found.pop(0) if len(found) > 1 else found[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=family or socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    async def close(self) -> None:
        pass


class HeardEngine(Engine):
    """An engine that tells the test of each commit."""

    committed: asyncio.Condition

    async def handle(self, *args: Any, **options: Any) -> Outcome:
        outcome = await super().handle(*args, **options)
        async with self.committed:
            self.committed.notify_all()
        return outcome


class Deliveries:
    """Couriers of one process for a world; *ahead_ms* is how far its clock was set forward."""

    def __init__(self, world: World, bounds: Bounds) -> None:
        self.ahead_ms = 0
        self.world = world
        clock = Clock(world.store, lambda: time.monotonic() + self.ahead_ms / 1000)
        self.clock = clock
        self.engine = HeardEngine(world.store, clock, bounds)
        self.engine.committed = asyncio.Condition()
        self.couriers: Couriers

    async def later(self, ms: int) -> None:
        """Let time pass."""
        self.ahead_ms += ms
        for courier in self.couriers._couriers.values():
            courier.wake()

    async def until(
        self, state: str, count: int, id_: str = "wh-1", *, tried: int = 0
    ) -> list[Delivery]:
        """Wait until so many of a webhook's deliveries are in a state; return them.

        *tried* attempts at them are then written down: an answer is there before its record.
        """
        async with asyncio.timeout(10), self.engine.committed:
            while True:
                found = await deliveries(self.world, state, id_)
                if len(found) == count and sum(each.attempts for each in found) >= tried:
                    return found
                await self.engine.committed.wait()

    def kill(self) -> None:
        """Stop as a process does that is killed: at once, without a word."""
        for task in self.couriers._tasks:
            task.cancel()
        for courier in self.couriers._couriers.values():
            for task in courier._running:
                task.cancel()
            courier._lanes = None


@asynccontextmanager
async def delivering(
    world: World,
    owner: str = "one",
    *,
    timeout_s: float = 5,
    places: int = 64,
    at_once: int = 4,
    lease_ms: int = 15_000,
    bounds: Bounds | None = None,
) -> AsyncIterator[Deliveries]:
    """Deliver for a world while the context is open."""
    one = Deliveries(world, bounds or Bounds())
    await one.clock.measure()
    lookup = Lookup()
    terms = Terms(owner, at_once, lease_ms)
    async with Bus(world.store) as bus, Sender(OPEN, lookup, timeout_s, lambda: 0.0) as sender:
        one.couriers = Couriers(one.engine, bus, sender, Room(places), terms, drain_s=0)
        async with one.couriers:
            await one.couriers.watch(world.marketplace)
            yield one
    await lookup.close()


async def webhook(
    world: World, url: str, *types: str, id_: str = "wh-1", app: str = HOSPITAL
) -> None:
    """Give an app a webhook."""
    await world.tell("webhook", id_, CreateWebhook(id_, app, Spec(url, types), SECRET))


async def happens(world: World, *events: tuple[str, int], app: str | None = HOSPITAL) -> None:
    """Let events leave as commits leave them: what each is about, and its number."""
    whole = {"type": "assignment.held", "app": app, "at_ms": world.clock.now_ms()}
    for about, number in events:
        body = msgpack.packb({**whole, "about": about, "data": {"n": number}})
        append = Append(world.keys.hooks, body, HOOKS_LENGTH)
        post = Post(world.keys.hooks, b"")
        await world.store.commit(world.marketplace, Batch(appends=(append,), posts=(post,)))


async def deliveries(world: World, state: str, id_: str = "wh-1") -> list[Delivery]:
    """Return a webhook's deliveries in a state, the oldest first."""
    ids = await world.index(f"deliveries:{id_}:{state}")
    found = [await world.get("delivery", each) for each in ids]
    return sorted(found, key=lambda each: each.sequence)
