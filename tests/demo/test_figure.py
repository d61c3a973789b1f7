"""What simulated interpreters look and sound like."""

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from signalling.demo.figure import MELODY, MOUTHS, Figure, Hum, draw, tune


@pytest.mark.parametrize("number", range(12))
def test_pictures_are_within_range_and_move(number: int) -> None:
    shapes = {mouth: draw(number, mouth) for mouth in set(MOUTHS)}
    assert {picture.shape for picture in shapes.values()} == {(360, 320)}
    assert not np.array_equal(shapes[2], shapes[8])
    assert shapes[2][:240].min() >= 40
    assert shapes[2][:240].max() <= 215


def test_each_has_a_colour_of_their_own() -> None:
    assert len({draw(number, 2).tobytes() for number in range(12)}) == 12


def test_notes_are_soft_and_begin_and_end_in_silence() -> None:
    for note in set(MELODY):
        samples = tune(3, note).ravel()
        assert abs(int(samples[0])) < 10
        assert abs(int(samples[-1])) < 60
        assert np.abs(samples).max() < 0.15 * 32_767


async def test_frames_follow_each_other_until_the_track_is_stopped() -> None:
    for track in (Hum(1), Figure(1)):
        first, second = await track.recv(), await track.recv()
        assert first.pts == 0
        assert second.pts
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()
