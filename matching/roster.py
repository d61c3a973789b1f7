"""One language pair's interpreters, present or not: the rows that bookings are searched in.

20 bytes a row with its place in `slots`. Rows are visited block by block, the block with the
highest static score first, so a search may stop when the rest cannot beat what it has. A change
only ever raises a block's maximum: it may be too high, never too low. Sorting makes the blocks
narrow again (`sort`), which is done beside the searches, never in one.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.rarity import Rarity

SMALLEST: Final = 4
BLOCK: Final = 256
BLOCKS_AT_FIRST: Final = 4  # visited together; then twice as many each time
GROWTH: Final = 1.5
ONE_BLOCK: Final = np.empty(0, np.float32)
Rows = NDArray[np.intp]


class Roster:
    """Rows `0 … n - 1` of `caps`, `bases` and `slots`, each `(c,)`.

    `bases` are the static parts of the order for remote work; `changed` counts the rows that may
    be out of order.
    """

    __slots__ = ("_tops", "bases", "caps", "changed", "n", "rarity", "slots")

    caps: NDArray[np.uint64]
    bases: NDArray[np.float32]
    slots: NDArray[np.int32]

    bound = True  # some of the rows may have bookings

    def __init__(self) -> None:
        self.n = self.changed = 0
        self.rarity = Rarity()
        self.caps = np.zeros(SMALLEST, np.uint64)
        self.bases = np.zeros(SMALLEST, np.float32)
        self.slots = np.zeros(SMALLEST, np.int32)
        self._tops = ONE_BLOCK  # of one block nothing is remembered

    def _grow(self) -> None:
        n = self.n
        size = max(SMALLEST, int(n * GROWTH) + 1)
        caps, bases = np.zeros(size, np.uint64), np.zeros(size, np.float32)
        slots = np.zeros(size, np.int32)
        caps[:n], bases[:n], slots[:n] = self.caps[:n], self.bases[:n], self.slots[:n]
        self.caps, self.bases, self.slots = caps, bases, slots
        self._measure()

    @property
    def rare(self) -> list[int]:
        """The rare terms among the rows (`Rarity.rare`)."""
        return self.rarity.rare

    def append(self, slot: int, caps: int, base: float) -> int:
        """Add a row and return its number."""
        row = self.n
        if row == len(self.caps):
            self._grow()
        self.n = row + 1
        self.caps[row], self.slots[row] = caps, slot
        self.rarity.count(caps, 1)
        self._write(row, base)
        return row

    def drop(self, row: int) -> int:
        """Remove a row; return the slot of the row that moved into its number (maybe itself)."""
        self.rarity.count(int(self.caps[row]), -1)
        last = self.n = self.n - 1
        if row != last:
            self.caps[row], self.slots[row] = self.caps[last], self.slots[last]
            self._write(row, float(self.bases[last]))
        return int(self.slots[row])

    def set_caps(self, row: int, caps: int) -> None:
        """Replace a row's capabilities."""
        old = int(self.caps[row])
        if old != caps:
            self.rarity.count(old, -1)
            self.caps[row] = caps
            self.rarity.count(caps, 1)

    def set_base(self, row: int, base: float) -> None:
        """Replace the static part of a row's order."""
        if self.bases[row] != np.float32(base):
            self._write(row, base)

    def _write(self, row: int, base: float) -> None:
        self.bases[row] = base
        self.changed += 1
        if self._tops.size:
            block = row // BLOCK
            self._tops[block] = max(self._tops[block], self.bases[row])

    def set_all_bases(self, bases: NDArray[np.float32]) -> None:
        """Replace the static parts of all rows, `(n,)`."""
        self.bases[: self.n] = bases
        self.changed = self.n
        self._measure()

    def sort(self) -> None:
        """Put the rows in order of their static score, best first; their numbers change."""
        order = np.argsort(-self.bases[: self.n], kind="stable")
        self.caps, self.bases = self.caps[order], self.bases[order]
        self.slots = self.slots[order]
        self.changed = 0
        self._measure()

    def _measure(self) -> None:
        """Find every block's maximum; those of blocks to come are minus infinity."""
        blocks = -(-len(self.caps) // BLOCK)
        if blocks <= 1:
            self._tops = ONE_BLOCK
            return
        self._tops = np.full(blocks, -np.inf, np.float32)
        starts = np.arange(0, self.n, BLOCK)
        if starts.size:
            self._tops[: starts.size] = np.maximum.reduceat(self.bases[: self.n], starts)

    def parts(self) -> Iterator[tuple[Rows, float]]:
        """Yield all rows `(k,)`, the best blocks first, and what no base after them is above.

        The bound is of the rows yielded, too.
        """
        blocks = -(-self.n // BLOCK)
        if not self._tops.size and blocks:
            yield np.arange(self.n), float(self.bases[: self.n].max())
            return
        tops = self._tops[:blocks]
        order = np.argsort(-tops, kind="stable")
        start, count = 0, BLOCKS_AT_FIRST
        while start < blocks:
            chosen = order[start : start + count]
            rows: Rows = (chosen[:, None] * BLOCK + np.arange(BLOCK)).ravel()
            yield rows[rows < self.n], float(tops[chosen[0]])
            start, count = start + count, count * 2
