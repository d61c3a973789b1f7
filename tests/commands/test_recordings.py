"""dragoman recordings."""

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyrage.x25519 import Identity

from signalling.__main__ import main
from signalling.media.record.about import About
from signalling.media.record.file import File, Home
from signalling.media.record.unseal import identities_in, recipients_of
from tests.media.record.probe import probe
from tests.media.record.test_export import KEY, sealed
from tests.media.record.test_file import giving, pictures, sounds

CLEAN: dict[str, str | None] = {
    name: None for name in os.environ if name.startswith("DRAGOMAN_") or name == "REDIS_URL"
}


class Archive:
    """A directory of recordings, the key that opens them, and commands on it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "recordings"
        self.key = directory / "key"
        self.public = self.said("recordings", "keygen", str(self.key)).strip()
        self.out = directory / "out"
        self.out.mkdir()

    def run(self, *words: str, answer: str = "") -> Result:
        environ = {**CLEAN, "DRAGOMAN_RECORDING__DIRECTORY": str(self.directory)}
        return CliRunner().invoke(main, words, env=environ, input=answer)

    def said(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def refused(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 1, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result.stderr

    def exported(self, name: str) -> list[str]:
        return self.said(
            "recordings", "export", name, "--identity", str(self.key), "--to", str(self.out)
        ).splitlines()

    def record(self, recording: str, meeting: str, *, camera: bool = False) -> File:
        """Write a recording of two seconds that has ended."""
        home = Home(self.directory / recording, recipients_of([self.public]), 0)
        home.directory.mkdir(parents=True, exist_ok=True)
        known = About(
            recording=recording,
            meeting=meeting,
            participant="p1",
            part=1,
            container="webm" if camera else "ogg",
            started_ms=1_800_000_000_000,
            consents={"p1": 1},
        )
        file = File(home, known, 0.0, (160, 120) if camera else None)
        file.write(giving(sounds(2, 0), pictures(2, 0) if camera else []))
        file.ended("stopped", 1_800_000_002_000)
        return file


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_a_key_is_its_owners_alone_and_never_written_over(archive: Archive) -> None:
    (identity,) = identities_in(archive.key)

    assert str(identity.to_public()) == archive.public
    assert stat.S_IMODE(archive.key.stat().st_mode) == 0o600
    assert "exists" in archive.refused("recordings", "keygen", str(archive.key))
    assert [str(one) for one in identities_in(archive.key)] == [str(identity)]


def test_recordings_are_listed(archive: Archive) -> None:
    assert archive.said("recordings", "list") == ""
    archive.record("r1", "m1")
    archive.record("r2", "m2", camera=True)
    lost = archive.record("r3", "m3")
    lost.path.with_name(lost.path.name.split(".")[0] + ".json").unlink()

    lines = archive.said("recordings", "list").splitlines()

    assert lines[0] == "r1  m1  p1  part 1  ogg  2027-01-15T08:00:00+00:00  2.0 s  stopped"
    assert "webm" in lines[1]
    assert lines[2].endswith("without a description")
    assert archive.said("recordings", "list", "m2").splitlines() == [lines[1]]


def test_recordings_are_listed_for_machines(archive: Archive) -> None:
    file = archive.record("r1", "m1")
    archive.record("r2", "m2").path.unlink()

    first, second = map(json.loads, archive.said("recordings", "list", "--json").splitlines())

    assert (first["file"], first["meeting"], first["seconds"]) == (str(file.path), "m1", 2.0)
    assert second["recording"] == "r2"


def test_a_recording_that_is_open_is_listed_as_such(archive: Archive) -> None:
    file = archive.record("r1", "m1")
    (archive.directory / "r1" / (file.path.name.split(".")[0] + ".json")).write_text(
        json.dumps(
            {
                "recording": "r1",
                "meeting": "m1",
                "participant": "p1",
                "part": 1,
                "container": "ogg",
                "started_ms": 0,
                "consents": {},
            }
        ),
        "ascii",
    )

    assert archive.said("recordings", "list").rstrip().endswith("open")


def test_a_meeting_is_exported(archive: Archive) -> None:
    archive.record("r1", "m1")
    archive.record("r2", "m1", camera=True)
    archive.record("r3", "m2")

    lines = archive.exported("m1")

    paths = [Path(line.split("  ")[0]) for line in lines]
    assert sorted(archive.out.iterdir()) == sorted(paths)
    assert [path.suffix for path in paths] == [".ogg", ".webm"]
    assert [line.split("  ", 1)[1] for line in lines] == [
        "2.0 s  100 sounds  0 pictures",
        "2.0 s  100 sounds  30 pictures",
    ]
    assert [probe(path).seconds for path in paths] == pytest.approx([2, 2], abs=0.02)


def test_what_cannot_be_read_is_told_and_the_rest_exported(archive: Archive) -> None:
    bad = archive.record("r1", "m1")
    bad.path.write_bytes(b"age-encryption.org/v1\n")
    archive.record("r2", "m1").path.unlink()
    archive.record("r3", "m1")

    result = archive.run(
        *("recordings", "export", "m1", "--identity", str(archive.key), "--to", str(archive.out))
    )

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2
    assert "its media is gone" in result.stderr
    assert [path.name.startswith("r3-") for path in archive.out.iterdir()] == [True]


def test_what_a_crash_cut_off_is_said_to_be(archive: Archive) -> None:
    folder = archive.directory / "r1"
    folder.mkdir(parents=True)
    sealed(folder / "1-a.ogg.age", 30, cut=10)
    archive.key.write_text(str(KEY), "ascii")

    assert archive.exported("r1")[0].endswith("cut off")


def test_another_key_exports_nothing(archive: Archive, tmp_path: Path) -> None:
    archive.record("r1", "m1")
    other = tmp_path / "other"
    other.write_text(str(Identity.generate()), "ascii")
    words = ("recordings", "export", "r1", "--to", str(archive.out), "--identity")

    assert "No matching keys" in archive.refused(*words, str(other))
    other.write_text("AGE-SECRET-KEY-1NEARLY", "ascii")
    assert "line 1 is no secret key" in archive.refused(*words, str(other))
    assert list(archive.out.iterdir()) == []


def test_what_is_erased_is_gone(archive: Archive) -> None:
    archive.record("r1", "m1")
    archive.record("r2", "m1")
    archive.record("r3", "m2")

    assert archive.run("recordings", "erase", "m1", answer="n\n").exit_code == 1
    assert len(list(archive.directory.iterdir())) == 3
    assert archive.run("recordings", "erase", "r1", answer="y\n").exit_code == 0
    assert archive.said("recordings", "erase", "m1", "--yes") == "erased 1 files\n"
    assert [path.name for path in archive.directory.iterdir()] == ["r3"]


@pytest.mark.parametrize("command", [("erase", "--yes"), ("export", "--identity", "/dev/null")])
def test_what_is_not_there_is_told(archive: Archive, command: tuple[str, ...]) -> None:
    words = [str(archive.key) if word == "/dev/null" else word for word in command]

    assert "has no recording of m9" in archive.refused("recordings", words[0], "m9", *words[1:])
