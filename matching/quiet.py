"""Quiet hours: when somebody is not to be woken by an offer, by the clock where they live.

They say nothing of when somebody works: that is their calendar's. Hours that a clock skips or
shows twice are quiet as often as it shows them.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.calendar import clock_ms
from matching.errors import InvalidField
from matching.zones import DAY_MS, MINUTE_MS, zone

# A column's entry: the minutes of the day from and to which it is quiet, and the zone. 0 is none.
TO: Final = 11
ZONE: Final = 22
MINUTES: Final = np.uint64((1 << TO) - 1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time such as "22:00" until before another; one that is earlier is on the next day."""

    start: str
    end: str


def admit_quiet(quiet: QuietHours, path: str = "quiet") -> QuietHours:
    """Return *quiet*; raise `InvalidField` for what is no time, or for hours that never end."""
    start_ms = clock_ms(quiet.start, f"{path}.from")
    if start_ms == clock_ms(quiet.end, f"{path}.to"):
        raise InvalidField("the same as their beginning: they would never end", path=f"{path}.to")
    return quiet


class QuietColumn:
    """Everybody's quiet hours by number; *zones* only get more, the tz database bounds them."""

    def __init__(self) -> None:
        self.codes = array("Q")
        self.zones: list[str] = []
        self._index: dict[str, int] = {}

    def know(self, zones: Sequence[str]) -> None:
        """Take up the zones that *codes* of another time point into."""
        self.zones = list(zones)
        self._index = {name: index for index, name in enumerate(zones)}

    def set(self, number: int, quiet: QuietHours | None, timezone: str) -> None:
        """Replace someone's quiet hours."""
        if quiet is None:
            self.codes[number] = 0
            return
        index = self._index.setdefault(timezone, len(self.zones))
        if index == len(self.zones):
            self.zones.append(timezone)
        start, end = (clock_ms(text, "quiet") // MINUTE_MS for text in (quiet.start, quiet.end))
        self.codes[number] = start | end << TO | index << ZONE

    def asleep(self, numbers: NDArray[np.int32], now_ms: int) -> NDArray[np.int32]:
        """Return who of *numbers* `(m,)` has quiet hours now."""
        if not numbers.size:
            return numbers
        given = np.frombuffer(self.codes, np.uint64).take(numbers)
        stated = given != 0
        codes = given[stated]
        start, end, zones = (
            codes & MINUTES,
            codes >> np.uint64(TO) & MINUTES,
            codes >> np.uint64(ZONE),
        )
        shown = np.zeros(len(self.zones), np.uint64)
        for index in np.unique(zones).tolist():
            ((local_ms, _),) = zone(self.zones[index]).spans(now_ms, now_ms + 1)
            shown[index] = local_ms % DAY_MS // MINUTE_MS
        minute = shown[zones]
        begun, on = start <= minute, minute < end
        quiet = np.where(start < end, begun & on, begun | on)
        found: NDArray[np.int32] = numbers[stated][quiet]
        return found
