"""Recordings are erased when their time is over, for as long as the process runs."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from signalling.media.record.retention import keep_swept
from signalling.settings import Recording
from tests.logs import hearing_logs


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
    """Put an old recording there, whole at once: it may be swept in the middle of this."""
    with tempfile.TemporaryDirectory(dir=directory.parent) as aside:
        made = Path(aside, "r1")
        made.mkdir()
        (made / "1-a.ogg.age").write_bytes(b"sealed")
        os.utime(made / "1-a.ogg.age", (1_000_000, 1_000_000))
        directory.mkdir(exist_ok=True)
        made.rename(directory / "r1")
    return directory / "r1" / "1-a.ogg.age"


async def test_what_is_too_old_is_erased_and_what_grows_old_later_too(tmp_path: Path) -> None:
    directory = tmp_path / "recordings"
    path = old(directory)
    with hearing_logs() as logs:
        async with asyncio.timeout(20), sweeping(directory):
            await logs.hear("recordings erased")
            assert not path.exists()
            assert old(directory) == path
            await logs.hear("recordings erased", 2)
            assert not path.exists()


async def test_a_disk_that_is_away_for_an_hour_is_swept_when_it_is_back(tmp_path: Path) -> None:
    directory = tmp_path / "recordings"
    directory.symlink_to("x" * 300)  # whoever follows it gets an OSError
    with hearing_logs() as logs:
        async with asyncio.timeout(20), sweeping(directory):
            await logs.hear("recordings could not be swept")
            directory.unlink()
            path = old(directory)
            await logs.hear("recordings erased")
            assert not path.exists()
