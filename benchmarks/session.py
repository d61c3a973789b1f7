"""A session over one WebSocket in MessagePack, as light as a generator of load needs it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Self

import msgspec

from benchmarks.offer_server import Server

ANSWER_WITHIN_S = 30.0
HANDSHAKE = (
    b"GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: dragoman.v1.msgpack\r\n\r\n"
)
UNMASKED = bytes(4)  # a mask of zeros leaves a payload as it is
PONG = b"\x8a\x80" + UNMASKED

Handler = Callable[["Session", str, dict[str, Any], float], None]
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder().decode


class Refused(Exception):
    """The server refused a request."""


class Session(asyncio.Protocol):
    """One session over one socket; *heard* gets each event's method, params and time."""

    def __init__(self, heard: Handler) -> None:
        loop = asyncio.get_running_loop()
        self.heard = heard
        self.ready: asyncio.Future[None] = loop.create_future()
        self.answers: dict[int, asyncio.Future[Any]] = {}
        self.asked = 0
        self.answered = 0.0  # when the last answer was read
        self.buffer = b""

    @classmethod
    async def open(cls, server: Server, user: str, role: str, heard: Handler) -> Self:
        host, _, port = server.url.removeprefix("http://").rpartition(":")
        loop = asyncio.get_running_loop()
        _, session = await loop.create_connection(lambda: cls(heard), host, int(port))
        await session.ready
        await session.call("session.open", token=server.token(user, role))
        return session

    async def call(self, method: str, **params: Any) -> Any:
        """Ask, and return the result."""
        self.asked += 1
        answer = self.answers[self.asked] = asyncio.get_running_loop().create_future()
        request = {"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}
        self.transport.write(frame_of(_ENCODE(request)))
        async with asyncio.timeout(ANSWER_WITHIN_S):
            message = await answer
        if "error" in message:
            raise Refused(f"{method}: {message['error']}")
        return message["result"]

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.Transport = transport
        transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        data = self.buffer + data if self.buffer else data
        if not self.ready.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            assert b" 101 " in head, head
            self.ready.set_result(None)
        start, end = 0, len(data)
        while end - start >= 2:
            size, body = data[start + 1], start + 2
            if size == 126:
                size, body = int.from_bytes(data[start + 2 : start + 4], "big"), start + 4
            elif size == 127:
                size, body = int.from_bytes(data[start + 2 : start + 10], "big"), start + 10
            if end < body + size:
                break
            self._frame(data[start] & 15, data[body : body + size], at)
            start = body + size
        self.buffer = data[start:]

    def _frame(self, opcode: int, payload: bytes, at: float) -> None:
        if opcode == 9:
            self.transport.write(PONG)
        elif opcode == 2:
            message = _DECODE(payload)
            if "method" in message:
                self.heard(self, message["method"], message["params"], at)
                return
            self.answered = at
            if (answer := self.answers.pop(message["id"], None)) and not answer.done():
                answer.set_result(message)


def frame_of(payload: bytes) -> bytes:
    """Return a binary WebSocket frame of a client."""
    size = len(payload)
    header = bytes((0x82, 0x80 | size)) if size < 126 else b"\x82\xfe" + size.to_bytes(2, "big")
    return header + UNMASKED + payload
