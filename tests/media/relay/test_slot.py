"""One receiving section: what the receiver gets of whom."""

from itertools import pairwise
from typing import Any

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtcpReceiverInfo, RtpPacket, unwrap_rtx

from signalling.media.carrier import Place
from signalling.media.relay.answer import LEVEL, MID, SENT
from signalling.media.relay.slot import AGAIN_PER_S, HISTORY, Outgoing, Slot
from signalling.media.relay.source import Source
from tests.media.relay.rtp import DELTA, KEY, one_byte, rtp

SOUND = Outgoing("5", "audio", 1000, 1001, 111, None, mid_id=1, level_id=2)
PICTURE = Outgoing("6", "video", 2000, 2001, 97, 98, mid_id=1, sent_id=3)


class Receiver:
    """Who is at the other end of a slot; reads with aiortc's own parser."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.sent: list[bytes] = []
        self.slot = Slot(outgoing, self.sent.append)
        self._map = HeaderExtensionsMap()
        ids = ((MID, 1), (LEVEL, 2), (SENT, 3))
        known = [RTCRtpHeaderExtensionParameters(uri=uri, id=number) for uri, number in ids]
        self._map.configure(RTCRtpParameters(headerExtensions=known))

    @property
    def got(self) -> list[RtpPacket]:
        return [RtpPacket.parse(plain, self._map) for plain in self.sent]

    def steps(self) -> list[int]:
        numbers = [packet.sequence_number for packet in self.got]
        return [b - a & 0xFFFF for a, b in pairwise(numbers)]


class Speaker:
    def __init__(self, kind: Any, name: str = "p") -> None:
        self.told: list[bytes] = []
        self.source = Source(Place("m", name), kind, 99, self.told.append, level_id=2)

    def says(self, *packets: bytes, at_s: float = 0) -> None:
        for packet in packets:
            assert self.source.take(packet, at_s)


def test_sound_under_the_receivers_own_names() -> None:
    receiver, speaker = Receiver(SOUND), Speaker("audio")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(
        rtp(7, 960, b"one", marker=True, extensions=one_byte((2, b"\x9e"), (9, b"secret"))),
        rtp(8, 1920, b"two"),
    )
    first, second = receiver.got
    assert (first.ssrc, first.payload_type, first.marker, first.payload) == (1000, 111, 1, b"one")
    assert (first.extensions.mid, first.extensions.audio_level) == ("5", (True, 30))
    assert b"secret" not in receiver.sent[0]
    assert (second.marker, second.payload, second.extensions.audio_level) == (0, b"two", None)
    assert second.timestamp - first.timestamp & 0xFFFFFFFF == 960
    assert receiver.steps() == [1]


@pytest.mark.parametrize("outgoing", [SOUND, PICTURE])
def test_without_negotiated_extensions_there_are_none(outgoing: Outgoing) -> None:
    bare = Outgoing("5", outgoing.kind, 1000, 1001, 111)
    receiver, speaker = Receiver(bare), Speaker(outgoing.kind)
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(payload=KEY, extensions=one_byte((2, b"\x9e"))))
    (packet,) = receiver.got
    assert packet.payload == KEY
    assert packet.extensions.mid is packet.extensions.audio_level is None


def test_video_says_when_it_was_sent() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, payload=KEY), at_s=2.5)
    (packet,) = receiver.got
    assert packet.extensions.abs_send_time == 5 << 17
    assert packet.extensions.mid == "6"


def test_nothing_of_a_picture_before_its_key_frame() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    speaker.says(rtp(1, payload=DELTA))
    receiver.slot.carry(speaker.source, 0)
    assert len(speaker.told) == 1  # asked for at once
    speaker.says(rtp(2, payload=DELTA), rtp(4, payload=KEY), rtp(3, payload=DELTA))
    speaker.says(rtp(5, payload=DELTA))
    assert [packet.payload for packet in receiver.got] == [KEY, DELTA]
    assert receiver.steps() == [1]


def test_a_key_frame_that_does_not_come_is_asked_for_again() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    speaker.says(rtp(1, payload=DELTA))
    receiver.slot.carry(speaker.source, 0)
    receiver.slot.second(1)
    speaker.says(rtp(2, payload=DELTA), at_s=1.6)
    assert len(speaker.told) == 3
    speaker.says(rtp(3, payload=KEY), at_s=2)
    receiver.slot.second(3)
    assert len(speaker.told) == 3


def test_switching_goes_on_without_a_hole_and_with_a_key_frame() -> None:
    receiver, one, other = Receiver(PICTURE), Speaker("video"), Speaker("video", "q")
    receiver.slot.carry(one.source, 0)
    one.says(rtp(10, 0, KEY), rtp(11, 3000, DELTA), at_s=1)
    other.says(rtp(900, payload=KEY, ssrc=8), at_s=1)
    receiver.slot.carry(other.source, 1)
    one.says(rtp(12, 6000, DELTA))
    other.says(rtp(901, 77, DELTA, ssrc=8), rtp(902, 78, KEY + b"other", ssrc=8), at_s=1.5)
    assert [packet.payload for packet in receiver.got] == [KEY, DELTA, KEY + b"other"]
    assert receiver.steps() == [1, 1]
    assert {packet.ssrc for packet in receiver.got} == {2000}
    first, _, last = receiver.got
    assert last.timestamp - first.timestamp & 0xFFFFFFFF == 3000 + 45_000


def test_sound_switches_at_once() -> None:
    receiver, one, other = Receiver(SOUND), Speaker("audio"), Speaker("audio", "q")
    receiver.slot.carry(one.source, 0)
    one.says(rtp(10))
    receiver.slot.carry(other.source, 0)
    other.says(rtp(500, ssrc=8))
    receiver.slot.carry(None, 0)
    other.says(rtp(501, ssrc=8))
    assert receiver.steps() == [1]


def test_carrying_the_same_again_interrupts_nothing() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, payload=KEY))
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(2, payload=DELTA))
    assert len(receiver.got) == 2


def test_another_ssrc_of_the_same_source_begins_with_a_key_frame() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, payload=KEY), rtp(70, payload=DELTA, ssrc=9), rtp(71, payload=KEY, ssrc=9))
    assert [packet.payload for packet in receiver.got] == [KEY, KEY]
    assert receiver.steps() == [1]


def test_paused_it_sends_nothing_and_resumes_with_a_key_frame() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, payload=KEY))
    receiver.slot.pause()
    assert not receiver.slot.carries
    speaker.says(rtp(2, payload=KEY))
    receiver.slot.resume(5)
    receiver.slot.resume(5)
    speaker.says(rtp(3, payload=DELTA), rtp(4, payload=KEY), at_s=5)
    assert len(receiver.got) == 2
    assert receiver.steps() == [1]


def test_who_is_switched_in_while_paused_comes_when_it_resumes() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.pause()
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, payload=KEY))
    assert receiver.got == []
    receiver.slot.resume(0)
    speaker.says(rtp(2, payload=KEY))
    assert len(receiver.got) == 1


def test_the_end_of_a_source_is_not_the_end_of_the_wish() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.wanted = "p"
    receiver.slot.carry(speaker.source, 0)
    speaker.source.end()
    assert (receiver.slot.source, receiver.slot.wanted) == (None, "p")
    receiver.slot.picture_lost(0)
    receiver.slot.limited(1, 0)
    assert receiver.slot.report(0) is None


def test_what_was_lost_is_sent_again_as_rtx() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, 90, KEY), rtp(2, 180, DELTA, marker=True))
    lost = receiver.got[1]
    receiver.slot.send_again([lost.sequence_number], 1.0)
    again = receiver.got[2]
    assert (again.ssrc, again.payload_type) == (2001, 98)
    original = unwrap_rtx(again, payload_type=97, ssrc=2000)
    assert original.sequence_number == lost.sequence_number
    assert (original.timestamp, original.marker) == (lost.timestamp, 1)
    assert original.payload == DELTA
    assert again.extensions.mid == "6"
    assert receiver.slot.again == 1


def test_without_rtx_it_is_the_same_packet_again() -> None:
    receiver, speaker = Receiver(Outgoing("6", "video", 2000, 2001, 97)), Speaker("video")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, 90, KEY))
    receiver.slot.send_again([receiver.got[0].sequence_number], 1.0)
    assert receiver.sent[0] == receiver.sent[1]


def test_what_is_remembered_is_bounded_and_so_is_what_is_sent_again() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(*(rtp(number, payload=KEY) for number in range(HISTORY + 10)))
    first = receiver.got[0].sequence_number
    del receiver.sent[:]
    receiver.slot.send_again([first, first + 9], 0)
    assert receiver.sent == []
    receiver.slot.send_again([first + 20 & 0xFFFF] * (AGAIN_PER_S + 50), 0)
    assert len(receiver.sent) == AGAIN_PER_S
    receiver.slot.second(1)
    receiver.slot.send_again([first + 20 & 0xFFFF], 1)
    assert len(receiver.sent) == AGAIN_PER_S + 1


def test_sound_is_not_sent_again() -> None:
    receiver, speaker = Receiver(SOUND), Speaker("audio")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1))
    receiver.slot.send_again([receiver.got[0].sequence_number], 0)
    assert len(receiver.sent) == 1


def test_reports_are_on_the_publishers_clock() -> None:
    receiver, speaker = Receiver(SOUND), Speaker("audio")
    receiver.slot.carry(speaker.source, 0)
    assert receiver.slot.report(0) is None
    speaker.says(rtp(1, 48_000, b"12345"))
    speaker.source.clock = (7 << 32, 48_000, 10.0)
    report = receiver.slot.report(10.5)
    assert report is not None
    info = report.sender_info
    assert (report.ssrc, info.ntp_timestamp) == (1000, (7 << 32) + (1 << 31))
    assert info.rtp_timestamp - receiver.got[0].timestamp & 0xFFFFFFFF == 24_000
    assert (info.packet_count, info.octet_count) == (1, 5)


def test_the_round_trip_is_measured_from_reports() -> None:
    receiver, speaker = Receiver(SOUND), Speaker("audio")
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1))
    speaker.source.clock = (7 << 32, 0, 10.0)
    for second in range(20):
        sent = receiver.slot.report(10.0 + second)
    assert sent is not None
    lsr = sent.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF

    def says(lsr: int) -> None:
        receiver.slot.reported(RtcpReceiverInfo(1000, 20, 0, 0, 0, lsr, 32_768), 29.75)

    says(123)
    assert receiver.slot.rtt_s is None
    says(lsr)
    assert receiver.slot.rtt_s == pytest.approx(0.25)
    assert receiver.slot.lost == 20


def test_what_the_receiver_can_take_reaches_the_publisher() -> None:
    receiver, speaker = Receiver(PICTURE), Speaker("video")
    receiver.slot.limited(50_000, 0)
    receiver.slot.carry(speaker.source, 0)
    speaker.says(rtp(1, payload=KEY))
    receiver.slot.limited(50_000, 5)
    assert len(speaker.told) == 1
    assert receiver.slot.takes_bps == 50_000
    receiver.slot.second(6)
    assert receiver.slot.sent_bps == 8 * len(KEY)


def test_the_last_report_is_kept_whole() -> None:
    receiver = Receiver(SOUND)
    assert receiver.slot.told is None
    report = RtcpReceiverInfo(1000, 20, 5, 700, 96, 0, 0)
    receiver.slot.reported(report, 1.0)

    assert receiver.slot.told is report
