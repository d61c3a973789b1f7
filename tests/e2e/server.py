"""A server as its users start it: a process of its own, on a data directory."""

import atexit
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from signalling.demo.child import steady

READY_S = 30.0
# Nothing here may be refused for being fast: tests of the limits are elsewhere.
ROOMY = {
    "asks_per_customer_per_minute": 100_000,
    "requests_per_s": 100_000,
    "requests_burst": 100_000,
    "user_requests_per_s": 100_000,
    "user_requests_burst": 100_000,
    "app_requests_per_s": 100_000,
    "app_requests_burst": 100_000,
    "unopened_per_s": 100_000,
    "unopened_burst": 100_000,
}


@cache
def steady_config() -> Path:
    """Return a configuration in which the best are rung, always."""
    directory = Path(tempfile.mkdtemp(prefix="dragoman-config-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return steady(directory)


class Errors:
    """What a process writes on standard error, also when it is started again."""

    def __init__(self) -> None:
        self.text = ""
        self._more = threading.Condition()
        self._reader: threading.Thread | None = None

    def follow(self, pipe: IO[bytes]) -> None:
        """Read a pipe until it ends."""
        self._reader = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._reader.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                with self._more:
                    self.text += line.decode(errors="replace")
                    self._more.notify_all()

    def hear(self, *words: str, within_s: float) -> None:
        """Wait for a line with all of *words*."""

        def heard() -> bool:
            return any(all(word in line for word in words) for line in self.text.splitlines())

        with self._more:
            assert self._more.wait_for(heard, within_s), (words, self.text)

    def finish(self) -> None:
        """Take in the rest of what has ended."""
        if self._reader is not None:
            self._reader.join(READY_S)


class Server:
    """`dragoman serve`, or one role of it; *url* is where it listens ("" for a matcher)."""

    def __init__(
        self,
        data: Path,
        *words: str,
        limits: Mapping[str, float] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self.words = words or ("serve", "--port", "0", "--data", str(data))
        self.environ = {k: v for k, v in os.environ.items() if k != "REDIS_URL"}
        self.environ |= {
            f"DRAGOMAN_LIMITS__{name.upper()}": str(value)
            for name, value in {**ROOMY, **(limits or {})}.items()
        }
        self.environ["DRAGOMAN_CONFIG"] = str(steady_config())
        self.environ["DRAGOMAN_MEDIA__PROCESSES"] = "0"  # but where media is carried
        self.environ |= environ or {}
        self.url = ""
        self.errors = Errors()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def store_url(self) -> str:
        """Where the embedded store of the data directory listens."""
        return f"unix://{(self.data / 'runtime').read_text()}/s"

    @property
    def store_pid(self) -> int:
        return int((self.data / "valkey" / "lock").read_text())

    @property
    def said(self) -> str:
        """What it has written on standard error."""
        return self.errors.text

    @property
    def media_pids(self) -> dict[str, int]:
        """The media processes that it runs now, by node."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        words = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children}
        return {
            said[said.index(b"--node") + 1].decode(): int(pid)
            for pid, said in words.items()
            if b"--node" in said
        }

    def hear_media(self) -> None:
        """Wait until the server knows of a media node that lives."""
        self.errors.hear("media nodes that live: md-", within_s=READY_S)

    def launch(self) -> "Server":
        """Start the process, without waiting for it to be ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "signalling", *self.words],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stderr is not None
        self.errors.follow(self.process.stderr)
        return self

    def start(self) -> "Server":
        """Start, and wait until it says that it listens."""
        self.launch()
        line = self._line()
        assert line.startswith("listening on "), (line, self.said)
        self.url = line.removeprefix("listening on ").strip()
        return self

    def _line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], READY_S)
        assert ready, f"not ready within {READY_S} s"
        return self.process.stdout.readline().decode()

    def kill(self, *, store: bool = False) -> None:
        """End it as a power cut does; with *store* its Valkey too."""
        child = self.store_pid if store else 0
        self._send(signal.SIGKILL)
        if child:
            os.kill(child, signal.SIGKILL)
            _await_end(child)

    def stop(self) -> int:
        """End it as an operator does; return its exit code."""
        if self.process is None:
            return 0
        return self._send(signal.SIGTERM)

    def wait(self, within_s: float = READY_S) -> int:
        """Wait for its end; return its exit code."""
        assert self.process is not None
        code = self.process.wait(within_s)
        self.errors.finish()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    def _send(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait()


def _await_end(pid: int) -> None:
    """Wait for the end of a process that is not our child."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([process], [], [], READY_S)
    finally:
        os.close(process)
    assert ended, f"process {pid} does not end"


@contextmanager
def data_directory() -> Iterator[Path]:
    """Make a short-named directory; end what a failed test or a killed server left in it."""
    root = Path(tempfile.mkdtemp(prefix="dr-e2e-"))
    data = root / "data"
    try:
        yield data
    finally:
        for lock in (data / "lock", data / "valkey" / "lock"):
            if lock.exists() and (words := lock.read_text().split()):
                _end_left_over(int(words[0]), data)
        shutil.rmtree(root, ignore_errors=True)


def _end_left_over(pid: int, data: Path) -> None:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return
    runtime = data / "runtime"
    if str(data).encode() in words or (runtime.exists() and runtime.read_text().encode() in words):
        os.kill(pid, signal.SIGKILL)
        _await_end(pid)
        if runtime.exists():
            shutil.rmtree(runtime.read_text(), ignore_errors=True)


@contextmanager
def serving(**limits: float) -> Iterator[Server]:
    """Run a server with these limits on a fresh data directory."""
    with data_directory() as data:
        server = Server(data, limits=limits).start()
        try:
            yield server
        finally:
            assert server.stop() == 0, server.said
