"""RTCP of one connection: what its other end says, and what it is told once a second."""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from signalling.media.relay.slot import Slot
from signalling.media.relay.source import Source

CNAME: Final = 1  # RFC 3550, section 6.5.1
COMPOUND_MOST: Final = 1100  # bytes: an RTCP packet fits into any datagram
RTCP_ERRORS: Final = (ValueError, IndexError, struct.error)


class Feedback:
    """Takes decrypted RTCP to the sources and slots of one connection."""

    def __init__(self, sources: Iterable[Source], slots: Iterable[Slot], cname: str) -> None:
        self._sources: Sequence[Source] = tuple(sources)
        self._slots: Sequence[Slot] = tuple(slots)
        self._by_ssrc: Mapping[int, Slot] = {
            ssrc: slot for slot in self._slots for ssrc in (slot.ssrc, slot.rtx_ssrc)
        }
        self._cname = cname.encode()

    def take(self, plain: bytes, now_s: float) -> bool:
        """Take a compound packet; return False for one that cannot be read."""
        try:
            for packet in RtcpPacket.parse(plain):
                self._take(packet, now_s)
        except RTCP_ERRORS:
            return False
        return True

    def _take(self, packet: Any, now_s: float) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            for source in self._sources:
                if source.ssrc == packet.ssrc:
                    source.clock = (info.ntp_timestamp, info.rtp_timestamp, now_s)
        if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
            for report in packet.reports:
                if slot := self._by_ssrc.get(report.ssrc):
                    slot.reported(report, now_s)
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            if slot := self._by_ssrc.get(packet.media_ssrc):
                slot.send_again(packet.lost, now_s)
        elif isinstance(packet, RtcpPsfbPacket):
            self._about_pictures(packet, now_s)

    def _about_pictures(self, packet: RtcpPsfbPacket, now_s: float) -> None:
        if packet.fmt == RTCP_PSFB_APP:
            bps, ssrcs = unpack_remb_fci(packet.fci)
            meant = {slot for ssrc in ssrcs if (slot := self._by_ssrc.get(ssrc)) and slot.carries}
            for slot in meant:
                # one figure for all that it names: an equal share each
                slot.limited(bps // len(meant), now_s)
            return
        ssrc = packet.media_ssrc
        if packet.fmt == RTCP_PSFB_FIR:  # names the stream in its own field (RFC 5104, 4.3.1)
            ssrc = struct.unpack_from("!I", packet.fci)[0]
        if packet.fmt in {RTCP_PSFB_PLI, RTCP_PSFB_FIR} and (slot := self._by_ssrc.get(ssrc)):
            slot.picture_lost(now_s)

    def report(self, ours: int, now_s: float, send: Callable[[bytes], None]) -> None:
        """Send receiver reports about the sources, sender reports of the slots."""
        blocks = [block for source in self._sources if (block := source.report(now_s))]
        parts = [bytes(RtcpRrPacket(ours, blocks)) + self._name(ours)]
        parts += [
            bytes(report) + self._name(slot.ssrc)
            for slot in self._slots
            if (report := slot.report(now_s)) is not None
        ]
        if not blocks and len(parts) == 1:
            return
        compound = b""
        for part in parts:
            if len(compound) + len(part) > COMPOUND_MOST:
                send(compound)
                compound = b""
            compound += part
        send(compound)

    def _name(self, ssrc: int) -> bytes:
        return bytes(RtcpSdesPacket([RtcpSourceInfo(ssrc, [(CNAME, self._cname)])]))
