"""The store's time, known without asking it."""

import asyncio
import logging
import time
from collections.abc import Callable

from signalling.store.connect import StoreUnavailable
from signalling.store.store import Store

LOG = logging.getLogger(__name__)
SAMPLES = 5
REFRESH_S = 30.0


class Clock:
    """Give the store's time: its TIME plus what has passed here since.

    Call `measure` once before use, and run `keep` as a task. Time never goes back: where a
    new measurement says so, it stands still until the store has caught up.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._offset_ms = 0.0
        self._last_ms = 0
        self._measured = False

    def now_ms(self) -> int:
        if not self._measured:
            raise RuntimeError("the clock was not measured yet")
        self._last_ms = max(self._last_ms, int(self._monotonic() * 1000 + self._offset_ms))
        return self._last_ms

    async def measure(self) -> None:
        """Take the offset that the quickest of a few round trips shows."""
        samples = [await self._sample() for _ in range(SAMPLES)]
        self._offset_ms = min(samples)[1]
        self._measured = True

    async def keep(self) -> None:
        """Measure again from time to time, until cancelled; a store that is away is waited for."""
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await self.measure()
            except StoreUnavailable:
                LOG.warning("the store's time could not be measured")

    async def _sample(self) -> tuple[float, float]:
        """Return a round trip and the offset it shows, both in ms."""
        before = self._monotonic()
        seconds, micros = await self._store.command("TIME")
        after = self._monotonic()
        middle_ms = (before + after) * 500
        return (after - before) * 1000, int(seconds) * 1000 + int(micros) / 1000 - middle_ms
