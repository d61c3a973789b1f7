"""What is logged, as it is logged: tests wait for a line instead of asking again and again."""

import asyncio
import logging
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


class Lines(logging.Handler):
    """The lines of the standard library's logging, of the event loop's own thread."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._more = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{record.getMessage()}\n"
        self._more.set()

    async def hear(self, *words: str) -> None:
        """Wait until each of *words* has been logged. The caller sets the deadline."""
        while not all(each in self.text for each in words):
            self._more.clear()
            await self._more.wait()


@contextmanager
def hearing_lines() -> Iterator[Lines]:
    """Take what is logged as a warning or worse while the context is open."""
    lines = Lines()
    lines.setLevel(logging.WARNING)
    logging.getLogger().addHandler(lines)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(lines)
