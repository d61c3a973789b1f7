"""One request and its answer: the role, the params, the method, the encoding."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from msgspec import UNSET

from signalling.errors import (
    DragomanError,
    Forbidden,
    InternalError,
    MethodNotFound,
    Unauthenticated,
)
from signalling.protocol.codec import Request
from signalling.protocol.registry import METHODS, Method
from signalling.web.connection import Connection
from signalling.web.limits import Clock
from signalling.web.metrics import Metrics
from signalling.web.seam import Service

LOG = structlog.get_logger(__name__)

Own = Callable[[Connection, Any], Awaitable[Any]]
After = Callable[[Connection, Any, Any], Awaitable[None]]
# An entry of a batch whose outcome is known, or will be.
Settled = tuple[Request | None, DragomanError | asyncio.Future[int]]


class Answers:
    """Answers requests of any connection.

    *own* are the methods that are about the connection itself; *after* is told the params and
    result of those whose outcome concerns it too.
    """

    def __init__(self, service: Service, metrics: Metrics, clock: Clock) -> None:
        self.service = service
        self.metrics = metrics
        self.clock = clock
        self.own: Mapping[str, Own] = {}
        self.after: Mapping[str, After] = {}

    async def answer(self, connection: Connection, entry: Request | Settled) -> bytes | None:
        """Return the encoded answer, or None for a notification. Never raises."""
        request, settled = entry if isinstance(entry, tuple) else (entry, None)
        error = settled if isinstance(settled, DragomanError) else None
        name = "" if request is None else request.method
        began = self.clock()
        answer: bytes | None = None
        try:
            if error is not None or request is None:
                raise error or InternalError()
            if isinstance(settled, asyncio.Future):
                result: Any = {"seq": await settled}
            else:
                result = await self.call(connection, request)
            if request.id is not UNSET:
                answer = connection.codec.encode_result(request.id, result)
        except DragomanError as refused:
            error = refused
        except Exception:
            LOG.exception("a request failed", method=name)
            error = InternalError()
        self.metrics.count(name, error.code if error else 0, self.clock() - began)
        id_ = None if request is None else request.id
        if error is None or id_ is UNSET:
            return answer
        return connection.codec.encode_error(id_, error)

    async def call(self, connection: Connection, request: Request) -> Any:
        method = METHODS.get(request.method)
        if method is None:
            raise MethodNotFound(f"no method {request.method[:64]!r}")
        if connection.call is None:
            if not method.before_open:
                raise Unauthenticated("the first message must be session.open")
        elif connection.call.caller.role not in method.roles:
            raise Forbidden(f"{method.name} is not for the role {connection.call.caller.role}")
        params = connection.codec.decode_params(method, request.params)
        own = self.own.get(method.name)
        if own is not None:
            return await own(connection, params)
        return await self._ask(connection, method, params)

    async def _ask(self, connection: Connection, method: Method, params: Any) -> Any:
        handler = self.service.handlers.get(method.name)
        if handler is None or connection.call is None:
            raise MethodNotFound(f"{method.name} is not served here")
        result = await handler(connection.call, params)
        after = self.after.get(method.name)
        if after is not None:
            await after(connection, params, result)
        return result
