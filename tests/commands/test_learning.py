"""dragoman train and dragoman evaluate, on logs whose truth is known."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from matching.model import Model, load_model
from matching.train import training
from signalling.decisions import lines
from signalling.store.models import ModelFiles
from tests import learnt
from tests.commands.typed import refused, said, typed
from tests.matching.train.synthetic import Market, log_lines
from tests.test_decisions import dispatched
from tests.world import TABLES, World

__all__ = ["dispatched"]
HOLE = '{"kind":"hole","decision":"de-0"}\n'
HAND = TABLES.policy.version


@dataclass(frozen=True)
class Logs:
    """An early log, a later one of the same truth, and a later one of the opposite."""

    early: Path
    later: Path
    turned: Path


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Logs:
    directory = tmp_path_factory.mktemp("logs")
    markets = (
        ("early.ndjson", Market(decisions=3000)),
        ("later.ndjson.gz", Market(decisions=2000, seed=99)),
        ("turned.ndjson", Market(decisions=2000, seed=99, signal=-1)),
    )
    for name, market in markets:
        text = HOLE + "".join(json.dumps(line) + "\n" for line in log_lines(market))
        packed = name.endswith(".gz")
        data = gzip.compress(text.encode(), 1) if packed else text.encode()
        (directory / name).write_bytes(data)
    return Logs(*(directory / name for name, _ in markets))


def model_in(path: Path) -> Model:
    return load_model(path.read_bytes())


async def test_learnt_reported_promoted_and_judged(
    world: World, files: ModelFiles, logs: Logs, tmp_path: Path
) -> None:
    """From a log to what ranks; judged by a later log it is still good, by the opposite not."""
    out, report = tmp_path / "m.skops", tmp_path / "r.html"
    wanted = ("--out", str(out), "--report", str(report), "--promote")
    told = await said(world, "train", "--log", str(logs.early), *wanted)
    version = model_in(out).version
    assert told.startswith(f"{version} may serve, beside {HAND}\n")
    assert "P(accept) is better than what serves now" in told
    assert "log loss of accepting: model 0." in told
    assert told.endswith(f"{version} ranks now in {world.marketplace}\n")
    assert f"Report on {version}" in report.read_text()
    assert await files.current() == version
    assert await files.read(version) == out.read_bytes()

    later = tmp_path / "later.html"
    judged = await said(world, "evaluate", "--log", str(logs.later), "--report", str(later))
    assert judged.startswith(f"{version} may serve, beside {HAND}\n")
    assert f"Report on {version}" in later.read_text()
    result = await typed(world, "evaluate", "--log", str(logs.turned), "--model", str(out))
    assert result.exit_code == 3
    assert result.stdout.startswith(f"{version} should not serve, beside {HAND}\n")


async def test_a_worse_model_is_not_promoted(
    world: World, files: ModelFiles, logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file is written for whoever wants to look, but the store keeps what it has."""
    before = learnt.model()
    await files.put(before.version, learnt.file())
    await files.promote(before.version)
    told = training.Verdict(False, "It is worse.")
    monkeypatch.setattr(training, "verdict", lambda _: told)
    out = tmp_path / "m.skops"
    result = await typed(world, "train", "--log", str(logs.early), "--out", str(out), "--promote")
    assert result.exit_code == 3
    assert f"should not serve, beside {before.version}\nIt is worse." in result.stdout
    assert model_in(out).version in result.stdout
    assert await files.current() == before.version
    assert [each.version for each in await files.list()] == [before.version]


async def test_the_log_of_the_store(dispatched: World) -> None:
    """It is exported first; two offers are too few, and it says how many are needed."""
    written = [line async for line in lines(dispatched.store, dispatched.marketplace)]
    assert written
    error = await typed(dispatched, "train")
    assert error.exit_code == 1
    assert "too little to learn from: 0 offers accepted" in error.stderr


async def test_nothing_to_judge(dispatched: World, files: ModelFiles, tmp_path: Path) -> None:
    assert "the hand weights rank" in await refused(dispatched, "evaluate")
    (tmp_path / "m").write_bytes(b"no model")
    error = await refused(dispatched, "evaluate", "--model", str(tmp_path / "m"))
    assert "the model is refused" in error
    (tmp_path / "m").write_bytes(learnt.file())
    result = await typed(dispatched, "evaluate", "--model", str(tmp_path / "m"))
    assert result.exit_code == 1
    assert "the model does not say until when it learnt" in result.stderr
    await files.put("learnt-0", learnt.tampered())
    await files.promote("learnt-0")
    assert "the model is refused" in await refused(dispatched, "train")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"{}\n", "line 1"),
        (b'{"kind":"offer"', "line 1"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], "ended"),
        (b"no gzip", "Not a gzipped file"),
    ],
)
async def test_what_is_no_log(world: World, tmp_path: Path, data: bytes, error: str) -> None:
    path = tmp_path / ("log" if data.startswith(b"{") else "log.gz")
    path.write_bytes(data)
    result = await typed(world, "train", "--log", str(path))
    assert result.exit_code == 1
    assert error in result.stderr


@pytest.mark.parametrize("option", ["--out", "--report"])
async def test_a_place_that_is_none(world: World, logs: Logs, tmp_path: Path, option: str) -> None:
    """Before anything is learnt, not after it."""
    error = await refused(
        world, "train", "--log", str(logs.early), option, str(tmp_path / "none" / "x")
    )
    assert "none is no directory" in error


async def test_a_file_that_cannot_be_written(world: World, logs: Logs, tmp_path: Path) -> None:
    (tmp_path / "m.skops").mkdir()
    out = str(tmp_path / "m.skops")
    result = await typed(world, "train", "--log", str(logs.early), "--out", out)
    assert (result.exit_code, result.stdout) == (2, "")
