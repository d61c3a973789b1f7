"""Packets as publishers send them, and who listens to what comes of them."""

import struct

from signalling.media.relay.packet import Packet


def rtp(  # noqa: PLR0917
    sequence: int = 1,
    timestamp: int = 0,
    payload: bytes = b"sound",
    ssrc: int = 7,
    payload_type: int = 96,
    marker: bool = False,
    extensions: bytes = b"",
    csrcs: int = 0,
    padding: int = 0,
) -> bytes:
    """Return a packet; *extensions* is the whole block, profile and length included."""
    first = 0x80 | bool(padding) << 5 | bool(extensions) << 4 | csrcs
    header = struct.pack("!BBHII", first, marker << 7 | payload_type, sequence, timestamp, ssrc)
    pad = bytes(padding - 1) + bytes([padding]) if padding else b""
    return header + bytes(4 * csrcs) + extensions + payload + pad


def one_byte(*values: tuple[int, bytes]) -> bytes:
    """Return a block of one-byte header extensions (RFC 8285)."""
    body = b"".join(bytes([number << 4 | len(value) - 1]) + value for number, value in values)
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", 0xBEDE, len(body) // 4) + body


def two_bytes(*values: tuple[int, bytes]) -> bytes:
    body = b"".join(bytes([number, len(value)]) + value for number, value in values)
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", 0x1000, len(body) // 4) + body


KEY, DELTA = b"\x10\x00rest", b"\x10\x01rest"  # VP8: a frame begins; the lowest bit says delta


class Listener:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.ends = 0

    def packet(self, packet: Packet) -> None:
        self.packets.append(packet)

    def ended(self) -> None:
        self.ends += 1
