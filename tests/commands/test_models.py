"""dragoman models."""

from pathlib import Path

import pytest

from signalling.store.models import ModelFiles
from tests import learnt
from tests.commands.typed import refused, said
from tests.world import World


async def put(world: World, directory: Path, data: bytes) -> str:
    (directory / "m.skops").write_bytes(data)
    return (await said(world, "models", "put", str(directory / "m.skops"))).strip()


async def test_a_models_life(world: World, files: ModelFiles, tmp_path: Path) -> None:
    assert await said(world, "models", "list") == ""
    first = await put(world, tmp_path, learnt.file())
    second = await put(world, tmp_path, learnt.file(2.0))
    assert (first, second) == (learnt.model().version, learnt.model(2.0).version)
    assert await files.read(first) == learnt.file()
    await said(world, "models", "promote", first)
    listed = (await said(world, "models", "list")).splitlines()
    assert {line[:2] + line.split()[-2] for line in listed} == {f"* {first}", f"  {second}"}
    await said(world, "models", "promote", second)
    assert await files.current() == second
    await said(world, "models", "retire")
    assert await files.current() is None
    assert "*" not in await said(world, "models", "list")


@pytest.mark.parametrize("data", [b"", b"no archive", learnt.tampered(), learnt.file()[:-9]])
async def test_what_is_no_model_is_not_kept(
    world: World, files: ModelFiles, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "model.skops"
    path.write_bytes(data)
    assert "the model is refused" in await refused(world, "models", "put", str(path))
    assert await files.list() == []


async def test_what_cannot_be_promoted(world: World, tmp_path: Path) -> None:
    assert "no model learnt-0" in await refused(world, "models", "promote", "learnt-0")
    await refused(world, "models", "put", str(tmp_path / "none"), code=2)


async def test_no_version_at_all_retires_nothing(
    world: World, files: ModelFiles, tmp_path: Path
) -> None:
    """As of a script whose variable is empty."""
    version = await put(world, tmp_path, learnt.file())
    await said(world, "models", "promote", version)
    assert "there is no model" in await refused(world, "models", "promote", "")
    assert await files.current() == version


async def test_a_marketplace_that_cannot_be(world: World) -> None:
    world.marketplace = "Not One"
    assert "not a marketplace name" in await refused(world, "models", "list", code=2)
