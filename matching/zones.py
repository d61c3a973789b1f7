"""Wall clocks: what a local clock shows while time passes, exact where clocks are set.

The rules are `zoneinfo`'s: the machine's tz database, else the `tzdata` package. Asking it costs
too much for thousands of checks a request, so a zone remembers its offsets by blocks of days.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from matching.errors import InvalidField

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
DAYS_A_BLOCK = 64
BLOCK_MS = DAYS_A_BLOCK * DAY_MS
LONGEST_NAME = 64
MOST_ZONES = 1024  # the tz database has 600 names, counting old ones

Span = tuple[int, int]


def minute_of(at_ms: int) -> int:
    """Return the minute at or after a moment: rounded up, so that nobody idles into the future."""
    return -(-at_ms // MINUTE_MS)


class Block(NamedTuple):
    """Offsets of one block: `offsets[i]` ms, added to UTC, hold before `untils[i]`."""

    untils: tuple[int, ...]
    offsets: tuple[int, ...]


class Zone:
    """One time zone of the tz database, by its name; made by `zone`."""

    __slots__ = ("_blocks", "_info", "name")

    def __init__(self, name: str, info: ZoneInfo) -> None:
        self.name = name
        self._info = info
        self._blocks: dict[int, Block] = {}

    def spans(self, start_ms: int, end_ms: int) -> list[Span]:
        """Return what the local clock shows from *start_ms* until before *end_ms*.

        Spans of local ms: as if the wall clock were UTC, counted from 1970. There is one unless
        the clock is set meanwhile (or a block ends): then the next begins where it is set to.
        """
        spans = []
        blocks = self._blocks
        while True:
            number = start_ms // BLOCK_MS
            untils, offsets = blocks.get(number) or self._learn(number)
            index = bisect_right(untils, start_ms)
            until_ms, offset = untils[index], offsets[index]
            if end_ms <= until_ms:
                spans.append((start_ms + offset, end_ms + offset))
                return spans
            spans.append((start_ms + offset, until_ms + offset))
            start_ms = until_ms

    def _learn(self, number: int) -> Block:
        """Find the changes of one block: clocks are never set twice within a day (since 1970)."""
        untils, offsets = [], []
        day_ms = number * BLOCK_MS
        offset = self._offset(day_ms)
        for _ in range(DAYS_A_BLOCK):
            after = self._offset(day_ms + DAY_MS)
            if after != offset:
                untils.append(self._change(day_ms, offset))
                offsets.append(offset)
            day_ms, offset = day_ms + DAY_MS, after
        block = self._blocks[number] = Block((*untils, day_ms), (*offsets, offset))
        return block

    def _change(self, low_ms: int, before: int) -> int:
        """Return when, within the day after *low_ms*, the offset is no longer *before*."""
        low, high = low_ms // SECOND_MS, (low_ms + DAY_MS) // SECOND_MS
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle * SECOND_MS) == before:
                low = middle
            else:
                high = middle
        return high * SECOND_MS

    def _offset(self, at_ms: int) -> int:
        here = datetime.fromtimestamp(at_ms // SECOND_MS, self._info)
        return (here.utcoffset() or timedelta()) // timedelta(milliseconds=1)


@lru_cache(MOST_ZONES)
def zone(name: str) -> Zone:
    """Return the zone of a name such as Europe/Oslo; raise `InvalidField` if there is none.

    Zones are shared, as `zoneinfo` shares its own: what one calendar learnt serves the next.
    """
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidField(f"between 1 and {LONGEST_NAME} characters", path="timezone")
    try:
        return Zone(name, ZoneInfo(name))
    except (KeyError, ValueError, OSError) as error:  # no such name; "../x"; "Europe", a directory
        raise InvalidField(
            "no time zone of this name in the tz database", path="timezone"
        ) from error
