"""One language pair's interpreters who are present, as contiguous rows.

48 bytes a row: the capabilities, which every search reads, in an array of their own, and what is
read of the eligible alone together. A row is found again by its *slot*, the interpreter's place
for this pair in the population's span of memberships; removal swaps the last row in.
"""

import struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.capabilities import ALL_MODE_BITS, FREE, MODE_SHIFT, MODES
from matching.rarity import Rarity

SMALLEST: Final = 4

# The columns of a row, float32 or int32 by `_ROW`.
REMOTE: Final = 0  # the static part of the order, for remote work
ONSITE: Final = 1  # and for work on site
SLOT: Final = 2
LAST: Final = 3  # the minute of the latest work or offer
PLACE: Final = slice(4, 7)  # unit vector
REACH: Final = 7  # squared chord
NUMBER: Final = 8
UNTIL: Final = 9  # the minute from which they are not free, FOREVER for nothing in sight
WIDTH: Final = 10
FOREVER: Final = 2**30
_ROW: Final = struct.Struct("=2f2i4f2i")


class Common(NamedTuple):
    """What is the same in all rows of one interpreter, as the columns from `LAST` on."""

    last: int
    x: float
    y: float
    z: float
    reach: float
    number: int
    until: int


class PairTable:
    """Rows `0 … n - 1` of `caps` `(c,)` and `reals`, `whole` `(c, WIDTH)`, which share memory.

    `rare` is that of their `Rarity`; `bound` counts the rows of those who are not free for ever,
    `turns` how often who is free has changed, there and back included.
    """

    __slots__ = (
        *("_by_modes", "_bytes", "_caps", "_rarity", "_until"),
        *("bound", "caps", "n", "rare", "reals", "turns", "whole"),
    )

    caps: NDArray[np.uint64]
    reals: NDArray[np.float32]
    whole: NDArray[np.int32]

    def __init__(self) -> None:
        self.n = self.bound = self.turns = 0
        self._rarity = Rarity()
        self.rare = self._rarity.rare
        self._by_modes = [0] * 8
        self._hold(np.zeros(SMALLEST, np.uint64), np.zeros((SMALLEST, WIDTH), np.float32))

    def _hold(self, caps: NDArray[np.uint64], reals: NDArray[np.float32]) -> None:
        self.caps, self.reals, self.whole = caps, reals, reals.view(np.int32)
        # One item of a memoryview is read in a quarter of the time of numpy's.
        self._caps, self._bytes = caps.data, reals.data.cast("B")
        self._until = self.whole.data

    def append(self, slot: int, caps: int, bases: tuple[float, float], common: Common) -> int:
        """Add a row and return its number; *bases* are the columns REMOTE and ONSITE."""
        row = self.n
        if row == len(self.caps):
            self._hold(
                np.concatenate([self.caps, np.zeros_like(self.caps)]),
                np.concatenate([self.reals, np.zeros_like(self.reals)]),
            )
        self._caps[row] = caps
        _ROW.pack_into(self._bytes, row * _ROW.size, *bases, slot, *common)
        self.n = row + 1
        self.bound += common.until != FOREVER
        self._count(caps, 1)
        return row

    def drop(self, row: int) -> int:
        """Remove a row; return the slot of the row that moved into its number (maybe itself)."""
        self._count(self._caps[row], -1)
        self.bound -= self._until[row, UNTIL] != FOREVER
        last = self.n = self.n - 1
        if row != last:
            self._caps[row] = self._caps[last]
            self.reals[row] = self.reals[last]
        return int(self.whole[row, SLOT])

    def set_caps(self, row: int, caps: int) -> None:
        """Replace a row's capabilities."""
        before = self._caps[row]
        if before != caps:
            self._count(before, -1)
            self._caps[row] = caps
            self._count(caps, 1)

    def set_until(self, row: int, minute: int) -> None:
        """Replace the minute from which a row's owner is not free."""
        self.bound += (minute != FOREVER) - (self._until[row, UNTIL] != FOREVER)
        self._until[row, UNTIL] = minute

    def _count(self, caps: int, by: int) -> None:
        if caps & FREE:
            self._by_modes[(caps & ALL_MODE_BITS) >> MODE_SHIFT] += by
            self.turns += 1
        self._rarity.count(caps, by)

    def free(self, mode: str) -> int:
        """Return how many present and unreserved interpreters take *mode*."""
        bit = MODES[mode] >> MODE_SHIFT
        return sum(count for modes, count in enumerate(self._by_modes) if modes & bit)
