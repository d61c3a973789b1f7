"""The length of Opus packets, and what fills a hole between two of them."""

import av
import numpy as np
import pytest

from signalling.media.record.opus import concealed, samples
from tests.media.record.studio import opus


@pytest.mark.parametrize("frame_ms", [10, 20, 40, 60])
def test_an_encoder_and_we_agree_on_the_length(frame_ms: int) -> None:
    assert {samples(packet) for packet in opus(1, frame_ms=frame_ms)} == {48 * frame_ms}


@pytest.mark.parametrize(
    ("packet", "length"),
    [
        (b"", 0),
        (bytes((0 << 3,)), 480),  # SILK, 10 ms
        (bytes((3 << 3,)), 2880),  # SILK, 60 ms
        (bytes((13 << 3,)), 960),  # hybrid, 20 ms
        (bytes((16 << 3,)), 120),  # CELT, 2.5 ms
        (bytes((31 << 3,)), 960),  # CELT, 20 ms
        (bytes((31 << 3 | 1, 7)), 1920),  # two frames
        (bytes((31 << 3 | 2, 7)), 1920),
        (bytes((31 << 3 | 3, 6)), 5760),  # six, which is the most
        (bytes((31 << 3 | 3, 7)), 0),
        (bytes((31 << 3 | 3,)), 0),  # says that a count follows, and none does
        (bytes((31 << 3 | 3, 0)), 0),
        (bytes((3 << 3 | 1, 7)), 5760),
    ],
)
def test_the_first_bytes_tell_the_length(packet: bytes, length: int) -> None:
    assert samples(packet) == length


@pytest.mark.parametrize(
    ("hole", "lengths"),
    [
        (0, []),
        (959, []),
        (960, [960]),
        (1000, [960]),
        (5760, [5760]),
        (48_000, [5760] * 8 + [1920]),
        (7000, [5760, 960]),
    ],
)
def test_a_hole_is_filled_with_whole_frames(hole: int, lengths: list[int]) -> None:
    packets = concealed(31 << 3, hole)

    assert [length for _, length in packets] == lengths
    assert [samples(packet) for packet, _ in packets] == lengths


def test_what_fills_a_hole_decodes_to_the_same_time_and_dies_away() -> None:
    said = opus(2)
    hole = concealed(said[50][0], 48_000)
    decoder = av.CodecContext.create("opus", "r")
    packets = [*said[:50], *(packet for packet, _ in hole), *said[50:]]
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]

    heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])

    assert len(heard) == pytest.approx(3 * 48_000, abs=960)
    assert np.abs(heard[30_000:45_000]).max() > 0.4
    assert np.abs(heard[72_000:90_000]).max() < 0.01
    assert np.abs(heard[110_000:]).max() > 0.4
