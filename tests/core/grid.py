"""Rows of expectations, written as a grid: one line an event, one column a state.

`=` means that nothing at all changes, `NotFound`, `Gone`... that the event is refused so, and
anything else names the state that follows.
"""

from signalling import errors

Row = tuple[str, str, str]


def rows(grid: str) -> list[Row]:
    """Return (state, event, want) for every cell; the first line names the states."""
    head, *lines = (line.split() for line in grid.strip().splitlines())
    cells = []
    for event, *wants in lines:
        cells += [(state, event, want) for state, want in zip(head, wants, strict=True)]
    return cells


def refusal(want: str) -> type[errors.DragomanError] | None:
    """Return the error that a cell names, if it names one."""
    found: type[errors.DragomanError] | None = getattr(errors, want, None)
    return found
