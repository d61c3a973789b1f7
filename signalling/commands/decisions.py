# ruff: noqa: PLC0415 -- a command imports what it needs: the small ones start fast
"""The decision log: write it out, make one decision again."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from signalling.commands.options import (
    DATA,
    FILE,
    MARKETPLACE,
    Made,
    Moment,
    marketplace_named,
    run,
    settings_of,
    sink,
    store_of,
    tables_of,
)
from signalling.commands.screen import console, counting
from signalling.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

    from matching.blocks import Sink
    from signalling.decisions import Replayed, Row

TELL_EVERY: Final = 100
Span = tuple[int | None, int | None]


@click.group()
def decisions() -> None:
    """Read the log of decisions, and of what became of them."""


@decisions.command("export")
@MARKETPLACE
@click.option("--since", type=Moment(), help="Only what was logged from then on.")
@click.option("--until", type=Moment(), help="Only what was logged before then.")
@click.option(
    "--out",
    type=Made(dir_okay=False, writable=True, allow_dash=True),
    default="-",
    show_default=True,
    help="File, gzipped if it ends in .gz.",
)
@DATA
def export(
    marketplace: str, since: int | None, until: int | None, out: Path, data: Path | None
) -> None:
    """Write the log as NDJSON: what `dragoman train` learns from.

    It holds whom was asked when, by whose request: personal data, not to be kept for longer than
    they are needed.
    """
    settings, name = settings_of(data=data), marketplace_named(marketplace)
    with sink(out) as file:
        counts = run(export_into(file, settings, name, (since, until)))
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()) if kind != "hole")
    click.echo(f"{counts.total()} lines: {told or 'nothing'}", err=True)
    if holes := counts["hole"]:
        click.echo(f"{holes} holes: decisions that have expired", err=True)


async def export_into(
    file: "Sink", settings: Settings, marketplace: str, span: Span = (None, None)
) -> Counter[str]:
    """Write the log of a marketplace into *file*, with progress; return its lines by kind."""
    from signalling.core.outcomes import NAME
    from signalling.decisions import lines
    from signalling.store.log import Log

    counts: Counter[str] = Counter()
    async with store_of(settings) as store:
        total = await Log(store, marketplace, NAME).length()
        with counting("exporting", total if span == (None, None) else None) as done:
            async for line in lines(store, marketplace, *span):
                file.write(line.text + b"\n")
                counts[line.kind] += 1
                if counts.total() % TELL_EVERY == 0:
                    done(counts.total())
            done(counts.total())
    return counts


@click.command()
@click.argument("decision")
@MARKETPLACE
@click.option("--model", type=FILE, help="File of the model that decided (default: the store's).")
@click.option("--top", default=20, show_default=True, help="How many candidates to show.")
@DATA
def replay(
    decision: str, marketplace: str, model: Path | None, top: int, data: Path | None
) -> None:
    """Rank again from a decision's record: exit code 1 unless it is the same to the last bit."""
    from signalling.decisions import replayed

    settings, name = settings_of(data=data), marketplace_named(marketplace)
    tables, file = tables_of(settings), None if model is None else model.read_bytes()

    async def again() -> "Replayed":
        async with store_of(settings) as store:
            return await replayed(store, tables, name, decision, file)

    found: Replayed = run(again())
    out = console()
    body = found.body
    out.print(
        f"{decision}: wave {body['wave']} of {body['assignment']}, by {body['policy']} and "
        f"{body['model']}; {body['eligible']} eligible, {len(found.rows)} recorded"
        + (", explored" if body["explored"] else "")
    )
    out.print(_table(found.rows[:top]))
    if not found.same:
        out.print("[red]not the same[/] as recorded")
        sys.exit(1)
    out.print("[green]the same[/] as recorded, bit for bit")


def _table(rows: "tuple[Row, ...]") -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_lines=False)
    table.add_column("#", justify="right")
    table.add_column("interpreter", overflow="fold")
    table.add_column("rung")
    table.add_column("score", justify="right")
    table.add_column("recorded", justify="right")
    table.add_column("contributions", ratio=3)
    table.add_column("codes", ratio=2, style="dim")
    for place, row in enumerate(rows, start=1):
        same = (row.order, row.score) == row.recorded
        table.add_row(
            str(place),
            row.interpreter,
            "rung" if row.rung else "",
            f"{row.score:+.4f}",
            "same" if same else f"[red]{row.recorded[1]:+.4f}[/]",
            ", ".join(f"{c.feature} {c.contribution:+.3f}" for c in row.contributions),
            " ".join(f"{name} {code}" for name, code in row.codes.items() if code is not None),
        )
    return table
