# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""Play policies against each other in a simulated market."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from signalling.commands.options import (
    FILE,
    MADE,
    REPORT,
    run,
    settings_of,
    sink,
    tables_of,
    written,
)
from signalling.commands.screen import console, counting

if TYPE_CHECKING:
    from matching.model import Model
    from matching.simulate.market import Strategy
    from matching.simulate.metrics import Results
    from matching.simulate.scenario import Scenario
    from matching.tables import Tables

# Of the exposure deficit, for the curve of what fairness costs.
FAIRNESS: Final = (0.0, 0.3, 0.6, 1.2, 2.4)


@click.command()
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option("--seeds", type=click.IntRange(1), help="Only so many of the scenario's worlds.")
@click.option("--model", type=FILE, help="Let a learnt model compete too.")
@click.option("--fairness", is_flag=True, help="Draw what fairness costs, in the report.")
@click.option("--json", "as_json", is_flag=True, help="Print a line for each policy and figure.")
@REPORT
def simulate(
    scenarios: tuple[str, ...],
    seeds: int | None,
    model: Path | None,
    report: Path | None,
    *,
    fairness: bool,
    as_json: bool,
) -> None:
    """Compare policies in a simulated market, by default of the scenario "norway".

    Every policy meets the same people and requests: it is held against the longest idle first,
    one at a time, and against an oracle that knows every answer. Scenarios are the files of
    config/scenarios. It runs the code that the server runs; a scenario takes minutes.
    """
    from matching.simulate.report import lines, terminal_table, write_report
    from matching.simulate.run import policies, weights

    tables, learnt = tables_of(settings_of()), _model(model)
    chosen = [_scenario(name) for name in scenarios or ("norway",)]
    found, curves = [], {}
    for scenario in chosen:
        results = _played(scenario, policies(learnt), seeds, tables)
        found.append(results)
        if as_json:
            for line in lines(results):
                click.echo(json.dumps(line))
        else:
            console().print(terminal_table(results))
        if fairness:
            swept = _played(scenario, weights("exposure", FAIRNESS), seeds, tables)
            points = [(f"exposure {value:g}", f"{value:g}") for value in FAIRNESS]
            curves[scenario.name] = swept, points
    if report is not None:
        with written(report) as file:
            file.write(write_report(found, curves).encode())


@click.command("simulate")
@click.argument("out", type=MADE)
@click.option("--scenario", default="norway", show_default=True)
@click.option("--days", type=click.IntRange(1), help="Working days (default: the scenario's).")
@click.option("--seed", default=1001, show_default=True, help="No world that is compared has it.")
@click.option("--model", type=FILE, help="Let a learnt model rank.")
def simulated_log(
    out: Path, scenario: str, days: int | None, seed: int, model: Path | None
) -> None:
    """Write the log of a simulated market to OUT, as an export has it: to try learning with.

    It is gzipped if OUT ends in .gz.
    """
    from matching.simulate.log import write_log

    tables, learnt, market = tables_of(settings_of()), _model(model), _scenario(scenario)
    with console(stderr=True).status("playing"), sink(out) as file:
        count = write_log(file, market, seed, days, learnt, tables)
    click.echo(f"{count} lines in {out}")


def _played(
    scenario: "Scenario", compared: "Mapping[str, Strategy]", seeds: int | None, tables: "Tables"
) -> "Results":
    from matching.simulate.run import simulate as play

    worlds: Sequence[int] = scenario.seeds[:seeds]
    with counting("simulating", None) as done:
        progress: Callable[[str, int, int], None] = lambda what, count, of: done(count, of, what)  # noqa: E731
        return play(scenario, compared, worlds, progress, tables)


def _scenario(name: str) -> "Scenario":
    from matching.errors import InvalidTables
    from matching.simulate.scenario import load_scenario

    try:
        return load_scenario(name, settings_of().config_dir / "scenarios")
    except InvalidTables as error:
        raise click.ClickException(error.detail) from None


def _model(path: Path | None) -> "Model | None":
    from signalling.models import admit

    if path is None:
        return None
    found: Model = run(admit(path.read_bytes()))
    return found
