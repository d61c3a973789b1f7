"""Play the demo: a fresh server, a country's interpreters, ten requests, a table.

`play` is the command's whole; it returns the exit code: 0 if every step was what it should be.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

from rich.console import Console
from rich.markup import escape

from signalling.client import ClientError
from signalling.demo import population, report
from signalling.demo.actors import Unmet
from signalling.demo.casting import cast
from signalling.demo.child import ServerFailed, serving
from signalling.demo.report import step
from signalling.demo.scenario import Played, Scenario, play_scenario
from signalling.demo.script import SCRIPT
from signalling.demo.stage import import_population, online

RUN_S: Final = 60.0
TERMINATED: Final = 128 + signal.SIGTERM


class Terminated(Exception):
    """Somebody sent SIGTERM: everything here was ended in order."""


async def play(script: Sequence[Scenario] = SCRIPT, out: Console | None = None) -> int:
    """Play *script*, tell of it on *out*; return 0, or 1 if anything is not what it should be."""
    out = out or report.console()
    started = time.monotonic()
    rows: list[Played] = []
    problem = ""
    try:
        async with _ended_by_sigterm(), asyncio.timeout(RUN_S):
            await _play(script, out, rows)
    except Terminated:
        return TERMINATED
    except TimeoutError as error:
        problem = str(error) or f"not over within {RUN_S:g} s"
    except (Unmet, ClientError, ServerFailed, OSError) as error:
        problem = str(error) or type(error).__name__
    took_s = time.monotonic() - started
    out.print(report.table(rows), report.legend(), sep="\n")
    good = sum(row.problem is None for row in rows)
    if problem:
        out.print(f"[red]✗ {escape(problem)}[/]")
    out.print(f"{good} of {len(script)} requests went as they should, in {took_s:.1f} s.")
    return 0 if good == len(script) and not problem else 1


async def _play(script: Sequence[Scenario], out: Console, rows: list[Played]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        with step(out, "a server started on a fresh store, an app registered"):
            server = await stack.enter_async_context(serving())
        stack.callback(report.last_words, out, server)
        people = await asyncio.to_thread(population.interpreters)
        with step(out, f"{len(people):,} interpreters imported over HTTP"):
            await import_population(server, people)
        chosen = cast(people, [casting for scenario in script for casting in scenario.online])
        with step(out, f"{len(chosen)} of them online, half in JSON, half in MessagePack"):
            stage = await stack.enter_async_context(online(server, chosen))
        for number, scenario in enumerate(script, start=1):
            with out.status(escape(scenario.title)):
                rows.append(await play_scenario(stage, scenario))
            report.progress(out, number, rows[-1])


@contextlib.asynccontextmanager
async def _ended_by_sigterm() -> AsyncIterator[None]:
    """Turn SIGTERM into an orderly end, as Ctrl-C is one already."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked = False

    def end() -> None:
        nonlocal asked
        asked = True
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        yield
    except asyncio.CancelledError:
        if asked:
            raise Terminated from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
