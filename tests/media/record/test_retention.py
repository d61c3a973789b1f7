"""Recordings are erased when their time is over, for as long as the process runs."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from signalling.media.record.retention import keep_swept
from signalling.settings import Recording


@contextlib.asynccontextmanager
async def sweeping(directory: Path) -> AsyncIterator[None]:
    settings = Recording(directory=str(directory), keep_days=30)
    task = asyncio.create_task(keep_swept(settings, every_s=0.01))
    try:
        yield
    finally:
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def old(directory: Path) -> Path:
    (directory / "r1").mkdir(parents=True)
    path = directory / "r1" / "1-a.ogg.age"
    path.write_bytes(b"sealed")
    os.utime(path, (1_000_000, 1_000_000))
    return path


async def until_gone(path: Path) -> None:
    async with asyncio.timeout(20):
        while await asyncio.to_thread(path.exists):  # noqa: ASYNC110 - files have no events
            await asyncio.sleep(0.01)


async def test_what_is_too_old_is_erased_and_what_grows_old_later_too(tmp_path: Path) -> None:
    path = old(tmp_path)
    async with sweeping(tmp_path):
        await until_gone(path)
        await until_gone(old(tmp_path))


async def test_a_disk_that_is_away_for_an_hour_is_swept_when_it_is_back(tmp_path: Path) -> None:
    directory = tmp_path / "recordings"
    directory.symlink_to(directory)  # whoever follows it gets an OSError
    async with sweeping(directory):
        await asyncio.sleep(0.05)
        directory.unlink()
        await until_gone(old(directory))
