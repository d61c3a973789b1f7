"""A small JSON-RPC client for tests, over aiohttp."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp
import msgspec

from tests.web.fake import World


class Client:
    """One socket. Answers and events are kept apart, in order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, binary: bool) -> None:
        self.socket = socket
        self.binary = binary
        self.ids = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        self.answers: dict[Any, dict[str, Any]] = {}
        self.opened: dict[str, Any] = {}

    async def send(self, message: Any) -> None:
        if self.binary:
            await self.socket.send_bytes(msgspec.msgpack.encode(message))
        else:
            await self.socket.send_str(msgspec.json.encode(message).decode())

    async def receive(self) -> Any:
        """Return the next message; None once the socket is closed."""
        async with asyncio.timeout(10):
            frame = await self.socket.receive()
        if frame.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
            return None
        if self.binary:
            assert frame.type is aiohttp.WSMsgType.BINARY, frame
            return msgspec.msgpack.decode(frame.data)
        assert frame.type is aiohttp.WSMsgType.TEXT, frame
        return msgspec.json.decode(frame.data)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method; return the whole answer."""
        id_ = next(self.ids)
        await self.send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return await self.answer(id_)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method that must succeed; return its result."""
        answer = await self.ask(method, **params)
        assert "result" in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def answer(self, id_: Any) -> dict[str, Any]:
        while id_ not in self.answers:
            message = await self.receive()
            assert message is not None, (self.socket.close_code, self.events)
            if "method" in message:
                self.events.append(message)
            else:
                self.answers[message["id"]] = message
        return self.answers.pop(id_)

    async def event(self, method: str) -> dict[str, Any]:
        """Return the params of the next event of this name."""
        while True:
            for n, event in enumerate(self.events):
                if event["method"] == method:
                    params: dict[str, Any] = self.events.pop(n)["params"]
                    return params
            message = await self.receive()
            assert message is not None, self.socket.close_code
            if "method" in message:
                self.events.append(message)
            else:
                self.answers[message["id"]] = message

    async def closing(self) -> int:
        """Read on to the end; return the close code."""
        while (message := await self.receive()) is not None:
            if isinstance(message, dict) and "method" in message:
                self.events.append(message)
            elif isinstance(message, dict):
                self.answers[message["id"]] = message
        assert self.socket.close_code is not None
        return self.socket.close_code


class Clients:
    """Opens sockets, and closes them at the end."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.session = session
        self.made: list[Client] = []  # aiohttp closes a socket that nobody holds

    async def connect(
        self, *, binary: bool = False, url: str = "", headers: Mapping[str, str] | None = None
    ) -> Client:
        protocol = "dragoman.v1.msgpack" if binary else "dragoman.v1.json"
        socket = await self.session.ws_connect(
            url or self.world.url,
            protocols=(protocol,),
            max_msg_size=0,
            headers=headers,
            timeout=aiohttp.ClientWSTimeout(ws_close=0.5),
        )
        self.made.append(Client(socket, binary=binary))
        return self.made[-1]

    async def open(
        self, user: str = "anna", role: str = "customer", *, binary: bool = False, **params: Any
    ) -> Client:
        client = await self.connect(binary=binary, url=params.pop("url", self.world.url))
        params.setdefault("token", self.world.token(user, role))
        client.opened = await client.call("session.open", **params)
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.gather(*(client.socket.close() for client in self.made))
        await self.session.close()


@asynccontextmanager
async def clients(world: World) -> AsyncIterator[Clients]:
    async with Clients(world, aiohttp.ClientSession()) as made:
        yield made


async def handshake(people: Clients, **headers: str) -> tuple[int, Any]:
    """Return how a handshake with these headers is answered."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with people.session.get(people.world.url, headers=upgrade | headers) as response:
        if response.status == 101:
            response.close()
            return 101, None
        return response.status, await response.json(content_type="application/problem+json")
