"""What is seen of the demo: progress while it runs, then a table of what happened."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from signalling.demo.actors import THINK_S
from signalling.demo.child import LIMITS, Server
from signalling.demo.scenario import Played

WIDTH: Final = 120  # where nobody says how wide it may be
TAKEN: Final = "taken"
FATES: Final = {
    "accepted": "[green]accepted[/]",
    "declined": "[yellow]declined[/]",
    "expired": "[yellow]never answered[/]",
    "undelivered": "[yellow]lost their network[/]",
}


def console() -> Console:
    """Return the console to report on."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


@contextmanager
def step(out: Console, text: str) -> Iterator[None]:
    """Show that something is being done, then that it is done, and how long it took."""
    started = time.monotonic()
    with out.status(text):
        yield
    out.print(f"[green]✓[/] {text}  [dim]{time.monotonic() - started:.1f} s[/]")


def progress(out: Console, number: int, played: Played) -> None:
    """Say how one request went."""
    mark = "[red]✗[/]" if played.problem else "[green]✓[/]"
    out.print(f"{mark} {number:2} {escape(played.title)}")


def last_words(out: Console, server: Server) -> None:
    """Show what the server warned of, if it did."""
    if words := server.last_words():
        out.print("[yellow]the server logged:[/]", escape(words), sep="\n")


def table(rows: Sequence[Played]) -> Table:
    """Return one row a request: what was asked, what happened, how long it took."""
    found = Table(show_lines=True, expand=True)
    found.add_column("#", justify="right")
    found.add_column("what was asked", ratio=4)
    found.add_column("what happened", ratio=8)
    for name in ("ask →\noffer", "offer →\naccept", "accept →\naudio"):
        found.add_column(f"{name}\nms", justify="right", min_width=7)
    for number, row in enumerate(rows, start=1):
        times = (row.ask_to_offer, row.offer_to_accept, row.accept_to_audio)
        found.add_row(
            str(number),
            f"{escape(row.title)}\n[bold]{row.state}[/]",
            "\n".join(_story(row)),
            *(map(_ms, times)),
        )
    return found


def legend() -> str:
    """Return what must be known to read the table."""
    thinks_ms, rings_s, waits_s = THINK_S * 1000, LIMITS["OFFER_S"], LIMITS["UNDELIVERED_S"]
    return (
        "People are in the order of the ranking, with their category in Norway's register. "
        f"Whoever answers\nthinks for {thinks_ms:.0f} ms; an offer rings for {rings_s} s; "
        f"a lost network is waited for {waits_s} s.\n"
        "ask → offer: until the first one rings. offer → accept: at the winner. "
        "accept → audio: until both hear each other."
    )


def _story(row: Played) -> Iterator[str]:
    """Yield what happened, a line each; those who were only too late are counted."""
    for name, category, fate in row.asked:
        if fate != TAKEN:
            yield f"{escape(name)} ({category}): {FATES.get(fate, fate)}"
    if late := sum(fate == TAKEN for _, _, fate in row.asked):
        yield f"[dim]{late} rung as well, told that it is taken[/]"
    yield from (f"[dim]{escape(note)}[/]" for note in row.notes)
    if row.problem:
        yield f"[red]✗ {escape(row.problem)}[/]"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
