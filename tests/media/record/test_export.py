"""Recordings made playable: decrypted, seekable, decoded from end to end."""

import stat
from pathlib import Path

import av
import pyrage
import pytest
from pyrage.x25519 import Identity

from signalling.media.record.export import export
from signalling.media.record.ogg import Ogg
from signalling.media.record.unseal import Unreadable
from signalling.media.record.webm import WebM
from tests.media.record.probe import probe
from tests.media.record.studio import FPS, SIZE, opus, vp8

KEY = Identity.generate()


def sealed(path: Path, seconds: int = 10, *, cut: int = 0) -> Path:
    """Write a recording as the recorder does; leave out the last *cut* bytes."""
    muxer = Ogg() if ".ogg" in path.name else WebM(SIZE)
    for number, packet in enumerate(opus(seconds)):
        muxer.audio(packet, number * 960, 960)
        if isinstance(muxer, WebM) and number % 10 == 0:
            for place in range(number * FPS // 50, (number + 10) * FPS // 50):
                frame = vp8(seconds)[place]
                muxer.video(frame, round(place * 1000 / FPS), key=not frame[0] & 1)
    muxer.close()
    content = pyrage.encrypt(muxer.take(), [KEY.to_public()])
    path.write_bytes(content[: len(content) - cut])
    return path


@pytest.mark.parametrize("container", ["ogg", "webm"])
def test_a_recording_can_be_played_and_sought(tmp_path: Path, container: str) -> None:
    target = tmp_path / f"out.{container}"
    pictures = 10 * FPS if container == "webm" else 0

    done = export(sealed(tmp_path / f"1-a.{container}.age"), [KEY], target)

    assert (done.whole, done.faults, done.sounds, done.pictures) == (True, 0, 500, pictures)
    assert done.seconds == pytest.approx(10, abs=0.02)
    assert probe(target).seconds == pytest.approx(10, abs=0.02)
    with av.open(str(target)) as source:
        assert source.duration == pytest.approx(10 * av.time_base, abs=20_000)
        source.seek(8 * av.time_base)
        first = next(p for p in source.demux() if p.pts is not None)
        assert first.pts is not None
        assert 4 < float(first.pts * first.time_base) <= 8.1
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"1-a.{container}.age", target.name]


@pytest.mark.parametrize("container", ["ogg", "webm"])
def test_what_a_crash_cut_off_is_exported_as_far_as_it_goes(tmp_path: Path, container: str) -> None:
    """Whole chunks of 64 KiB are left: the last page or cluster ends within."""
    source = sealed(tmp_path / f"1-a.{container}.age", 30, cut=10)

    done = export(source, [KEY], tmp_path / "out")

    assert (done.whole, done.faults) == (False, 0)
    assert 20 < done.seconds < 30
    assert probe(tmp_path / "out").seconds == pytest.approx(done.seconds, abs=0.2)


def test_an_older_export_is_replaced(tmp_path: Path) -> None:
    source, target = sealed(tmp_path / "1-a.ogg.age"), tmp_path / "out.ogg"
    target.write_bytes(b"older")
    (tmp_path / ".out.ogg.plain").write_bytes(b"left by a crash")

    export(source, [KEY], target)

    assert probe(target).seconds > 9
    assert not (tmp_path / ".out.ogg.plain").exists()


@pytest.mark.parametrize("plain", [b"", b"no media"])
def test_what_is_no_media_is_unreadable_and_leaves_nothing(tmp_path: Path, plain: bytes) -> None:
    source = tmp_path / "1-a.webm.age"
    source.write_bytes(pyrage.encrypt(plain, [KEY.to_public()]))

    with pytest.raises(Unreadable, match=r"1-a\.webm\.age"):
        export(source, [KEY], tmp_path / "out")
    assert list(tmp_path.iterdir()) == [source]


def test_a_picture_that_does_not_decode_is_counted(tmp_path: Path) -> None:
    muxer = WebM(SIZE)
    good = vp8(2)
    muxer.video(good[0], 0, key=True)
    muxer.video(good[0][:10] + bytes(5), 40, key=True)
    muxer.video(good[FPS * 2 - 1], 80, key=False)
    muxer.close()
    source = tmp_path / "1-a.webm.age"
    source.write_bytes(pyrage.encrypt(muxer.take(), [KEY.to_public()]))

    done = export(source, [KEY], tmp_path / "out.webm")

    assert done.whole
    assert (done.faults > 0, done.pictures > 0) == (True, True)


def test_another_key_leaves_nothing(tmp_path: Path) -> None:
    source = sealed(tmp_path / "1-a.ogg.age")

    with pytest.raises(Unreadable):
        export(source, [Identity.generate()], tmp_path / "out")
    assert list(tmp_path.iterdir()) == [source]
