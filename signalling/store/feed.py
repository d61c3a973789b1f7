"""The population feed: all records of some kinds, then every change to them."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass

from redis.asyncio.connection import AbstractConnection

from signalling.errors import Unavailable
from signalling.store.connect import connection_to, owner_of, translated
from signalling.store.keys import Keys
from signalling.store.store import Script, Store

READ = Script("feed")
PAGE = 500
BLOCK_MS = 5_000
LAST = f"{2**64 - 1}-0"

Entry = tuple[str, bytes]


class FeedLost(Unavailable):
    """Entries after the reader's position are gone: take a new snapshot."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All *records* as (kind, id, body), each no older than *position* of the feed.

    Changes since may be in both; later ones are only in what follows *position*.
    """

    position: str
    records: AsyncIterator[tuple[str, str, bytes]]


class Feed:
    """The population feed of one marketplace."""

    def __init__(self, store: Store, marketplace: str) -> None:
        self._store = store
        self._keys = Keys(marketplace)

    async def snapshot(self, kinds: Mapping[str, str]) -> Snapshot:
        """Read all records of *kinds* (kind to the name of the index that lists its ids)."""
        found = await self._store.run(READ, [self._keys.feed], [LAST, 1])
        position = "0-0" if found is None else found[1].decode()
        return Snapshot(position, self._records(kinds))

    async def follow(self, after: str) -> AsyncGenerator[list[Entry], None]:
        """Yield the entries after *after*, as they come, a list at a time; never ends by itself.

        Raises FeedLost when some were trimmed away unread, and StoreUnavailable; after that one
        may follow again from the last entry seen. Close it (`contextlib.aclosing`).
        """
        client = self._store.client
        connection = connection_to(client, owner_of(client, self._keys.feed))
        try:
            while True:
                entries = await self.after(after)
                if entries:
                    after = entries[-1][0]
                    yield entries
                if len(entries) < PAGE:  # there is hardly one more already, and waiting finds it
                    with translated():
                        await self._wait(connection, after)
        finally:
            await connection.disconnect(nowait=True)

    async def holds(self, position: str) -> bool:
        """Say whether the entry at *position* is still there, and in this store's feed."""
        return bool(await self._store.command("XRANGE", self._keys.feed, position, position))

    async def after(self, after: str) -> list[Entry]:
        """Return the next entries after *after*, none if there are none yet; raise as `follow`."""
        found = await self._store.run(READ, [self._keys.feed], [after, PAGE])
        if found is None:
            if after != "0-0":
                raise FeedLost("the feed is gone")
            return []
        first, last, trimmed, *rest = found
        # A trim leaves no other trace, so any trim before *after* was the first may hide a gap.
        gap = trimmed > 0 and _order(after) < _order(first.decode() or last.decode())
        if gap or _order(after) > _order(last.decode()):
            raise FeedLost("entries of the feed are gone")
        return [(i.decode(), body) for i, body in zip(rest[::2], rest[1::2], strict=True)]

    async def _wait(self, connection: AbstractConnection, after: str) -> None:
        """Block until there is an entry after *after*, or for a while."""
        await connection.send_command(
            *("XREAD", "COUNT", 1, "BLOCK", BLOCK_MS, "STREAMS", self._keys.feed, after)
        )
        async with asyncio.timeout(BLOCK_MS / 1000 + self._store.timeout_s):
            await connection.read_response(timeout=math.inf)

    async def _records(self, kinds: Mapping[str, str]) -> AsyncIterator[tuple[str, str, bytes]]:
        """Page through indexes by ZSCAN: members that stay are seen whatever else changes."""
        for kind, index in kinds.items():
            cursor = 0
            while True:
                cursor, members = await self._store.command(
                    "ZSCAN", self._keys.index(index), cursor, "COUNT", PAGE
                )
                ids = [member.decode() for member, _ in members]
                found = await self._store.load([self._keys.record(kind, id_) for id_ in ids])
                for id_, (_, body) in zip(ids, found, strict=True):
                    if body is not None:
                        yield kind, id_, body
                if cursor == 0:
                    break


def _order(stream_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = stream_id.partition("-")
    return int(milliseconds), int(sequence)
