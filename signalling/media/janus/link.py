"""One WebSocket to a Janus, and the session on it: requests with deadlines, events by handle.

Janus's own errors arrive as `Refused`; that it is gone, silent or talks nonsense as Unavailable.
What it says never goes further than this package: a log line has its error's number, not its words.
Source: https://janus.conf.meetecho.com/docs/rest.html, "WebSockets interface".
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

import aiohttp
import msgspec
import structlog

from signalling.errors import Unavailable

LOG = structlog.get_logger(__name__)
PROTOCOL: Final = "janus-protocol"
PENDING_MOST: Final = 1000
MISSED_MOST: Final = 2  # requests in a row
FRAME_BYTES_MOST: Final = 4 << 20
VIDEOROOM: Final = "janus.plugin.videoroom"
JSON_NUMBERS: Final = (1 << 53) - 1  # ids of Janus are JSON numbers


class Refused(Exception):
    """Janus understood, and said no: *code* is its error's number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"janus error {code}")
        self.code = code


class Jsep(msgspec.Struct, frozen=True):
    """A description in an answer of Janus."""

    type: str
    sdp: str


class Data(msgspec.Struct, frozen=True):
    """What was made: a session or a handle."""

    id: int


class Fault(msgspec.Struct, frozen=True):
    """An error of Janus's core."""

    code: int


class PluginData(msgspec.Struct, frozen=True):
    """What the plugin says, undecoded: its shape depends on the request."""

    data: msgspec.Raw


class PluginFault(msgspec.Struct, frozen=True):
    """An error of a plugin, within an answer that is none to the core."""

    error_code: int = 0


class Message(msgspec.Struct, frozen=True):
    """Anything that Janus sends; *janus* says what it is."""

    janus: str
    transaction: str = ""
    sender: int = 0
    reason: str = ""
    data: Data | None = None
    error: Fault | None = None
    plugindata: PluginData | None = None
    jsep: Jsep | None = None


Answer = TypeVar("Answer")

_DECODE: Final = msgspec.json.Decoder(Message).decode
_DECODE_FAULT: Final = msgspec.json.Decoder(PluginFault).decode
_ENCODE: Final = msgspec.json.Encoder().encode


class Link:
    """A session of a Janus, open until `aclose` or until `ended` says why.

    *on_event* is told of everything that answers no request: the handle it is about, and what.
    """

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        secret: str,
        on_event: Callable[[int, Message], None],
        request_s: float,
    ) -> None:
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._socket = socket
        self._secret = secret
        self._on_event = on_event
        self._request_s = request_s
        self._session = 0
        self._missed = 0
        self._pending: dict[str, asyncio.Future[Message]] = {}
        self._orphans: set[str] = set()
        self._detaching: set[asyncio.Task[None]] = set()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls,
        http: aiohttp.ClientSession,
        url: str,
        secret: str,
        on_event: Callable[[int, Message], None],
        request_s: float,
    ) -> Self:
        """Connect and make a session, or raise Unavailable or Refused."""
        try:
            async with asyncio.timeout(request_s):
                socket = await http.ws_connect(
                    url, protocols=(PROTOCOL,), max_msg_size=FRAME_BYTES_MOST, autoping=True
                )
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Unavailable("the media server cannot be reached") from None
        link = cls(socket, secret, on_event, request_s)
        try:
            link._session = await link._made("create")
        except BaseException:
            await link.aclose()
            raise
        return link

    async def attach(self) -> int:
        """Return a new handle of VideoRoom."""
        return await self._made("attach", plugin=VIDEOROOM)

    def detach(self, handle: int) -> asyncio.Task[None]:
        """Give a handle up with its connection, whether or not anybody waits for it."""
        task = asyncio.create_task(self._detach(handle))
        self._detaching.add(task)
        task.add_done_callback(self._detaching.discard)
        return task

    async def _detach(self, handle: int) -> None:
        with suppress(Refused, Unavailable):  # it is gone already, or all are
            await self._request("detach", handle_id=handle)

    async def say(
        self, handle: int, body: Mapping[str, Any], kind: type[Answer], jsep: Jsep | None = None
    ) -> tuple[Answer, Jsep | None]:
        """Ask VideoRoom; return what it answers as *kind*, and its description if it has one."""
        fields: dict[str, Any] = {"handle_id": handle, "body": body}
        if jsep is not None:
            fields["jsep"] = jsep
        message = await self._request("message", **fields)
        if message.plugindata is None:
            raise self._nonsense()
        try:
            if code := _DECODE_FAULT(message.plugindata.data).error_code:
                raise Refused(code)
            return msgspec.json.decode(message.plugindata.data, type=kind), message.jsep
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._nonsense() from None

    async def aclose(self) -> None:
        """Close the socket, with which Janus ends the session and all its handles."""
        self._end("closed")
        for task in (self._reader, *self._detaching):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._socket.close()

    async def _made(self, kind: str, **fields: Any) -> int:
        message = await self._request(kind, **fields)
        if message.data is None or not 0 < message.data.id <= JSON_NUMBERS:
            raise self._nonsense()
        return message.data.id

    async def _request(self, kind: str, **fields: Any) -> Message:
        if self.ended.done() or len(self._pending) >= PENDING_MOST:
            raise Unavailable("the media server cannot be asked now")
        transaction = secrets.token_hex(8)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending[transaction] = answer
        request = {"janus": kind, "transaction": transaction, "apisecret": self._secret, **fields}
        if self._session:
            request["session_id"] = self._session
        message: Message | None = None
        try:
            async with asyncio.timeout(self._request_s):
                await self._socket.send_str(_ENCODE(request).decode())
                message = await answer
        except TimeoutError:  # which is an OSError, too
            self._missed += 1
            if self._missed >= MISSED_MOST:
                self._end("it does not answer")
            raise Unavailable("the media server did not answer in time") from None
        except (aiohttp.ClientError, OSError):
            raise Unavailable("the media server cannot be asked now") from None
        finally:
            del self._pending[transaction]
            if kind == "attach" and message is None:
                self._give_up(transaction, answer)
        if message.janus == "error":
            if message.error is None:
                raise self._nonsense()
            raise Refused(message.error.code)
        return message

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    self._nonsense()
                    return
                message = _DECODE(frame.data)
                self._missed = 0
                self._take(message)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._nonsense()
        except Exception:  # whoever is told failed: the connection ends, and is made anew
            LOG.exception("news of janus were not taken")
        finally:
            self._end("the connection to it was lost")

    def _take(self, message: Message) -> None:
        answer = self._pending.get(message.transaction)
        if message.janus == "ack":
            return  # the answer proper follows, or came before
        if answer is not None:
            if not answer.done():
                answer.set_result(message)
        elif message.transaction in self._orphans:
            self._orphans.discard(message.transaction)
            self._detach_orphan(message)
        elif message.janus == "timeout":
            self._end("its session timed out")
        else:
            self._on_event(message.sender, message)

    def _give_up(self, transaction: str, answer: asyncio.Future[Message]) -> None:
        """See that a handle is detached whose asker waits no more, made already or later."""
        if not answer.done() or answer.cancelled():
            self._orphans.add(transaction)
        elif answer.exception() is None:
            self._detach_orphan(answer.result())

    def _detach_orphan(self, message: Message) -> None:
        if message.data is not None:
            self.detach(message.data.id)

    def _nonsense(self) -> Unavailable:
        self._end("it talks nonsense")
        return Unavailable("the media server does not make sense")

    def _end(self, why: str) -> None:
        if not self.ended.done():
            self.ended.set_result(why)
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(Unavailable("the media server is gone"))
