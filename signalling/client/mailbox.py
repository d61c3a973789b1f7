"""Events of the server, kept until somebody asks for them."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalling.client.errors import ConnectionLost

EVENTS_MOST: Final = 1_024


@dataclass(frozen=True, slots=True)
class Event:
    """One notification of the server; only stored events have an id."""

    method: str
    params: Mapping[str, Any]

    @property
    def event_id(self) -> str | None:
        return self.params.get("event_id")


class Mailbox:
    """A bounded queue that can be searched; when full the oldest event is dropped and counted."""

    def __init__(self) -> None:
        self.dropped = 0
        self._events: deque[Event] = deque()
        self._lost: tuple[int, str] | None = None
        self._news = asyncio.Event()

    def put(self, event: Event) -> None:
        if len(self._events) >= EVENTS_MOST:
            self._events.popleft()
            self.dropped += 1
        self._events.append(event)
        self._news.set()

    def shut(self, code: int, reason: str) -> None:
        """Let who waits know that nothing more comes; what is here can still be taken."""
        self._lost = (code, reason)
        self._news.set()

    def reopen(self) -> None:
        self._lost = None

    async def take(self, wanted: Callable[[Event], bool]) -> Event:
        """Remove and return the first wanted event; raise ConnectionLost when none can come."""
        while True:
            for position, event in enumerate(self._events):
                if wanted(event):
                    del self._events[position]
                    return event
            if self._lost:
                raise ConnectionLost(*self._lost)
            self._news.clear()
            await self._news.wait()
