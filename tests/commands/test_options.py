"""Where commands write: known before the work begins, and whole or not at all."""

import gzip
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from signalling.commands.options import MADE, sink, written


@click.command()
@click.argument("out", type=MADE)
def write(out: Path) -> None:
    click.echo("works")
    with sink(out) as file:
        file.write(b"done")


def half_written(path: Path) -> None:
    with written(path) as file:
        file.write(b"half of")
        raise RuntimeError


def typed(path: Path) -> Result:
    return CliRunner().invoke(write, [str(path)])


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"before")
    with written(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    with pytest.raises(RuntimeError):
        half_written(path)
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


def test_what_ends_in_gz_is_gzipped(tmp_path: Path) -> None:
    for name, read in (("x", bytes), ("x.gz", gzip.decompress)):
        assert typed(tmp_path / name).exit_code == 0
        assert read((tmp_path / name).read_bytes()) == b"done"


def test_what_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    result = typed(tmp_path / "x")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {tmp_path}: Permission denied\n"


def test_what_cannot_be_written_after_all_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.part").mkdir()
    result = typed(tmp_path / "x")
    assert (result.exit_code, result.stdout) == (1, "works\n")
    assert result.stderr == f"Error: {tmp_path}/x.part: Is a directory\n"


def test_a_device_stays_one(tmp_path: Path) -> None:
    """Nothing is put in its place, as it is in that of a file."""
    device = tmp_path / "null"
    device.symlink_to("/dev/null")
    assert typed(device).exit_code == 0
    assert device.is_symlink()
    assert not device.is_file()
