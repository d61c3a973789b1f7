"""Whole VP8 frames out of RTP packets that are in order.

RFC 7741 (the descriptor before each payload), RFC 6386, section 9.1 (the head of a key frame).
After a loss nothing is kept until the next key frame: what refers to a lost frame would decode to
something nobody sent.
"""

from dataclasses import dataclass
from typing import Final

from signalling.media.record.seam import Packet

FRAME_BYTES_MOST: Final = 8 << 20
SIDE_MOST: Final = 4096  # pixels: whoever plays the file makes room for what a frame says
START_CODE: Final = b"\x9d\x01\x2a"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture; *size* (width, height) is a key frame's, None for the others."""

    data: bytes
    size: tuple[int, int] | None


class Frames:
    """Put frames together; `missing` says that a key frame is needed to go on."""

    def __init__(self) -> None:
        self.missing = True
        self._parts: list[bytes] = []
        self._bytes = 0
        self._timestamp: int | None = None  # of the frame that is being put together

    def add(self, packet: Packet, *, gap: bool) -> Frame | None:
        """Take the next packet in order; return the frame that it ends."""
        if gap:
            self._lose()
        if not packet.payload:
            return None  # padding between frames
        start = descriptor_bytes(packet.payload)
        if not 0 < start < len(packet.payload):
            self._lose()
            return None
        begins = packet.payload[0] & 0x17 == 0x10
        if self._timestamp is not None and self._timestamp != packet.timestamp:
            self._lose()  # the last frame had no end
        if self._timestamp is None:
            if not begins:
                self.missing = True  # this one has no beginning
                return None
            self._timestamp = packet.timestamp
        self._parts.append(packet.payload[start:])
        self._bytes += len(self._parts[-1])
        if self._bytes > FRAME_BYTES_MOST:
            self._lose()
            return None
        return self._whole() if packet.marker else None

    def _whole(self) -> Frame | None:
        data = b"".join(self._parts)
        self._clear()
        key = not data[0] & 1
        size = key_frame_size(data) if key else None
        if size is None and (key or self.missing):
            self.missing = True
            return None
        self.missing = False
        return Frame(data, size)

    def _lose(self) -> None:
        self._clear()
        self.missing = True

    def _clear(self) -> None:
        self._parts.clear()
        self._bytes = 0
        self._timestamp = None


def descriptor_bytes(payload: bytes) -> int:
    """Return how long the descriptor is; 0 if the payload ends within it."""
    if not payload:
        return 0
    if not payload[0] & 0x80:
        return 1
    if len(payload) < 3:
        return 0
    has = payload[1]
    size = 2
    if has & 0x80:
        size += 2 if payload[2] & 0x80 else 1
    return size + bool(has & 0x40) + bool(has & 0x30)


def key_frame_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a key frame; None if it has no head, or is too large."""
    if len(data) < 10 or data[3:6] != START_CODE:
        return None
    width = int.from_bytes(data[6:8], "little") & 0x3FFF
    height = int.from_bytes(data[8:10], "little") & 0x3FFF
    return (width, height) if 0 < width <= SIDE_MOST and 0 < height <= SIDE_MOST else None
