"""What is logged, as it is logged: tests wait for a line instead of asking again and again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.testing import LogCapture


class Logs(LogCapture):
    """The lines of structlog, of the event loop's own thread."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def __call__(self, *args: Any) -> Any:
        self._more.set()
        return super().__call__(*args)

    async def hear(self, event: str, count: int = 1) -> None:
        """Wait until a line has been logged so often. The caller sets the deadline."""
        while sum(line["event"] == event for line in self.entries) < count:
            self._more.clear()
            await self._more.wait()


@contextmanager
def hearing_logs() -> Iterator[Logs]:
    """Take all lines while the context is open, as `structlog.testing.capture_logs` does."""
    logs = Logs()
    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [logs]
    structlog.configure(processors=processors)
    try:
        yield logs
    finally:
        processors[:] = before
        structlog.configure(processors=processors)
