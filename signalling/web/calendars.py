"""`GET /v1/calendar/<marketplace>.<interpreter>.<secret>.ics`: bookings, for calendar programs.

They cannot send a token: the address is the secret, and everything about it that is not right is
one and the same 404.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from signalling.errors import NotFound
from signalling.web.assets import Asset
from signalling.web.client_address import client_address
from signalling.web.node import Node

NAME: Final = re.compile(
    r"([a-z0-9-]{1,40})\.([A-Za-z0-9_.@+-]{1,64})\.([A-Za-z0-9_-]{43})\.ics", re.ASCII
)


def serve(node: Node) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the handler; it counts against the address, as whatever comes without a token."""

    async def feed(request: web.Request) -> web.Response:
        node.throttle.addresses.take(client_address(request, node.trusted))
        named = NAME.fullmatch(request.match_info["name"])
        if named is None:
            raise NotFound("no such calendar")
        body = await node.service.calendar(*named.groups())
        response = await Asset(body, "text/calendar").serve(request)
        response.headers[hdrs.CACHE_CONTROL] = "private, no-cache"
        return response

    return feed
