"""Anything may happen to anybody, in any order: in the end all perceive all."""

import pytest

from tests.browser.stage import Stage
from tests.browser.tumult import tumult

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(("topology", "seed"), [("mesh", 1), ("relay", 2)])
async def test_everybody_perceives_everybody(stage: Stage, topology: str, seed: int) -> None:
    await stage.policy(topology=topology)
    assert len(await tumult(stage, seed, 6)) == 6
    await stage.media_process_again()
