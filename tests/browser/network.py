"""A bad network between pages: every candidate that passes by is that of a forwarder of ours.

    network = Network()
    await person.page.route_web_socket("**/v1/ws", network.between)

A page then only ever knows addresses of forwarders, which lose datagrams or all of them.
"""

import asyncio
import json
import socket
from random import Random
from typing import Any

from playwright.async_api import WebSocketRoute

DATAGRAM = 65_536
LOST = 1012  # a page can be told no 1006; this one too asks it to come back
Address = tuple[str, int]


class Forwarder:
    """Passes datagrams on to *target*, and answers back to whoever sent."""

    def __init__(self, network: "Network", target: Address) -> None:
        self.network = network
        self.target = target
        self.front = self._socket(self._arrived)
        self.backs: dict[Address, socket.socket] = {}

    @property
    def port(self) -> int:
        return int(self.front.getsockname()[1])

    def close(self) -> None:
        for one in (self.front, *self.backs.values()):
            asyncio.get_running_loop().remove_reader(one)
            one.close()

    def _socket(self, ready: Any, *given: Any) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        asyncio.get_running_loop().add_reader(made, ready, *given)
        return made

    def _arrived(self) -> None:
        data, source = self.front.recvfrom(DATAGRAM)
        if source not in self.backs:
            self.backs[source] = self._socket(self._answered, source)
        if self.network.passes():
            self.backs[source].sendto(data, self.target)

    def _answered(self, source: Address) -> None:
        data = self.backs[source].recv(DATAGRAM)
        if self.network.passes():
            self.front.sendto(data, source)


class Network:
    """*loss* is the share of datagrams lost; `cut` ends all the forwarders there are."""

    def __init__(self) -> None:
        self.loss = 0.0
        self.is_down = False
        self.forwarders: dict[Address, Forwarder] = {}
        self.sockets: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        self._random = Random(1)

    def passes(self) -> bool:
        return self._random.random() >= self.loss

    def cut(self) -> None:
        """Close every way; candidates that are told from now on get new ones."""
        for forwarder in self.forwarders.values():
            forwarder.close()
        self.forwarders = {}

    async def down(self) -> None:
        """Lose everything, sockets too, until `up`."""
        self.is_down, self.loss = True, 1.0
        lost, self.sockets = self.sockets, []
        for page, server in lost:
            await server.close()
            await page.close(code=LOST)

    def up(self) -> None:
        self.is_down, self.loss = False, 0.0

    async def between(self, page: WebSocketRoute) -> None:
        """Stand between a page's socket and the server."""
        if self.is_down:
            await page.close(code=LOST)
            return
        server = page.connect_to_server()
        self.sockets.append((page, server))
        server.on_message(lambda text: self._pass(page, json.loads(text)))

    def _pass(self, page: WebSocketRoute, message: dict[str, Any]) -> None:
        signal = message.get("params", {}).get("signal", {})
        candidate = signal.get("candidate")
        if candidate:
            changed = self._changed(candidate["candidate"])
            if changed is None:
                return
            candidate["candidate"] = changed
        page.send(json.dumps(message))

    def _changed(self, line: str) -> str | None:
        """Return the candidate with a forwarder's port; None if it is not UDP on loopback."""
        words = line.split()
        if words[2].lower() != "udp" or words[4] != "127.0.0.1":
            return None
        target = (words[4], int(words[5]))
        if target not in self.forwarders:
            self.forwarders[target] = Forwarder(self, target)
        words[5] = str(self.forwarders[target].port)
        return " ".join(words)
