"""A server as small as the client's tests need: it opens sessions, resumes them, does as told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

PROTOCOLS = ("dragoman.v1.json", "dragoman.v1.msgpack")


class FakeServer:
    """Answers by script; `answers` maps a method to its result or error object."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []
        self.refusals: list[dict[str, Any]] = []
        self.opens = 0
        self.snapshot: dict[str, Any] = {}
        self.inbox: list[str] = []
        self.before_answer: dict[str, list[dict[str, Any]]] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.closed = asyncio.Event()
        self.refuse_handshakes = 0
        self.close_on_open = 0
        self.silent = False

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v1/ws", self._socket)
        return app

    async def send(self, method: str, **params: Any) -> None:
        await self._send(self.sockets[-1], {"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self, code: int) -> None:
        await self.sockets[-1].close(code=code, message=b"as told")

    def called(self, method: str) -> list[dict[str, Any]]:
        return [r["params"] for r in self.requests if r["method"] == method]

    async def _send(self, ws: web.WebSocketResponse, message: Any) -> None:
        if ws.ws_protocol == "dragoman.v1.msgpack":
            await ws.send_bytes(msgpack.packb(message))
        else:
            await ws.send_str(json.dumps(message))

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_handshakes:
            self.refuse_handshakes -= 1
            return web.Response(status=503)
        ws = web.WebSocketResponse(protocols=PROTOCOLS)
        await ws.prepare(request)
        self.sockets.append(ws)
        async for frame in ws:
            if frame.type is WSMsgType.TEXT:
                message = json.loads(frame.data)
            else:
                message = msgpack.unpackb(frame.data)
            self.requests.append(message)
            await self._answer(ws, message)
        self.closed.set()
        return ws

    async def _answer(self, ws: web.WebSocketResponse, message: dict[str, Any]) -> None:
        method = message["method"]
        if self.silent:
            return
        if method == "session.open" and self.close_on_open:
            await ws.close(code=self.close_on_open)
            return
        for event in self.before_answer.get(method, []):
            await self._send(ws, {"jsonrpc": "2.0", **event})
        if method == "session.open" and self.refusals:
            answer = {"error": self.refusals.pop(0)}
        elif method == "session.open":
            answer = {"result": self._opened(message["params"])}
        else:
            answer = self.answers.get(method, {"result": {"echo": message.get("params")}})
        if answer and "id" in message:
            await self._send(ws, {"jsonrpc": "2.0", "id": message["id"], **answer})
        if method == "session.open" and "result" in answer:
            await self._replay(ws, message["params"])

    def _opened(self, params: dict[str, Any]) -> dict[str, Any]:
        self.opens += 1
        resume = params.get("resume")
        recovered = resume is not None and resume["resume_token"] == f"secret-{self.opens - 1}"
        opened = {
            "session": "s1",
            "resume_token": f"secret-{self.opens}",
            "recovered": recovered,
        }
        return opened if recovered else opened | {"snapshot": self.snapshot}

    async def _replay(self, ws: web.WebSocketResponse, params: dict[str, Any]) -> None:
        last = (params.get("resume") or {}).get("last_event")
        if last in self.inbox:
            # one too many: delivery is at least once
            for event_id in self.inbox[self.inbox.index(last) :]:
                params = {"event_id": event_id}
                await self._send(ws, {"jsonrpc": "2.0", "method": "offer.made", "params": params})


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve *app* on a port of its own; give its URL."""
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")
