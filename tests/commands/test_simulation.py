"""dragoman simulate, dragoman decisions simulate: in a town of a hundred requests."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matching.simulate.metrics import Figures
from matching.train.lines import read
from signalling.__main__ import main
from tests import learnt
from tests.commands.typed import CLEAN

ROOT = Path(__file__).parents[2]
TINY = """
base = "norway"
title = "Tiny"
seeds = [1, 2]
days = 1

[arrivals]
per_day = 40

[people]
register = 160
outside = 40
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory of tables with a scenario of its own."""
    directory = tmp_path_factory.mktemp("config") / "config"
    shutil.copytree(ROOT / "config", directory)
    (directory / "scenarios" / "tiny.toml").write_text(TINY)
    return directory


def typed(config: Path, *words: str) -> Result:
    environ = {**CLEAN, "DRAGOMAN_CONFIG": str(config)}
    return CliRunner().invoke(main, words, env=environ)


def said(config: Path, *words: str) -> str:
    result = typed(config, *words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_a_table_and_a_page(config: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = said(config, "simulate", "tiny", "--seeds", "1", "--fairness", "--report", str(page))
    assert "Tiny (tiny)" in told
    for policy in ("longest idle", "broadcast", "oracle"):
        assert policy in told
    assert "learnt" not in told
    assert "What fairness costs: Tiny" in page.read_text()


def test_lines_for_scripts(config: Path, tmp_path: Path) -> None:
    """One for each policy and figure; of all worlds, and with a learnt model if there is one."""
    (tmp_path / "m.skops").write_bytes(learnt.file())
    words = ("simulate", "tiny", "--json", "--model", str(tmp_path / "m.skops"))
    lines = [json.loads(line) for line in said(config, *words).splitlines()]
    assert {line["figure"] for line in lines} == set(Figures._fields)
    policies = {line["policy"] for line in lines}
    assert {"longest idle", "oracle", "waves, learnt model"} <= policies
    assert len(lines) == len(policies) * len(Figures._fields)
    assert {line["seeds"] for line in lines} == {2}


def test_a_log_to_try_learning_with(config: Path, tmp_path: Path) -> None:
    """In the form of an export; another seed is another world."""
    logs = []
    for name, seed, unpacked in (("1", "7", bytes), ("2.gz", "8", gzip.decompress)):
        out = tmp_path / name
        words = ("decisions", "simulate", str(out), "--scenario", "tiny", "--seed", seed)
        told = said(config, *words)
        logs.append(unpacked(out.read_bytes()))
        assert told == f"{len(logs[-1].splitlines())} lines in {out}\n"
    first, other = logs
    assert first != other
    kinds = {type(line).__name__ for _, line in read(first.splitlines())}
    assert {"Decision", "Offer", "Work", "Online"} <= kinds


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("simulate", "atlantis"), 1, "no scenario"),
        (("simulate", "tiny", "--seeds", "0"), 2, "--seeds"),
        (("decisions", "simulate", "{}/none/x", "--scenario", "tiny"), 1, "is no directory"),
        (("simulate", "tiny", "--model", "{}"), 2, "--model"),
    ],
)
def test_what_is_refused(
    config: Path, tmp_path: Path, words: tuple[str, ...], code: int, error: str
) -> None:
    result = typed(config, *(word.format(tmp_path) for word in words))
    assert (result.exit_code, result.stdout) == (code, "")
    assert error in result.stderr


def test_a_model_that_is_none(config: Path, tmp_path: Path) -> None:
    (tmp_path / "m.skops").write_bytes(b"no model")
    result = typed(config, "simulate", "tiny", "--model", str(tmp_path / "m.skops"))
    assert result.exit_code == 1
    assert "the model is refused" in result.stderr
