"""One file of a recording: its name, its clock, its description, a disk without space."""

import io
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from signalling.media.record import about
from signalling.media.record import file as module
from signalling.media.record.about import About
from signalling.media.record.file import File, Home, NoSpace
from signalling.media.record.tracks import Picture, Piece, Sound
from signalling.media.record.unseal import unseal
from tests.media.record.probe import probe
from tests.media.record.studio import FPS, SIZE, opus, vp8

KEY = Identity.generate()
RATE = 48_000


def known(container: about.Container = "ogg") -> About:
    return About(
        recording="r1",
        meeting="m1",
        participant="p1",
        part=1,
        container=container,
        started_ms=1_700_000_000_000,
        consents={"p1": 1},
    )


def home(tmp_path: Path, free_bytes_least: int = 0) -> Home:
    return Home(tmp_path, [KEY.to_public()], free_bytes_least)


def giving(*batches: list[Piece]) -> Callable[[], list[Piece] | None]:
    left = list(batches)
    return lambda: left.pop(0) if left else None


def sounds(seconds: int, at_s: float) -> list[Piece]:
    return [Sound(data, round(at_s * RATE) + n * 960, 960) for n, data in enumerate(opus(seconds))]


def pictures(seconds: int, at_s: float) -> list[Piece]:
    return [
        Picture(data, at_s + n / FPS, None if data[0] & 1 else SIZE)
        for n, data in enumerate(vp8(seconds))
    ]


def played(file: File, tmp_path: Path) -> Path:
    plain = io.BytesIO()
    assert unseal(file.path, [KEY], plain)
    path = tmp_path / f"plain.{file.about.container}"
    path.write_bytes(plain.getvalue())
    return path


def test_its_name_says_nothing_of_anybody(tmp_path: Path) -> None:
    file = File(home(tmp_path), known(), 0.0, None)

    assert re.fullmatch(r"1700000000000-[0-9a-f]{8}\.ogg\.age", file.path.name)
    assert file.path.parent == tmp_path


def test_sound_and_picture_begin_at_the_zero_of_the_file(tmp_path: Path) -> None:
    file = File(home(tmp_path), known("webm"), 5_000.5, SIZE)

    file.write(giving([], sounds(3, 5_000.5), pictures(2, 5_001.5)))
    ended = file.ended("stopped", 1_700_000_003_000)

    seen = probe(played(file, tmp_path))
    assert seen.pictures[0][0] == pytest.approx(1, abs=0.001)
    assert seen.seconds == pytest.approx(3, abs=0.02)
    assert ended.seconds == pytest.approx(3, abs=0.01)
    assert ended.bytes == file.path.stat().st_size
    assert about.read(about.path_of(file.path)) == ended


def test_what_is_before_the_zero_or_out_of_order_is_moved_not_lost(tmp_path: Path) -> None:
    file = File(home(tmp_path), known("webm"), 100, SIZE)

    file.write(giving(sounds(1, 99.5), sounds(1, 100.2), pictures(1, 99.9)))
    file.ended("stopped", 0)

    seen = probe(played(file, tmp_path))
    assert seen.packets == (100, FPS)
    times = [at for at, _ in seen.pictures]
    assert times == sorted(set(times))


def test_a_disk_with_too_little_space_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPACE_AGAIN_S", 0.0)
    file = File(home(tmp_path, 1 << 62), known(), 0, None)

    with pytest.raises(NoSpace):
        file.write(giving(sounds(1, 0)))
    assert about.read(about.path_of(file.path)) == known()
    assert file.ended("space", 5).ended == "space"


def test_a_home_without_a_directory_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        home(tmp_path / "absent").check()
    home(tmp_path).check()


def test_a_description_that_cannot_be_written_is_as_after_a_crash(tmp_path: Path) -> None:
    file = File(home(tmp_path), known(), 0, None)
    file.write(giving(sounds(1, 0)))
    (tmp_path / (about.path_of(file.path).name + ".new")).mkdir()

    assert file.ended("stopped", 5).ended == "stopped"
    assert about.read(about.path_of(file.path)) == known()


def test_only_the_owner_may_read_what_is_written(tmp_path: Path) -> None:
    file = File(home(tmp_path), known(), 0, None)
    file.write(giving(sounds(1, 0)))
    file.ended("stopped", 5)

    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
