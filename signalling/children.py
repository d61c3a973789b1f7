"""The media processes that `dragoman serve` runs beside itself, and starts again when they die.

A process of its own keeps media from waiting for anything else, and anything else from media. A
child ends when its standard input does, so none outlives a parent that was killed.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Self

from signalling.store.tasks import end

LOG = logging.getLogger(__name__)
STOP_S: Final = 5.0
PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)  # between starts of one that keeps dying
LASTED_S: Final = 30.0  # whoever lived this long is started again at once


class Children:
    """Runs *count* media processes. An async context manager.

    *environ* says where their store is, beside what they inherit. *gone* is told the node of each
    that died, so that its meetings go on at once.
    """

    def __init__(
        self, count: int, environ: Mapping[str, str], gone: Callable[[str], Awaitable[None]]
    ) -> None:
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._count = count
        self._environ = environ
        self._gone = gone
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep()) for _ in range(self._count)]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await end(self._tasks)
        # not by the tasks, which may be cancelled more than once
        await asyncio.gather(*(_stop(child) for child in self._running.values()))
        self._running.clear()

    @property
    def pids(self) -> dict[str, int]:
        """Return the process of each node that runs."""
        return {node: child.pid for node, child in self._running.items()}

    async def _keep(self) -> None:
        """Run one child after the other for ever."""
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            node, began = f"md-{secrets.token_hex(6)}", clock()
            try:
                code = await self._run(node)
                LOG.warning("media process %s ended with code %d", node, code)
            except OSError as error:
                LOG.warning("a media process could not be started: %s", error)
            with contextlib.suppress(Exception):
                await self._gone(node)
            failures = 0 if clock() - began > LASTED_S else failures + 1
            await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S)) - 1] if failures else 0)

    async def _run(self, node: str) -> int:
        """Run one child to its end; return its exit code."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "signalling", "media", "--node", node, "--attached"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,  # ours ends with us, whoever outlives us a moment
            env={**os.environ, **self._environ},
            start_new_session=True,  # Ctrl-C is for us: we end it
        )
        self._running[node] = child
        code = await child.wait()
        del self._running[node]
        return code


async def _stop(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
