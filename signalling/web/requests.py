"""From a frame to its answer: decode, count, check the role, call, encode.

`meeting.signal` is answered at once, in order, without a task. Everything else runs as a bounded
number of tasks a connection, so that a slow handler holds up neither pings nor other requests.
"""

import asyncio
from typing import Any

import structlog
from msgspec import UNSET

from signalling.errors import (
    DragomanError,
    InternalError,
    InvalidRequest,
    RateLimited,
    TooLarge,
    Unauthenticated,
)
from signalling.protocol.codec import JsonCodec, MsgpackCodec, Request
from signalling.protocol.registry import METHODS
from signalling.settings import Limits
from signalling.web.answers import Answers, Settled
from signalling.web.close import CloseCode
from signalling.web.connection import Connection
from signalling.web.fast import FastSignals
from signalling.web.limits import Throttle
from signalling.web.metrics import Metrics
from signalling.web.room import Waiter
from signalling.web.signals import Signals

LOG = structlog.get_logger(__name__)

# Requests of one connection that are being worked on, and that wait for their turn.
RUNNING_MAX = 16
WAITING_MAX = 64
# How long they may go on after their socket is lost, seconds.
FINISH_S = 10.0
SIGNAL = METHODS["meeting.signal"]
BEFORE_OPEN = frozenset(name for name, method in METHODS.items() if method.before_open)


class Requests:
    """Takes the frames of every connection of this node, and has them answered."""

    def __init__(
        self, answers: Answers, signals: Signals, throttle: Throttle, metrics: Metrics
    ) -> None:
        self.answers = answers
        self.signals = signals
        self.hub = signals.hub
        self.throttle = throttle
        self.metrics = metrics
        self.limits: Limits = throttle.limits
        self.clock = throttle.clock
        self.fast = {codec.name: FastSignals(codec) for codec in (JsonCodec(), MsgpackCodec())}
        signals.answer = self.signalled

    def receive(self, connection: Connection, data: bytes, is_text: bool) -> None:
        """Take one frame. Called by the transport: never raises."""
        try:
            self._receive(connection, data, is_text)
        except DragomanError as error:
            self._refuse_frame(connection, error)
        except Exception:
            LOG.exception("a frame failed")
            self._refuse_frame(connection, InternalError())

    def _refuse_frame(self, connection: Connection, error: DragomanError) -> None:
        self.metrics.count("", error.code)
        if connection.call is None and not isinstance(error, RateLimited):
            connection.fail(error)
        else:
            connection.send(connection.codec.encode_error(None, error))

    def _receive(self, connection: Connection, data: bytes, is_text: bool) -> None:
        now = connection.heard = self.clock()
        codec = connection.codec
        if is_text is not codec.is_text:
            kinds = "text" if codec.is_text else "binary"
            connection.fail(InvalidRequest(f"{codec.subprotocol} has {kinds} frames"))
            return
        if connection.seats and self._fast_signal(connection, data):
            return
        if connection.user_bucket is None:
            self._bound_unopened(connection, data)
        frame = codec.decode_frame(data)
        if type(frame) is not Request:
            self._batch(connection, frame)  # type: ignore[arg-type]
            return
        refusal = self._refusal(connection, frame, now)
        if refusal is not None:
            self._refuse(connection, frame, refusal)
        elif connection.call is not None and _is_signal(frame):
            self._signal(connection, frame)
        else:
            self._start(connection, frame)

    def _bound_unopened(self, connection: Connection, data: bytes) -> None:
        if len(data) > self.limits.frame_bytes_unopened:
            raise TooLarge(f"before session.open: {self.limits.frame_bytes_unopened} bytes")
        self.throttle.addresses.take(connection.address)

    def _refusal(
        self, connection: Connection, request: Request | DragomanError, now: float
    ) -> RateLimited | None:
        """Count a request; signals of an opened session have a bucket of their own."""
        if connection.call is not None and _is_signal(request):
            signals = connection.signal_bucket
            return None if signals.take(now) else signals.refusal()
        if not connection.bucket.take(now):
            return connection.bucket.refusal()
        shared = connection.user_bucket
        if shared is not None and not shared.take(now):
            return shared.refusal()
        return None

    def _refuse(self, connection: Connection, request: Request, error: DragomanError) -> None:
        self.metrics.count(request.method, error.code)
        if request.id is not UNSET:
            connection.send(connection.codec.encode_error(request.id, error))

    # --- the hot path ------------------------------------------------------------------------

    def _fast_signal(self, connection: Connection, data: bytes) -> bool:
        """Pass on a usual signal to a socket of this node; False leaves the frame untouched."""
        signal = self.fast[connection.codec.name].decode(data)
        if signal is None or len(signal.params.signal) > self.limits.signal_bytes:
            return False
        seq = self.signals.straight(connection, signal.params)
        if seq is None:
            return False
        self.metrics.signals += 1
        if signal.id is not UNSET:
            connection.send(connection.codec.encode_result(signal.id, {"seq": seq}))
        return True

    def _signal(self, connection: Connection, request: Request) -> None:
        try:
            seq = self._relay(connection, request, request)
        except DragomanError as error:
            self._refuse(connection, request, error)
            return
        if seq is not None:
            self.metrics.signals += 1
            if request.id is not UNSET:
                connection.send(connection.codec.encode_result(request.id, {"seq": seq}))

    def _relay(self, connection: Connection, request: Request, waiter: Waiter) -> int | None:
        params = connection.codec.decode_params(SIGNAL, request.params)
        if len(params.signal) > self.limits.signal_bytes:
            raise TooLarge("the signal is too large", path="signal")
        return self.signals.relay(connection, params, waiter)

    def _signal_of_batch(self, connection: Connection, request: Request) -> "Settled":
        """Pass a signal on now, before anything that follows; its batch waits for the outcome."""
        done: asyncio.Future[int] = connection.loop.create_future()
        try:
            seq = self._relay(connection, request, done)
        except DragomanError as error:
            return request, error
        if seq is not None:
            done.set_result(seq)
        return request, done

    def signalled(
        self, connection: Connection, request: Request, outcome: "int | DragomanError"
    ) -> None:
        """Answer a signal that took a while."""
        if isinstance(outcome, DragomanError):
            self._refuse(connection, request, outcome)
            return
        self.metrics.signals += 1
        if request.id is not UNSET:
            connection.send(connection.codec.encode_result(request.id, {"seq": outcome}))

    # --- tasks -------------------------------------------------------------------------------

    def _start(self, connection: Connection, work: "Request | list[Any]") -> None:
        """Begin work now, or let it wait for its turn."""
        if connection.call is None and not self._may_begin(connection, work):
            return
        busy = connection.opening or len(connection.running) >= RUNNING_MAX
        if not busy and not connection.waiting:
            self._run(connection, work)
        elif len(connection.waiting) < WAITING_MAX:
            connection.waiting.append(work)
        else:
            error = RateLimited("too many requests at once", retry_after_ms=1000)
            for request in [work] if isinstance(work, Request) else work:
                if isinstance(request, Request):
                    self._refuse(connection, request, error)

    def _may_begin(self, connection: Connection, work: "Request | list[Any]") -> bool:
        """Hold a client to its first message: session.open, alone."""
        if connection.opening:
            return True
        if isinstance(work, Request) and work.method in BEFORE_OPEN:
            connection.opening = work.method == "session.open"
            if connection.opening:
                self._run(connection, work)
            return not connection.opening
        error = Unauthenticated("the first message must be session.open")
        id_ = work.id if isinstance(work, Request) else None
        connection.send(connection.codec.encode_error(None if id_ is UNSET else id_, error))
        connection.close(CloseCode.PROTOCOL_ERROR, error.detail)
        return False

    def _run(self, connection: Connection, work: "Request | list[Any]") -> None:
        serve = self._serve_one if isinstance(work, Request) else self._serve_batch
        task = connection.loop.create_task(serve(connection, work))  # type: ignore[arg-type]
        connection.running.add(task)
        task.add_done_callback(lambda task: self._finished(connection, task))

    def _finished(self, connection: Connection, task: "asyncio.Task[None]") -> None:
        connection.running.discard(task)
        if connection.code is not None:
            connection.waiting.clear()
        while connection.waiting and len(connection.running) < RUNNING_MAX:
            self._run(connection, connection.waiting.popleft())

    async def _serve_one(self, connection: Connection, request: Request) -> None:
        answer = await self.answers.answer(connection, request)
        if answer is not None:
            connection.send(answer)
        self._settle(connection)

    async def _serve_batch(self, connection: Connection, entries: list[Any]) -> None:
        answers = await asyncio.gather(
            *(self.answers.answer(connection, entry) for entry in entries)
        )
        if said := [answer for answer in answers if answer is not None]:
            connection.send(connection.codec.encode_batch(said))
        self._settle(connection)

    def _settle(self, connection: Connection) -> None:
        """Do what had to come after the answer."""
        if connection.parting is not None:
            connection.close(connection.parting)
        elif connection.call is not None:
            if connection.opening:
                connection.opening = False
                self.hub.release(connection)
            self.signals.seats.release(connection)

    async def finish(self, connection: Connection) -> None:
        """Let what a lost client has asked for come to its end."""
        connection.waiting.clear()
        if connection.running:
            _, late = await asyncio.wait(tuple(connection.running), timeout=FINISH_S)
            for task in late:
                task.cancel()

    def _batch(self, connection: Connection, entries: "list[Request | DragomanError]") -> None:
        """Take a batch: every entry counts, and a bad one spoils only itself."""
        now = self.clock()
        counted: list[Request | Settled] = []
        for entry in entries:
            refusal = self._refusal(connection, entry, now)
            if isinstance(entry, DragomanError):
                counted.append((None, entry))
            elif refusal is not None:
                counted.append((entry, refusal))
            elif connection.call is not None and _is_signal(entry):
                counted.append(self._signal_of_batch(connection, entry))
            else:
                counted.append(entry)
        self._start(connection, counted)


def _is_signal(request: Request | DragomanError) -> bool:
    return isinstance(request, Request) and request.method == "meeting.signal"
