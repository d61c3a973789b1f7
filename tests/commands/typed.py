"""Commands as they are typed, on the store of a test's world."""

import asyncio
import os

from click.testing import CliRunner, Result

from signalling.__main__ import main
from tests.world import World

CLEAN: dict[str, str | None] = {
    name: None for name in os.environ if name.startswith("DRAGOMAN_") or name == "REDIS_URL"
}


async def typed(world: World, *words: str) -> Result:
    """Run a command on the world's marketplace."""
    whole = [*words, "--marketplace", world.marketplace]
    environ = {**CLEAN, "REDIS_URL": world.store.url}
    return await asyncio.to_thread(CliRunner().invoke, main, whole, env=environ)


async def said(world: World, *words: str) -> str:
    """Return what a command that went well has printed."""
    result = await typed(world, *words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


async def refused(world: World, *words: str, code: int = 1) -> str:
    """Return the one line that a command refused with."""
    result = await typed(world, *words)
    assert result.exit_code == code, result.output
    assert code != 1 or len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stdout == ""
    return result.stderr
