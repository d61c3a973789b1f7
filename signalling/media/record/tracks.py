"""What a participant sends, as pieces with times: Opus packets without holes, VP8 frames whole.

Pure: packets in, pieces out. Times are seconds on the clock of the arrivals.
"""

from dataclasses import dataclass
from typing import Final

from signalling.media.record.opus import PACKET_MOST, RATE, concealed, samples
from signalling.media.record.order import Order
from signalling.media.record.seam import Packet
from signalling.media.record.timeline import Timeline
from signalling.media.record.vp8 import Frames

VIDEO_RATE: Final = 90_000
SILENT_S: Final = 1.0  # more than a packet is waited for: then nothing was sent


@dataclass(frozen=True, slots=True)
class Sound:
    """An Opus packet that begins at sample *at*, and how many samples it has."""

    data: bytes
    at: int
    samples: int

    @property
    def at_s(self) -> float:
        return self.at / RATE


@dataclass(frozen=True, slots=True)
class Picture:
    """A VP8 frame; *size* is a key frame's, None for the others."""

    data: bytes
    at_s: float
    size: tuple[int, int] | None


Piece = Sound | Picture


class Voice:
    """The audio of one participant: every moment since its first packet has a piece."""

    def __init__(self) -> None:
        self._order = Order()
        self._timeline = Timeline(RATE)
        self._next: int | None = None  # the sample that comes next
        self._like = 0  # how the last packet was encoded

    def add(self, packet: Packet) -> list[Piece]:
        return [piece for ready, _ in self._order.add(packet) for piece in self._piece(ready)]

    def flush(self) -> list[Piece]:
        """Return the rest: nothing more is waited for."""
        return [piece for ready, _ in self._order.flush() for piece in self._piece(ready)]

    def silent(self, now_s: float) -> list[Piece]:
        """Return what stands for the time in which nothing came, as a muted microphone."""
        if self._next is None:
            return []
        hole = int((now_s - SILENT_S) * RATE) - self._next
        return self._fill(self._next, hole) if hole >= PACKET_MOST else []

    def _piece(self, packet: Packet) -> list[Piece]:
        length = samples(packet.payload)
        if not length:
            return []
        at = round(self._timeline.place(packet) * RATE)
        if self._next is None:
            self._next = at
        late = self._next - at
        if late > length + length // 2:
            return []  # something stands there already
        self._like = packet.payload[0]
        filled = self._fill(self._next, -late) if late < 0 else []
        at = max(at, self._next)
        self._next = at + length
        return [*filled, Sound(packet.payload, at, length)]

    def _fill(self, at: int, hole: int) -> list[Piece]:
        pieces: list[Piece] = []
        for data, length in concealed(self._like, hole):
            pieces.append(Sound(data, at, length))
            at += length
        self._next = at
        return pieces


class Camera:
    """The video of one participant; `missing`: a key frame is needed to go on."""

    def __init__(self) -> None:
        self._order = Order()
        self._timeline = Timeline(VIDEO_RATE)
        self._frames = Frames()

    @property
    def missing(self) -> bool:
        return self._frames.missing

    def add(self, packet: Packet) -> list[Piece]:
        return [one for ready, gap in self._order.add(packet) for one in self._piece(ready, gap)]

    def flush(self) -> list[Piece]:
        """Return the rest: nothing more is waited for."""
        return [one for ready, gap in self._order.flush() for one in self._piece(ready, gap)]

    def _piece(self, packet: Packet, gap: bool) -> list[Piece]:
        at_s = self._timeline.place(packet)
        frame = self._frames.add(packet, gap=gap)
        return [] if frame is None else [Picture(frame.data, at_s, frame.size)]
