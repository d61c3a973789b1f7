"""One connection: its frames in and out, its life, and what is known of its client."""

import asyncio
from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from aiohttp import web
from aiohttp.http_websocket import WebSocketError

from signalling.errors import TooLarge
from signalling.protocol.codec import Codec, Request
from signalling.service.call import Call, Caller, Session
from signalling.store.inbox import EventId
from signalling.web.close import REASONS, CloseCode, advice
from signalling.web.limits import Bucket

if TYPE_CHECKING:
    from signalling.web.room import Seat

LOG = structlog.get_logger(__name__)
_SHORT = Struct("!BB").pack
_MEDIUM = Struct("!BBH").pack
_LONG = Struct("!BBQ").pack
# The first byte of a frame that is a whole message, by its kind.
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
# Bytes gathered in one turn of the loop before they are handed on early.
_GATHER = 1 << 16
# How long a closed socket may take to say goodbye, seconds.
LINGER_S = 2.0


class Outbox:
    """The connections that have something to send at the end of this turn of the loop."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []

    def add(self, connection: "Connection") -> None:
        if not self.connections:
            connection.loop.call_soon(self.flush)
        self.connections.append(connection)

    def flush(self) -> None:
        connections, self.connections = self.connections, []
        for connection in connections:
            try:
                connection.flush()
            except Exception:
                LOG.exception("a socket could not be written to")
                connection.abort()


class Owner(Protocol):
    """What a connection needs of its node."""

    queue_bytes: int
    jitter_s: float
    outbox: Outbox

    def now(self) -> float: ...
    def receive(self, connection: "Connection", data: bytes, is_text: bool) -> None: ...


class Connection:
    """A WebSocket of this node. Nothing here awaits: writes are gathered per turn of the loop.

    *caller*, *session* and *call* are None until `session.open` has been answered. *position* is
    the last stored event sent; *held* keeps events back while that is being worked out. *seats*
    are the meetings joined here; *parting* is why to close after the next answer; *heard*,
    *pinged* and *closing_at* are the sweeper's, in seconds.
    """

    __slots__ = (
        "address",
        "bucket",
        "call",
        "caller",
        "closing_at",
        "code",
        "codec",
        "done",
        "first_byte",
        "heard",
        "held",
        "is_live",
        "loop",
        "on_purpose",
        "opening",
        "out",
        "out_bytes",
        "owner",
        "parting",
        "pinged",
        "position",
        "protocol",
        "running",
        "seats",
        "session",
        "signal_bucket",
        "since",
        "token",
        "transport",
        "user_bucket",
        "waiting",
        "warned_ms",
        "watching",
    )

    def __init__(
        self, owner: Owner, address: str, codec: Codec, bucket: Bucket, signal_bucket: Bucket
    ) -> None:
        self.owner = owner
        self.address = address
        self.codec = codec
        self.first_byte = _TEXT if codec.is_text else _BINARY
        self.bucket = bucket
        self.signal_bucket = signal_bucket
        self.user_bucket: Bucket | None = None
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.transport: asyncio.Transport | None = None
        self.protocol: web.RequestHandler | None = None
        self.out: list[bytes] = []
        self.out_bytes = 0
        self.caller: Caller | None = None
        self.session: Session | None = None
        self.call: Call | None = None
        self.opening = False
        self.on_purpose = False
        self.is_live = False
        self.token = ""
        self.parting: CloseCode | None = None
        self.code: CloseCode | None = None
        self.closing_at: float | None = None
        self.since = self.heard = owner.now()
        self.pinged: float | None = None
        self.warned_ms = 0
        self.position: EventId | None = None
        self.held: list[Any] | None = []
        self.running: set[asyncio.Task[None]] = set()
        self.waiting: deque[Request | list[Any]] = deque()
        self.seats: dict[str, Seat] = {}
        self.watching: set[str] = set()

    def attach(self, protocol: "web.RequestHandler", transport: asyncio.Transport) -> None:
        """Take over a transport after its handshake."""
        self.protocol = protocol
        self.transport = transport

    # --- out ---------------------------------------------------------------------------------

    def send(self, payload: bytes) -> None:
        """Queue a message; it leaves at the end of this turn of the loop."""
        if self.code is None:
            self._frame(self.first_byte, payload)

    def send_event(self, method: str, params: Any) -> None:
        self.send(self.codec.encode_event(method, params))

    def ping(self) -> None:
        self._frame(_PING, b"")

    def _frame(self, first_byte: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            header = _SHORT(first_byte, size)
        elif size < 65_536:
            header = _MEDIUM(first_byte, 126, size)
        else:
            header = _LONG(first_byte, 127, size)
        out = self.out
        if not out:
            self.owner.outbox.add(self)
        out.append(header)
        out.append(payload)
        self.out_bytes += size
        if self.out_bytes > _GATHER:
            self.flush()

    def flush(self) -> None:
        """Hand what was gathered to the transport; close whoever does not read."""
        out, transport, protocol = self.out, self.transport, self.protocol
        if not out or transport is None or protocol is None:
            return
        if not transport.is_closing():
            transport.write(b"".join(out))
        out.clear()
        self.out_bytes = 0
        if not protocol.writing_paused or self.code is not None:
            return
        if transport.get_write_buffer_size() > self.owner.queue_bytes:
            self.close(CloseCode.SLOW_CONSUMER)

    # --- in ----------------------------------------------------------------------------------

    def on_frame(self, data: bytes, is_text: bool) -> None:
        if self.code is None:
            self.pinged = None
            self.owner.receive(self, data, is_text)

    def on_ping(self, data: bytes) -> None:
        self.on_pong()
        if self.code is None:
            self._frame(_PONG, bytes(data))

    def on_pong(self) -> None:
        self.pinged = None
        self.heard = self.owner.now()

    def on_close(self, code: int) -> None:
        """Answer the client's close frame, or take theirs as the answer to ours."""
        if self.code is None:
            self._say_goodbye(CloseCode.NORMAL if code < 1000 else code, "")
            self.code = CloseCode.NORMAL
        self._finish()

    def on_fault(self, error: BaseException) -> None:
        """Close a socket that broke the rules of WebSocket; a lost one raises here too."""
        if not isinstance(error, WebSocketError):
            self._finish()
        elif error.code == 1009:
            self.fail(TooLarge("a frame is too large"))
        else:
            self.close(CloseCode.PROTOCOL_ERROR)

    def on_lost(self) -> None:
        self._finish()

    # --- the end -----------------------------------------------------------------------------

    def fail(self, error: Any) -> None:
        """Say what is wrong, then close with a protocol error."""
        self.send(self.codec.encode_error(None, error))
        self.close(CloseCode.PROTOCOL_ERROR, error.detail)

    def close(self, code: CloseCode, reason: str = "") -> None:
        """Advise, close, and leave the client a moment to say goodbye."""
        if self.code is not None:
            return
        reason = reason or REASONS[code]
        if code is not CloseCode.NORMAL:
            self.send_event("session.draining", advice(code, reason, self.owner.jitter_s))
        self.code = code
        self._say_goodbye(code, reason)
        self.closing_at = self.owner.now() + LINGER_S

    def _say_goodbye(self, code: int, reason: str) -> None:
        self._frame(_CLOSE, code.to_bytes(2, "big") + reason.encode()[:120])
        self.flush()

    def abort(self) -> None:
        """Cut the wire: what is still queued is lost."""
        if self.transport is not None:
            self.transport.abort()
        self._finish()

    def _finish(self) -> None:
        if self.code is None:
            self.code = CloseCode.GOING_AWAY
        if not self.done.done():
            self.done.set_result(None)
