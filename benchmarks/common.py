"""Print results: one JSON object a line for scripts, or a table for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np


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
            rounded = {
                name: round(value, 4) if isinstance(value, float) else value
                for name, value in result._asdict().items()
            }
            line = json.dumps(rounded)
        else:
            line = f"{result.name:<24}{result.value:>12.2f} {result.unit:<4}"
            if result.baseline is not None and result.ratio is not None:
                line += f"  baseline {result.baseline:>12.2f}  ratio {result.ratio:>8.4f}"
        print(line, flush=True)


def progress(text: str) -> None:
    """Say on standard error what is being done."""
    print(text, file=sys.stderr, flush=True)
