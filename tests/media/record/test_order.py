"""Packets put back in order: what is waited for, and for how long."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from signalling.media.record.order import HELD_MOST, WAIT_S, Order
from tests.media.record.studio import Rtp


def packet(sequence: int, arrived_s: float = 0.0, ssrc: int = 1) -> Rtp:
    return Rtp("audio", ssrc, sequence & 0xFFFF, 0, 0, b"x", arrived_s)


def numbers(order: Order, *packets: Rtp) -> list[tuple[int, bool]]:
    return [(p.sequence, gap) for one in packets for p, gap in order.add(one)]


def test_what_comes_in_order_goes_on_at_once() -> None:
    order = Order()

    assert numbers(order, packet(65_535), packet(0), packet(1)) == [
        (65_535, True),
        (0, False),
        (1, False),
    ]


def test_a_packet_that_was_overtaken_is_waited_for() -> None:
    order = Order()
    order.add(packet(9))

    assert numbers(order, packet(12), packet(11)) == []
    assert numbers(order, packet(10)) == [(10, False), (11, False), (12, False)]


def test_what_came_before_is_not_taken_again() -> None:
    order = Order()
    order.add(packet(9))

    assert numbers(order, packet(9), packet(8), packet(11), packet(11)) == []
    assert numbers(order, packet(10)) == [(10, False), (11, False)]


def test_a_lost_packet_is_given_up_after_half_a_second() -> None:
    order = Order()
    order.add(packet(9))

    assert numbers(order, packet(11, 1.0), packet(12, 1.0 + WAIT_S)) == []
    assert numbers(order, packet(13, 1.01 + WAIT_S)) == [(11, True), (12, False), (13, False)]


def test_only_so_many_packets_are_held() -> None:
    order = Order()
    order.add(packet(0))

    held = [packet(number) for number in range(2, HELD_MOST + 3)]
    assert len(numbers(order, *held)) == HELD_MOST + 1


def test_another_numbering_begins_at_once_and_what_is_held_comes_before_it() -> None:
    order = Order()
    order.add(packet(9))
    order.add(packet(11))

    assert numbers(order, packet(700, ssrc=2)) == [(11, True), (700, True)]
    assert numbers(order, packet(30_000, ssrc=2)) == [(30_000, True)]


def test_at_the_end_nothing_is_kept_back() -> None:
    order = Order()
    order.add(packet(9))
    order.add(packet(12))
    order.add(packet(14))

    assert [(p.sequence, gap) for p, gap in order.flush()] == [(12, True), (14, True)]
    assert order.flush() == []


@given(
    st.integers(0, 65_535),
    st.lists(st.integers(1, 30), max_size=40, unique=True),
    st.randoms(use_true_random=False),
)
def test_whatever_is_lost_or_overtaken_the_rest_comes_once_and_in_order(
    first: int, lost: list[int], random: "object"
) -> None:
    order = Order()
    sent = [packet(first + number, number / 200) for number in range(60) if number not in lost]
    ahead = sent[1:]
    random.shuffle(ahead)  # type: ignore[attr-defined]
    arrived = [sent[0], *(replace(p, arrived_s=at / 200) for at, p in enumerate(ahead))]

    got = [p for one in arrived for p, _ in order.add(one)] + [p for p, _ in order.flush()]

    places = [(p.sequence - first) & 0xFFFF for p in got]
    assert places == sorted(set(places))
    assert places == [(p.sequence - first) & 0xFFFF for p in sent]
