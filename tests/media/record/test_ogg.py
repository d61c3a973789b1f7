"""Ogg without encoding: what players make of it, and how much is held back."""

from itertools import pairwise
from pathlib import Path

import pytest

from signalling.media.record.ogg import Ogg
from tests.media.record.probe import probe
from tests.media.record.studio import opus


def test_a_tone_plays_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    muxer = Ogg()
    for number, packet in enumerate(opus(5)):
        muxer.audio(packet, number * 960, 960)
    muxer.close()
    muxer.close()
    path = tmp_path / "sound.ogg"
    path.write_bytes(muxer.take())

    seen = probe(path)

    assert (seen.codecs, seen.packets) == (("opus",), (250,))
    assert seen.seconds == pytest.approx(5, abs=0.02)
    assert seen.duration == pytest.approx(5, abs=0.02)
    assert seen.loudest(1, 4) > 0.4


def test_at_most_a_second_is_held_back() -> None:
    muxer = Ogg()
    came_at = [0]
    for number, packet in enumerate(opus(5)):
        muxer.audio(packet, number * 960, 960)
        if muxer.take():
            came_at.append(number)
    muxer.close()

    assert max(after - before for before, after in pairwise(came_at)) <= 51
    assert muxer.take()


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_what_is_cut_off_plays_up_to_its_last_second(tmp_path: Path, share: float) -> None:
    muxer = Ogg()
    written = b""
    for number, packet in enumerate(opus(10)):
        muxer.audio(packet, number * 960, 960)
        written += muxer.take()
    path = tmp_path / "cut.ogg"
    path.write_bytes(written[: int(len(written) * share)])

    assert probe(path).seconds > 10 * share - 2
