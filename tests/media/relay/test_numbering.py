"""One numbering for a receiver: what it is sent goes on, whoever sends it."""

from signalling.media.relay.numbering import LATE_MOST, Numbering
from signalling.media.relay.packet import Packet


def packet(sequence: int, timestamp: int = 0, ssrc: int = 7, at_s: float = 0) -> Packet:
    return Packet("audio", ssrc, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 0, b"x", at_s)


def moved(numbering: Numbering, one: Packet) -> tuple[int, int]:
    return (
        one.sequence + numbering.shift & 0xFFFF,
        one.timestamp + numbering.later & 0xFFFFFFFF,
    )


def begun(one: Packet) -> tuple[Numbering, tuple[int, int]]:
    numbering = Numbering(48_000)
    numbering.begin(one)
    assert numbering.admit(one)
    return numbering, moved(numbering, one)


def test_a_stream_keeps_its_distances() -> None:
    numbering, (sequence, timestamp) = begun(packet(65_535, 2**32 - 960))
    second = packet(0, 0)
    assert numbering.admit(second)
    assert moved(numbering, second) == (sequence + 1 & 0xFFFF, timestamp + 960 & 0xFFFFFFFF)


def test_the_next_stream_goes_on_where_the_last_one_ended() -> None:
    numbering, (sequence, timestamp) = begun(packet(100, 5000))
    assert numbering.admit(packet(103, 7880, at_s=0.06))
    other = packet(60_000, 90, ssrc=8, at_s=1.06)
    numbering.begin(other)
    assert numbering.admit(other)
    number, time = moved(numbering, other)
    assert number == sequence + 4 & 0xFFFF
    assert time == timestamp + 2880 + 48_000 & 0xFFFFFFFF  # the second that passed
    assert numbering.stream == 8


def test_time_never_stands_still_between_two() -> None:
    numbering, (_, timestamp) = begun(packet(1, 0, at_s=5))
    other = packet(1, 0, ssrc=8, at_s=5)
    numbering.begin(other)
    assert moved(numbering, other)[1] - timestamp & 0xFFFFFFFF == 960


def test_late_packets_keep_their_place_and_older_ones_than_the_stream_have_none() -> None:
    numbering, (sequence, _) = begun(packet(100))
    assert numbering.admit(packet(103))
    late = packet(101)
    assert numbering.admit(late)
    assert moved(numbering, late)[0] == sequence + 1 & 0xFFFF
    assert not numbering.admit(packet(99))
    assert not numbering.admit(packet(40_000))
    assert numbering.admit(packet(104))


def test_a_late_packet_does_not_take_the_next_streams_number() -> None:
    numbering, (sequence, _) = begun(packet(100))
    assert numbering.admit(packet(102))
    assert numbering.admit(packet(101))
    other = packet(9, ssrc=8)
    numbering.begin(other)
    assert moved(numbering, other)[0] == sequence + 3 & 0xFFFF


def test_a_long_stream_still_knows_late_from_ancient() -> None:
    numbering, _ = begun(packet(0))
    for number in range(1, 200_000):
        assert numbering.admit(packet(number))
        if number % 1000 == 0:
            numbering.age()
    assert numbering.admit(packet(200_000 - 50))
    assert not numbering.admit(packet(200_000 - LATE_MOST - 2000))


def test_after_leaving_the_same_stream_begins_anew() -> None:
    numbering, (sequence, _) = begun(packet(100))
    numbering.leave()
    numbering.leave()
    assert numbering.stream is None
    again = packet(500)
    numbering.begin(again)
    assert moved(numbering, again)[0] == sequence + 1 & 0xFFFF
