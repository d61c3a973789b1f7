"""Where packets are placed on the clock of their arrivals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalling.media.record.timeline import ASTRAY_S, Timeline
from tests.media.record.studio import Rtp

RATE = 48_000


def packet(timestamp: int, arrived_s: float, ssrc: int = 1) -> Rtp:
    return Rtp("audio", ssrc, 0, timestamp, 0, b"", arrived_s)


def test_timestamps_place_what_arrives_unevenly() -> None:
    line = Timeline(RATE)
    jitter = [0.0, 0.03, 0.01, 0.08, 0.0]

    placed = [line.place(packet(n * 960, 100 + n * 0.02 + late)) for n, late in enumerate(jitter)]

    assert placed == pytest.approx([100, 100.02, 100.04, 100.06, 100.08])


def test_timestamps_wrap() -> None:
    line = Timeline(RATE)

    placed = [line.place(packet((2**32 - 960 + n * 960) % 2**32, 50 + n * 0.02)) for n in range(3)]

    assert placed == pytest.approx([50, 50.02, 50.04])


def test_a_packet_that_was_delayed_less_moves_the_track_earlier() -> None:
    line = Timeline(RATE)
    line.place(packet(0, 100.2))

    assert line.place(packet(960, 100.02)) == pytest.approx(100.02)
    assert line.place(packet(1920, 100.3)) == pytest.approx(100.04)


def test_an_older_packet_is_placed_before() -> None:
    line = Timeline(RATE)
    line.place(packet(96_000, 100))

    assert line.place(packet(48_000, 100.1)) == pytest.approx(99)


def test_a_clock_that_begins_anew_is_placed_anew() -> None:
    line = Timeline(RATE)
    line.place(packet(3_000_000_000, 100))

    assert line.place(packet(5, 101)) == 101
    assert line.place(packet(965, 101.02)) == pytest.approx(101.02)


def test_another_stream_is_placed_anew_whatever_its_timestamps() -> None:
    line = Timeline(RATE)
    line.place(packet(96_000, 100))

    assert line.place(packet(96_000, 101, ssrc=2)) == 101


def test_a_stall_passes() -> None:
    """What was held up three seconds and comes at once ends where it belongs."""
    line = Timeline(RATE)
    line.place(packet(0, 100))

    burst = [line.place(packet(n * 960, 103)) for n in range(1, 151)]

    assert burst[-1] == pytest.approx(103)
    assert line.place(packet(151 * 960, 103.02)) == pytest.approx(103.02)


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 5, allow_subnormal=False)), min_size=1
    )
)
def test_no_clock_makes_a_recording_longer_than_it_took(sent: list[tuple[int, float]]) -> None:
    line = Timeline(RATE)
    now_s = 1000.0
    for timestamp, step_s in sent:
        now_s += step_s
        placed = line.place(packet(timestamp, now_s))

        assert now_s - ASTRAY_S - 1e-6 <= placed <= now_s + 1e-6
