"""One publisher's stream: sinks, what it is asked for, what it is told."""

from typing import Any

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRtpfbPacket,
    unpack_remb_fci,
)

from signalling.media.carrier import Place
from signalling.media.relay.packet import Kind
from signalling.media.relay.source import SINKS_MOST, Source
from tests.media.relay.rtp import DELTA, KEY, Listener, one_byte, rtp


class Publisher:
    """The other side of a source: what it was sent."""

    def __init__(self, kind: Kind, **ids: int) -> None:
        self.told: list[Any] = []
        self.source = Source(Place("m", "p"), kind, 99, self._told, **ids)

    def _told(self, data: bytes) -> None:
        self.told += RtcpPacket.parse(data)

    def report(self, now_s: float) -> RtcpReceiverInfo:
        report = self.source.report(now_s)
        assert report is not None
        return report


def test_sinks_get_every_packet_until_they_are_removed() -> None:
    source = Publisher("audio", level_id=2).source
    first, second = Listener(), Listener()
    source.add_sink(first)
    source.add_sink(first)
    source.take(rtp(1, extensions=one_byte((2, b"\x90"))), 0)
    source.add_sink(second)
    source.take(rtp(2), 0)
    source.remove_sink(first)
    source.remove_sink(first)
    source.take(rtp(3), 0)
    assert [p.sequence for p in first.packets] == [1, 2]
    assert [p.sequence for p in second.packets] == [2, 3]
    assert source.level == 0x90
    assert source.packets == 3


def test_a_sink_may_leave_while_it_is_given_a_packet() -> None:
    source = Publisher("audio").source
    other = Listener()

    class Once(Listener):
        def packet(self, packet: object) -> None:
            super().packet(packet)  # type: ignore[arg-type]
            source.remove_sink(self)

    once = Once()
    source.add_sink(once)
    source.add_sink(other)
    for sequence in (1, 2):
        source.take(rtp(sequence), 0)
    assert (len(once.packets), len(other.packets)) == (1, 2)


def test_a_sink_that_fails_is_let_go_and_the_others_go_on() -> None:
    source = Publisher("audio").source
    before, after = Listener(), Listener()

    class Failing(Listener):
        def packet(self, packet: object) -> None:
            super().packet(packet)  # type: ignore[arg-type]
            raise RuntimeError("the disk is full")

    failing = Failing()
    for sink in (before, failing, after):
        source.add_sink(sink)
    for sequence in (1, 2):
        source.take(rtp(sequence), 0)
    assert [len(sink.packets) for sink in (before, failing, after)] == [2, 1, 2]


def test_the_end_is_told_once_also_to_who_comes_late() -> None:
    source = Publisher("audio").source
    early, late = Listener(), Listener()
    source.add_sink(early)
    source.end()
    source.end()
    source.add_sink(late)
    source.take(rtp(), 0)
    assert (early.ends, late.ends, early.packets) == (1, 1, [])


def test_sinks_are_bounded() -> None:
    source = Publisher("audio").source
    for _ in range(SINKS_MOST):
        source.add_sink(Listener())
    with pytest.raises(ValueError, match="sinks"):
        source.add_sink(Listener())


def test_what_is_no_packet_reaches_nobody() -> None:
    source = Publisher("video").source
    listener = Listener()
    source.add_sink(listener)
    assert not source.take(b"\x80", 0)
    assert not source.take_again(rtp(1, payload=b"\x00\x01" + KEY), 0)  # nothing came yet
    assert source.take(rtp(1, payload=KEY), 0)
    assert not source.take_again(b"\x80", 0)
    assert len(listener.packets) == 1


def test_missing_video_is_asked_for_and_passed_on_when_it_comes() -> None:
    publisher = Publisher("video")
    listener = Listener()
    publisher.source.add_sink(listener)
    publisher.source.take(rtp(1, payload=KEY), 0)
    publisher.source.take(rtp(4, payload=DELTA), 0)
    (nack,) = publisher.told
    assert isinstance(nack, RtcpRtpfbPacket)
    assert (nack.ssrc, nack.media_ssrc, nack.lost) == (99, 7, [2, 3])
    again = rtp(1, payload=b"\x00\x02" + DELTA, ssrc=8, payload_type=98)
    assert publisher.source.take_again(again, 0)
    assert publisher.source.take_again(again, 0)
    publisher.source.take(rtp(3, payload=DELTA), 0)
    publisher.source.take(rtp(3, payload=DELTA), 0)
    assert [p.sequence for p in listener.packets] == [1, 4, 2, 3]
    assert listener.packets[2].ssrc == 7


def test_missing_sound_is_not_asked_for() -> None:
    publisher = Publisher("audio")
    publisher.source.take(rtp(1), 0)
    publisher.source.take(rtp(5), 0)
    assert publisher.told == []


def test_key_frames_are_asked_for_twice_a_second_at_most() -> None:
    publisher = Publisher("video")
    publisher.source.request_key_frame(0)  # nobody to ask yet
    publisher.source.take(rtp(1, payload=DELTA), 0)
    for now_s in (0.0, 0.1, 0.4, 0.5, 0.6):
        publisher.source.request_key_frame(now_s)
    assert [(p.fmt, p.ssrc, p.media_ssrc) for p in publisher.told] == [(1, 99, 7)] * 2


def test_sound_has_no_key_frames() -> None:
    publisher = Publisher("audio")
    publisher.source.take(rtp(), 0)
    publisher.source.request_key_frame(0)
    assert publisher.told == []


def limits(publisher: Publisher) -> list[int]:
    told = [p for p in publisher.told if isinstance(p, RtcpPsfbPacket) and p.fmt == 15]
    assert all(unpack_remb_fci(p.fci)[1] == [7] for p in told)
    return [unpack_remb_fci(p.fci)[0] for p in told]


def test_the_publisher_is_told_the_least_that_a_receiver_can_take() -> None:
    publisher = Publisher("video")
    one, other = Listener(), Listener()
    publisher.source.add_sink(one)
    publisher.source.add_sink(other)
    publisher.source.take(rtp(payload=KEY), 0)
    publisher.source.limit(one, 800_000, 0)
    publisher.source.limit(other, 300_000, 0.1)  # too soon
    publisher.source.tell_limit(0.3)
    publisher.source.remove_sink(other)
    publisher.source.tell_limit(0.6)
    publisher.source.limit(other, 1, 0.9)  # no sink any more
    assert limits(publisher) == [800_000, 300_000, 800_000]


def test_a_limit_grows_old() -> None:
    publisher = Publisher("video")
    listener = Listener()
    publisher.source.add_sink(listener)
    publisher.source.take(rtp(payload=KEY), 0)
    publisher.source.limit(listener, 300_000, 0)
    publisher.source.tell_limit(20)
    assert limits(publisher) == [300_000]


def test_nothing_known_nothing_told() -> None:
    publisher = Publisher("video")
    publisher.source.tell_limit(0)
    publisher.source.take(rtp(payload=KEY), 0)
    publisher.source.tell_limit(1)
    assert publisher.told == []


def test_the_way_from_the_publisher_is_estimated_from_its_send_times() -> None:
    publisher = Publisher("video", sent_id=3)
    for number in range(400):  # 1,000 bytes every 10 ms, as sent and as they come
        sent = (number * 10 << 18) // 1000 & 0xFFFFFF
        plain = rtp(
            number,
            number * 900,
            KEY + bytes(1000),
            marker=True,
            extensions=one_byte((3, sent.to_bytes(3, "big"))),
        )
        publisher.source.take(plain, number * 0.01)
    assert limits(publisher)
    assert all(bps > 100_000 for bps in limits(publisher))


def test_garbage_for_a_send_time_is_no_send_time() -> None:
    publisher = Publisher("video", sent_id=3)
    for number in range(100):
        plain = rtp(number, payload=KEY, marker=True, extensions=one_byte((3, b"x")))
        publisher.source.take(plain, number)
    assert publisher.told == []


def test_reports_are_about_what_came() -> None:
    publisher = Publisher("audio")
    assert publisher.source.report(0) is None
    for sequence in (1, 2, 4):
        publisher.source.take(rtp(sequence, sequence * 960), sequence * 0.02)
    publisher.source.clock = (0x0001_0002_0003_0004, 5, 1.0)
    report = publisher.report(1.5)
    assert (report.ssrc, report.packets_lost, report.highest_sequence) == (7, 1, 4)
    assert (report.lsr, report.dlsr) == (0x0002_0003, 32_768)
    assert report.fraction_lost == 64


def test_another_ssrc_is_another_numbering() -> None:
    publisher = Publisher("video")
    listener = Listener()
    publisher.source.add_sink(listener)
    publisher.source.take(rtp(1000, payload=KEY), 0)
    publisher.source.clock = (1, 1, 0)
    publisher.source.take(rtp(1, payload=KEY, ssrc=70), 0)
    publisher.source.take(rtp(2, payload=DELTA, ssrc=70), 0)
    assert [(p.ssrc, p.sequence) for p in listener.packets] == [(7, 1000), (70, 1), (70, 2)]
    assert publisher.told == []
    assert publisher.report(1).lsr == 0
