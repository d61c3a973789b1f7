"""Pages of the store's sorted lists, and of its logs."""

import asyncio
import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgpack

from signalling.errors import InvalidParams
from signalling.store.keys import Keys
from signalling.store.store import Store

WHOLE: Final = 200  # entries of a list that is read for the server's own use


@dataclass(frozen=True, slots=True)
class Page:
    """Record ids in order, and the cursor of the next page, if there is one."""

    ids: tuple[str, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: scores from *since* (in) to *until* (out), in ms."""

    since_ms: int | None = None
    until_ms: int | None = None
    limit: int = 200
    cursor: str | None = None


class Lists:
    """Reads sorted sets by score, and logs, in pages of *page_max* at most.

    A cursor names the last entry seen, so that new entries do not shift a page.
    """

    def __init__(self, store: Store, page_max: int = 200) -> None:
        self.store = store
        self.page_max = page_max

    async def page(
        self,
        marketplace: str,
        name: str,
        window: Window | None = None,
        *,
        oldest_first: bool = False,
    ) -> Page:
        """Return one page of index *name*, newest first unless asked otherwise."""
        limit = WHOLE if window is None else min(window.limit, self.page_max)
        window = window or Window()
        low: float | str = "-inf" if window.since_ms is None else window.since_ms
        high: float | str = "+inf" if window.until_ms is None else f"({window.until_ms}"
        skip: set[bytes] = set()
        if window.cursor:
            score, member = _position(window.cursor)
            low, high = (score, high) if oldest_first else (low, score)
            skip = await self._up_to(marketplace, name, score, member, oldest_first=oldest_first)
        bounds = (low, high) if oldest_first else (high, low)
        found = await self._range(
            Keys(marketplace).index(name), bounds, limit + 1 + len(skip), oldest_first
        )
        rest = [(m, s) for m, s in found if m not in skip][: limit + 1]
        shown = rest[:limit]
        following = _cursor(*shown[-1]) if len(rest) > limit else None
        return Page(tuple(m.decode() for m, _ in shown), following)

    async def count(self, marketplace: str, name: str) -> int:
        """Return how many are in index *name*."""
        return int(await self.store.command("ZCARD", Keys(marketplace).index(name)))

    async def newest(self, marketplace: str, names: Iterable[str], most: int) -> list[str]:
        """Return the ids in any of several indexes, newest first, *most* at most."""
        bounds = ("+inf", "-inf")
        keys = [Keys(marketplace).index(name) for name in names]
        pages = await asyncio.gather(*(self._range(key, bounds, most, False) for key in keys))
        scores = {member: score for page in pages for member, score in page}
        return [
            m.decode() for m in sorted(scores, key=lambda m: (scores[m], m), reverse=True)[:most]
        ]

    async def _range(
        self, key: str, bounds: tuple[Any, Any], count: int, oldest_first: bool
    ) -> list[tuple[bytes, float]]:
        order = () if oldest_first else ("REV",)
        found = await self.store.command(
            *("ZRANGE", key, *bounds, "BYSCORE", *order, "LIMIT", 0, count, "WITHSCORES")
        )
        return _pairs(found)

    async def _up_to(
        self, marketplace: str, name: str, score: float, member: bytes, *, oldest_first: bool
    ) -> set[bytes]:
        """Return the entries of that very score which earlier pages have shown."""
        key = Keys(marketplace).index(name)
        same = await self._range(key, (score, score), 1000, oldest_first)
        # Ties stand in the order of their bytes, whether the cursor's entry is still there or not.
        return {m for m, _ in same if (m <= member if oldest_first else m >= member)}

    async def log(
        self, marketplace: str, name: str, window: Window
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return one page of the log *name*, newest first, and the cursor of the next."""
        key = Keys(marketplace).log(name)
        limit = min(window.limit, self.page_max)
        newest = "+" if window.until_ms is None else f"({window.until_ms}"
        if window.cursor:
            newest = f"({_stream_id(window.cursor)}"
        oldest = "-" if window.since_ms is None else str(window.since_ms)
        found = await self.store.command("XREVRANGE", key, newest, oldest, "COUNT", limit + 1)
        shown = found[:limit]
        entries = [msgpack.unpackb(next(iter(fields.values()))) for _, fields in shown]
        more = len(found) > limit
        return entries, _encoded(shown[-1][0]) if more else None

    async def whole_log(self, marketplace: str, name: str, most: int) -> list[dict[str, Any]]:
        """Return the log *name* from its beginning, *most* entries at most."""
        key = Keys(marketplace).log(name)
        found = await self.store.command("XRANGE", key, "-", "+", "COUNT", most)
        return [msgpack.unpackb(next(iter(fields.values()))) for _, fields in found]


def _pairs(found: Any) -> list[tuple[bytes, float]]:
    """Read WITHSCORES as RESP2 (flat) and RESP3 (pairs) give it."""
    if found and isinstance(found[0], list | tuple):
        return [(bytes(m), float(s)) for m, s in found]
    return [(bytes(m), float(s)) for m, s in zip(found[::2], found[1::2], strict=True)]


def _cursor(member: bytes, score: float) -> str:
    return _encoded(f"{score:.0f} ".encode() + member)


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _text(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise InvalidParams("not a cursor of this list", path="cursor") from None


def _stream_id(cursor: str) -> str:
    text = _text(cursor)
    if not re.fullmatch(r"\d{1,15}-\d{1,15}", text, re.ASCII):
        raise InvalidParams("not a cursor of this list", path="cursor")
    return text


def _position(cursor: str) -> tuple[float, bytes]:
    match = re.fullmatch(r"(\d{1,15}) (.+)", _text(cursor), re.ASCII | re.DOTALL)
    if match is None:
        raise InvalidParams("not a cursor of this list", path="cursor")
    return float(match[1]), match[2].encode()
