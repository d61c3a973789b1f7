"""WebM without encoding: what players make of it, whole and cut off, and how much is held back."""

from itertools import pairwise
from pathlib import Path

import pytest

from signalling.media.record.webm import WebM, element, number
from tests.media.record.probe import probe
from tests.media.record.studio import FPS, SIZE, opus, vp8


def muxed(seconds: int, *, behind: int = 0) -> list[bytes]:
    """Mux a tone and a picture; return the bytes that were ready after each packet.

    The sound comes *behind* packets later than the pictures of its time.
    """
    muxer, shown, pictures = WebM(SIZE), 0, vp8(seconds)
    ready: list[bytes] = []
    for place, packet in enumerate(opus(seconds)):
        while shown < len(pictures) and shown / FPS <= (place + behind) / 50:
            key = not pictures[shown][0] & 1
            muxer.video(pictures[shown], round(shown * 1000 / FPS), key=key)
            shown += 1
        muxer.audio(packet, place * 960, 960)
        ready.append(muxer.take())
    muxer.close()
    muxer.close()
    return [*ready, muxer.take()]


@pytest.mark.parametrize("behind", [0, 60])
def test_sound_and_picture_play(tmp_path: Path, behind: int) -> None:
    path = tmp_path / "both.webm"
    path.write_bytes(b"".join(muxed(5, behind=behind)))

    seen = probe(path)

    assert (seen.codecs, seen.packets) == (("opus", "vp8"), (250, 5 * FPS))
    assert [at for at, _ in seen.pictures] == pytest.approx(
        [n / FPS for n in range(5 * FPS)], abs=0.001
    )
    assert [at for at, bright in seen.pictures if bright > 200][::2] == pytest.approx(
        [0, 1, 2, 3, 4], abs=0.001
    )
    assert seen.seconds == pytest.approx(5, abs=0.02)
    assert seen.loudest(1, 4) > 0.4


def test_at_most_a_second_is_held_back() -> None:
    came_at = [place for place, ready in enumerate(muxed(5)) if ready]

    assert max(after - before for before, after in pairwise(came_at)) <= 51


def test_sound_is_written_while_the_camera_is_off(tmp_path: Path) -> None:
    """Unlike libavformat, which waits for the next picture and holds all sound until then."""
    muxer = WebM(SIZE)
    muxer.video(vp8(1)[0], 0, key=True)
    written = muxer.take()
    for place, packet in enumerate(opus(60)):
        muxer.audio(packet, place * 960, 960)
        written += muxer.take()
    muxer.video(vp8(1)[0], 60_000, key=True)
    muxer.close()
    path = tmp_path / "off.webm"
    path.write_bytes(written + muxer.take())

    assert len(written) > 60 * 3000
    seen = probe(path)
    assert [at for at, _ in seen.pictures] == pytest.approx([0, 60])
    assert seen.seconds == pytest.approx(60, abs=0.02)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_what_is_cut_off_plays_up_to_its_last_second(tmp_path: Path, share: float) -> None:
    ready = muxed(10)
    path = tmp_path / "cut.webm"
    path.write_bytes(b"".join(ready[: int(len(ready) * share)]))

    seen = probe(path)

    assert seen.seconds > 10 * share - 1.1
    assert seen.pictures[-1][0] > 10 * share - 1.2


def test_a_picture_that_changes_its_size_plays(tmp_path: Path) -> None:
    muxer = WebM(SIZE)
    for place, frame in enumerate([*vp8(1), *vp8(1, size=(320, 240))]):
        muxer.video(frame, round(place * 1000 / FPS), key=not frame[0] & 1)
    muxer.close()
    path = tmp_path / "sizes.webm"
    path.write_bytes(muxer.take())

    assert len(probe(path).pictures) == 2 * FPS


def test_elements_say_their_length() -> None:
    assert element("a3", b"ab", b"c") == b"\xa3\x01\0\0\0\0\0\0\x03abc"
    assert number("d7", 0) == b"\xd7\x01\0\0\0\0\0\0\x01\0"
    assert number("2ad7b1", 1_000_000)[-3:] == (1_000_000).to_bytes(3, "big")
