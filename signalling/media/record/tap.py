"""Join one participant's sources, on the event loop, to the thread that writes them."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

import structlog

from signalling.media.carrier import Kind
from signalling.media.record.about import About, Ending
from signalling.media.record.file import Home
from signalling.media.record.seam import Packet, Source
from signalling.media.record.told import Began, Finished
from signalling.media.record.writer import Hooks, Queue, Writer

log = structlog.get_logger(__name__)


class Line:
    """The sink of one source."""

    def __init__(self, tap: "Tap", source: Source) -> None:
        self.source = source
        self._tap = tap

    def packet(self, packet: Packet) -> None:
        self._tap.take(packet)

    def ended(self) -> None:
        self._tap.lose(self)


class Tap:
    """One participant in one part of a recording. *done* says why it failed, or None.

    At most one source of a kind: a newer one, as of a new connection, takes the place of the
    older. When none is left, it ends by itself.
    """

    def __init__(self, home: Home, known: About, told: Callable[[Began | Finished], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue = Queue()
        self._lines: dict[Kind, Line] = {}
        self.done: asyncio.Future[Ending | None] = self._loop.create_future()
        self.participant = known.participant
        self.ending = False
        hooks = Hooks(
            began=lambda about: self._later(told, Began(about)),
            finished=lambda about: self._later(told, Finished(about)),
            picture=lambda: self._later(self._ask_for_picture),
        )
        self._writer = Writer(self._queue, home, known, hooks)
        # A daemon: a process that is told to go does not wait for a disk that hangs.
        threading.Thread(target=self._run, name="recording", daemon=True).start()

    def attach(self, source: Source) -> None:
        """Take what a source has from now on; raise ValueError if it takes no more sinks."""
        line = Line(self, source)
        older = self._lines.pop(source.kind, None)
        self._lines[source.kind] = line
        if older is not None:
            older.source.remove_sink(older)
        source.add_sink(line)
        if source.kind == "video":
            self._writer.expects_picture = True
            source.request_key_frame(self._loop.time())

    def take(self, packet: Packet) -> None:
        if not self._queue.put(packet):
            self.end("slow")

    def lose(self, line: Line) -> None:
        """Go on without a source that has ended."""
        if self._lines.get(line.source.kind) is line:
            del self._lines[line.source.kind]
            if not self._lines:
                self.end("left")

    def end(self, why: Ending) -> None:
        """Take no more; what was taken is still written. Repeating it is harmless."""
        self.ending = True
        lines, self._lines = self._lines, {}
        for line in lines.values():
            line.source.remove_sink(line)
        self._writer.end(why)

    def _ask_for_picture(self) -> None:
        if (line := self._lines.get("video")) is not None:
            line.source.request_key_frame(self._loop.time())

    def _run(self) -> None:
        failed: Ending | None = "media"
        try:
            failed = self._writer.run()
        except Exception:  # a fault of ours must end the recording, not leave it waiting
            log.exception("a recording could not be written")
        finally:
            self._later(self._finish, failed)

    def _finish(self, failed: Ending | None) -> None:
        self.end(failed or "stopped")  # a writer that failed takes no more
        self.done.set_result(failed)

    def _later(self, call: Callable[..., Any], *args: Any) -> None:
        """Call on the event loop; nobody is there to be told once it has closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *args)
