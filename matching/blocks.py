"""A file of blocks, each with a checksum of everything up to it, the last one empty.

What ends early, or was changed, is found out before it is used. Several may follow each other in
one file: reading stops behind the end of each.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final, Protocol

import msgpack

from matching.errors import InvalidSnapshot

LARGEST: Final = 1 << 28  # bytes; what claims more is damaged
_HEAD: Final = struct.Struct("<II")  # the length of what follows, and the checksum with it


class Sink(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes, /) -> object: ...


class Source(Protocol):
    """What bytes can be read from; fewer than asked for at the end only."""

    def read(self, size: int, /) -> bytes: ...


class Writer:
    """Writes blocks behind *magic*, which says of what kind the file is."""

    def __init__(self, file: Sink, magic: bytes) -> None:
        self._file = file
        self._sum = zlib.crc32(magic)
        file.write(magic)

    def write(self, kind: str, content: object) -> None:
        """Add a block: *content* is what MessagePack can hold."""
        self._add(msgpack.packb((kind, content)))

    def end(self) -> None:
        """Add the block that says that nothing is missing."""
        self._add(b"")

    def _add(self, data: bytes) -> None:
        self._sum = zlib.crc32(data, self._sum)
        self._file.write(_HEAD.pack(len(data), self._sum))
        self._file.write(data)


def read(file: Source, magic: bytes) -> Iterator[tuple[str, Any]]:
    """Yield each block's kind and content, lists as tuples, to the end.

    Raises `InvalidSnapshot` for what is none.
    """
    if file.read(len(magic)) != magic:
        raise InvalidSnapshot("a file of another kind")
    total = zlib.crc32(magic)
    while True:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise InvalidSnapshot("it ends too early")
        length, stated = _HEAD.unpack(head)
        if length > LARGEST:
            raise InvalidSnapshot("a block is too long")
        data = file.read(length)
        total = zlib.crc32(data, total)
        if len(data) < length or total != stated:
            raise InvalidSnapshot("it ends too early, or was changed")
        if not data:
            return
        kind, content = msgpack.unpackb(data, strict_map_key=False, use_list=False)
        yield kind, content
