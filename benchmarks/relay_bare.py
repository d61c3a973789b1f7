"""The baseline of benchmarks.relay: aiohttp + uvloop, bytes passed through."""

import asyncio

import uvloop
from aiohttp import web

ROOMS: web.AppKey[dict[str, list[web.WebSocketResponse]]] = web.AppKey("rooms", dict)


async def relay(request: web.Request) -> web.WebSocketResponse:
    """Send every message on to the other one in the room, undecoded."""
    socket = web.WebSocketResponse(
        compress=False, protocols=("dragoman.v1.json", "dragoman.v1.msgpack")
    )
    await socket.prepare(request)
    room = request.app[ROOMS].setdefault(request.query["room"], [])
    room.append(socket)
    try:
        async for message in socket:
            kind, data = message.type, message.data
            for other in room:
                if other is not socket:
                    await other.send_frame(data.encode() if type(data) is str else data, kind)
    finally:
        room.remove(socket)
    return socket


async def main() -> None:
    app = web.Application()
    app[ROOMS] = {}
    app.router.add_get("/ws", relay)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
