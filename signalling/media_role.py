"""Compose a media process: its carriers, its place among the media nodes, and what it is asked."""

import asyncio
import contextlib
import dataclasses
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

import structlog
from aioice.ice import get_host_addresses

from signalling.assembly import bounds_of
from signalling.engine import Engine
from signalling.errors import DragomanError, Unavailable
from signalling.media.carrier import Carrier
from signalling.media.check import DeviceChecks
from signalling.media.janus.carrier import Janus
from signalling.media.record import Began, Failed, Finished, Recorder, keep_swept
from signalling.media.relay.leg import Bounds
from signalling.media.relay.relay import Relay
from signalling.media.relay.source import Source
from signalling.media_node import MediaNode
from signalling.media_recording import Recordings
from signalling.process import log_as, open_store
from signalling.settings import Settings
from signalling.store.apps import Apps
from signalling.store.bus import Bus
from signalling.store.calls import Desk, Handler
from signalling.store.carriers import Carriers, MediaLease
from signalling.store.clock import Clock
from signalling.store.keys import APPS_CHANNEL
from signalling.store.tasks import end

LOG = structlog.get_logger(__name__)
LOOPBACK: Final = "127.0.0.1"


async def serve_media(settings: Settings, node: str, *, attached: bool) -> None:
    """Carry media as *node* until SIGTERM, or until standard input ends if *attached* to it."""
    log_as(settings.log)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if attached:
        loop.add_reader(sys.stdin.fileno(), _read_to_end, stop)
    async with media_node(settings, node):
        LOG.info("media node ready", node=node)
        await stop.wait()


def _read_to_end(stop: asyncio.Event) -> None:
    """Stop once nobody holds the other end of standard input."""
    if not os.read(sys.stdin.fileno(), 1):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


@contextlib.asynccontextmanager
async def media_node(settings: Settings, node: str) -> AsyncIterator[MediaNode]:
    """Be the media node *node* for as long as the context is open."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings))
        clock = Clock(store)
        await clock.measure()
        _task(stack, clock.keep())
        known = await stack.enter_async_context(Carriers(store, clock.now_ms))
        engine = Engine(store, clock, bounds_of(settings), lambda: known.alive)
        media = MediaNode(engine, node)
        stack.push_async_callback(media.close)
        media.carriers = carriers = await _carriers(stack, settings, media)
        bus = await stack.enter_async_context(Bus(store))
        checks = DeviceChecks(relay_bounds(settings))
        stack.push_async_callback(checks.close)
        handlers = {"negotiate": media.negotiate, **checking(checks)}
        desk = Desk(store, bus, node, handlers, {"changed": media.changed})
        await stack.enter_async_context(desk)
        apps = Apps(store)
        watching = asyncio.Queue[str]()
        await bus.subscribe(APPS_CHANNEL, lambda _, body: watching.put_nowait(body.decode()))
        for marketplace in await apps.marketplaces():
            await desk.watch(marketplace)
        _task(stack, _watch(desk, watching))
        _task(stack, media.sweep_for_ever())
        lease = MediaLease(
            store, clock.now_ms, node, lambda: {k: c.load for k, c in carriers.items()}
        )
        await stack.enter_async_context(lease)
        yield media


async def _carriers(
    stack: contextlib.AsyncExitStack, settings: Settings, media: MediaNode
) -> dict[str, Carrier]:
    """Start what carries media here: the relay always, Janus where one is set."""

    def published(source: Source) -> None:
        recorder.published(source)  # which begins with the relay that it listens to

    relay = Relay(relay_bounds(settings), published=published)
    stack.push_async_callback(relay.close)
    recorder = await _recorder(stack, settings, media, relay)
    if not settings.janus.urls:
        return {"relay": relay}
    janus = Janus(
        settings.janus,
        published=lambda place: media.spawn(media.published(place)),
        gone=lambda place, reason: LOG.info("media ended", place=place, reason=reason),
        lost=lambda meetings, reason: media.spawn(media.lost("janus", meetings, reason)),
    )
    return {"relay": relay, "janus": await stack.enter_async_context(janus)}


async def _recorder(
    stack: contextlib.AsyncExitStack, settings: Settings, media: MediaNode, relay: Relay
) -> Recorder:
    """Start what records the relay's meetings, and erases what is too old."""

    def told(event: Began | Finished | Failed) -> None:
        recordings.told(event)

    try:
        recorder = Recorder(settings.recording, relay, told)
    except ValueError as error:
        raise Unavailable(f"recording.recipients: {error}") from None
    recordings = Recordings(media, recorder)
    media.followers.append(recordings.follow)
    stack.push_async_callback(recorder.close)
    _task(stack, keep_swept(settings.recording))
    return recorder


def checking(checks: DeviceChecks) -> dict[str, Handler]:
    """Return what a media node answers about device checks; each is its user's alone."""

    async def begin(_: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"sdp": await checks.offer(_owned(params), params["sdp"])}

    async def end(_: str, params: dict[str, Any]) -> dict[str, Any]:
        return dataclasses.asdict(checks.result(_owned(params), params["seen"]))

    return {"check": begin, "checked": end}


def _owned(params: dict[str, Any]) -> str:
    return f"{params['check']} {params['user']}"


def relay_bounds(settings: Settings) -> Bounds:
    return Bounds(bind=addresses(settings), participants=settings.media.people)


def addresses(settings: Settings) -> tuple[str, ...]:
    """Return the addresses to offer: as set, or all of the machine's.

    A server that listens on loopback alone is tried out on this very machine, which may have no
    network at all.
    """
    if settings.media.bind:
        return settings.media.bind
    found = get_host_addresses(use_ipv4=True, use_ipv6=True)
    if settings.server.host in ("localhost", LOOPBACK, "::1"):
        found = [*found, LOOPBACK]
    return tuple(found)


def _task(stack: contextlib.AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)

    async def stop() -> None:
        await end([task])

    stack.push_async_callback(stop)


async def _watch(desk: Desk, coming: "asyncio.Queue[str]") -> None:
    while True:
        marketplace = await coming.get()
        try:
            await desk.watch(marketplace)
        except DragomanError:
            LOG.exception("a marketplace could not be taken up", marketplace=marketplace)
            await asyncio.sleep(1)
            coming.put_nowait(marketplace)
