"""What is known of a recorded file without its key: the small JSON file beside it.

It names no person: the ids are the meeting's own, and it has when whom the consents of were given.
"""

import os
from pathlib import Path
from typing import Final, Literal

import msgspec

from signalling.media.record.sealed import create, replace, write_all

SUFFIX: Final = ".json"
BYTES_MOST: Final = 1 << 20

Container = Literal["ogg", "webm"]

# Why a file ends. The first four are in order; the others end the whole recording.
Ending = Literal[
    "stopped", "paused", "left", "camera", "erased", "slow", "space", "disk", "media", "busy"
]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a recording; times in ms since 1970.

    *part* counts from 1 and grows with each resumption; one participant has several files in a
    part when their camera came on later. *consents*: participant to when they agreed. *ended_ms*,
    *seconds* (of media) and *bytes* (encrypted) are None while it is written, and for ever if
    the process died meanwhile.
    """

    format: int = 1
    recording: str
    meeting: str
    participant: str
    part: int
    container: Container
    started_ms: int
    consents: dict[str, int]
    ended_ms: int | None = None
    ended: Ending | None = None
    seconds: float | None = None
    bytes: int | None = None


def path_of(sealed: Path) -> Path:
    """Return where the description of an encrypted file is."""
    return sealed.with_name(sealed.name.split(".", 1)[0] + SUFFIX)


def begin(sealed: Path, about: About) -> None:
    """Describe a file that is about to be written."""
    fd = create(path_of(sealed))
    try:
        write_all(fd, _json(about))
    finally:
        os.close(fd)


def finish(sealed: Path, about: About) -> None:
    """Describe a file that has ended; nothing if it was erased meanwhile."""
    if sealed.exists():
        replace(path_of(sealed), _json(about))


def read(path: Path) -> About | None:
    """Return a description, None if there is none that can be read."""
    try:
        content = path.read_bytes()
        return msgspec.json.decode(content, type=About) if len(content) < BYTES_MOST else None
    except (OSError, msgspec.DecodeError):
        return None


def _json(about: About) -> bytes:
    return msgspec.json.format(msgspec.json.encode(about)) + b"\n"
