"""Record meetings that the relay carries; `__init__.py` says how to use it."""

import asyncio
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from signalling.errors import IllegalTransition, InvalidParams, NotFound, Unavailable
from signalling.media.record.about import About, Ending
from signalling.media.record.file import Home, NoSpace
from signalling.media.record.seam import Publications, Source
from signalling.media.record.tap import Tap
from signalling.media.record.told import Began, Failed, Finished, Told
from signalling.media.record.unseal import recipients_of
from signalling.settings import Recording

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
WRITERS_MOST: Final = 64  # threads of one process
STOP_S: Final = 30.0  # a disk that takes longer has failed

WORDS: Final[Mapping[Ending, str]] = {
    "erased": "The recording was erased while it was made.",
    "slow": "The server's disk is too slow to keep up with the recording.",
    "space": "The server's disk is full.",
    "disk": "The server's disk cannot be written to.",
    "media": "What a participant sends cannot be recorded.",
    "busy": "The server records as many people as it can.",
}


class Running:
    """One recording: its taps, and the files that have ended."""

    def __init__(self, meeting: str, recording: str, consents: Mapping[str, int]) -> None:
        self.meeting = meeting
        self.recording = recording
        self.consents = dict(consents)
        self.part = 1
        self.on = False
        self.failed = False
        self.home: Home | None = None
        self.taps: set[Tap] = set()
        self.files: list[About] = []
        self.lock = asyncio.Lock()


class Recorder:
    """The recordings of one media process, one a meeting at most.

    Construct it on the event loop. Raises ValueError for a recipient that is no public key.
    """

    def __init__(self, settings: Recording, publications: Publications, told: Told) -> None:
        self._settings = settings
        self._recipients = recipients_of(settings.recipients)
        self._publications = publications
        self._told = told
        self._running: dict[str, Running] = {}
        self._taps: set[Tap] = set()

    async def start(self, meeting: str, recording: str, consents: Mapping[str, int]) -> None:
        """Record whoever is in *consents* (participant to when they agreed, ms).

        Repeating it is harmless. Raise Unavailable when there is no key to encrypt to, no
        directory or too little space; IllegalTransition when another recording runs.
        """
        if not ID.fullmatch(recording):
            raise InvalidParams("a recording's id is 1 to 64 of A-Z a-z 0-9 _ -", path="recording")
        if not self._recipients:
            raise Unavailable("recording is not set up: recording.recipients names no key")
        running = self._running.get(meeting)
        if running is not None:
            if running.recording != recording:
                raise IllegalTransition("another recording of this meeting runs")
            return
        running = self._running[meeting] = Running(meeting, recording, consents)
        async with running.lock:
            try:
                running.home = await asyncio.to_thread(self._home, recording)
            except (NoSpace, OSError) as error:
                why: Ending = "space" if isinstance(error, NoSpace) else "disk"
                raise Unavailable(WORDS[why], reason=why) from None
            finally:
                if running.home is None and self._running.get(meeting) is running:
                    del self._running[meeting]
            if self._running.get(meeting) is not running:
                raise IllegalTransition("the recording was stopped before it began")
            self._go_on(running)

    async def pause(self, meeting: str) -> None:
        """End the part that is recorded; repeating it is harmless."""
        running = self._of(meeting)
        running.on = False
        async with running.lock:
            await self._end(running, "paused")

    async def resume(self, meeting: str, consents: Mapping[str, int]) -> None:
        """Begin a new part, with whoever has agreed by now; harmless while one is recorded."""
        running = self._of(meeting)
        async with running.lock:
            running.consents = dict(consents)
            if not running.on and self._running.get(meeting) is running:
                running.part += 1
                self._go_on(running)

    async def stop(self, meeting: str) -> tuple[About, ...]:
        """End the recording; return its files. A meeting without one has none."""
        running = self._running.pop(meeting, None)
        if running is None:
            return ()
        running.on = False
        async with running.lock:
            await self._end(running, "stopped")
        return tuple(running.files)

    async def close(self) -> None:
        """End all recordings."""
        await asyncio.gather(*map(self.stop, tuple(self._running)))
        if self._taps:
            await asyncio.wait([tap.done for tap in self._taps], timeout=STOP_S)

    def published(self, source: Source) -> None:
        """Learn that somebody publishes something new: call it for every source.

        It is recorded if the meeting is, and if they have agreed. That a source ends, it says
        itself.
        """
        running = self._running.get(source.place.meeting)
        if running is not None:
            self._attach(running, source)

    def _home(self, recording: str) -> Home:
        directory = Path(self._settings.directory) / recording
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        home = Home(directory, self._recipients, self._settings.free_mb << 20)
        home.check()
        return home

    def _of(self, meeting: str) -> Running:
        running = self._running.get(meeting)
        if running is None:
            raise NotFound("this meeting is not recorded")
        return running

    def _go_on(self, running: Running) -> None:
        running.on = True
        for source in tuple(self._publications.sources(running.meeting)):
            self._attach(running, source)

    def _attach(self, running: Running, source: Source) -> None:
        participant = source.place.participant
        if participant not in running.consents or running.home is None or not running.on:
            return
        tap = next((t for t in running.taps if t.participant == participant and not t.ending), None)
        try:
            (tap or self._tap(running, running.home, participant)).attach(source)
        except ValueError:
            self._fail(running, "busy")

    def _tap(self, running: Running, home: Home, participant: str) -> Tap:
        if len(self._taps) >= WRITERS_MOST:
            raise ValueError("no more writers")
        known = About(
            recording=running.recording,
            meeting=running.meeting,
            participant=participant,
            part=running.part,
            container="ogg",
            started_ms=round(time.time() * 1000),
            consents=running.consents,
        )

        def tell(event: Began | Finished) -> None:
            if isinstance(event, Finished):
                running.files.append(event.about)
            self._told(event)

        def done(future: asyncio.Future[Ending | None]) -> None:
            self._taps.discard(tap)
            running.taps.discard(tap)
            if (why := future.result()) is not None:
                self._fail(running, why)

        tap = Tap(home, known, tell)
        self._taps.add(tap)
        running.taps.add(tap)
        tap.done.add_done_callback(done)
        return tap

    async def _end(self, running: Running, why: Ending) -> None:
        """Let every tap write what it has; a disk that does not answer is given up."""
        taps = tuple(running.taps)
        for tap in taps:
            tap.end(why)
        if taps:
            _, hanging = await asyncio.wait([tap.done for tap in taps], timeout=STOP_S)
            if hanging:
                self._fail(running, "disk")

    def _fail(self, running: Running, why: Ending) -> None:
        """End a recording that cannot go on, once; the meeting goes on without it."""
        if running.failed:
            return
        running.failed, running.on = True, False
        if self._running.get(running.meeting) is running:
            del self._running[running.meeting]
        self._told(Failed(running.meeting, running.recording, why, WORDS[why]))
        for tap in tuple(running.taps):
            tap.end(why)
