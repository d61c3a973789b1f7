"""Measure the policies in the simulated market, from longest-idle-first (0) to the oracle (1).

Both scenarios of config/scenarios, their frozen seeds. The learnt model is learnt in the same run,
from the log of other worlds of the same scenario under the hand weights.

    python -m benchmarks.market [--json] [--quick] [--report FILE]

`wait_gap_closed` and `fill_gap_closed` are of the waves with the learnt model in the first
scenario; every other line names its scenario and policy. `baseline` is longest-idle-first, `low`
and `high` the 95 % interval over seeds.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.common import arguments, json_line, progress
from matching import Tables, load_tables
from matching.model import Model
from matching.simulate.log import write_log
from matching.simulate.metrics import BASELINE, ORACLE, Estimate, Results
from matching.simulate.report import GOALS, write_report
from matching.simulate.run import LEARNT, overlaps, policies, simulate, weights
from matching.simulate.scenario import Scenario, load_scenario
from matching.train.training import train
from matching.zones import DAY_MS

TAUGHT = {"norway": 8, "crunch": 20}  # working days of the log to learn from
TEACHING_SEED = 901  # of no scenario
EXPOSURE = (0.0, 0.3, 1.0, 2.0, 4.0)
QUICK_SEEDS = 3


class Line(NamedTuple):
    """One figure, with its interval and the baseline's of the same worlds."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    baseline: float | None = None
    ratio: float | None = None
    runs: int = 1


def learn(scenario: Scenario, tables: Tables) -> Model:
    """Learn from the log of a world that nothing is measured in."""
    days = TAUGHT[scenario.name]
    progress(f"{scenario.name}: a log of {days} days")
    file = io.BytesIO()
    write_log(file, scenario, TEACHING_SEED, days, tables=tables)
    lines = file.getvalue().splitlines()
    progress(f"{scenario.name}: learning from {len(lines)} lines")
    now_ms = max(json.loads(line)["to_ms"] for line in lines if line.startswith(b'{"kind":"online'))
    return train(lines, policy=tables.policy, current=None, now_ms=now_ms + DAY_MS).model


def measure(scenario: Scenario, tables: Tables, seeds: tuple[int, ...]) -> Results:
    compared = {**policies(learn(scenario, tables)), **overlaps()}
    return simulate(scenario, compared, seeds, _tell, tables)


def figures(results: Results) -> Iterator[Line]:
    """Yield the figures aimed at, of every policy of the library, and of the oracle."""
    seeds = len(results.seeds)
    for policy in results.figures:
        if "waves" not in policy and policy != ORACLE:
            continue
        for name, figure in (("wait", "wait_median_s"), ("fill", "unfilled")):
            gap = results.gap_closed(policy, figure)
            yield _line(results, policy, f"{name}_gap_closed", "", gap, seeds)
        for goal in GOALS:
            value = results.estimate(policy, goal.figure)
            base = results.estimate(BASELINE, goal.figure).value
            line = _line(results, policy, goal.figure, "", value, seeds)
            yield line._replace(baseline=base, ratio=results.ratio(policy, goal.figure).value)


def _line(results: Results, policy: str, figure: str, unit: str, of: Estimate, seeds: int) -> Line:
    name = f"{results.scenario}: {policy}: {figure}"
    return Line(name, of.value, unit, of.low, of.high, runs=seeds)


def _tell(what: str, done: int, of: int) -> None:
    progress(f"{done}/{of} {what}")


def report(line: Line, *, as_json: bool) -> None:
    if as_json:
        print(json_line(line._asdict()), flush=True)
        return
    text = f"{line.name:<56}{line.value:>9.3f}  ({line.low:.3f} to {line.high:.3f})"
    if line.baseline is not None and line.ratio is not None:
        text += f"  baseline {line.baseline:>8.3f}  ratio {line.ratio:.3f}"
    print(text, flush=True)


def main() -> None:
    parser = arguments(__doc__, quick=f"only {QUICK_SEEDS} seeds")
    parser.add_argument("--report", type=Path, help="write the page with plots, too")
    options = parser.parse_args()
    tables, found, curves = load_tables(), [], {}
    for name in TAUGHT:
        scenario = load_scenario(name)
        seeds = scenario.seeds[: QUICK_SEEDS if options.quick else None]
        results = measure(scenario, tables, seeds)
        found.append(results)
        if name == next(iter(TAUGHT)):
            for figure, of in (("wait", "wait_median_s"), ("fill", "unfilled")):
                gap = results.gap_closed(LEARNT, of)
                line = Line(f"{figure}_gap_closed", gap.value, "", gap.low, gap.high)
                report(line._replace(runs=len(seeds)), as_json=options.json)
        for line in figures(results):
            report(line, as_json=options.json)
        if options.report is not None:
            swept = weights("exposure", EXPOSURE)
            curve = simulate(scenario, swept, seeds, _tell, tables)
            curves[name] = curve, [(each, each.split()[1]) for each in swept]
    if options.report is not None:
        options.report.write_text(write_report(found, curves), encoding="utf-8")


if __name__ == "__main__":
    main()
