"""Opus and VP8 made once, and sent again and again as RTP."""

import fractions
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Final, Literal

import av
import numpy as np
from av import AudioFrame, VideoFrame

from signalling.media.relay.packet import HEADER

Kind = Literal["audio", "video"]
SECONDS: Final = 3
FRAMES_PER_S: Final[dict[Kind, int]] = {"audio": 50, "video": 30}
CLOCK_HZ: Final[dict[Kind, int]] = {"audio": 48_000, "video": 90_000}
WIDTH, HEIGHT = 640, 480
VIDEO_BPS: Final = 1_000_000
PAYLOAD_MOST: Final = 1200
LEVEL: Final = 0x9E  # of speech: -30 dBov, and voice


@cache
def encoded(kind: Kind) -> tuple[tuple[bytes, ...], ...]:
    """Return the payloads of each frame of three seconds that can be repeated."""
    frames = _opus() if kind == "audio" else _vp8()
    wanted = SECONDS * FRAMES_PER_S[kind]
    assert len(frames) >= wanted, f"{len(frames)} of {wanted} frames"
    return tuple(frames[:wanted])


def _opus() -> list[tuple[bytes, ...]]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate = 32_000
    encoder.time_base = fractions.Fraction(1, 48_000)
    chance = np.random.default_rng(1)
    found: list[tuple[bytes, ...]] = []
    for number in range((SECONDS + 1) * 50):
        time = np.arange(number * 960, (number + 1) * 960) / 48_000
        wave = np.sin(2 * np.pi * (220 + 110 * np.sin(time)) * time) + chance.normal(0, 0.1, 960)
        frame = AudioFrame.from_ndarray((wave * 9000).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, number * 960
        found += [(bytes(packet),) for packet in encoder.encode(frame)]
    return found


def _vp8() -> list[tuple[bytes, ...]]:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.framerate = VIDEO_BPS, fractions.Fraction(30)
    encoder.time_base = fractions.Fraction(1, 30)
    # as browsers: a key frame is no burst of hundreds of packets, which no socket has room for
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "max-intra-rate": "300",
        "maxrate": str(VIDEO_BPS),
        "bufsize": str(VIDEO_BPS // 2),
    }
    chance = np.random.default_rng(2)
    slope = np.add.outer(np.arange(HEIGHT * 3 // 2) // 6, np.arange(WIDTH) // 6)
    found = []
    for number in range(SECONDS * 30 + 10):
        picture = np.roll(slope, 5 * number, axis=1) + 40 + chance.integers(0, 9, slope.shape)
        frame = VideoFrame.from_ndarray(picture.astype(np.uint8), "yuv420p")
        frame.pts = number
        found += [_packets(bytes(packet)) for packet in encoder.encode(frame)]
    return found


def _packets(frame: bytes) -> tuple[bytes, ...]:
    """Return a VP8 frame as payloads (RFC 7741): the first one says that a frame begins."""
    parts = range(0, len(frame), PAYLOAD_MOST)
    return tuple((b"\x00" if at else b"\x10") + frame[at : at + PAYLOAD_MOST] for at in parts)


@dataclass(frozen=True, slots=True)
class Names:
    """What a stream is sent under; *extension* 0: none."""

    kind: Kind
    ssrc: int
    payload_type: int
    extension: int  # id of audio level, or of abs-send-time


def packets(names: Names) -> Iterator[list[bytes]]:
    """Yield, frame by frame and without end, the packets to send."""
    frames = encoded(names.kind)
    step = CLOCK_HZ[names.kind] // FRAMES_PER_S[names.kind]
    sequence = 0
    for number in count():
        made = []
        payloads = frames[number % len(frames)]
        for part, payload in enumerate(payloads):
            last = names.kind == "video" and part == len(payloads) - 1
            header = HEADER.pack(
                0x90 if names.extension else 0x80,
                names.payload_type | last << 7,
                sequence & 0xFFFF,
                number * step & 0xFFFFFFFF,
                names.ssrc,
            )
            made.append(header + _extension(names, number) + payload)
            sequence += 1
        yield made


def _extension(names: Names, number: int) -> bytes:
    if not names.extension:
        return b""
    if names.kind == "audio":
        return b"\xbe\xde\x00\x01" + bytes([names.extension << 4, LEVEL, 0, 0])
    sent = (number << 18) // FRAMES_PER_S["video"] & 0xFFFFFF
    return b"\xbe\xde\x00\x01" + bytes([names.extension << 4 | 2]) + sent.to_bytes(3, "big")
