"""How many rows of one pair hold each term, as far as it matters: which terms are rare."""

from array import array

import numpy as np
from numpy.typing import NDArray

from matching.capabilities import FIRST_TERM, WORD
from matching.features import RARE


class Rarity:
    """Counts of terms; `rare[i]` are the bits of those that exactly i + 1 rows hold."""

    __slots__ = ("_holders", "rare")

    def __init__(self) -> None:
        self.rare = [0] * RARE
        self._holders = array("i", [0] * (WORD - FIRST_TERM))

    def count(self, caps: int, by: int) -> None:
        """Count the terms of a row in, by 1, or out, by −1."""
        terms, holders, rare = caps >> FIRST_TERM, self._holders, self.rare
        while terms:
            bit = terms & -terms
            terms ^= bit
            position = bit.bit_length() - 1
            before = holders[position]
            after = holders[position] = before + by
            if 0 < before <= RARE:
                rare[before - 1] ^= bit << FIRST_TERM
            if 0 < after <= RARE:
                rare[after - 1] ^= bit << FIRST_TERM

    def count_all(self, caps: NDArray[np.uint64]) -> None:
        """Count the terms of rows `(n,)` in, where none are counted yet."""
        bits = np.unpackbits(caps.astype("<u8").view(np.uint8).reshape(-1, 8), 1, bitorder="little")
        held = bits.sum(0, dtype=np.int32)[FIRST_TERM:]
        self._holders = array("i", held.tobytes())
        for holders in range(1, RARE + 1):
            positions = (held == holders).nonzero()[0].tolist()
            self.rare[holders - 1] = sum(1 << FIRST_TERM + position for position in positions)
