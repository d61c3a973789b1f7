"""Opus packets as a recording needs them: how long each is, and what stands for a lost one.

RFC 6716, section 3 (the table-of-contents byte); RFC 7845, section 4.1: a hole is filled with
packets without audio, which ask the decoder to conceal it, so that players keep time.
"""

from typing import Final

RATE: Final = 48_000
PACKET_MOST: Final = 5760  # samples: 120 ms
_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)
FRAME_SAMPLES: Final = _SILK * 3 + _HYBRID * 2 + _CELT * 4  # by the five bits of the configuration


def samples(packet: bytes) -> int:
    """Return how many samples at 48 kHz a packet has, 0 if it is no Opus packet."""
    if not packet:
        return 0
    frame = FRAME_SAMPLES[packet[0] >> 3]
    code = packet[0] & 3
    if code == 0:
        frames = 1
    elif code < 3:
        frames = 2
    elif len(packet) < 2:
        return 0
    else:
        frames = packet[1] & 0x3F
    total = frames * frame
    return total if total <= PACKET_MOST else 0


def concealed(like: int, hole: int) -> list[tuple[bytes, int]]:
    """Return packets without audio, each with its samples, that fill a hole of *hole* samples.

    *like* is the table-of-contents byte of a neighbour; what is shorter than its frame stays open.
    """
    frame = FRAME_SAMPLES[like >> 3]
    frames = hole // frame
    packets: list[tuple[bytes, int]] = []
    while frames:
        count = min(frames, PACKET_MOST // frame)
        packets.append((_empty(like, count), count * frame))
        frames -= count
    return packets


def _empty(like: int, frames: int) -> bytes:
    """Return a packet of *frames* frames of no bytes."""
    if frames == 1:
        return bytes((like & 0xFC,))
    return bytes((like & 0xFC | 3, frames))
