"""A server that talks like a Janus until it is told to talk nonsense. The real one never does."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

Request = Mapping[str, Any]
# What goes out as it is (text or bytes), as JSON with the transaction added (a dict), or nothing.
Answer = str | bytes | dict[str, Any] | None
SILENCE: Answer = None


class FakeJanus:
    """*nonsense* maps a request ("create", "attach", "join"…) to what is answered instead."""

    def __init__(self, **nonsense: Callable[[Request], Answer]) -> None:
        self.nonsense = nonsense
        self.asked: list[str] = []
        self.handles: set[int] = set()
        self.url = ""
        self._ids = itertools.count(1)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("janus-protocol",))
        await socket.prepare(request)
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            asked = json.loads(frame.data)
            answer = self._answer(asked)
            if isinstance(answer, dict):
                answer = json.dumps({"transaction": asked["transaction"], **answer})
            if isinstance(answer, str):
                await socket.send_str(answer)
            elif isinstance(answer, bytes):
                await socket.send_bytes(answer)
        return socket

    def _answer(self, asked: Request) -> Answer:
        name = asked["body"]["request"] if asked["janus"] == "message" else asked["janus"]
        self.asked.append(name)
        return self.nonsense.get(name, self._sense)(asked)

    def _sense(self, asked: Request) -> Answer:
        if asked["janus"] in {"create", "attach"}:
            made = next(self._ids)
            if asked["janus"] == "attach":
                self.handles.add(made)
            return {"janus": "success", "data": {"id": made}}
        if asked["janus"] == "detach":
            self.handles.discard(asked["handle_id"])
            return {"janus": "success"}
        request = asked["body"]["request"]
        if request == "list":
            return plugin({"videoroom": "success", "list": []})
        if request == "joinandconfigure":
            return plugin({"videoroom": "joined"}, {"type": "answer", "sdp": "v=0\r\n"})
        if request in {"join", "update"}:
            return plugin({"streams": []}, {"type": "offer", "sdp": "v=0\r\n"})
        return plugin({"videoroom": "event"})


def plugin(data: Any, jsep: Any = None) -> dict[str, Any]:
    message = {"janus": "event", "sender": 1, "plugindata": {"plugin": "p", "data": data}}
    return message if jsep is None else {**message, "jsep": jsep}


@asynccontextmanager
async def pretending(**nonsense: Callable[[Request], Answer]) -> AsyncIterator[FakeJanus]:
    fake = FakeJanus(**nonsense)
    app = web.Application()
    app.router.add_get("/", fake.serve)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/")).replace("http://", "ws://")
        yield fake
