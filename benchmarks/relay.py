"""CPU a relayed signal, against bytes passed on by a bare aiohttp + uvloop server.

    python -m benchmarks.relay [--json]

The complete product: a process of `dragoman serve`, tokens, sessions, meetings made over HTTP and
joined. Pairs of sockets, each pair in one meeting on one node, one message in flight a pair; both
servers are pinned to the first core and this generator to the last. CPU is the server process's
own (user and system), the ratio that of the medians over interleaved runs.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import Result, arguments, compared, progress, report
from benchmarks.offer_server import Server, serving
from benchmarks.relay_load import Load, Meeting, invited

PAIRS = 50
RUNS = 5
WARM_S = 0.5
MEASURE_S = 1.5
SIZES = {"300": 300, "4k": 4096}


@dataclass(frozen=True)
class Bare:
    """The process of the baseline, and where it listens."""

    process: subprocess.Popen[str]
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid


@contextmanager
def bare(core: int) -> Iterator[Bare]:
    """Run the baseline on a core."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.relay_bare"], stdout=subprocess.PIPE, text=True
    )
    try:
        os.sched_setaffinity(process.pid, {core})
        assert process.stdout is not None
        yield Bare(process, int(process.stdout.readline()))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process so far: nanoseconds of the scheduler, in seconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


async def cost_us(load: Load, pid: int) -> float:
    """Return the CPU µs that the server spends on a message."""
    load.begin()
    await asyncio.sleep(WARM_S)
    cpu, count = cpu_s(pid), load.received
    await asyncio.sleep(MEASURE_S)
    cpu, count = cpu_s(pid) - cpu, load.received - count
    await load.close()
    return cpu * 1e6 / count


async def baseline_us(server: Bare, size: int, *, binary: bool) -> float:
    meetings = [Meeting(f"me-{n:08d}") for n in range(PAIRS)]
    load = await Load.connect(server.port, meetings, size, binary=binary)
    return await cost_us(load, server.pid)


async def ours_us(server: Server, size: int, *, binary: bool) -> float:
    port = int(server.url.rpartition(":")[2])
    meetings = await invited(server, PAIRS)
    load = await Load.connect(port, meetings, size, binary=binary)
    return await cost_us(load, server.pid)


async def measure(core: int) -> list[Result]:
    """Measure each size and codec on both servers, in turns."""
    with bare(core) as relay, serving({core}, {core}) as dragoman:
        results = []
        for codec, binary in (("msgpack", True), ("json", False)):
            for label, size in SIZES.items():
                ours, theirs = [], []
                for run in range(RUNS):
                    progress(f"relay_{label}_{codec}: run {run + 1} of {RUNS}")
                    theirs.append(await baseline_us(relay, size, binary=binary))
                    ours.append(await ours_us(dragoman, size, binary=binary))
                results.append(compared(f"relay_{label}_{codec}", ours, "µs", theirs))
        return results


def main() -> None:
    as_json = arguments(__doc__).parse_args().json
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    import uvloop  # noqa: PLC0415 - absent where the platform has none

    report(uvloop.run(measure(min(cores))), as_json=as_json)


if __name__ == "__main__":
    main()
