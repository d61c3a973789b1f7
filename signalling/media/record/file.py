"""One file of a recording while it is written: pieces in, an encrypted Ogg or WebM out."""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

import av
import msgspec
from pyrage.x25519 import Recipient

from signalling.media.record import about
from signalling.media.record.about import About, Ending
from signalling.media.record.ogg import Ogg
from signalling.media.record.opus import RATE
from signalling.media.record.sealed import Sealed
from signalling.media.record.tracks import Piece, Sound
from signalling.media.record.webm import WebM

SPACE_AGAIN_S: Final = 3.0


class NoSpace(Exception):
    """Less is free on the disk than shall stay free."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a recording is written, to whom it is encrypted, how much must stay free."""

    directory: Path
    recipients: Sequence[Recipient]
    free_bytes_least: int

    def check(self) -> None:
        """Raise NoSpace when too little is free, OSError when there is no such directory."""
        disk = os.statvfs(self.directory)
        if disk.f_bavail * disk.f_frsize < self.free_bytes_least:
            raise NoSpace


class File:
    """Mux pieces on one clock, on which the file begins at *zero_s*; *size* is of its picture.

    `write` runs in a thread.
    """

    def __init__(
        self, home: Home, known: About, zero_s: float, size: tuple[int, int] | None
    ) -> None:
        name = f"{known.started_ms}-{token_hex(4)}.{known.container}.age"
        self.path = home.directory / name
        self.about = known
        self._home = home
        self._muxer: Ogg | WebM = Ogg() if size is None else WebM(size)
        self._sealed = Sealed(self.path, home.recipients)
        self._zero = round(zero_s * RATE)
        self._sound_end = 0
        self._picture_ms = -1
        self._checked_s = time.monotonic()

    def write(self, pieces: Callable[[], list[Piece] | None]) -> None:
        """Write what *pieces* returns until that is None; it may wait a moment, and be empty.

        Raise NoSpace, or the disk's OSError, with what came before kept.
        """
        closed = False

        def pull() -> bytes | None:
            nonlocal closed
            if closed:
                return b""
            self._check_space()
            more = pieces()
            for piece in more or ():
                self._mux(piece)
            if more is None:
                self._muxer.close()
                closed = True
            return self._muxer.take() or None

        about.begin(self.path, self.about)
        try:
            self._sealed.encrypt(pull)
        finally:
            with contextlib.suppress(av.FFmpegError):
                self._muxer.close()  # again, unless something was raised

    def ended(self, why: Ending, now_ms: int) -> About:
        """Note in its description that the file has ended; return that."""
        self.about = msgspec.structs.replace(
            self.about,
            ended=why,
            ended_ms=now_ms,
            seconds=round(max(self._picture_ms / 1000, self._sound_end / RATE, 0), 3),
            bytes=self._sealed.written_bytes,
        )
        with contextlib.suppress(OSError):  # then it looks as after a crash
            about.finish(self.path, self.about)
        return self.about

    def _mux(self, piece: Piece) -> None:
        if isinstance(piece, Sound):
            at = max(piece.at - self._zero, self._sound_end)
            self._sound_end = at + piece.samples
            self._muxer.audio(piece.data, at, piece.samples)
        elif isinstance(self._muxer, WebM):  # sound alone has no picture
            at_ms = round(piece.at_s * 1000) - round(self._zero * 1000 / RATE)
            self._picture_ms = max(at_ms, self._picture_ms + 1)
            self._muxer.video(piece.data, self._picture_ms, key=piece.size is not None)

    def _check_space(self) -> None:
        now_s = time.monotonic()
        if now_s - self._checked_s >= SPACE_AGAIN_S:
            self._checked_s = now_s
            self._home.check()
