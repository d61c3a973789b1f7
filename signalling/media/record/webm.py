"""Opus and VP8 into WebM without encoding, as bytes that need no seeking.

Ours, since libavformat's interleaving waits for a VP8 stream without limit: it would hold the
sound in memory for as long as a camera is off. Here the tracks are written as they come, and a
cluster closes after a second: what is cut off anywhere can be played up to its last one.

RFC 8794 (EBML), RFC 9559 (Matroska), webmproject.org/docs/container (what WebM has of it).
"""

import struct
from typing import Final

from signalling.media.record.opus import RATE

CLUSTER_MS: Final = 1000
BEHIND_MOST_MS: Final = 32_000  # a block's time in its cluster is a signed number of 16 bits
UNKNOWN_SIZE: Final = b"\x01\xff\xff\xff\xff\xff\xff\xff"
SOUND, PICTURE = 1, 2  # the numbers of the tracks
OPUS_HEAD: Final = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, RATE, 0, 0)  # mono


def element(name: str, *content: bytes) -> bytes:
    """Return an EBML element; *name* is its id in hexadecimal."""
    data = b"".join(content)
    return bytes.fromhex(name) + (1 << 56 | len(data)).to_bytes(8, "big") + data


def number(name: str, value: int) -> bytes:
    return element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


class WebM:
    """One file of sound and pictures; `take` returns the bytes that are ready."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._ready = [_head(size)]
        self._cluster_ms: int | None = None
        self._blocks: list[bytes] = []

    def take(self) -> bytes:
        ready = b"".join(self._ready)
        self._ready.clear()
        return ready

    def audio(self, data: bytes, at: int, samples: int) -> None:  # noqa: ARG002 - as Ogg takes it
        """Add an Opus packet that begins at sample *at*, which never goes back."""
        self._add(SOUND, data, round(at * 1000 / RATE), key=True)

    def video(self, data: bytes, at_ms: int, *, key: bool) -> None:
        """Add a VP8 frame; *at_ms* always grows."""
        if key:
            self._close_cluster()  # players seek to the beginning of a cluster
        self._add(PICTURE, data, at_ms, key=key)

    def close(self) -> None:
        """Finish the file; `take` then returns its last bytes. Repeating it is harmless."""
        self._close_cluster()

    def _add(self, track: int, data: bytes, at_ms: int, *, key: bool) -> None:
        begun_ms = self._cluster_ms
        if begun_ms is None or not -BEHIND_MOST_MS < at_ms - begun_ms < CLUSTER_MS:
            self._close_cluster()
            begun_ms = self._cluster_ms = at_ms
        head = struct.pack(">BhB", 0x80 | track, at_ms - begun_ms, 0x80 if key else 0)
        self._blocks.append(element("a3", head, data))

    def _close_cluster(self) -> None:
        if self._cluster_ms is not None:
            begun = number("e7", self._cluster_ms)
            self._ready.append(element("1f43b675", begun, *self._blocks))
            self._blocks.clear()
            self._cluster_ms = None


def _head(size: tuple[int, int]) -> bytes:
    """Return everything before the first cluster."""
    ebml = element(
        "1a45dfa3",
        number("4286", 1),  # version
        number("42f7", 1),  # version that a reader needs
        number("42f2", 4),  # length of ids
        number("42f3", 8),  # length of sizes
        element("4282", b"webm"),
        number("4287", 4),
        number("4285", 2),
    )
    info = element(
        "1549a966",
        number("2ad7b1", 1_000_000),  # times are ms
        element("4d80", b"dragoman"),
        element("5741", b"dragoman"),
    )
    sound = element(
        "ae",
        number("d7", SOUND),
        number("73c5", SOUND),
        number("83", 2),
        number("9c", 0),  # no lacing
        element("22b59c", b"und"),
        element("86", b"A_OPUS"),
        element("63a2", OPUS_HEAD),
        number("56bb", 80_000_000),  # ns to decode before a place that is sought
        element("e1", element("b5", struct.pack(">d", RATE)), number("9f", 1)),
    )
    width, height = size
    picture = element(
        "ae",
        number("d7", PICTURE),
        number("73c5", PICTURE),
        number("83", 1),
        number("9c", 0),
        element("22b59c", b"und"),
        element("86", b"V_VP8"),
        element("e0", number("b0", width), number("ba", height)),
    )
    tracks = element("1654ae6b", sound, picture)
    return ebml + bytes.fromhex("18538067") + UNKNOWN_SIZE + info + tracks
