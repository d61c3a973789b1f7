"""The state of one node: everything that its sockets share."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from signalling.protocol.codec import Codec, JsonCodec, MsgpackCodec
from signalling.protocol.openrpc import openrpc
from signalling.service.call import Caller
from signalling.settings import Settings
from signalling.store.leases import NodeLease
from signalling.store.store import Store
from signalling.web.answers import Answers
from signalling.web.auth import Authenticator
from signalling.web.client_address import Trusted
from signalling.web.close import CloseCode
from signalling.web.connection import Connection, Outbox
from signalling.web.hub import Hub
from signalling.web.limits import Census, Throttle
from signalling.web.metrics import Metrics
from signalling.web.requests import Requests
from signalling.web.seam import Service
from signalling.web.seats import Seats
from signalling.web.sessions import Sessions
from signalling.web.signals import Signals
from signalling.web.sweeper import Sweeper
from signalling.web.watching import Watching


class Node:
    """Composes the parts of the web layer. *now_ms* is the store's clock, *now* monotonic."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        service: Service,
        auth: Authenticator,
        now_ms: Callable[[], int],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        limits = settings.limits
        self.id = secrets.token_hex(8)
        self.settings = settings
        self.limits = limits
        self.store = store
        self.service = service
        self.auth = auth
        self.now = now
        self.now_ms = now_ms
        self.queue_bytes = limits.queue_bytes
        self.jitter_s = limits.reconnect_jitter_s
        self.origins = frozenset(settings.server.origins)
        self.trusted = Trusted(settings.server.trusted_proxies)
        self.draining = False
        self.outbox = Outbox()
        self.description = openrpc()
        self.connections: dict[Connection, None] = {}
        bounds = {"depth": limits.depth, "batch_max": limits.batch_max}
        self.codecs: tuple[Codec, ...] = (JsonCodec(**bounds), MsgpackCodec(**bounds))
        self.metrics = Metrics()
        self.throttle = Throttle(limits, now)
        self.census = Census(limits)
        self.hub = Hub(store, self.metrics)
        lease_ms = round(limits.lease_s * 1000)
        self.lease = NodeLease(
            store, self.id, self._lost, self._regained, lease_ms=lease_ms, monotonic=now
        )
        self.seats = Seats(self.hub, store, service, limits)
        self.signals = Signals(self.seats, limits)
        self.answers = Answers(service, self.metrics, now)
        self.requests = Requests(self.answers, self.signals, self.throttle, self.metrics)
        self.sessions = Sessions(self)
        self.watching = Watching(self.hub, service, limits)
        self.sweeper = Sweeper(limits, self.connections.keys(), now, now_ms)
        self.sweeper.chores.append(lambda: self.throttle.tidy(self.census.users))
        self.answers.own = {
            **self.sessions.own,
            **self.watching.own,
            "rpc.discover": self._discover,
        }
        self.answers.after = {
            **self.seats.after,
            "presence.set": self.sessions.presence_set,
        }
        self.receive = self.requests.receive
        self.metrics.gauge(
            "dragoman_sockets", "Sockets of this node.", lambda: len(self.connections)
        )
        self.metrics.gauge(
            "dragoman_sockets_unopened", "Not opened yet.", lambda: self.census.unopened
        )

    async def _discover(self, _: Connection, __: Any) -> Any:
        return self.description

    def user_key(self, caller: Caller) -> str:
        """Name a user among those of all marketplaces."""
        return f"{caller.marketplace} {caller.address}"

    def drain(self, code: CloseCode = CloseCode.SHUTDOWN, reason: str = "") -> None:
        """Accept no more sockets, and send away those that are here."""
        self.draining = True
        self.close_all(code, reason)

    def _lost(self) -> None:
        """Close everything before others may take its sessions as dropped."""
        self.drain(CloseCode.STATE_LOST)

    def _regained(self) -> None:
        self.draining = False

    def close_all(self, code: CloseCode, reason: str = "") -> None:
        for connection in tuple(self.connections):
            connection.close(code, reason)
