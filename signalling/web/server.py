"""The aiohttp application: routes, and what is opened and closed with it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import msgspec
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from signalling.errors import Unavailable
from signalling.protocol.openapi import openapi
from signalling.protocol.openrpc import openrpc
from signalling.web import calendars, pages, parameters
from signalling.web.assets import assets
from signalling.web.client_address import is_secure
from signalling.web.close import CloseCode
from signalling.web.http import JSON_TYPE, Http, failure, guard, unknown
from signalling.web.newcomers import Newcomers
from signalling.web.node import Node
from signalling.web.sockets import Sockets

NODE = web.AppKey("node", Node)
Ready = Callable[[], Awaitable[None]]
_ENCODE = msgspec.json.Encoder().encode


async def _always() -> None:
    """Be ready."""


def build(
    node: Node, ready: Ready = _always, newcomers: Newcomers | None = None
) -> web.Application:
    """Return the application of a node; with *newcomers*, of one to try things on.

    *ready* raises Unavailable, with the reason, while the store or this node's lease is not what
    it should be. Stopping the application drains its sockets.
    """
    app = web.Application(middlewares=[guard], client_max_size=node.limits.frame_bytes)
    app[NODE] = node
    http, sockets = Http(node), Sockets(node)
    described = _described()
    app.router.add_get("/v1/ws", sockets.accept)
    app.router.add_get("/v1/calendar/{name}", calendars.serve(node))
    app.router.add_post("/v1/{method}", http.call)
    served = assets()
    door = served.pop("/start")  # of newcomers alone: it would promise what is not there
    app.router.add_get("/", _start if newcomers is None else door.serve)
    app.router.add_routes(() if newcomers is None else newcomers.routes)
    app.router.add_get("/parameters", parameters.serve(node))
    app.router.add_get("/healthz", _health)
    app.router.add_get("/metrics", _metrics)
    for path, (body, kind) in described.items():
        app.router.add_get(path, _fixed(body, kind))
    for path, asset in served.items():
        app.router.add_get(path, asset.serve)

    async def readiness(_: web.Request) -> web.Response:
        try:
            if node.draining:
                raise Unavailable("the server shuts down")
            await ready()
        except Unavailable as error:
            return failure(error)
        return web.json_response({"status": "ready"})

    app.router.add_get("/readyz", readiness)
    app.router.add_route("*", "/{path:.*}", unknown)
    app.cleanup_ctx.append(_lifetime)
    app.on_shutdown.append(_shut_down)
    return app


async def _lifetime(app: web.Application) -> AsyncIterator[None]:
    """Run the bus and the sweeper as long as the application."""
    node = app[NODE]
    async with node.hub.bus, node.lease:
        sweeping = asyncio.create_task(node.sweeper.run())
        try:
            yield
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
            await node.hub.aclose()
            with suppress(Unavailable):
                await node.lease.leave()


async def _shut_down(app: web.Application) -> None:
    """Send everybody away, and wait until they have gone or lingered too long."""
    node = app[NODE]
    node.drain(CloseCode.SHUTDOWN)
    waiting = [connection.done for connection in tuple(node.connections)]
    if waiting:
        await asyncio.wait(waiting, timeout=min(node.settings.server.drain_s, 5.0))
    for connection in tuple(node.connections):
        connection.abort()
    await node.hub.aclose()


def _described() -> dict[str, tuple[bytes, str]]:
    """Return what is the same for everybody, made once."""
    return {
        "/openrpc.json": (_ENCODE(openrpc()), JSON_TYPE),
        "/openapi.json": (_ENCODE(openapi()), JSON_TYPE),
        "/docs": (pages.protocol().encode(), "text/html"),
    }


def _fixed(body: bytes, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(_: web.Request) -> web.Response:
        if kind == "text/html":
            return pages.html(body.decode())
        return web.Response(body=body, content_type=kind, charset="utf-8")

    return serve


async def _start(request: web.Request) -> web.Response:
    node = request.app[NODE]
    secure = is_secure(request, node.trusted)
    return pages.html(pages.start(node, request.host, secure=secure))


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "alive"})


async def _metrics(request: web.Request) -> web.Response:
    body = generate_latest(request.app[NODE].metrics.registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def tune_gc() -> None:
    """Keep the collector off what lives for ever. Call once, after warm-up (targets.md)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 200, 50)
