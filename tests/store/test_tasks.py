import asyncio
from contextlib import suppress

import pytest

from signalling.store import tasks


async def test_swallowed_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that swallows its first cancellation ends all the same."""
    monkeypatch.setattr(tasks, "AGAIN_S", 0.01)
    swallowing = asyncio.Event()

    async def stubborn() -> None:
        swallowing.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await swallowing.wait()
    await tasks.end([task])
    await tasks.end([])

    assert task.cancelled()
