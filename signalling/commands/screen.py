"""What commands show: how far they are, on standard error, and results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

WIDTH: Final = 160  # where nobody says how wide it may be


class Done(Protocol):
    """Says how much is done, and of how much and of what, where that has changed."""

    def __call__(self, count: int, of: int | None = None, what: str | None = None) -> None: ...


def console(*, stderr: bool = False) -> Console:
    """Return the console for results, or for what is no result."""
    found = Console(highlight=False, stderr=stderr)
    return found if found.is_terminal else Console(highlight=False, stderr=stderr, width=WIDTH)


@contextmanager
def counting(what: str, total: int | None) -> Iterator[Done]:
    """Show how far something has come; give what to call with how much is done."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    shown = console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=shown, transient=True) as progress:
        task = progress.add_task(what, total=total)

        def done(count: int, of: int | None = None, what: str | None = None) -> None:
            progress.update(task, completed=count, total=of, description=what)

        yield done


@contextmanager
def steps() -> Iterator[Callable[[str, int], None]]:
    """Show what is being done; give what to call with the next step and how much it is about."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda step, count: progress.update(task, description=f"{step} ({count:,})")
