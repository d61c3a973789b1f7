"""dragoman decisions export, dragoman replay."""

import gzip
import json
from pathlib import Path

import pytest

from signalling.commands import decisions as module
from signalling.decisions import lines
from tests import learnt
from tests.commands.typed import CLEAN, refused, said, typed
from tests.test_decisions import change, decided, dispatched
from tests.world import World

__all__ = ["dispatched"]
EXPORT = ("decisions", "export")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def whole(world: World) -> bytes:
    found = [line.text async for line in lines(world.store, world.marketplace)]
    return b"".join(text + b"\n" for text in found)


async def test_the_log_is_written(
    dispatched: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To standard output, a file or a gzipped one: the same lines."""
    monkeypatch.setattr(module, "TELL_EVERY", 1)
    want = await whole(dispatched)
    result = await typed(dispatched, *EXPORT)
    assert result.stdout_bytes == want
    assert f"{len(want.splitlines())} lines: " in result.stderr
    assert "2 decision, " in result.stderr
    assert "holes" not in result.stderr
    plain, packed = tmp_path / "log.ndjson", tmp_path / "log.ndjson.gz"
    for path in (plain, packed):
        assert await said(dispatched, *EXPORT, "--out", str(path)) == ""
    assert plain.read_bytes() == want
    assert gzip.decompress(packed.read_bytes()) == want
    assert names(tmp_path) == ["log.ndjson", "log.ndjson.gz"]


async def test_holes_are_told(dispatched: World) -> None:
    first, _ = await decided(dispatched)
    await dispatched.store.command("DEL", dispatched.keys.record("decision", first))
    result = await typed(dispatched, *EXPORT)
    assert "1 holes: decisions that have expired" in result.stderr
    holes = [each for each in map(json.loads, result.stdout.splitlines()) if each["kind"] == "hole"]
    assert holes == [{"kind": "hole", "decision": first}]


async def test_a_span_of_time(dispatched: World) -> None:
    """Times are ISO 8601, with an offset or in UTC."""
    assert await said(dispatched, *EXPORT, "--until", "2020-01-01") == ""
    assert await said(dispatched, *EXPORT, "--since", "2999-01-01T00:00+01:00") == ""
    everything = await said(dispatched, *EXPORT, "--since", "2020-01-01T12:30:00Z")
    assert everything.encode() == await whole(dispatched)
    assert "is no time" in await refused(dispatched, *EXPORT, "--since", "yesterday", code=2)


async def test_a_file_that_cannot_be_written(dispatched: World, tmp_path: Path) -> None:
    error = await refused(dispatched, *EXPORT, "--out", str(tmp_path / "none" / "log"))
    assert "none is no directory" in error
    for directory in (str(tmp_path), ".", ""):
        assert "is a directory" in await refused(dispatched, *EXPORT, "--out", directory, code=2)


async def test_an_export_that_fails_leaves_no_file(world: World, tmp_path: Path) -> None:
    await world.store.command("SET", world.keys.log("decisions"), "no stream")
    result = await typed(world, *EXPORT, "--out", str(tmp_path / "log"))
    assert result.exit_code == 1
    assert names(tmp_path) == []


async def test_replay(dispatched: World) -> None:
    """The ranking with what each feature adds, and the codes it comes from."""
    first, _ = await decided(dispatched)
    out = await said(dispatched, "replay", first)
    assert out.startswith(f"{first}: wave 1 of a1, by hand-")
    assert "3 eligible, 3 recorded" in out
    assert "the same as recorded, bit for bit" in out
    for text in ("ann", "bo", "cy", "tier_surplus +", "tier 4", "idle "):
        assert text in out
    short = await said(dispatched, "replay", first, "--top", "1")
    assert sum(f" {who} " in short for who in ("ann", "bo", "cy")) == 1


async def test_a_replay_that_differs(dispatched: World) -> None:
    """Exit code 1; the recorded score beside the one that comes out now."""
    first, _ = await decided(dispatched)
    candidates = (await dispatched.get("decision", first)).body["candidates"]
    await change(dispatched, first, candidates=[{**candidates[0], "score": -7.5}, *candidates[1:]])
    result = await typed(dispatched, "replay", first)
    assert result.exit_code == 1
    assert "not the same as recorded" in result.stdout
    assert "-7.5000" in result.stdout


async def test_what_cannot_be_replayed(dispatched: World, tmp_path: Path) -> None:
    first, _ = await decided(dispatched)
    assert "there is no decision x" in await refused(dispatched, "replay", "x")
    path = tmp_path / "model.skops"
    path.write_bytes(learnt.file())
    error = await refused(dispatched, "replay", first, "--model", str(path))
    assert f"by the model hand, not {learnt.model().version}" in error
    await change(dispatched, first, policy="hand-0")
    assert "by the policy hand-0, but config/weights.toml is" in await refused(
        dispatched, "replay", first
    )


async def test_tables_that_cannot_be_read(
    dispatched: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CLEAN, "DRAGOMAN_CONFIG", str(tmp_path))
    assert "weights.toml" in await refused(dispatched, "replay", "x")
