"""One language pair's interpreters who are present, as a contiguous structure of arrays.

About 40 bytes a row. A row is found again by its *slot*, the interpreter's place for this pair in
the population's span of memberships; removal swaps the last row in.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.capabilities import (
    ALL_MODE_BITS,
    FIRST_TERM,
    FREE,
    MODE_SHIFT,
    MODES,
    WORD,
    each_bit,
)
from matching.features import RARE
from matching.geo import Vector

SMALLEST = 4


class PairTable:
    """Rows `0 … n - 1` of each column, each column of shape `(n,)` through the views."""

    __slots__ = (
        "_by_modes",
        "_columns",
        "_holders",
        "_rare",
        "base",
        "caps",
        "last",
        "n",
        "reach",
        "slot",
        "x",
        "y",
        "z",
    )

    caps: NDArray[np.uint64]
    base: NDArray[np.float32]
    last: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    z: NDArray[np.float32]
    reach: NDArray[np.float32]
    slot: NDArray[np.int32]

    def __init__(self) -> None:
        self.n = 0
        self._holders = [0] * WORD
        self._by_modes = [0] * 8
        self._rare: tuple[int, ...] | None = None
        self._columns: dict[str, NDArray[Any]] = {}
        self._grow(SMALLEST)

    def _grow(self, capacity: int) -> None:
        kept = self._columns
        self._columns = {
            "caps": np.zeros(capacity, np.uint64),
            "base": np.zeros(capacity, np.float32),
            "last": np.zeros(capacity, np.int32),
            "x": np.zeros(capacity, np.float32),
            "y": np.zeros(capacity, np.float32),
            "z": np.zeros(capacity, np.float32),
            "reach": np.zeros(capacity, np.float32),
            "slot": np.zeros(capacity, np.int32),
        }
        for name, column in self._columns.items():
            if kept:
                column[: self.n] = kept[name][: self.n]
            setattr(self, name, column)

    def append(self, slot: int, caps: int, base: float, last: int) -> int:
        """Add a row without a place and return its number."""
        row = self.n
        if row == len(self.caps):
            self._grow(2 * row)
        self.caps[row] = caps
        self.base[row] = base
        self.last[row] = last
        self.slot[row] = slot
        self.n = row + 1
        self._count(caps, 1)
        return row

    def place(self, row: int, at: Vector, reach: float) -> None:
        """Set where the row's interpreter is and how far they travel (squared chord)."""
        self.x[row], self.y[row], self.z[row] = at
        self.reach[row] = reach

    def drop(self, row: int) -> int:
        """Remove a row; return the slot of the row that moved into its number (maybe itself)."""
        self._count(int(self.caps[row]), -1)
        last = self.n = self.n - 1
        moved = int(self.slot[last])
        if row != last:
            for column in self._columns.values():
                column[row] = column[last]
        return moved

    def set_caps(self, row: int, caps: int) -> None:
        """Replace a row's capabilities."""
        self._count(int(self.caps[row]), -1)
        self.caps[row] = caps
        self._count(caps, 1)

    def _count(self, caps: int, by: int) -> None:
        if caps & FREE:
            self._by_modes[(caps & ALL_MODE_BITS) >> MODE_SHIFT] += by
        terms = caps >> FIRST_TERM
        if terms:
            self._rare = None
            for position in each_bit(terms):
                self._holders[FIRST_TERM + position] += by

    def free(self, mode: str) -> int:
        """Return how many present and unreserved interpreters take *mode*."""
        bit = MODES[mode] >> MODE_SHIFT
        return sum(count for modes, count in enumerate(self._by_modes) if modes & bit)

    def rare(self) -> tuple[int, ...]:
        """Return, for 1 … `RARE` holders, the bits of the terms that just so many hold."""
        if self._rare is None:
            masks = [0] * (RARE + 1)
            for position, holders in enumerate(self._holders):
                if 0 < holders <= RARE:
                    masks[holders] |= 1 << position
            self._rare = tuple(masks[1:])
        return self._rare
