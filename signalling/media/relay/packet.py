"""RTP as the relay reads it: one look at each packet, no tree of objects.

RFC 3550 (header), RFC 8285 (extensions), RFC 6464 (audio level), RFC 7741 (VP8), RFC 4588 (RTX).
Nothing here raises for what a stranger sends: what cannot be read is None.
"""

import struct
from typing import Final, Literal

Kind = Literal["audio", "video"]
Codec = Literal["opus", "vp8"]

CODECS: Final[dict[Kind, Codec]] = {"audio": "opus", "video": "vp8"}
CLOCK_HZ: Final[dict[Kind, int]] = {"audio": 48_000, "video": 90_000}
HEADER: Final = struct.Struct("!BBHII")
HEADER_BYTES: Final = 12
ONE_BYTE, TWO_BYTES = 0xBEDE, 0x1000


class Packet:
    """One RTP packet, decrypted; never changed once made, so all who are given it may keep it.

    *sequence* (16 bits), *timestamp* (32 bits, at CLOCK_HZ of its kind) and *ssrc* are the
    publisher's: another ssrc is another numbering. *payload* is as RTP carries it (an Opus packet;
    VP8 with its descriptor), empty when the publisher only pads. *key*: a VP8 key frame begins
    here. *level* is the audio-level byte of RFC 6464. *arrived_s* is the loop's clock.
    """

    __slots__ = (
        "arrived_s",
        "codec",
        "key",
        "kind",
        "level",
        "marker",
        "payload",
        "sequence",
        "ssrc",
        "timestamp",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - one a packet: keywords would cost
        self,
        kind: Kind,
        ssrc: int,
        sequence: int,
        timestamp: int,
        marker: int,
        payload: bytes,
        arrived_s: float,
        level: int | None = None,
    ) -> None:
        self.kind: Kind = kind
        self.codec: Codec = CODECS[kind]
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp
        self.marker = marker
        self.payload = payload
        self.arrived_s = arrived_s
        self.level = level
        # S set and partition 0: only there can a frame begin
        self.key = (
            kind == "video"
            and payload != b""
            and payload[0] & 0x17 == 0x10
            and begins_key_frame(payload)
        )

    @property
    def level_dbov(self) -> int | None:
        """How loud it is, -127 to 0 dBov, if the publisher says."""
        return None if self.level is None else -(self.level & 0x7F)


def read(kind: Kind, plain: bytes, arrived_s: float, level_id: int = 0) -> Packet | None:
    """Return the packet of these decrypted bytes, or None if they are no RTP packet.

    *level_id* is the id of the audio-level extension, 0 where none was negotiated. An extension
    that cannot be read is as one that is not there.
    """
    size = len(plain)
    if size < HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(plain)
    start = HEADER_BYTES + 4 * (first & 0x0F)
    level = None
    if first & 0x10:
        if size < start + 4:
            return None
        ends = start + 4 + 4 * (plain[start + 2] << 8 | plain[start + 3])
        if size < ends:
            return None
        if level_id and (value := extension(plain, start, ends, level_id)):
            level = value[0]
        start = ends
    if first & 0x20:
        size -= plain[-1]
    if first >> 6 != 2 or size < start:
        return None
    return Packet(kind, ssrc, sequence, timestamp, second >> 7, plain[start:size], arrived_s, level)


def extension(plain: bytes, start: int, ends: int, wanted: int) -> bytes:
    """Return the value of one header extension, empty if it is not there.

    *start* is where the extension's profile stands, *ends* where its values end.
    """
    profile = plain[start] << 8 | plain[start + 1]
    at = start + 4
    two = profile & 0xFFF0 == TWO_BYTES
    if not two and profile != ONE_BYTE:
        return b""
    while at + 1 < ends:
        tag = plain[at]
        if tag == 0:  # padding
            at += 1
            continue
        if two:
            found, length, at = tag, plain[at + 1], at + 2
        else:
            found, length, at = tag >> 4, (tag & 0x0F) + 1, at + 1
        if at + length > ends or (found == 15 and not two):
            return b""
        if found == wanted:
            return plain[at : at + length]
        at += length
    return b""


def extension_of(plain: bytes, wanted: int) -> bytes:
    """Return the value of one header extension of a whole packet, empty if it is not there."""
    if len(plain) < HEADER_BYTES or not plain[0] & 0x10:
        return b""
    start = HEADER_BYTES + 4 * (plain[0] & 0x0F)
    if len(plain) < start + 4:
        return b""
    ends = start + 4 + 4 * (plain[start + 2] << 8 | plain[start + 3])
    return extension(plain, start, ends, wanted) if len(plain) >= ends else b""


def begins_key_frame(payload: bytes) -> bool:
    """Whether a VP8 key frame begins in this payload (RFC 7741, sections 4.2 and 4.3)."""
    if len(payload) < 2 or payload[0] & 0x17 != 0x10:
        return False
    at = 1
    if payload[0] & 0x80:
        has = payload[at]
        at += 1
        if has & 0x80:
            at += 2 if at < len(payload) and payload[at] & 0x80 else 1
        at += bool(has & 0x40) + bool(has & 0x30)
    return at < len(payload) and not payload[at] & 0x01


def unwrapped(plain: bytes, ssrc: int) -> bytes:
    """Return the packet that an RTX packet repeats; empty if it repeats none.

    The payload type stays RTX's: whoever asks knows already what stream it is.
    """
    if len(plain) < HEADER_BYTES:
        return b""
    start = HEADER_BYTES + 4 * (plain[0] & 0x0F)
    if plain[0] & 0x10 and len(plain) >= start + 4:
        start += 4 + 4 * (plain[start + 2] << 8 | plain[start + 3])
    padding = plain[-1] if plain[0] & 0x20 else 0
    if len(plain) - padding < start + 2:
        return b""
    return (
        plain[:2]
        + plain[start : start + 2]
        + plain[4:8]
        + ssrc.to_bytes(4, "big")
        + plain[12:start]
        + plain[start + 2 :]
    )
