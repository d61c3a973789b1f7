"""Print results: one JSON object a line for scripts, or a table for people."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")


class Result(NamedTuple):
    """A figure with its baseline of the same run; `ratio` is value / baseline."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    runs: int = 1


def compared(name: str, values: Sequence[float], unit: str, baselines: Sequence[float]) -> Result:
    """Return the medians of several runs and of their baselines, and the ratio of the two."""
    value, baseline = float(np.median(values)), float(np.median(baselines))
    return Result(name, value, unit, baseline, value / baseline, len(values))


def percentile(samples: Sequence[float], at: float) -> float:
    """Return a percentile of *samples*, shape `(n,)`."""
    return float(np.percentile(samples, at))


def report(results: Iterable[Result], *, as_json: bool) -> None:
    """Write results to standard output, each as soon as it is there."""
    for result in results:
        if as_json:
            line = json_line(result._asdict())
        else:
            line = f"{result.name:<24}{result.value:>12.2f} {result.unit:<4}"
            if result.baseline is not None and result.ratio is not None:
                line += f"  baseline {result.baseline:>12.2f}  ratio {result.ratio:>8.4f}"
        print(line, flush=True)


def json_line(figure: Mapping[str, Any]) -> str:
    """Return a figure as one JSON object, rounded."""
    return json.dumps(
        {name: round(each, 4) if isinstance(each, float) else each for name, each in figure.items()}
    )


def timed(call: Callable[[T], object], each: Iterable[T]) -> list[float]:
    """Return the time of a call with each, µs."""
    clock, samples = time.perf_counter_ns, []
    for question in each:
        started = clock()
        call(question)
        samples.append((clock() - started) / 1000)
    return samples


def arguments(about: str | None, *, quick: str = "", runs: int = 0) -> argparse.ArgumentParser:
    """Return what reads a benchmark's options: `--json`, and what there is of the others.

    *quick* says what `--quick` leaves, *runs* how many there are unless somebody says.
    """
    found = argparse.ArgumentParser(description=about)
    found.add_argument("--json", action="store_true", help="one JSON object a line")
    if quick:
        found.add_argument("--quick", action="store_true", help=quick)
    if runs:
        found.add_argument("--runs", type=int, default=runs)
    return found


def progress(text: str) -> None:
    """Say on standard error what is being done."""
    print(text, file=sys.stderr, flush=True)
