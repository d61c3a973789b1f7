"""Where an assignment stands in a series."""

from msgspec import Struct


class SeriesPlace(Struct, frozen=True):
    """A place in the series *id*: *index* of *count*, counted from 1."""

    id: str
    index: int
    count: int
