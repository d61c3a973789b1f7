"""What recordings there are, as their files tell; erasing them."""

import os
from pathlib import Path

import msgspec
import pytest

from signalling.media.record import about
from signalling.media.record.about import About
from signalling.media.record.catalogue import DAY_MS, _written_ms, erase, kept, of, sweep
from signalling.media.record.sealed import tail_of

NOW = 1_800_000_000_000


def record(
    directory: Path, recording: str, stem: str, meeting: str, ended_ms: int | None, written_ms: int
) -> Path:
    folder = directory / recording
    folder.mkdir(exist_ok=True)
    path = folder / f"{stem}.ogg.age"
    known = About(
        recording=recording,
        meeting=meeting,
        participant="p1",
        part=1,
        container="ogg",
        started_ms=1,
        consents={},
    )
    about.begin(path, known)
    path.write_bytes(b"sealed")
    if ended_ms is not None:
        ended = msgspec.structs.replace(known, ended="stopped", ended_ms=ended_ms)
        about.finish(path, ended)
    else:
        tail_of(path).write_bytes(b"tail")
    for file in folder.glob(f"{stem}.*"):
        os.utime(file, (written_ms / 1000, written_ms / 1000))
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    old = NOW - 31 * DAY_MS
    record(tmp_path, "r1", "1-a", "m1", NOW - 1, NOW)
    record(tmp_path, "r1", "2-b", "m1", old, NOW)
    record(tmp_path, "r2", "3-c", "m2", None, NOW)  # it is still being written
    record(tmp_path, "r3", "4-d", "m1", None, old)  # its process died
    (tmp_path / "r4").mkdir()
    (tmp_path / "r4" / "5-e.ogg.age").write_bytes(b"")  # its description is lost
    os.utime(tmp_path / "r4" / "5-e.ogg.age", (old / 1000, old / 1000))
    return tmp_path


def test_all_are_found_with_what_is_beside_them(store: Path) -> None:
    found = {one.stem: one for one in kept(store)}

    assert list(found) == ["1-a", "2-b", "3-c", "4-d", "5-e"]
    assert [path.name for path in found["3-c"].paths] == [
        "3-c.json",
        "3-c.ogg.age",
        "3-c.ogg.tail.age",
    ]
    assert found["3-c"].sealed == store / "r2" / "3-c.ogg.age"
    assert [one.interrupted for one in found.values()] == [False, False, True, True, True]
    assert found["1-a"].ended_ms == NOW - 1
    assert found["3-c"].ended_ms == NOW
    assert found["5-e"].known is None


def test_a_directory_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert list(kept(tmp_path / "absent")) == []


def test_links_are_not_followed(store: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    record(elsewhere, "r9", "9-x", "m1", 1, 1)
    (store / "r9").symlink_to(elsewhere / "r9")
    (store / "r2" / "8-y.ogg.age").symlink_to(elsewhere / "r9" / "9-x.ogg.age")
    (store / "stray").write_bytes(b"no recording")

    assert [one.stem for one in kept(store)] == ["1-a", "2-b", "3-c", "4-d", "5-e"]


def test_they_are_found_by_recording_and_by_meeting(store: Path) -> None:
    assert [one.stem for one in of(store, "r1")] == ["1-a", "2-b"]
    assert [one.stem for one in of(store, "m1")] == ["1-a", "2-b", "4-d"]
    assert of(store, "r") == []


def test_what_is_erased_is_gone_with_its_description(store: Path) -> None:
    assert erase(of(store, "m1")) == 3

    assert sorted(path.name for path in store.iterdir()) == ["r2", "r4"]
    assert erase(of(store, "m1")) == 0


def test_what_is_erased_while_it_is_looked_at_is_long_gone(store: Path) -> None:
    looking = kept(store)
    first = next(looking)
    erase([one for one in kept(store) if one.recording == first.recording])

    assert [one.stem for one in looking][:1] == ["2-b"]
    assert _written_ms(first.paths[0]) == 0


def test_erasing_twice_at_once_is_harmless(store: Path) -> None:
    first, second = of(store, "m1"), of(store, "m1")

    assert (erase(first), erase(second)) == (3, 3)


def test_only_what_ended_long_ago_is_swept(store: Path) -> None:
    assert sweep(store, 30, NOW) == 3
    assert [one.stem for one in kept(store)] == ["1-a", "3-c"]
    assert sweep(store, 30, NOW) == 0
