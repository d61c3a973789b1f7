"""One WebSocket that speaks JSON-RPC 2.0: requests out, answers and notifications in."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

import aiohttp
from yarl import URL

from signalling.client.codec import UNREADABLE, Codec
from signalling.client.errors import ABNORMAL, BadAnswer, ClientError, ConnectionLost, RemoteError
from signalling.client.mailbox import Event

FRAME_BYTES_MOST: Final = 4 * 1024 * 1024  # a snapshot may be large
CLOSE_S: Final = 2.0
UNREADABLE_FRAME: Final = 1002  # RFC 6455: protocol error

Answer = dict[str, Any] | ClientError


class Wire:
    """One socket, from its handshake to its end; it never comes back.

    `on_event` is called for each notification, in order, `on_lost` once at the end.
    """

    def __init__(
        self,
        websocket: "aiohttp.ClientWebSocketResponse[bool]",
        codec: Codec,
        on_event: Callable[[Event], None],
        on_lost: Callable[["Wire"], None],
    ) -> None:
        self.lost: tuple[int, str] | None = None
        self._websocket = websocket
        self._codec = codec
        self._on_event = on_event
        self._on_lost = on_lost
        self._pending: dict[int, asyncio.Future[Answer]] = {}
        self._last_id = 0
        self._reader = asyncio.create_task(self._read(), name="dragoman client reader")

    @classmethod
    async def open(
        cls,
        http: aiohttp.ClientSession,
        url: URL,
        codec: Codec,
        on_event: Callable[[Event], None],
        on_lost: Callable[["Wire"], None],
    ) -> "Wire":
        """Shake hands; raise ConnectionLost when nobody answers or the subprotocol is refused."""
        try:
            websocket = await http.ws_connect(
                url,
                protocols=(codec.subprotocol,),
                max_msg_size=FRAME_BYTES_MOST,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConnectionLost(ABNORMAL, str(error) or type(error).__name__) from error
        if websocket.protocol != codec.subprotocol:
            await websocket.close()
            raise ConnectionLost(ABNORMAL, f"the server does not speak {codec.subprotocol}")
        return cls(websocket, codec, on_event, on_lost)

    async def call(self, method: str, params: dict[str, Any], within_s: float) -> dict[str, Any]:
        """Ask and wait. Raise RemoteError, ConnectionLost, or TimeoutError after *within_s*."""
        self._last_id += 1
        number = self._last_id
        self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(within_s):
                await self._send(
                    {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                )
                answer = await self._pending[number]
        finally:
            del self._pending[number]
        if isinstance(answer, ClientError):
            raise answer
        return answer

    async def notify(self, method: str, params: dict[str, Any]) -> None:
        """Tell without waiting for an answer; nobody hears of its errors."""
        await self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> None:
        """Say goodbye and wait until nothing runs any more."""
        await self._websocket.close()
        await self._reader

    async def drop(self) -> None:
        """End without a goodbye, as a lost network does."""
        theirs = self._websocket.get_extra_info("socket")
        if theirs is not None:
            # the loop's own socket refuses shutdown under uvloop: a duplicate does it
            with socket.fromfd(theirs.fileno(), theirs.family, theirs.type) as connection:
                connection.shutdown(socket.SHUT_RDWR)
        await self._reader

    async def _send(self, message: dict[str, Any]) -> None:
        if self.lost:
            raise ConnectionLost(*self.lost)
        frame = self._codec.encode(message)
        try:
            if self._codec.is_text:
                await self._websocket.send_str(frame.decode())
            else:
                await self._websocket.send_bytes(frame)
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost(ABNORMAL, str(error)) from error

    async def _read(self) -> None:
        code, reason = ABNORMAL, ""
        try:
            while True:
                frame = await self._websocket.receive()
                if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    for message in self._messages(frame.data):
                        self._receive(message)
                    continue
                if frame.type is aiohttp.WSMsgType.CLOSE:
                    code, reason = int(frame.data or ABNORMAL), str(frame.extra or "")
                break
        except BadAnswer as error:
            code, reason = UNREADABLE_FRAME, str(error)
            await self._websocket.close(code=UNREADABLE_FRAME)
        finally:
            self._end(code, reason)

    def _end(self, code: int, reason: str) -> None:
        self.lost = (code, reason)
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_result(ConnectionLost(code, reason))
        self._on_lost(self)

    def _messages(self, frame: Any) -> list[Event | tuple[Any, Answer]]:
        """Return what a frame holds: events, and answers with the id of their request."""
        try:
            message = self._codec.decode(frame)
            return [_read(part) for part in (message if isinstance(message, list) else [message])]
        except UNREADABLE as error:
            raise BadAnswer(f"an unreadable frame: {error!r}"[:120]) from error

    def _receive(self, message: Event | tuple[Any, Answer]) -> None:
        if isinstance(message, Event):
            self._on_event(message)
            return
        number, answer = message
        waiting = self._pending.get(number) if isinstance(number, int) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def _read(message: dict[str, Any]) -> Event | tuple[Any, Answer]:
    if "method" in message:
        return Event(str(message["method"]), dict(message.get("params") or {}))
    if "error" not in message:
        return message["id"], dict(message.get("result") or {})
    error = dict(message["error"])
    data = dict(error.get("data") or {})
    name = str(data.get("name", ""))
    return message.get("id"), RemoteError(int(error["code"]), name, str(error["message"]), data)
