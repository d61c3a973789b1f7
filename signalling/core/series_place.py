"""Where an assignment stands in a series."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """A place in the series *id*: *index* of *count*, counted from 1."""

    id: str
    index: int
    count: int
