"""The description beside a recorded file."""

import json
import stat
from pathlib import Path

import msgspec
import pytest

from signalling.media.record import about
from signalling.media.record.about import About

ABOUT = About(
    recording="r1",
    meeting="main/m1",
    participant="p1",
    part=2,
    container="webm",
    started_ms=1_000,
    consents={"p1": 10, "p2": 20},
)


@pytest.mark.parametrize("name", ["1-a.webm.age", "1-a.webm.tail.age", "1-a.json"])
def test_it_has_the_stem_of_what_it_describes(name: str) -> None:
    assert about.path_of(Path("r1") / name) == Path("r1/1-a.json")


def test_it_is_there_while_the_file_is_written(tmp_path: Path) -> None:
    about.begin(tmp_path / "1-a.webm.age", ABOUT)
    path = tmp_path / "1-a.json"

    assert about.read(path) == ABOUT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text("ascii"))["consents"] == {"p1": 10, "p2": 20}


def test_it_tells_how_the_file_ended(tmp_path: Path) -> None:
    sealed = tmp_path / "1-a.webm.age"
    about.begin(sealed, ABOUT)
    sealed.touch()
    ended = msgspec.structs.replace(ABOUT, ended="left", ended_ms=9_000, seconds=8.0, bytes=77)
    about.finish(sealed, ended)

    assert about.read(tmp_path / "1-a.json") == ended


def test_nothing_is_written_of_a_file_that_was_erased(tmp_path: Path) -> None:
    about.finish(tmp_path / "1-a.webm.age", ABOUT)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[" * 2_000_000])
def test_what_is_no_description_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "1-a.json"
    path.write_bytes(content)

    assert about.read(path) is None
    assert about.read(tmp_path / "absent.json") is None
