"""What a recorder tells of its recordings, on the event loop, as it happens."""

from collections.abc import Callable
from dataclasses import dataclass

from signalling.media.record.about import About, Ending


@dataclass(frozen=True, slots=True)
class Began:
    """The media of one participant is being written to a file."""

    about: About


@dataclass(frozen=True, slots=True)
class Finished:
    """A file has ended; *about* has its bytes, its seconds and why."""

    about: About


@dataclass(frozen=True, slots=True)
class Failed:
    """The recording has ended by itself; the meeting goes on. *words* say why to a person."""

    meeting: str
    recording: str
    reason: Ending
    words: str


Told = Callable[[Began | Finished | Failed], None]
