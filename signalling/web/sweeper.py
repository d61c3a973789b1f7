"""One sweeper a node: pings, tokens that end, sockets that never opened or never say goodbye.

A timer a connection would cost six times as much, and one long sweep over ten thousand sockets
hold everybody up for 300 ms (targets.md). A thousand pings at once bring a thousand pongs at once,
and whoever asks just then waits for all of them: so a sweep takes all of its second.
"""

import asyncio
from collections.abc import Callable, Collection

from signalling.errors import Unauthenticated
from signalling.protocol.messages.common import stamp
from signalling.protocol.messages.session import SessionExpiringEvent
from signalling.settings import Limits
from signalling.web.close import CloseCode
from signalling.web.connection import Connection

PERIOD_S = 1.0
SLICES = 40
CHORES_S = 30.0


class Sweeper:
    """Looks at each connection about once a second, and does its *chores* now and then.

    *now* is the monotonic clock in seconds, *now_ms* the store's.
    """

    def __init__(
        self,
        limits: Limits,
        connections: Collection[Connection],
        now: Callable[[], float],
        now_ms: Callable[[], int],
    ) -> None:
        self.limits = limits
        self.connections = connections
        self.now = now
        self.now_ms = now_ms
        self.chores: list[Callable[[], None]] = []
        self._chores_at = now()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await self.sweep(PERIOD_S)

    async def sweep(self, over_s: float = 0.0) -> None:
        """Look at every connection once, evenly over so many seconds."""
        if self.now() >= self._chores_at:
            self._chores_at = self.now() + CHORES_S
            for chore in self.chores:
                chore()
        everybody = tuple(self.connections)
        for place in range(SLICES):
            first, end = (len(everybody) * n // SLICES for n in (place, place + 1))
            now, now_ms = self.now(), self.now_ms()
            for connection in everybody[first:end]:
                self.look(connection, now, now_ms)
            await asyncio.sleep(over_s / SLICES)

    def look(self, connection: Connection, now: float, now_ms: int) -> None:
        """Do for one connection what is due."""
        if connection.code is not None:
            if connection.closing_at is not None and now >= connection.closing_at:
                connection.abort()
        elif connection.caller is None:
            if now - connection.since >= self.limits.open_s:
                connection.fail(Unauthenticated("session.open did not come in time"))
        elif not self._expire(connection, connection.caller.expires_ms, now_ms):
            self._ping(connection, now)

    def _expire(self, connection: Connection, expires_ms: int, now_ms: int) -> bool:
        if now_ms >= expires_ms:
            connection.close(CloseCode.TOKEN_EXPIRED)
            return True
        due = now_ms >= expires_ms - self.limits.expiring_s * 1000
        if due and connection.warned_ms != expires_ms:
            connection.warned_ms = expires_ms
            event = SessionExpiringEvent(expires_at=stamp(expires_ms), server_time=stamp(now_ms))
            connection.send_event("session.expiring", event)
        return False

    def _ping(self, connection: Connection, now: float) -> None:
        limits = self.limits
        is_live = connection.is_live or bool(connection.seats)
        if connection.pinged is not None:
            if now - connection.pinged >= (limits.pong_s if is_live else limits.idle_pong_s):
                connection.close(CloseCode.NO_PONG)
        elif now - connection.heard >= (limits.ping_s if is_live else limits.idle_ping_s):
            connection.pinged = now
            connection.ping()
