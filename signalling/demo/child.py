"""A server as a child process, on a fresh store in a temporary directory.

It is started and registered with by the command line, as any script would (`dragoman serve`,
`dragoman apps create --json`), and ended by its pid whatever happens here.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signalling.client import ClientError
from signalling.errors import Unavailable
from signalling.settings import SettingsError, load
from signalling.store.apps import App
from signalling.store.embedded import Embedded
from signalling.web.auth import mint

START_S: Final = 30.0
STOP_S: Final = 20.0
LISTENING: Final = "listening on "
LOG_LINES: Final = 20

# Times short enough to watch, and one address from which a whole country's interpreters connect.
LIMITS: Final[Mapping[str, str]] = {
    "OFFER_S": "3",
    "UNDELIVERED_S": "1.5",
    "HOLD_S": "15",
    "CONNECT_S": "15",
    "UNOPENED_PER_S": "1000",
    "UNOPENED_BURST": "1000",
}


class ServerFailed(Exception):
    """The server did not start, or did not end as it should: the reason, and its last words."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens at *url*, and the app that signs for everybody here."""

    url: str
    app: App
    pid: int
    log: Path

    def token(self, user: str, role: str, name: str = "") -> str:
        return mint(self.app, user, role, name=name)

    def last_words(self) -> str:
        """Return the end of what it logged: warnings and errors only."""
        return _last_words(self.log)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """Run a server for as long as the context is open; nothing is left of it afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="dragoman-demo-"))
    try:
        steady(directory)
        async with _process(directory) as process:
            url = await _listening(process, directory / "log")
            app = await _register(directory)
            yield Server(url, app, process.pid, directory / "log")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.asynccontextmanager
async def _process(directory: Path) -> AsyncIterator[Process]:
    with (directory / "log").open("wb") as log:
        # A session of its own: Ctrl-C is for us, who then end it in order.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "signalling", "serve", "--host", "127.0.0.1", "--port", "0"),
            *("--data", str(directory / "data")),
            env=_environment(directory),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    except ClientError as error:
        if code := await _stop(process):
            raise ServerFailed(f"the server ended with {code}") from error
        raise
    finally:
        if await _stop(process):
            await asyncio.to_thread(_end_store, directory / "data")
    if process.returncode:
        raise ServerFailed(f"the server ended with {process.returncode}")


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])


def steady(directory: Path) -> Path:
    """Copy the configuration to *directory*/config, without the lots that explore; return where.

    What must come of a play is known beforehand only if the best are rung, always.
    """
    config = directory / "config"
    try:
        shutil.copytree(load().config_dir, config)
    except SettingsError as error:
        raise ServerFailed(str(error)) from None
    weights = config / "weights.toml"
    text = re.sub(r"(?m)^share = .*$", "share = 0.0", weights.read_text(encoding="utf-8"))
    weights.write_text(text, encoding="utf-8")
    return config


def _environment(directory: Path) -> dict[str, str]:
    """Return ours with the demo's limits; what else the user has set may not bend them."""
    kept = {k: v for k, v in os.environ.items() if "__" not in k or not k.startswith("DRAGOMAN_")}
    limits = {f"DRAGOMAN_LIMITS__{name}": value for name, value in LIMITS.items()}
    config = {"DRAGOMAN_CONFIG": str(directory / "config"), "DRAGOMAN_LOG__LEVEL": "warning"}
    return {**kept, **limits, **config}


async def _listening(process: Process, log: Path) -> str:
    assert process.stdout is not None  # noqa: S101 - asked for above
    line = ""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_S):
            line = (await process.stdout.readline()).decode().strip()
    if not line.startswith(LISTENING):
        raise ServerFailed(f"the server does not start: {_last_words(log)}")
    return line.removeprefix(LISTENING)


async def _register(directory: Path) -> App:
    """Make the app; the first of a marketplace manages its interpreters."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "signalling", "apps", "create", "demo"),
        *("--data", str(directory / "data"), "--json"),
        env=_environment(directory),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(START_S):
            said, complaint = await process.communicate()
    finally:
        await _stop(process)
    if process.returncode:
        raise ServerFailed(f"no app could be made: {complaint.decode(errors='replace')}")
    made = json.loads(said)
    rights = frozenset({"interpreters"})
    return App(made["key"], "demo", made["marketplace"], (made["secret"],), rights, 0)


async def _stop(process: Process) -> int | None:
    """End it in order, or hard if it hangs; return its exit code. Again is harmless."""
    _signal(process, signal.SIGTERM)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await process.wait()
    finally:
        if process.returncode is None:
            _signal(process, signal.SIGKILL)
            await process.wait()
    return process.returncode


def _signal(process: Process, number: signal.Signals) -> None:
    """Signal a child that is not known to have ended.

    Not by its own methods: those look first whether it has, and take its exit code away from
    the thread of asyncio that waits for it (which then reports 255).
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _end_store(data: Path) -> None:
    """End the store that a server left behind which was killed: take it over, and stop it."""
    store = Embedded(data)
    with contextlib.suppress(Unavailable):
        store.start()
    store.stop()
