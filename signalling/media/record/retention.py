"""Erase recordings when their time is over."""

import asyncio
import time
from pathlib import Path
from typing import Final

import structlog

from signalling.media.record.catalogue import sweep
from signalling.settings import Recording

log = structlog.get_logger(__name__)

EVERY_S: Final = 3600.0


async def keep_swept(settings: Recording, every_s: float = EVERY_S) -> None:
    """Erase what ended more than `recording.keep_days` ago, at once and hourly, for ever."""
    while True:
        now_ms = round(time.time() * 1000)
        try:
            erased = await asyncio.to_thread(
                sweep, Path(settings.directory), settings.keep_days, now_ms
            )
        except OSError as error:  # the next hour may find the disk again
            log.warning("recordings could not be swept", error=str(error))
        else:
            if erased:
                log.info("recordings erased", files=erased)
        await asyncio.sleep(every_s)
