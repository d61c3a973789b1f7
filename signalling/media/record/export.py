"""Make a recording playable for people: decrypted, seekable, checked.

A recording is written without seeking, so it has no duration and no index; the copy gets both,
without encoding. Then it is decoded from end to end, as a player would.
"""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
from pyrage.x25519 import Identity

from signalling.media.record.sealed import create
from signalling.media.record.unseal import Unreadable, unseal


@dataclass(frozen=True, slots=True)
class Exported:
    """A file for people. *whole*: nothing was cut off; *faults*: frames that did not decode."""

    path: Path
    whole: bool
    seconds: float
    sounds: int
    pictures: int
    faults: int


def export(sealed: Path, identities: Sequence[Identity], target: Path) -> Exported:
    """Write the recording to *target*, mode 0600; raise Unreadable, or OSError.

    The plaintext is beside *target* meanwhile. An older *target* is replaced.
    """
    plain = target.with_name(f".{target.name}.plain")
    copy = target.with_name(f".{target.name}.copy")
    try:
        with _created(plain) as file:
            whole = unseal(sealed, identities, file)
        with _created(copy) as file:
            _remux(plain, file, sealed.name.split(".")[1])
        copy.replace(target)
    except av.FFmpegError as error:
        raise Unreadable(f"{sealed.name}: {error}") from None
    finally:
        plain.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
    return _checked(target, whole=whole)


def _created(path: Path) -> BinaryIO:
    path.unlink(missing_ok=True)
    return os.fdopen(create(path), "wb")


def _remux(plain: Path, target: BinaryIO, container: str) -> None:
    with av.open(str(plain)) as source, av.open(target, "w", format=container) as output:
        streams = {s: output.add_stream_from_template(s) for s in source.streams}
        with contextlib.suppress(EOFError, av.InvalidDataError):  # where a crash cut it off
            for packet in source.demux():
                if packet.dts is not None:  # the last one is empty
                    packet.stream = streams[packet.stream]
                    output.mux(packet)


def _checked(path: Path, *, whole: bool) -> Exported:
    """Decode all of it; count what does and what does not."""
    counts = {"audio": 0, "video": 0}
    faults = 0
    with av.open(str(path)) as source:
        for packet in source.demux():
            try:
                counts[packet.stream.type] += len(packet.decode())
            except av.FFmpegError:
                faults += 1
        seconds = (source.duration or 0) / av.time_base
    return Exported(path, whole, seconds, counts["audio"], counts["video"], faults)
