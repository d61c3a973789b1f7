"""One language pair's interpreters, present or not: the rows that bookings are searched in.

20 bytes a row with its place in `slots`. Rows are visited block by block, the block with the
highest static score first, so a search may stop when the rest cannot beat what it has. A change
only ever raises a block's maximum: it may be too high, never too low. Sorting makes the blocks
narrow again (`sort`), which is done beside the searches, never in one.
"""

from array import array
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.rarity import Rarity

BLOCK: Final = 256
BLOCKS_AT_FIRST: Final = 4  # visited together; then twice as many each time
NO_CAPS: Final = np.empty(0, np.uint64)
NO_BASES: Final = np.empty(0, np.float32)
NO_SLOTS: Final = np.empty(0, np.int32)
Rows = NDArray[np.intp]


class Roster:
    """Rows `0 … n - 1`; `changed` counts those that may be out of order.

    The columns are arrays of Python's, which grow where they are. While one is looked at through
    `caps`, `bases` or `slots` no row can be added or removed: copy what is to be kept.
    """

    __slots__ = ("_bases", "_caps", "_slots", "_tops", "changed", "rarity")

    bound = True  # some of the rows may have bookings

    def __init__(self) -> None:
        self.changed = 0
        self.rarity = Rarity()
        self._caps = array("Q")
        self._bases = array("f")
        self._slots = array("i")
        self._tops = array("f")  # by block, once there are several

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self._caps)

    @property
    def caps(self) -> NDArray[np.uint64]:
        """The capabilities, `(n,)`."""
        return np.frombuffer(self._caps, np.uint64) if self._caps else NO_CAPS

    @property
    def bases(self) -> NDArray[np.float32]:
        """The static parts of the order for remote work, `(n,)`."""
        return np.frombuffer(self._bases, np.float32) if self._caps else NO_BASES

    @property
    def slots(self) -> NDArray[np.int32]:
        """The slots (`slots.Slots`), `(n,)`."""
        return np.frombuffer(self._slots, np.int32) if self._caps else NO_SLOTS

    @property
    def rare(self) -> list[int]:
        """The rare terms among the rows (`Rarity.rare`)."""
        return self.rarity.rare

    def append(self, slot: int, caps: int, base: float) -> int:
        """Add a row and return its number."""
        row = len(self._caps)
        self._caps.append(caps)
        self._bases.append(base)
        self._slots.append(slot)
        self.rarity.count(caps, 1)
        if self._tops and row // BLOCK == len(self._tops):
            self._tops.append(base)
        elif row == BLOCK:
            self._measure()
        self._raise_top(row)
        return row

    def fill(self, slots: NDArray[np.int32], caps: NDArray[np.uint64]) -> None:
        """Take rows `(n,)` in at once, where none are; `set_all_bases` is to follow."""
        self._caps.frombytes(caps.tobytes())
        self._bases.frombytes(bytes(4 * caps.size))
        self._slots.frombytes(slots.tobytes())
        self.rarity.count_all(caps)

    def drop(self, row: int) -> int:
        """Remove a row; return the slot of the row that moved into its number (maybe itself)."""
        self.rarity.count(self._caps[row], -1)
        caps, base, slot = self._caps.pop(), self._bases.pop(), self._slots.pop()
        if row != len(self._caps):
            self._caps[row], self._bases[row], self._slots[row] = caps, base, slot
            self._raise_top(row)
        return slot

    def set_caps(self, row: int, caps: int) -> None:
        """Replace a row's capabilities."""
        old = self._caps[row]
        if old != caps:
            self.rarity.count(old, -1)
            self._caps[row] = caps
            self.rarity.count(caps, 1)

    def set_base(self, row: int, base: float) -> None:
        """Replace the static part of a row's order."""
        before = self._bases[row]
        self._bases[row] = base
        if self._bases[row] != before:
            self._raise_top(row)

    def _raise_top(self, row: int) -> None:
        self.changed += 1
        if self._tops:
            block = row // BLOCK
            self._tops[block] = max(self._tops[block], self._bases[row])

    def set_all_bases(self, bases: NDArray[np.float32]) -> None:
        """Replace the static parts of all rows, `(n,)`."""
        self._bases = array("f", bases.tobytes())
        self.changed = self.n
        self._measure()

    def sort(self) -> None:
        """Put the rows in order of their static score, best first; their numbers change."""
        order = np.argsort(-self.bases, kind="stable")
        self._caps = array("Q", self.caps[order].tobytes())
        self._bases = array("f", self.bases[order].tobytes())
        self._slots = array("i", self.slots[order].tobytes())
        self.changed = 0
        self._measure()

    def _measure(self) -> None:
        """Find every block's maximum; of one block nothing is remembered."""
        if self.n > BLOCK:
            starts = np.arange(0, self.n, BLOCK)
            self._tops = array("f", np.maximum.reduceat(self.bases, starts).tobytes())
        else:
            self._tops = array("f")

    def parts(self) -> Iterator[tuple[Rows, float]]:
        """Yield all rows `(k,)`, the best blocks first, and what no base after them is above.

        The bound is of the rows yielded, too.
        """
        blocks = -(-self.n // BLOCK)
        if not self._tops and blocks:
            yield np.arange(self.n), float(self.bases.max())
            return
        tops = np.array(self._tops[:blocks], np.float32)
        order = np.argsort(-tops, kind="stable")
        start, count = 0, BLOCKS_AT_FIRST
        while start < blocks:
            chosen = order[start : start + count]
            rows: Rows = (chosen[:, None] * BLOCK + np.arange(BLOCK)).ravel()
            yield rows[rows < self.n], float(tops[chosen[0]])
            start, count = start + count, count * 2
