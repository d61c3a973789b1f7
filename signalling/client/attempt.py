"""The outcome of connecting: connected, or failed with a reason, at the latest after a while."""

import asyncio
import math
import random
import time
from collections.abc import Callable
from typing import Final

from signalling.client.errors import LegFailed

AGAIN_S: Final = 0.5  # doubled each time
AGAIN_MOST_S: Final = 8.0


class Attempt:
    """Resolves `connected` once; *lost* is told once why it failed, then or later.

    `took_ms` is how long it took. Closing it is no failure that anybody is told of.
    """

    def __init__(self, peer: str, connect_s: float, lost: Callable[[str], None]) -> None:
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.took_ms: float | None = None
        self.over = False
        self._peer = peer
        self._lost = lost
        self._began_s = time.monotonic()
        self._deadline = asyncio.get_running_loop().call_later(
            connect_s, self.fail, f"not connected within {connect_s:g} s"
        )

    def succeed(self) -> None:
        """Say that media can flow."""
        if not self.connected.done():
            self._deadline.cancel()
            self.took_ms = round((time.monotonic() - self._began_s) * 1000, 1)
            self.connected.set_result(None)

    def fail(self, reason: str) -> None:
        """Say that it cannot, or no longer."""
        if not self.over:
            self._end(reason)
            self._lost(reason)

    def close(self) -> None:
        """End it without telling anybody but who waits."""
        if not self.over:
            self._end("closed")

    def _end(self, reason: str) -> None:
        self.over = True
        self._deadline.cancel()
        if not self.connected.done():
            self.connected.set_exception(LegFailed(f"{self._peer}: {reason}"))
            self.connected.exception()  # nobody may be waiting for it


def pause_s(tries: int) -> float:
    """Return how long to wait after so many tries, spread so that not all come back at once."""
    return min(AGAIN_MOST_S, AGAIN_S * math.pow(2, tries)) * random.uniform(0.5, 1)  # noqa: S311
