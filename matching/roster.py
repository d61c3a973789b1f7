"""One language pair's interpreters, present or not: the rows that bookings are searched in.

24 bytes a row with its place in `slots`. Rows are visited block by block, the block with the
highest static score first, so a search may stop when the rest cannot beat what it has. A change
only ever raises a block's maximum: it may be too high, never too low. Sorting makes the blocks
narrow again (`sort`), which is done beside the searches, never in one.
"""

from collections.abc import Iterator
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from matching.rarity import Rarity

SMALLEST: Final = 4
BLOCK: Final = 256
BLOCKS_AT_FIRST: Final = 4  # visited together; then twice as many each time
REMOTE: Final = 0
ONSITE: Final = 1
GROWTH: Final = 1.5
Rows = NDArray[np.intp]


class Roster:
    """Rows `0 … n - 1` of `caps` `(c,)`, `bases` `(2, c)` and `slots` `(c,)`.

    `bases` are the static parts of the order, for remote work and for work on site; `changed`
    counts the rows that may be out of order.
    """

    __slots__ = ("_bases", "_caps", "_tops", "bases", "caps", "changed", "n", "rarity", "slots")

    caps: NDArray[np.uint64]
    bases: NDArray[np.float32]
    slots: NDArray[np.int32]

    bound = True  # some of the rows may have bookings

    def __init__(self) -> None:
        self.n = self.changed = 0
        self.rarity = Rarity()
        self._tops = np.full((2, 1), -np.inf, np.float32)
        self.caps = np.zeros(0, np.uint64)
        self.bases = np.zeros((2, 0), np.float32)
        self.slots = np.zeros(0, np.int32)
        self._grow()

    def _grow(self) -> None:
        size = max(SMALLEST, int(self.n * GROWTH))
        caps, bases = np.zeros(size, np.uint64), np.zeros((2, size), np.float32)
        slots = np.zeros(size, np.int32)
        caps[: self.n], bases[:, : self.n] = self.caps, self.bases
        slots[: self.n] = self.slots
        self.caps, self.bases, self.slots = caps, bases, slots
        # One item of a memoryview is read in a quarter of the time of numpy's.
        self._caps, self._bases = caps.data, cast("memoryview[float]", bases.data)
        tops = np.full((2, -(-size // BLOCK)), -np.inf, np.float32)
        tops[:, : self._tops.shape[1]] = self._tops
        self._tops = tops

    @property
    def rare(self) -> list[int]:
        """The rare terms among the rows (`Rarity.rare`)."""
        return self.rarity.rare

    def append(self, slot: int, caps: int, bases: tuple[float, float]) -> int:
        """Add a row and return its number."""
        row = self.n
        if row == len(self.caps):
            self._grow()
        self.n = row + 1
        self._caps[row] = caps
        self.slots[row] = slot
        self.rarity.count(caps, 1)
        self.set_bases(row, bases)
        return row

    def drop(self, row: int) -> int:
        """Remove a row; return the slot of the row that moved into its number (maybe itself)."""
        self.rarity.count(self._caps[row], -1)
        last = self.n = self.n - 1
        if row != last:
            self._caps[row] = self._caps[last]
            self.slots[row] = self.slots[last]
            self.set_bases(row, (self._bases[REMOTE, last], self._bases[ONSITE, last]))
        return int(self.slots[row])

    def set_caps(self, row: int, caps: int) -> None:
        """Replace a row's capabilities."""
        old = self._caps[row]
        if old != caps:
            self.rarity.count(old, -1)
            self._caps[row] = caps
            self.rarity.count(caps, 1)

    def set_bases(self, row: int, bases: tuple[float, float]) -> None:
        """Replace the static parts of a row's order."""
        held, tops, block = self._bases, self._tops, row // BLOCK
        before = held[REMOTE, row], held[ONSITE, row]
        held[REMOTE, row], held[ONSITE, row] = bases
        if (held[REMOTE, row], held[ONSITE, row]) != before or row == self.n - 1:
            self.changed += 1
            tops[REMOTE, block] = max(tops[REMOTE, block], held[REMOTE, row])
            tops[ONSITE, block] = max(tops[ONSITE, block], held[ONSITE, row])

    def set_all_bases(self, bases: NDArray[np.float32]) -> None:
        """Replace the static parts of all rows, `(2, n)`."""
        self.bases[:, : self.n] = bases
        self.changed = self.n
        self._measure()

    def sort(self) -> None:
        """Put the rows in order of their static score, best first; their numbers change."""
        order = np.argsort(-self.bases[REMOTE, : self.n], kind="stable")
        self.caps[: self.n] = self.caps[order]
        self.bases[:, : self.n] = self.bases[:, order]
        self.slots[: self.n] = self.slots[order]
        self.changed = 0
        self._measure()

    def _measure(self) -> None:
        """Find every block's maxima."""
        self._tops[:] = -np.inf
        if self.n:
            starts = np.arange(0, self.n, BLOCK)
            found = np.maximum.reduceat(self.bases[:, : self.n], starts, axis=1)
            self._tops[:, : starts.size] = found

    def parts(self, which: int) -> Iterator[tuple[Rows, float]]:
        """Yield all rows `(k,)`, the best blocks first, and what no base after them is above.

        *which* is REMOTE or ONSITE; the bound is of the rows yielded, too.
        """
        blocks = -(-self.n // BLOCK)
        tops = self._tops[which, :blocks]
        order = np.argsort(-tops, kind="stable")
        start, count = 0, BLOCKS_AT_FIRST
        while start < blocks:
            chosen = order[start : start + count]
            rows: Rows = (chosen[:, None] * BLOCK + np.arange(BLOCK)).ravel()
            yield rows[rows < self.n], float(tops[chosen[0]])
            start, count = start + count, count * 2
