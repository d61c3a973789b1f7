"""`GET /v1/ws`: from the handshake to the end of a connection."""

import structlog
from aiohttp import hdrs, web

from signalling.errors import Forbidden, InvalidRequest, RateLimited, Unavailable
from signalling.protocol.codec import Codec
from signalling.web.client_address import client_address
from signalling.web.close import CloseCode
from signalling.web.connection import Connection
from signalling.web.node import Node
from signalling.web.reader import Socket

LOG = structlog.get_logger(__name__)


class Sockets:
    """Accepts WebSockets for a node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.subprotocols = tuple(codec.subprotocol for codec in node.codecs)

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until it ends."""
        node = self.node
        if node.draining:
            raise Unavailable("the server shuts down")
        self._check_origin(request)
        codec = self._codec(request)
        address = client_address(request, node.trusted)
        if not node.census.admit(address):
            raise RateLimited("too many connections", retry_after_ms=1000)
        throttle = node.throttle
        connection = Connection(node, address, codec, throttle.connection(), throttle.signals())
        socket = Socket(
            connection,
            subprotocols=self.subprotocols,
            frame_bytes=node.limits.frame_bytes,
        )
        node.connections[connection] = None
        try:
            transport = request.transport
            if transport is None:
                raise ConnectionResetError
            connection.attach(request.protocol, transport)
            await socket.prepare(request)
            await connection.done
        finally:
            await self._end(connection)
        return socket

    async def _end(self, connection: Connection) -> None:
        """Forget a connection and tell whoever has to know."""
        node = self.node
        node.connections.pop(connection, None)
        connection.code = connection.code or CloseCode.GOING_AWAY
        node.metrics.closed[connection.code] += 1
        user = None if connection.caller is None else node.user_key(connection.caller)
        node.census.leave(connection.address, user)
        node.hub.spawn(node.sessions.ended(connection))

    def _codec(self, request: web.Request) -> Codec:
        """Return the codec of the first subprotocol that both know; without any, JSON."""
        offered = [
            name.strip()
            for line in request.headers.getall(hdrs.SEC_WEBSOCKET_PROTOCOL, ())[:1]
            for name in line.split(",")  # of several lines aiohttp answers the first
        ]
        if not offered:
            return self.node.codecs[0]
        for name in offered:
            for codec in self.node.codecs:
                if codec.subprotocol == name:
                    return codec
        raise InvalidRequest(f"subprotocols are {', '.join(self.subprotocols)}")

    def _check_origin(self, request: web.Request) -> None:
        """Hold off pages of foreign sites: a browser tells where a socket comes from."""
        origin = request.headers.get(hdrs.ORIGIN)
        allowed = self.node.origins
        if origin is None or "*" in allowed or origin in allowed:
            return
        if origin not in (f"http://{request.host}", f"https://{request.host}"):
            raise Forbidden("this origin may not open a socket")
