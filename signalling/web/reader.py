"""A WebSocket that hands each frame to its owner inside the transport's own callback.

aiohttp parses the handshake and the frames; what it would queue for a waiting task goes straight
to a `Receiver` instead, which costs a third less (targets.md). Two private methods are overridden:
`WebSocketDataQueue.feed_data` and `WebSocketResponse._post_start`; aiohttp is pinned and
tests/web/test_reader.py holds the contract.
"""

import asyncio
from typing import Any, Protocol

from aiohttp import WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.http_websocket import WebSocketWriter

# Bytes that aiohttp's queue would hold before it stops reading: unused, for nothing is queued.
_LIMIT = 1 << 16
_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY
_PING, _CLOSE = WSMsgType.PING, WSMsgType.CLOSE


class Receiver(Protocol):
    """What is told of everything that arrives. No method may raise."""

    def on_frame(self, data: bytes, is_text: bool) -> None: ...
    def on_ping(self, data: bytes) -> None: ...
    def on_pong(self) -> None: ...
    def on_close(self, code: int) -> None: ...
    def on_fault(self, error: BaseException) -> None: ...
    def on_lost(self) -> None: ...


class DirectQueue(WebSocketDataQueue):
    """Passes on what the parser gives, and keeps nothing."""

    def __init__(self, receiver: Receiver, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(protocol, _LIMIT, loop=loop)
        self.receiver = receiver

    def feed_data(self, data: Any, size: int) -> None:  # noqa: ARG002 - the parser's signature
        kind = data[0]
        if kind is _TEXT or kind is _BINARY:
            self.receiver.on_frame(data[1], kind is _TEXT)
        elif kind is _PING:
            self.receiver.on_ping(data[1])
        elif kind is _CLOSE:
            self.receiver.on_close(data[1])
        else:
            self.receiver.on_pong()

    def set_exception(self, exc: BaseException, *cause: Any) -> None:
        super().set_exception(exc, *cause)
        self.receiver.on_fault(exc)

    def feed_eof(self) -> None:
        super().feed_eof()
        self.receiver.on_lost()


class Socket(web.WebSocketResponse):
    """An accepted WebSocket whose frames go to *receiver*; the owner does all the writing.

    A frame of more than *frame_bytes* is refused from its header, before its payload is read.
    """

    def __init__(self, receiver: Receiver, *, subprotocols: tuple[str, ...], frame_bytes: int):
        super().__init__(protocols=subprotocols, compress=False, decode_text=False)
        self.receiver = receiver
        self.frame_bytes = frame_bytes

    def _post_start(
        self, request: web.BaseRequest, protocol: str | None, writer: WebSocketWriter
    ) -> None:
        self._ws_protocol = protocol
        self._writer = writer
        assert self._loop is not None  # noqa: S101 - set by aiohttp just before
        self._reader = DirectQueue(self.receiver, request.protocol, self._loop)
        self._parser = WebSocketReader(
            self._reader, self.frame_bytes + 1, compress=False, decode_text=False
        )
        request.protocol.set_parser(self._parser)
        request.protocol.keep_alive(False)

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002 - aiohttp's signature
        """Write nothing: the owner has sent the close frame, or there is nobody to read it."""
        self._eof_sent = True
        self._parser = None
