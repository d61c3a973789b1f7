"""The server that benchmarks.offer measures: `dragoman serve` in a directory of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from signalling.store.apps import App
from signalling.web.auth import mint

# Everybody comes from one address here, and a few hundred customers ask for thousands.
LIFTED = {
    "CONNECTIONS_PER_ADDRESS": "100000",
    "UNOPENED_TOTAL": "100000",
    "UNOPENED_PER_S": "100000",
    "UNOPENED_BURST": "1000000",
    "REQUESTS_PER_S": "100000",
    "REQUESTS_BURST": "1000000",
    "USER_REQUESTS_PER_S": "100000",
    "USER_REQUESTS_BURST": "1000000",
    "ASKS_PER_CUSTOMER_PER_MINUTE": "1000000",
}
# So that ten seconds are enough to come to a steady state.
SHORTENED = {"OFFER_S": "10", "WRAP_UP_S": "2"}
STOP_S = 30
STORE = "valkey-server\n"


@dataclass(frozen=True)
class Server:
    """A server process, its Valkey, and the app that may do everything in its marketplace."""

    pid: int
    store_pid: int
    url: str
    data: Path
    app: App

    def token(self, user: str, role: str) -> str:
        return mint(self.app, user, role, ttl_s=86_400)

    def resident_kb(self) -> int:
        """Return the memory of the server process, without the store."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def cpu_s(self) -> tuple[float, float]:
        """Return the CPU time that the server and the store have used so far."""
        return _scheduled_s(self.pid)[0], _scheduled_s(self.store_pid)[0]

    def queued_s(self) -> float:
        """Return how long the server has waited for its core, busy with others, so far."""
        return _scheduled_s(self.pid)[1]

    async def admit(self, people: Sequence[Mapping[str, Any]]) -> None:
        """Import interpreters."""
        lines = b"\n".join(json.dumps(person).encode() for person in people)
        headers = {
            "Authorization": f"Bearer {self.token('bench', 'app')}",
            "Content-Type": "application/x-ndjson",
        }
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as http,
            http.post("/v1/interpreter.import", data=lines) as answer,
        ):
            result = await answer.json()
        if result.get("imported") != len(people):
            raise RuntimeError(f"the import failed: {result}"[:500])


@contextmanager
def serving(server_cores: set[int], store_cores: set[int]) -> Iterator[Server]:
    """Run a server on an empty embedded store, on these cores, and end both by their pids."""
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as data:
        limits = {f"DRAGOMAN_LIMITS__{name}": value for name, value in (LIFTED | SHORTENED).items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "signalling", "serve", "--port", "0", "--data", data],
            env=os.environ | limits | {"DRAGOMAN_LOG__LEVEL": "error"},
            stdout=subprocess.PIPE,
            text=True,
        )
        store_pid = 0
        try:
            url = _listening(process)
            store_pid = _store_of(process.pid)
            _pin(process.pid, server_cores)
            _pin(store_pid, store_cores)
            yield Server(process.pid, store_pid, url, Path(data), _app(data))
        finally:
            _end(process, store_pid)


def _listening(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("listening on "):
            return line.split()[-1]
    raise RuntimeError("the server did not start")


def _app(data: str) -> App:
    command = [sys.executable, "-m", "signalling", "apps", "create", "bench", "--json"]
    made = subprocess.run([*command, "--data", data], capture_output=True, text=True, check=True)
    fields = json.loads(made.stdout)
    rights = frozenset({"interpreters"})
    return App(fields["key"], "bench", fields["marketplace"], (fields["secret"],), rights, 0)


def _store_of(pid: int) -> int:
    """Return the store's process: a media node is the server's child, too."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = (child for task in tasks for child in task.read_text().split())
    return int(next(c for c in children if Path(f"/proc/{c}/comm").read_text() == STORE))


def _pin(pid: int, cores: set[int]) -> None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)


def _scheduled_s(pid: int) -> tuple[float, float]:
    """Return how long the threads of a process ran, and waited to run, in seconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    ran, waited = zip(*(map(int, task.read_text().split()[:2]) for task in tasks), strict=True)
    return sum(ran) / 1e9, sum(waited) / 1e9


def _end(process: "subprocess.Popen[str]", store_pid: int) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        if store_pid:
            os.kill(store_pid, signal.SIGTERM)
