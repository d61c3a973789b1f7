"""The composition root: the only file that knows everybody."""

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from matching.errors import InvalidTables
from matching.tables import Tables, load_tables
from signalling.assembly import bounds_of, places_of, service_of
from signalling.children import Children
from signalling.core.effects import Key, Tell
from signalling.core.events import Deadline
from signalling.dispatcher import Dispatcher
from signalling.engine import Engine
from signalling.errors import DragomanError, Unavailable
from signalling.hooks.courier import Terms
from signalling.hooks.couriers import Couriers
from signalling.hooks.lookup import Lookup
from signalling.hooks.room import Room
from signalling.hooks.sending import Sender
from signalling.markets import Markets
from signalling.models import Promotions
from signalling.moving import Moving
from signalling.process import log_as, open_store
from signalling.recommender import Recommender
from signalling.service.service import Service
from signalling.settings import Server, Settings
from signalling.snapshots import snapshots_of
from signalling.store import checks
from signalling.store.apps import Apps
from signalling.store.bus import Bus
from signalling.store.calls import Calls
from signalling.store.carriers import Carriers, end_lease
from signalling.store.clock import Clock
from signalling.store.keys import APPS_CHANNEL, marketplace_of, record_of
from signalling.store.policies import Policies
from signalling.store.store import Store
from signalling.store.tasks import end
from signalling.store.timers import Timers
from signalling.summaries import Summaries
from signalling.translate import clash_by
from signalling.web.auth import Authenticator
from signalling.web.media_metrics import MediaMetrics
from signalling.web.newcomers import Newcomers
from signalling.web.node import Node
from signalling.web.reaper import reap_for_ever
from signalling.web.server import build, tune_gc
from signalling.web.tls import Tls
from signalling.welcome import demo_app, welcome

LOG = structlog.get_logger(__name__)


async def serve_forever(
    settings: Settings, roles: frozenset[str], *, company: "Company | None" = None
) -> None:
    """Run until SIGTERM or SIGINT; say on standard output where it listens once it does.

    With *company* it is a server to try things on: see `signalling.web.newcomers`.
    """
    log_as(settings.log)
    stop, lost = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def store_lost() -> None:
        lost.set()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tls = Tls.of(settings.server) if "web" in roles else None
    if tls is not None:
        loop.add_signal_handler(signal.SIGHUP, _reload, tls)
    async with contextlib.AsyncExitStack() as stack:
        opening = running(
            settings, roles, tls=tls, on_store_lost=store_lost, newcomers=bool(company)
        )
        server = await stack.enter_async_context(opening)
        if server.url:
            print(f"listening on {server.url}", flush=True)
        if company is not None:
            print(await welcome(server.engine, server.url, settings.tokens.audience), flush=True)
            await stack.enter_async_context(company(server, settings))
        await stop.wait()
    if lost.is_set():  # whoever watches over us starts us again, and the store with us
        raise Unavailable(f"the store has ended; see {settings.store.data}/valkey/valkey.log")


class Running:
    """A server that serves: where, and its parts, for tests and the demo."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine = engine
        self.store = engine.store
        self.apps = Apps(engine.store)
        self.url = url


# Who keeps people online at a server to try things on, for as long as the context is open.
Company = Callable[[Running, Settings], contextlib.AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    roles: frozenset[str] = frozenset({"web", "matcher"}),
    *,
    tls: Tls | None = None,
    on_store_lost: Callable[[], None] = lambda: None,
    newcomers: bool = False,
) -> AsyncIterator[Running]:
    """Run the roles on the configured store for as long as the context is open.

    *on_store_lost* is called if the embedded store ends by itself. With *newcomers*, whoever
    comes gets an identity of the demo app.
    """
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings, on_lost=on_store_lost))
        clock = Clock(store)
        await clock.measure()
        stack.push_async_callback(_cancel, asyncio.create_task(clock.keep()))
        carriers = await stack.enter_async_context(Carriers(store, clock.now_ms))
        tables = _tables(settings.config_dir)
        clash = clash_by(tables.travel)
        engine = Engine(store, clock, bounds_of(settings), lambda: carriers.alive, clash)
        kept = snapshots_of(settings.store, tables)
        markets = await stack.enter_async_context(Markets(store, tables, kept))
        apps = Apps(store)
        watchers: list[Callable[[str], Awaitable[None]]] = [_opener(markets)]
        gaps: list[Callable[[], None]] = []
        bus = await stack.enter_async_context(Bus(store, on_gap=lambda _: _call(gaps)))
        promotions = await stack.enter_async_context(Promotions(bus, markets.tune))
        watchers.append(promotions.watch)
        gaps.append(promotions.look)
        if "matcher" in roles:
            # On the embedded store there is one process: what a killed one owned is its own.
            name = secrets.token_hex(8) if settings.store.url else "embedded"
            watch, look = await _run_matcher(stack, engine, bus, markets, name)
            couriers = await _run_couriers(stack, settings, engine, bus, name)
            watchers += [*watch, couriers.watch]
            gaps += [look, couriers.look]
            moving = asyncio.create_task(Moving(engine, carriers, apps.marketplaces).run())
            stack.push_async_callback(_cancel, moving)
        if "media" in roles:
            await _run_media(stack, settings, store, clock)
        url = ""
        if "web" in roles:
            calls = Calls(store, bus, secrets.token_hex(8))
            gaps.append(calls.fail)
            policies = Policies(apps.policy_of)
            await bus.subscribe(APPS_CHANNEL, lambda _, __: policies.forget())
            gaps.append(policies.forget)
            service = service_of(settings, engine, markets, apps, calls.ask, policies.of)
            demo = (await demo_app(apps)).key if newcomers else ""
            runner = await _run_web(stack, settings, engine, service, watchers, demo)
            url = await _listen(runner, settings.server, tls)
        await _watch_marketplaces(stack, apps, bus, watchers)
        tune_gc()
        yield Running(engine, url)


def _tables(directory: Path) -> Tables:
    try:
        return load_tables(directory)
    except (InvalidTables, OSError) as error:
        raise Unavailable(f"{directory}: {error}") from None


async def _run_media(
    stack: contextlib.AsyncExitStack, settings: Settings, store: Store, clock: Clock
) -> None:
    """Start media processes, and start again those that die."""

    async def gone(node: str) -> None:
        await end_lease(store, node, clock.now_ms())

    environ = {
        "DRAGOMAN_STORE__URL": store.url,
        "DRAGOMAN_CONFIG": str(settings.config_dir),
        "DRAGOMAN_SERVER__HOST": settings.server.host,
    }
    await stack.enter_async_context(Children(settings.media.processes, environ, gone))


async def _run_matcher(
    stack: contextlib.AsyncExitStack,
    engine: Engine,
    bus: Bus,
    markets: Markets,
    node: str,
) -> tuple[list[Callable[[str], Awaitable[None]]], Callable[[], None]]:
    """Start what turns waiting assignments into offers, and what wakes records in time.

    Return what takes up a marketplace, and what looks again after a gap of the bus.
    """
    dispatcher = await stack.enter_async_context(Dispatcher(engine, bus, markets, node))
    recommender = await stack.enter_async_context(Recommender(engine, bus, markets, node))

    async def fire(key: str) -> None:
        await engine.handle(marketplace_of(key), Tell(Key(*record_of(key)), Deadline()))

    timers = await stack.enter_async_context(Timers(engine.store, bus, engine.clock.now_ms, fire))
    summaries = Summaries(engine.store, markets, node)
    stack.push_async_callback(_cancel, asyncio.create_task(summaries.run()))
    return [timers.watch, dispatcher.watch, recommender.watch], timers.look


async def _run_couriers(
    stack: contextlib.AsyncExitStack, settings: Settings, engine: Engine, bus: Bus, node: str
) -> Couriers:
    """Start what delivers to the webhooks of apps."""
    limits = settings.limits
    lookup = Lookup()
    stack.push_async_callback(lookup.close)
    sender = Sender(places_of(settings), lookup, limits.webhook_timeout_s)
    await stack.enter_async_context(sender)
    terms = Terms(node, limits.webhook_at_once)
    room = Room(limits.webhooks_at_once)
    return await stack.enter_async_context(
        Couriers(engine, bus, sender, room, terms, drain_s=settings.server.drain_s)
    )


async def _run_web(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    engine: Engine,
    service: Service,
    watchers: list[Callable[[str], Awaitable[None]]],
    demo: str,
) -> web.AppRunner:
    """Start what answers sockets and HTTP; nobody can reach it yet.

    *demo* is the key of the app whose identities newcomers get; empty: they get none.
    """
    store, clock = engine.store, engine.clock
    apps = Apps(store)
    auth = Authenticator(apps.get, settings.tokens)
    node = Node(settings, store, service, auth, clock.now_ms)

    async def ready() -> None:
        found = await checks.problems(store)
        if node.lease.lost:
            found.append("This node has lost its lease.")
        if found:
            raise Unavailable(" ".join(found))

    if demo:
        LOG.warning("whoever reaches this server can be anybody on it: never in production")
    service.meetings.fared = MediaMetrics(node.metrics.registry).fared
    watchers.append(node.lease.watch)
    runner = web.AppRunner(
        build(node, ready, Newcomers(node, demo) if demo else None),
        access_log=None,
        auto_decompress=False,
        shutdown_timeout=settings.server.drain_s,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.push_async_callback(_cancel, asyncio.create_task(reap_for_ever(apps, node)))
    return runner


async def _listen(runner: web.AppRunner, server: Server, tls: Tls | None) -> str:
    """Let everybody in; return where."""
    try:
        listening = socket.create_server(
            (server.host, server.port),
            family=socket.AF_INET6 if ":" in server.host else socket.AF_INET,
            backlog=1024,
        )
    except OSError as error:
        where = f"{server.host}:{server.port}"
        raise Unavailable(f"cannot listen on {where}: {error.strerror}") from None
    context = tls.context if tls is not None else None
    await web.SockSite(runner, listening, backlog=1024, ssl_context=context).start()
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if tls is not None else 'http'}://{shown}:{port}"


def _reload(tls: Tls) -> None:
    """Take new certificates for connections to come; with bad ones, go on with the old."""
    try:
        tls.reload()
    except Unavailable as error:
        LOG.error("certificates were not read again", why=error.detail)
    else:
        LOG.info("certificates were read again")


async def _watch_marketplaces(
    stack: contextlib.AsyncExitStack,
    apps: Apps,
    bus: Bus,
    watchers: list[Callable[[str], Awaitable[None]]],
) -> None:
    """Serve every marketplace there is, and those that come while this runs."""
    coming: asyncio.Queue[str] = asyncio.Queue()

    async def take(marketplace: str) -> None:
        for watch in watchers:
            await watch(marketplace)

    async def take_coming() -> None:
        while True:
            marketplace = await coming.get()
            try:
                await take(marketplace)
            except DragomanError:
                LOG.exception("a marketplace could not be taken up", marketplace=marketplace)
                await asyncio.sleep(1)
                coming.put_nowait(marketplace)

    await bus.subscribe(APPS_CHANNEL, lambda _, body: coming.put_nowait(body.decode()))
    for marketplace in await apps.marketplaces():
        await take(marketplace)
    stack.push_async_callback(_cancel, asyncio.create_task(take_coming()))


def _opener(markets: Markets) -> Callable[[str], Awaitable[None]]:
    async def open_market(marketplace: str) -> None:
        await markets.get(marketplace)

    return open_market


def _call(functions: list[Callable[[], None]]) -> None:
    for function in functions:
        function()


async def _cancel(task: "asyncio.Task[Any]") -> None:
    await end([task])
