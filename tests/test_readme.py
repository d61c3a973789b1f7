"""What the README shows is true: its client runs, its commands exist."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from signalling.__main__ import main
from tests.e2e.server import serving
from tests.e2e.town import town_of

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


async def test_client_of_the_readme() -> None:
    """A copy of it, with this server's address, goes from asking to joining."""
    (source,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with serving() as server:
        async with town_of(server.url, server.store_url) as town:
            await town.register("bea", "so", specialisms=["medical"])
            tokens = town.token("ann", "customer"), town.token("bea", "interpreter")
            script = source.replace("127.0.0.1:8080", server.url.removeprefix("http://"))
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", script, *tokens), stdout=asyncio.subprocess.PIPE
            )
            async with asyncio.timeout(30):
                said, _ = await child.communicate()
    assert child.returncode == 0
    assert said.decode().count("'participant':") >= 2


def test_client_of_the_readme_is_short() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in source.splitlines() if line.strip()]) <= 36


@pytest.mark.parametrize("command", re.findall(r"\.venv/bin/dragoman ([a-z]+ [a-z]+)", README))
def test_commands_of_the_readme_exist(command: str) -> None:
    assert CliRunner().invoke(main, [*command.split(), "--help"]).exit_code == 0
