"""What a participant does while a meeting goes on, besides talking."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

from signalling.client.connection import Connection
from signalling.client.errors import ClientError
from signalling.client.quality import Quality

QUALITY_EVERY_S: Final = 10.0
RENEW_BEFORE_S: Final = 60.0  # the end of TURN credentials
RENEW_LEAST_S: Final = 5.0

Call = Callable[..., Awaitable[dict[str, Any]]]


class Upkeep:
    """Tells the server how media fares, and keeps the TURN credentials of a join fresh.

    *connections* are those in use now. `joined` is the last answer to meeting.join, whose
    credentials are replaced; `connect_ms` is of the newest connection, `reconnects` counts those
    that failed.
    """

    def __init__(
        self, meeting: str, call: Call, connections: Callable[[], Sequence[Connection]]
    ) -> None:
        self.joined: dict[str, Any] = {}
        self.connect_ms: float | None = None
        self.reconnects = 0
        self._meeting = meeting
        self._call = call
        self._connections = connections
        self._quality = Quality(time.monotonic())

    async def run(self) -> None:
        """Keep up until cancelled."""
        renewing = asyncio.create_task(self._renew(), name="dragoman renewing")
        try:
            await self._say_again()
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def say(self) -> None:
        """Tell once how media has fared since the last time."""
        said = await self._quality.report(self._connections(), time.monotonic())
        if not said:
            return  # nothing flows
        if self.connect_ms is not None:
            said["connect_ms"] = self.connect_ms
        said["reconnects"] = self.reconnects
        await self._call("meeting.update", meeting=self._meeting, quality=said)

    async def _say_again(self) -> None:
        while True:
            await asyncio.sleep(QUALITY_EVERY_S)
            with contextlib.suppress(ClientError, TimeoutError):  # the next one says it again
                await self.say()

    async def _renew(self) -> None:
        while True:
            left_s = RENEW_LEAST_S + RENEW_BEFORE_S
            if expires := self.joined.get("ice_expires_at"):
                left_s = datetime.fromisoformat(str(expires)).timestamp() - time.time()
            await asyncio.sleep(max(RENEW_LEAST_S, left_s - RENEW_BEFORE_S))
            if not expires:
                continue  # not let in yet, or nothing that ends
            with contextlib.suppress(ClientError, TimeoutError):
                fresh = await self._call("device.ice", meeting=self._meeting)
                self.joined["ice_servers"] = fresh["ice_servers"]
                self.joined["ice_expires_at"] = fresh["expires_at"]
