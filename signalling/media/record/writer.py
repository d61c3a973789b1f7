"""Write what one participant sends, from the queue that the event loop fills, in a thread.

Sound alone goes into an .ogg. When their first key frame comes, that file ends and a .webm with
both begins: so a camera that is switched on late is never lost, and whoever never shows a picture
has a file without an empty track. A participant whose camera is on at the beginning is waited for
(CAMERA_S): then the .webm begins with their first sound. Once it has begun it goes on, with sound
alone while the camera is off.
"""

import errno
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import av
import msgspec

from signalling.media.record.about import About, Ending
from signalling.media.record.file import File, Home, NoSpace
from signalling.media.record.sealed import Erased
from signalling.media.record.seam import Packet
from signalling.media.record.tracks import Camera, Picture, Piece, Voice

POLL_S: Final = 0.2
CAMERA_S: Final = 2.0
PACKETS_MOST: Final = 8192  # some 20 s of 2.5 Mbit/s
BYTES_MOST: Final = 16 << 20
KEY_AGAIN_S: Final = 1.0


class Queue:
    """Packets from the event loop to one thread, bounded: what does not fit ends the recording.

    Each side writes its own count alone, so that no lock is taken for a packet.
    """

    def __init__(self) -> None:
        self._packets: deque[Packet] = deque()
        self._put_bytes = 0
        self._got_bytes = 0
        self.overflowed = False

    def put(self, packet: Packet) -> bool:
        """Add a packet; return False when the queue is full, now and for ever."""
        if self.overflowed:
            return False
        if len(self._packets) >= PACKETS_MOST or self._put_bytes - self._got_bytes > BYTES_MOST:
            self.overflowed = True
            return False
        self._put_bytes += len(packet.payload)
        self._packets.append(packet)
        return True

    def get(self) -> Packet | None:
        if not self._packets:
            return None
        packet = self._packets.popleft()
        self._got_bytes += len(packet.payload)
        return packet


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a writer tells, in its own thread; *picture* asks for a key frame."""

    began: Callable[[About], None]
    finished: Callable[[About], None]
    picture: Callable[[], None]


class Writer:
    """The files of one participant in one part of a recording; `run` writes until `end`.

    *known* describes its files, but for container and times. *expects_picture*: they publish
    video, so that a first key frame is worth waiting for.
    """

    def __init__(self, queue: Queue, home: Home, known: About, hooks: Hooks) -> None:
        self.expects_picture = False
        self._queue = queue
        self._home = home
        self._known = known
        self._hooks = hooks
        self._voice = Voice()
        self._camera = Camera()
        self._pieces: list[Piece] = []  # for the next file
        self._sound_only = False
        self._ends = threading.Event()
        self._why: Ending = "stopped"
        self._drained = False
        self._asked_s = float("-inf")

    def end(self, why: Ending) -> None:
        """Let what is queued be written, then no more. From any thread, and more than once."""
        if not self._ends.is_set():
            self._why = why
            self._ends.set()

    def run(self) -> Ending | None:
        """Write all files; return why it failed, None if it did not."""
        while self._gathered():
            size = next((p.size for p in self._pieces if isinstance(p, Picture)), None)
            self._sound_only = size is None
            zero_s = min(piece.at_s for piece in self._pieces)
            started_ms = round((time.time() - time.monotonic() + zero_s) * 1000)
            known = msgspec.structs.replace(
                self._known, container="webm" if size else "ogg", started_ms=started_ms
            )
            failed = self._write(File(self._home, known, zero_s, size))
            if failed is not None:
                return failed
        return "slow" if self._queue.overflowed else None

    def _write(self, file: File) -> Ending | None:
        self._hooks.began(file.about)
        failed: Ending | None = None
        try:
            file.write(self._next)
        except Erased:
            failed = "erased"
        except NoSpace:
            failed = "space"
        except av.FFmpegError:  # before OSError, which some of them are
            failed = "media"
        except OSError as error:
            failed = "space" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "disk"
        self._hooks.finished(file.ended(failed or self._reason(), round(time.time() * 1000)))
        return failed

    def _reason(self) -> Ending:
        if self._queue.overflowed:
            return "slow"
        return self._why if self._drained and not self._pieces else "camera"

    def _gathered(self) -> bool:
        """Wait for what the next file begins with; False at the end."""
        since_s: float | None = None
        while True:
            if any(isinstance(piece, Picture) for piece in self._pieces):
                return True
            if self._pieces:
                since_s = since_s or time.monotonic()
                late = time.monotonic() - since_s >= CAMERA_S
                if self._drained or late or not self.expects_picture:
                    return True
            elif self._drained:
                return False
            self._pieces += self._poll()

    def _next(self) -> list[Piece] | None:
        """Return what goes into the file that is open, None when it ends."""
        if not self._pieces and self._drained:
            return None
        pieces, self._pieces = self._pieces or self._poll(), []
        if self._sound_only:
            for number, piece in enumerate(pieces):
                if isinstance(piece, Picture):
                    if not number:
                        self._pieces = pieces
                        return None
                    self._pieces = pieces[number:]
                    return pieces[:number]
        return pieces

    def _poll(self) -> list[Piece]:
        """Wait a moment, then return what has come; at the end all that is left, at once."""
        ending = self._ends.wait(POLL_S) or self._queue.overflowed
        pieces: list[Piece] = []
        seen = False
        while (packet := self._queue.get()) is not None:
            if packet.kind == "audio":
                pieces += self._voice.add(packet)
            else:
                pieces += self._camera.add(packet)
                seen = True
        if ending:
            self._drained = True
            return [*pieces, *self._voice.flush(), *self._camera.flush()]
        now_s = time.monotonic()
        pieces += self._voice.silent(now_s)
        if seen and self._camera.missing and now_s - self._asked_s >= KEY_AGAIN_S:
            self._asked_s = now_s
            self._hooks.picture()
        return pieces
