"""A log: a stream of entries, read in pages from the oldest on."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgpack

from signalling.store.keys import Keys
from signalling.store.store import Store

PAGE = 200


class Entry(NamedTuple):
    """One entry and when it was written, ms since 1970 by the store's clock."""

    at_ms: int
    body: dict[str, Any]


class Log:
    """The log *name* of one marketplace. It is trimmed at its old end while it is read."""

    def __init__(self, store: Store, marketplace: str, name: str) -> None:
        self._store = store
        self._key = Keys(marketplace).log(name)

    async def length(self) -> int:
        return int(await self._store.command("XLEN", self._key))

    async def pages(
        self, since_ms: int | None = None, until_ms: int | None = None, size: int = PAGE
    ) -> AsyncIterator[list[Entry]]:
        """Yield the entries written from *since_ms* on and before *until_ms*, *size* at a time.

        Ends where the log ended when it was read last: what is written meanwhile is in it.
        """
        start = "-" if since_ms is None else str(max(0, since_ms))
        end = "+" if until_ms is None else str(until_ms - 1)
        while until_ms is None or until_ms > 0:
            found = await self._store.command("XRANGE", self._key, start, end, "COUNT", size)
            if found:
                yield [_entry(id_, fields) for id_, fields in found]
            if len(found) < size:
                return
            start = f"({found[-1][0].decode()}"


def _entry(id_: bytes, fields: dict[bytes, bytes]) -> Entry:
    return Entry(int(id_.partition(b"-")[0]), msgpack.unpackb(fields[b"e"]))
