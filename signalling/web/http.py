"""`POST /v1/<method>`: the same operations over HTTP, errors as problem details (RFC 9457)."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from aiohttp import hdrs, web

from signalling.errors import (
    Conflict,
    DragomanError,
    Forbidden,
    InternalError,
    InvalidParams,
    InvalidRequest,
    MethodNotFound,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
)
from signalling.protocol.problem import CONTENT_TYPE, problem
from signalling.protocol.registry import METHODS, Method
from signalling.service.call import Call, Caller
from signalling.web.client_address import client_address
from signalling.web.imports import import_lines, in_time
from signalling.web.node import Node

LOG = structlog.get_logger(__name__)
JSON_TYPE = "application/json"
NDJSON_TYPE = "application/x-ndjson"
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_CONTENT_CSP = "default-src 'none'; frame-ancestors 'none'"
_ENCODE = msgspec.json.Encoder().encode

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def failure(error: DragomanError) -> web.Response:
    """Return an error as problem details."""
    response = web.Response(
        status=error.http_status, body=_ENCODE(problem(error)), content_type=CONTENT_TYPE
    )
    if (wait_ms := error.extra.get("retry_after_ms")) is not None:
        response.headers[hdrs.RETRY_AFTER] = str(-(-int(wait_ms) // 1000))
    elif error.http_status == 503:
        response.headers[hdrs.RETRY_AFTER] = "1"
    if isinstance(error, Unauthenticated):
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return response


@web.middleware
async def guard(request: web.Request, handler: Next) -> web.StreamResponse:
    """Turn whatever goes wrong into problem details, and set the security headers."""
    response: web.StreamResponse
    try:
        response = await handler(request)
    except DragomanError as error:
        response = failure(error)
    except web.HTTPRequestEntityTooLarge:
        response = failure(TooLarge("the body is too large"))
    except web.HTTPMethodNotAllowed as error:
        response = failure(MethodNotFound("another HTTP method serves this path"))
        response.set_status(405)
        response.headers[hdrs.ALLOW] = ", ".join(sorted(error.allowed_methods))
    except web.HTTPNotFound:
        response = failure(NotFound("nothing is served at this path"))
    except web.HTTPException as error:
        response = failure(InvalidRequest(error.reason))
        response.set_status(error.status)
    except web.RequestPayloadError:
        response = failure(InvalidRequest("the body is broken"))
    except ConnectionResetError:
        raise  # nobody is left to answer
    except Exception:
        LOG.exception("a request failed", path=_loggable(request))
        response = failure(InternalError())
    if not response.prepared:
        for name, value in SECURITY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", NO_CONTENT_CSP)
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    return response


def _loggable(request: web.Request) -> str:
    """Return the path; of one with variable parts its pattern, for they may be secret."""
    resource = request.match_info.route.resource
    named = request.match_info.get("method")
    return f"/v1/{named}" if named or resource is None else resource.canonical


class Http:
    """Serves the methods of the registry over HTTP."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.json = node.codecs[0]

    async def call(self, request: web.Request) -> web.Response:
        """Serve one method."""
        name, began, code = request.match_info["method"], time.perf_counter(), 0
        try:
            method = METHODS.get(name)
            if method is None or method.socket_only:
                why = "needs a WebSocket" if method else "is no method"
                raise MethodNotFound(f"{name[:64]} {why}")
            result = await self._serve(method, request)
            return web.Response(body=_ENCODE(result), content_type=JSON_TYPE)
        except DragomanError as error:
            code = error.code
            raise
        except (web.RequestPayloadError, ConnectionResetError):
            code = InvalidRequest.code
            raise
        except Exception:
            code = InternalError.code
            raise
        finally:
            self.node.metrics.count(name, code, time.perf_counter() - began)

    async def _serve(self, method: Method, request: web.Request) -> Any:
        node = self.node
        if method.before_open:
            node.throttle.addresses.take(client_address(request, node.trusted))
            return node.description
        caller = await self._caller(request)
        if caller.role not in method.roles:
            raise Forbidden(f"{method.name} is not for the role {caller.role}")
        handler = node.service.handlers.get(method.name)
        if handler is None:
            raise MethodNotFound(f"{method.name} is not served here")
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
            raise _unsupported("send bodies as they are, not compressed")
        call = Call(caller)
        if method.name == "interpreter.import" and request.content_type == NDJSON_TYPE:
            return await import_lines(request, self.json, node.limits, call, handler)
        return await handler(call, await self._params(method, request))

    async def _caller(self, request: web.Request) -> Caller:
        node = self.node
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        try:
            if scheme.lower() != "bearer" or not token:
                raise Unauthenticated("send Authorization: Bearer and a token")
            caller = await node.auth.authenticate(token.strip())
        except Unauthenticated:
            node.throttle.addresses.take(client_address(request, node.trusted))
            raise
        node.throttle.apps.take(caller.app)
        if caller.role != "app":
            node.throttle.users.take(node.user_key(caller))
        return caller

    async def _params(self, method: Method, request: web.Request) -> Any:
        body = await self._body(request)
        params = self.json.decode_body(method, body)
        key = request.headers.get("Idempotency-Key")
        if key is None or not method.creates:
            return params
        if params.idempotency_key not in (None, key):
            raise Conflict("two idempotency keys that differ", path="idempotency_key")
        if not 1 <= len(key) <= 128:
            raise InvalidParams("a key has 1 to 128 characters", path="idempotency_key")
        return msgspec.structs.replace(params, idempotency_key=key)

    async def _body(self, request: web.Request) -> bytes:
        """Read a body of JSON, as far as the limit."""
        most = self.node.limits.frame_bytes
        if request.can_read_body and request.content_type != JSON_TYPE:
            raise _unsupported(f"send {JSON_TYPE}")
        if (request.content_length or 0) > most:
            raise TooLarge(f"a body may have {most} bytes")
        async with in_time(self.node.limits):
            body = await request.content.read(most + 1)
            while len(body) <= most and not request.content.at_eof():
                body += await request.content.read(most + 1 - len(body))
        if len(body) > most:
            raise TooLarge(f"a body may have {most} bytes")
        return body


def _unsupported(detail: str) -> InvalidRequest:
    error = InvalidRequest(detail)
    error.http_status = 415  # type: ignore[misc]
    return error


async def unknown(request: web.Request) -> web.Response:
    """Answer for a path that nothing is served at."""
    raise NotFound(f"nothing is served at {request.path[:100]}")


__all__ = ["Http", "RateLimited", "failure", "guard", "unknown"]
