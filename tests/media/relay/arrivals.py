"""Wait for what nobody tells of: it can only have come to be when a datagram arrived.

While people are connected there is always a next one: sound, reports, or a check of the path.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aioice.ice import StunProtocol

from signalling.media.relay.leg import Leg


class Arrivals:
    """Tells whoever waits that a datagram has come, to the relay or to a client."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def next(self) -> None:
        arrival = asyncio.get_running_loop().create_future()
        self._waiting.append(arrival)
        await arrival

    def come(self) -> None:
        waiting, self._waiting = self._waiting, []
        for arrival in waiting:
            if not arrival.done():
                arrival.set_result(None)


ARRIVALS = Arrivals()


@contextmanager
def noticed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let `until` notice the datagrams of relays and of their clients."""
    heard, received = Leg.heard, StunProtocol.datagram_received

    def leg_heard(leg: Leg) -> None:
        heard(leg)
        ARRIVALS.come()

    def client_received(protocol: StunProtocol, *datagram: Any) -> None:
        received(protocol, *datagram)
        ARRIVALS.come()

    with monkeypatch.context() as patch:
        patch.setattr(Leg, "heard", leg_heard)
        patch.setattr(StunProtocol, "datagram_received", client_received)
        yield


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds; the caller has a deadline."""
    while not holds():
        await ARRIVALS.next()
