"""What we rely on in aiohttp's private WebSocket reader, and would break silently without."""

import asyncio
import inspect
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader

from signalling.web.reader import DirectQueue


class Log:
    """Remembers what it receives."""

    def __init__(self) -> None:
        self.got: list[Any] = []

    def on_frame(self, data: bytes, is_text: bool) -> None:
        self.got.append((type(data), bytes(data), is_text))

    def on_ping(self, data: bytes) -> None:
        self.got.append(("ping", bytes(data)))

    def on_pong(self) -> None:
        self.got.append("pong")

    def on_close(self, code: int) -> None:
        self.got.append(("close", code))

    def on_fault(self, error: BaseException) -> None:
        self.got.append(type(error).__name__)

    def on_lost(self) -> None:
        self.got.append("lost")


class NoProtocol:
    _reading_paused = False


async def test_every_kind_of_frame_arrives_at_once() -> None:
    log = Log()
    queue = DirectQueue(log, NoProtocol(), asyncio.get_running_loop())
    parser = WebSocketReader(queue, 100, compress=False, decode_text=False)
    parser.feed_data(b"\x81\x02{}" + b"\x82\x01\x80" + b"\x89\x01p" + b"\x8a\x00")
    parser.feed_data(b"\x01\x01a" + b"\x80\x01b" + b"\x88\x02\x03\xe8")
    assert log.got == [
        (bytes, b"{}", True),
        (bytes, b"\x80", False),
        ("ping", b"p"),
        "pong",
        (bytes, b"ab", True),
        ("close", 1000),
    ]
    parser.feed_eof()
    assert log.got[-1] == "lost"


async def test_a_large_frame_is_refused_from_its_header() -> None:
    log = Log()
    queue = DirectQueue(log, NoProtocol(), asyncio.get_running_loop())
    parser = WebSocketReader(queue, 101, compress=False, decode_text=False)
    parser.feed_data(b"\x82\x64" + bytes(100))
    assert len(log.got) == 1
    parser.feed_data(b"\x82\x65")
    assert log.got[-1] == "WebSocketError"


def test_what_is_overridden_is_still_there() -> None:
    assert aiohttp.__version__ == "3.14.5"
    assert list(inspect.signature(web.WebSocketResponse._post_start).parameters) == [
        "self",
        "request",
        "protocol",
        "writer",
    ]
    assert issubclass(DirectQueue, WebSocketDataQueue)
    assert DirectQueue.feed_data is not WebSocketDataQueue.feed_data
