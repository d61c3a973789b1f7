"""CPU a relayed signal, against bytes passed on by a bare aiohttp + uvloop server.

    python -m benchmarks.relay [--json]

Pairs of sockets, each pair in one meeting on one node, one message in flight a pair; servers are
pinned to the first core and this generator to the last. CPU is the server process's own (user and
system), the ratio the median over interleaved runs.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import Result, compared, progress, report
from benchmarks.relay_load import Load

PAIRS = 50
RUNS = 5
WARM_S = 0.5
MEASURE_S = 1.5
SIZES = {"300": 300, "4k": 4096}


@dataclass(frozen=True)
class Server:
    """A server process and where it listens."""

    process: subprocess.Popen[str]
    port: int
    tokens: tuple[str, ...] = ()

    def cpu_s(self) -> float:
        """Return the CPU time of the process so far: nanoseconds of the scheduler, in seconds."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def started(module: str) -> Iterator[Server]:
    """Run a server module that prints its port, and tokens if it wants any."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(2 * PAIRS)], stdout=subprocess.PIPE, text=True
    )
    try:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        assert process.stdout is not None
        port, *tokens = process.stdout.readline().split()
        yield Server(process, int(port), tuple(tokens))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


async def cost_us(server: Server, size: int, *, binary: bool) -> float:
    """Return the CPU µs that the server spends on a message."""
    load = await Load.connect(server.port, PAIRS, size, binary=binary, tokens=server.tokens)
    load.begin()
    await asyncio.sleep(WARM_S)
    cpu, count = server.cpu_s(), load.received
    await asyncio.sleep(MEASURE_S)
    cpu, count = server.cpu_s() - cpu, load.received - count
    load.close()
    await asyncio.sleep(0.3)
    return cpu * 1e6 / count


async def measure() -> list[Result]:
    """Measure each size and codec on both servers, in turns."""
    with (
        started("benchmarks.relay_bare") as bare,
        started("benchmarks.relay_dragoman") as dragoman,
    ):
        results = []
        for codec, binary in (("msgpack", True), ("json", False)):
            for label, size in SIZES.items():
                ours, theirs = [], []
                for run in range(RUNS):
                    progress(f"relay_{label}_{codec}: run {run + 1} of {RUNS}")
                    theirs.append(await cost_us(bare, size, binary=binary))
                    ours.append(await cost_us(dragoman, size, binary=binary))
                results.append(compared(f"relay_{label}_{codec}", ours, "µs", theirs))
        return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    as_json = parser.parse_args().json
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    import uvloop  # noqa: PLC0415 - absent where the platform has none

    report(uvloop.run(measure()), as_json=as_json)


if __name__ == "__main__":
    main()
