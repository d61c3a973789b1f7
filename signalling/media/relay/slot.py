"""What one receiving section of a client carries: somebody's packets under one numbering.

Whoever is switched in, the receiver sees one stream, under one SSRC, that goes on. Video begins
with a key frame, always.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aiortc.rtp import RtcpReceiverInfo, RtcpSenderInfo, RtcpSrPacket

from signalling.media.relay.numbering import Numbering
from signalling.media.relay.packet import CLOCK_HZ, HEADER, ONE_BYTE, Kind, Packet
from signalling.media.relay.source import Source

HISTORY: Final = 512  # packets of video that can be sent again
AGAIN_PER_S: Final = 400
REPORTS_KEPT: Final = 4
UNITS_PER_S: Final = 1 << 18  # of abs-send-time


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What was negotiated for a section that we send on; id 0: no such extension."""

    mid: str
    kind: Kind
    ssrc: int
    rtx_ssrc: int
    payload_type: int
    rtx_payload_type: int | None = None
    mid_id: int = 0
    level_id: int = 0
    sent_id: int = 0


class Slot:
    """A sink that rewrites what a source gives it; *send* takes RTP to be encrypted."""

    def __init__(self, outgoing: Outgoing, send: Callable[[bytes], None]) -> None:
        self.mid = outgoing.mid
        self.kind: Kind = outgoing.kind
        self.ssrc = outgoing.ssrc
        self.rtx_ssrc = outgoing.rtx_ssrc
        self.wanted: str | None = None
        self.source: Source | None = None
        self.paused = False
        self.packets = self.octets = self.again = 0
        self.rtt_s: float | None = None
        self.told: RtcpReceiverInfo | None = None  # the receiver's last word, of all so far
        # what the receiver said in the last second: share lost in 256ths, what it can take
        self.lost: int | None = None
        self.takes_bps: int | None = None
        self._send = send
        self._numbering = Numbering(CLOCK_HZ[outgoing.kind])
        self._second = (outgoing.payload_type, outgoing.payload_type | 0x80)
        self._rtx_payload_type = outgoing.rtx_payload_type
        self._block = extensions_of(outgoing)
        video = outgoing.kind == "video"
        self._history: list[tuple[int, int, Packet] | None] = [None] * HISTORY if video else []
        self._rtx_sequence = random.randrange(1 << 15)  # noqa: S311 - as RFC 3550 asks
        self._again_left = AGAIN_PER_S
        self._reported: dict[int, float] = {}
        self.sent_bps = 0  # in the last second
        self._octets_before = 0

    # --- whom it carries ----------------------------------------------------------------------

    @property
    def carries(self) -> bool:
        """Whether packets of somebody are to be sent."""
        return self.source is not None and not self.paused

    def carry(self, source: Source | None, now_s: float) -> None:
        """Carry *source* from now on; the same one again changes nothing."""
        if source is not self.source:
            self._let_go()
            self.source = source
            self._take_up(now_s)

    def pause(self) -> None:
        """Send nothing until `resume`."""
        self.paused = True
        self._let_go()

    def resume(self, now_s: float) -> None:
        """Go on: with a key frame, as for somebody new."""
        if self.paused:
            self.paused = False
            self._take_up(now_s)

    def ended(self) -> None:
        """Learn that the source is no more; who is wanted stays wanted."""
        self._let_go()
        self.source = None

    def _take_up(self, now_s: float) -> None:
        if self.source is not None and not self.paused:
            source = self.source
            source.request_key_frame(now_s)
            source.add_sink(self)

    def _let_go(self) -> None:
        if self.source is not None:
            self.source.remove_sink(self)
        self._numbering.leave()

    # --- packets ------------------------------------------------------------------------------

    def packet(self, packet: Packet) -> None:
        """Send one on."""
        numbering = self._numbering
        if packet.ssrc != numbering.stream:
            if not packet.key and self._history:
                self.wait(packet.arrived_s)
                return
            numbering.begin(packet)
        if not numbering.admit(packet):
            return
        payload = packet.payload
        sequence = packet.sequence + numbering.shift & 0xFFFF
        timestamp = packet.timestamp + numbering.later & 0xFFFFFFFF
        header = HEADER.pack(0x90, self._second[packet.marker], sequence, timestamp, self.ssrc)
        self._send(header + self._block(packet.level, packet.arrived_s) + payload)
        self.packets += 1
        self.octets += len(payload)
        if self._history:
            self._history[sequence % HISTORY] = (sequence, timestamp, packet)

    def wait(self, now_s: float) -> None:
        """Ask again for the key frame to begin with, if it has not come."""
        if self.carries and self._numbering.stream is None and self.source is not None:
            self.source.request_key_frame(now_s)

    def picture_lost(self, now_s: float) -> None:
        """Pass on that the receiver needs a key frame."""
        if self.carries and self.source is not None:
            self.source.request_key_frame(now_s)

    def send_again(self, sequences: Iterable[int], now_s: float) -> None:
        """Answer a NACK from what is remembered, as RTX if the receiver knows it (RFC 4588)."""
        if not self._history:
            return
        for sequence in sequences:
            if self._again_left <= 0:
                return
            kept = self._history[sequence % HISTORY]
            if kept is None or kept[0] != sequence:
                continue
            self._again_left -= 1
            self.again += 1
            _, timestamp, packet = kept
            block = self._block(packet.level, now_s)
            second, number, ssrc, original = self._second[packet.marker], sequence, self.ssrc, b""
            if self._rtx_payload_type is not None:
                second = self._rtx_payload_type | packet.marker << 7
                number, ssrc = self._rtx_sequence, self.rtx_ssrc
                original = sequence.to_bytes(2, "big")
                self._rtx_sequence = number + 1 & 0xFFFF
            header = HEADER.pack(0x90, second, number, timestamp, ssrc)
            self._send(header + block + original + packet.payload)

    # --- reports ------------------------------------------------------------------------------

    def second(self, now_s: float) -> None:
        """Do what is to be done once a second."""
        self._again_left = AGAIN_PER_S
        self.sent_bps = 8 * (self.octets - self._octets_before)
        self._octets_before = self.octets
        self._numbering.age()
        self.wait(now_s)

    def limited(self, bps: int, now_s: float) -> None:
        """Take what the receiver says that this slot may have, bit/s."""
        if self.carries and self.source is not None:
            self.takes_bps = bps
            self.source.limit(self, bps, now_s)

    def report(self, now_s: float) -> RtcpSrPacket | None:
        """Return a sender report on the publisher's clock, so that lips stay in step."""
        source, numbering = self.source, self._numbering
        if source is None or source.clock is None or numbering.stream is None:
            return None
        if numbering.stream != source.ssrc:
            return None
        ntp, rtp, at_s = source.clock
        passed_s = now_s - at_s
        ntp = ntp + int(passed_s * (1 << 32)) & 0xFFFFFFFFFFFFFFFF
        rtp = rtp + int(passed_s * CLOCK_HZ[self.kind]) + numbering.later
        self._reported[ntp >> 16 & 0xFFFFFFFF] = now_s
        while len(self._reported) > REPORTS_KEPT:
            del self._reported[next(iter(self._reported))]
        return RtcpSrPacket(
            ssrc=self.ssrc,
            sender_info=RtcpSenderInfo(
                ntp_timestamp=ntp,
                rtp_timestamp=rtp & 0xFFFFFFFF,
                packet_count=self.packets & 0xFFFFFFFF,
                octet_count=self.octets & 0xFFFFFFFF,
            ),
        )

    def reported(self, report: RtcpReceiverInfo, now_s: float) -> None:
        """Take what the receiver says of this slot."""
        self.told = report
        self.lost = report.fraction_lost
        sent_s = self._reported.get(report.lsr)
        if sent_s is not None and report.lsr:
            self.rtt_s = max(0.0, now_s - sent_s - report.dlsr / 65_536)


def extensions_of(outgoing: Outgoing) -> Callable[[int | None, float], bytes]:
    """Return what makes the block of header extensions from audio level and time of sending.

    One-byte form (RFC 8285): the section's mid, and the level (audio) or abs-send-time (video).
    """
    mid = outgoing.mid.encode()
    fixed = bytes([outgoing.mid_id << 4 | len(mid) - 1]) + mid if outgoing.mid_id else b""

    def block(value: bytes) -> bytes:
        words = -(-(len(fixed) + len(value)) // 4)
        return (ONE_BYTE << 16 | words).to_bytes(4, "big") + (fixed + value).ljust(4 * words, b"\0")

    silent = block(b"")
    levels = [block(bytes([outgoing.level_id << 4, level])) for level in range(256)]
    template = block(bytes([outgoing.sent_id << 4 | 2, 0, 0, 0]))
    at = 4 + len(fixed) + 1
    before, after = template[:at], template[at + 3 :]

    def with_level(level: int | None, _: float) -> bytes:
        return silent if level is None else levels[level]

    def with_time(_: int | None, now_s: float) -> bytes:
        return before + (int(now_s * UNITS_PER_S) & 0xFFFFFF).to_bytes(3, "big") + after

    if outgoing.kind == "audio":
        return with_level if outgoing.level_id else lambda _, __: silent
    return with_time if outgoing.sent_id else lambda _, __: silent
