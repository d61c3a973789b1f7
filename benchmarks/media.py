"""CPU a forwarded stream: the embedded relay beside Janus on the same work.

    python -m benchmarks.media [--json] [--runs N]

Rooms of people with real peer connections (media_load.py) at the relay in a process of its own on
uvloop, and at a Janus child; the same packets, in turns. CPU is the server process's own (user and
system, all threads), the servers are pinned to the first core and the load to the last. A figure is
CPU ms for each second of each stream that arrived. `streams_a_core`: rooms of five with sound alone
are added until 1 % is lost, or 2,000 streams are there.
"""

import argparse
import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from benchmarks.common import Result, compared, progress, report
from benchmarks.media_load import Load, Publishing, RemoteRelay
from benchmarks.media_streams import Kind, encoded
from benchmarks.relay import cpu_s
from signalling.settings import Janus as JanusSettings
from tests.media.children import janus_running, media_interface

RUNS: Final = 5
WARM_S: Final = 2.0
MEASURE_S: Final = 5.0
ROOMS_AT_ONCE: Final = 4
STREAMS_MOST: Final = 2000
SATURATE_S: Final = 2.0
LOST_MOST: Final = 0.01


@dataclass(frozen=True)
class Cost:
    """What one measurement found."""

    ms: float  # CPU of the server, a stream-second
    lost: float  # share of packets
    streams: int
    core: float  # share of a core that the server used
    waited: float  # share of the time in which it wanted the core and another had it


@contextmanager
def relay_child(address: str, core: int) -> Iterator[subprocess.Popen[str]]:
    """Run the relay on a core."""
    command = [sys.executable, "-m", "benchmarks.media_server", address]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        os.sched_setaffinity(process.pid, {core})
        yield process
    finally:
        process.terminate()
        process.wait(20)


def waited_s(pid: int) -> float:
    """Return how long a process has waited for its core, busy with others, so far."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[1]) for task in tasks) / 1e9


async def cost(load: Load, pid: int, seconds: float) -> Cost:
    """Measure for some seconds what the server spends on the load that runs."""
    loop = asyncio.get_running_loop()
    before, cpu, waited, began = load.counts(), cpu_s(pid), waited_s(pid), loop.time()
    await asyncio.sleep(seconds)
    after, cpu, passed = load.counts(), cpu_s(pid) - cpu, loop.time() - began
    waited = (waited_s(pid) - waited) / passed
    came = {key: got - before.get(key, (0, 0))[0] for key, (got, _) in after.items()}
    expected = sum(was - before.get(key, (0, 0))[1] for key, (_, was) in after.items())
    alive = sum(count > 0 for count in came.values())
    lost = 1 - sum(came.values()) / max(1, expected)
    return Cost(cpu * 1000 / passed / max(1, alive), lost, alive, cpu / passed, waited)


async def room_cost(
    server: RemoteRelay | Publishing, pid: int, address: str, kinds: Sequence[Kind], people: int
) -> Cost:
    """Measure one room."""
    load = Load(address, kinds, people)
    try:
        await load.add_room(server)
        await asyncio.sleep(WARM_S)
        found = await cost(load, pid, MEASURE_S)
    finally:
        await load.close()
        for meeting in load.meetings:
            await server.end(meeting)
    assert found.streams == load.streams, f"{found.streams} of {load.streams} streams arrive"
    return found


async def streams_a_core(relay: RemoteRelay, pid: int, address: str) -> int:
    """Return how many streams of sound arrive with less than 1 % lost."""
    load, held = Load(address, ("audio",), 5), 0
    try:
        while load.streams < STREAMS_MOST:
            try:
                for _ in range(ROOMS_AT_ONCE):
                    await load.add_room(relay)
            except TimeoutError:
                progress("  somebody more could not connect")
                break
            await asyncio.sleep(1)
            own = time.process_time()
            found = await cost(load, pid, SATURATE_S)
            own = (time.process_time() - own) / SATURATE_S
            progress(
                f"  {load.streams} streams: {found.lost:.2%} lost, core {found.core:.0%}, "
                f"kept waiting {found.waited:.0%}; the load's core {own:.0%}"
            )
            if found.lost > LOST_MOST or found.streams < load.streams:
                break
            held = load.streams
    finally:
        await load.close()
        for meeting in load.meetings:
            await relay.end(meeting)
    return held


async def measure(runs: int) -> list[Result]:
    """Measure everything, the two servers in turns."""
    address = media_interface().address
    core = min(os.sched_getaffinity(0))
    works: dict[str, tuple[tuple[Kind, ...], int]] = {
        "audio_5_vs_janus": (("audio",), 5),
        "av_4_vs_janus": (("audio", "video"), 4),
    }
    results = []
    with relay_child(address, core) as child, janus_running() as janus:
        os.sched_setaffinity(janus.pid, {core})
        assert child.stdout is not None
        relay = await RemoteRelay.connect(int(child.stdout.readline()))
        settings = JanusSettings(
            urls=(janus.url,), api_secret=janus.api_secret, admin_key=janus.admin_key
        )
        theirs = Publishing(settings)
        async with theirs.carrier:
            await theirs.ready()
            for name, (kinds, people) in works.items():
                ours_ms, theirs_ms = [], []
                for run in range(runs):
                    one = await room_cost(theirs, janus.pid, address, kinds, people)
                    other = await room_cost(relay, child.pid, address, kinds, people)
                    progress(
                        f"{name}, run {run + 1}: janus {one.ms:.2f}, relay {other.ms:.2f} ms; "
                        f"lost {one.lost:.2%}, {other.lost:.2%}; "
                        f"kept waiting by others {one.waited:.1%}, {other.waited:.1%}"
                    )
                    theirs_ms.append(one.ms)
                    ours_ms.append(other.ms)
                results.append(compared(name, ours_ms, "ms", theirs_ms))
        held = await streams_a_core(relay, child.pid, address)
        results.append(Result("streams_a_core", held, "", runs=1))
        await relay.close()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    encoded("audio")
    encoded("video")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    structlog.configure(
        structlog.get_config()["processors"],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    import uvloop  # noqa: PLC0415 - absent where the platform has none

    report(uvloop.run(measure(arguments.runs)), as_json=arguments.json)


if __name__ == "__main__":
    main()
