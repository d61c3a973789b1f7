"""The outbox of a marketplace: events for webhooks, until whoever delivers has taken them over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgpack

from signalling.store.keys import Keys
from signalling.store.store import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; *id* is its place in the outbox: ms of the store's clock, and a number."""

    id: tuple[int, int]
    type: str
    about: str
    data: Mapping[str, Any]
    app: str | None
    at_ms: int


class Outbox:
    """Reads from the oldest on; commits of the engine append."""

    def __init__(self, store: Store, marketplace: str) -> None:
        self._store = store
        self._key = Keys(marketplace).hooks

    async def length(self) -> int:
        return int(await self._store.command("XLEN", self._key))

    async def oldest(self, most: int) -> list[Entry]:
        """Return the *most* oldest entries at most; they stay."""
        found = await self._store.command("XRANGE", self._key, "-", "+", "COUNT", most)
        return [_entry(id_, fields[b"e"]) for id_, fields in found]

    async def trim(self, last: tuple[int, int]) -> None:
        """Take out everything up to and with the entry *last*."""
        ms, number = last
        await self._store.command("XTRIM", self._key, "MINID", f"{ms}-{number + 1}")


def _entry(id_: bytes, body: bytes) -> Entry:
    ms, number = id_.split(b"-")
    said = msgpack.unpackb(body)
    place = int(ms), int(number)
    return Entry(place, said["type"], said["about"], said["data"], said["app"], said["at_ms"])
