"""RTCP: to whom it goes, and what is said once a second."""

import struct
from typing import Any

import pytest
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpByePacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)

from signalling.media.carrier import Place
from signalling.media.relay.feedback import COMPOUND_MOST, Feedback
from signalling.media.relay.slot import Outgoing, Slot
from signalling.media.relay.source import Source
from tests.media.relay.rtp import KEY, rtp


class Ends:
    """A connection that publishes one picture, and has slots that carry another's."""

    def __init__(self, slots: int = 2) -> None:
        self.told: list[Any] = []  # the publisher of the other picture
        self.sent: list[bytes] = []
        self.own = Source(Place("m", "own"), "video", 9, lambda _: None)
        self.other = Source(Place("m", "other"), "video", 9, self._told)
        self.own.take(rtp(1, payload=KEY, ssrc=70), 0)
        self.slots = [
            Slot(Outgoing(str(n), "video", 100 + n, 200 + n, 96, 97), self.sent.append)
            for n in range(slots)
        ]
        for slot in self.slots:
            slot.carry(self.other, 0)
        self.other.take(rtp(1, 0, KEY, ssrc=71), 0)
        self.feedback = Feedback([self.own], self.slots, "name")
        self.told.clear()

    def _told(self, data: bytes) -> None:
        self.told += RtcpPacket.parse(data)

    def take(self, *packets: Any, now_s: float = 10) -> bool:
        return self.feedback.take(b"".join(bytes(packet) for packet in packets), now_s)

    def reports(self, now_s: float = 10) -> list[list[Any]]:
        compounds: list[bytes] = []
        self.feedback.report(9, now_s, compounds.append)
        assert all(len(compound) <= COMPOUND_MOST for compound in compounds)
        return [RtcpPacket.parse(compound) for compound in compounds]


def sender_report(ssrc: int, *blocks: RtcpReceiverInfo) -> RtcpSrPacket:
    return RtcpSrPacket(ssrc, RtcpSenderInfo(5 << 32, 900, 1, 1), list(blocks))


def block(ssrc: int, lost: int) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(ssrc, lost, 0, 0, 0, 0, 0)


def test_a_sender_report_sets_the_clock_of_its_source_alone() -> None:
    ends = Ends()
    assert ends.take(sender_report(71), sender_report(70, block(101, 7)))
    assert [s.clock for s in (ends.own, ends.other)] == [(5 << 32, 900, 10), None]
    assert [slot.lost for slot in ends.slots] == [None, 7]


def test_receiver_reports_reach_their_slots() -> None:
    ends = Ends()
    assert ends.take(RtcpRrPacket(1, [block(100, 3), block(101, 4), block(999, 5)]))
    assert [slot.lost for slot in ends.slots] == [3, 4]


def test_a_nack_is_answered_by_the_slot_that_it_names() -> None:
    ends = Ends()
    sequence = struct.unpack("!H", ends.sent[1][2:4])[0]
    assert ends.take(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, 101, [sequence]))
    assert ends.take(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, 999, [sequence]))
    assert [slot.again for slot in ends.slots] == [0, 1]


@pytest.mark.parametrize(
    "asks",
    [
        RtcpPsfbPacket(RTCP_PSFB_PLI, 1, 100),
        RtcpPsfbPacket(RTCP_PSFB_FIR, 1, 0, struct.pack("!IBxxx", 100, 1)),
    ],
)
def test_a_lost_picture_is_asked_for_at_its_publisher(asks: RtcpPsfbPacket) -> None:
    ends = Ends()
    assert ends.take(asks)
    assert ends.take(RtcpPsfbPacket(RTCP_PSFB_PLI, 1, 999), now_s=20)
    (asked,) = ends.told
    assert (asked.fmt, asked.media_ssrc) == (RTCP_PSFB_PLI, 71)


def test_an_estimate_for_several_is_shared_among_those_that_carry() -> None:
    ends = Ends(3)
    ends.slots[2].carry(None, 0)
    fci = pack_remb_fci(800_000, [100, 201, 102, 999])
    assert ends.take(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, fci))
    assert [slot.takes_bps for slot in ends.slots] == [400_000, 400_000, None]
    (told,) = ends.told
    assert unpack_remb_fci(told.fci) == (400_000, [71])


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x80\xc8\x00\x06",  # a sender report that ends at once
        b"\x81\xc9\x00\x01\x00\x00\x00\x01",  # a block that is not there
        bytes(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, b"REMB\x05\x00\x00\x00")),
        bytes(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, b"what")),
        bytes(RtcpPsfbPacket(RTCP_PSFB_FIR, 1, 0, b"")),
        b"\x00" * 40,
    ],
)
def test_garbage_is_noticed_and_nothing_else(garbage: bytes) -> None:
    ends = Ends()
    assert ends.feedback.take(garbage, 0) is (garbage == b"")
    assert ends.told == []


def test_what_concerns_nobody_is_harmless() -> None:
    ends = Ends()
    assert ends.take(RtcpByePacket([70]), RtcpSdesPacket([]), RtcpPsfbPacket(2, 1, 100, b"1234"))
    assert ends.told == []


def test_once_a_second_both_ends_are_reported_on() -> None:
    ends = Ends()
    ends.other.clock = (5 << 32, 0, 9.0)
    ((receiver, name, first, *_),) = ends.reports()
    assert [b.ssrc for b in receiver.reports] == [70]
    assert name.chunks[0].items == [(1, b"name")]
    assert (first.ssrc, first.sender_info.ntp_timestamp) == (100, 6 << 32)


def test_many_slots_are_reported_on_in_several_packets() -> None:
    ends = Ends(24)
    ends.other.clock = (5 << 32, 0, 9.0)
    compounds = ends.reports()
    assert len(compounds) == 2
    told = [p.ssrc for compound in compounds for p in compound if isinstance(p, RtcpSrPacket)]
    assert told == [100 + n for n in range(24)]


def test_nothing_to_report_on() -> None:
    sent: list[bytes] = []
    Feedback([], [], "name").report(9, 0, sent.append)
    assert sent == []
