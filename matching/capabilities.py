"""Capabilities as the bits of one 64-bit word: a hard rule holds iff `(caps & need) == need`.

Bits 0–4 say "at least tier 1 … 5", 5–7 the modes, 8 adult, 9–11 gender, 12 free (not reserved), 13
drives a car (which no rule asks for). The rest go to specialisms and clearances, in the order in
which they are first met; those that come after the word is full are kept as sets of interpreters,
exact as well but slower.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from matching.types import Gender, Mode

MODE_SHIFT: Final = 5
MODES: Final[dict[str, int]] = {
    Mode.AUDIO: 1 << MODE_SHIFT,
    Mode.VIDEO: 2 << MODE_SHIFT,
    Mode.ONSITE: 4 << MODE_SHIFT,
}
ALL_MODE_BITS: Final = 7 << MODE_SHIFT
ADULT: Final = 1 << 8
GENDERS: Final[dict[Gender, int]] = {"female": 1 << 9, "male": 1 << 10, "other": 1 << 11}
FREE: Final = 1 << 12
CAR_SHIFT: Final = 13
CAR: Final = 1 << CAR_SHIFT
FIRST_TERM: Final = 16
WORD: Final = 64
REMEMBERED: Final = 4096


class Kind(StrEnum):
    SPECIALISM = "specialism"
    CLEARANCE = "clearance"


Term = tuple[Kind, str]


def tier_bits(tier: int) -> int:
    """Return the thermometer of a tier: its bit and all below."""
    return (1 << tier) - 1


def at_least(tier: int) -> int:
    """Return the bit that says a tier is reached, none for no floor."""
    return 1 << (tier - 1) if tier else 0


def mode_bits(modes: Iterable[Mode]) -> int:
    """Return the bits of a set of modes."""
    bits = 0
    for mode in modes:
        bits |= MODES[mode]
    return bits


def each_bit(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, rising."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class Lexicon:
    """Which bit stands for which specialism or clearance."""

    def __init__(self) -> None:
        self._bit: dict[Kind, dict[str, int]] = {kind: {} for kind in Kind}
        self.terms: list[Term] = []  # in the order of their bits
        self._words: dict[int, tuple[str, ...]] = {}
        self.specialisms = 0  # every bit that is a specialism's

    def learn(self, kind: Kind, word: str) -> int:
        """Return the word's bit, giving it the next one; 0 once the word is full."""
        bit = self._bit[kind].get(word)
        if bit is None:
            if FIRST_TERM + len(self.terms) >= WORD:
                return 0
            bit = 1 << (FIRST_TERM + len(self.terms))
            self._bit[kind][word] = bit
            self.terms.append((kind, word))
            if kind is Kind.SPECIALISM:
                self.specialisms |= bit
        return bit

    def bit(self, kind: Kind, word: str) -> int:
        """Return the word's bit, 0 if it has none."""
        return self._bit[kind].get(word, 0)

    def bits(self, kind: Kind, words: Iterable[str]) -> tuple[int, list[Term]]:
        """Return the bits of *words* together, and as terms the words that have none."""
        bits, late, known = 0, [], self._bit[kind]
        for word in words:
            if word in known:
                bits |= known[word]
            else:
                late.append((kind, word))
        return bits, late

    def words(self, bits: int) -> tuple[str, ...]:
        """Return the words whose bits are set, sorted."""
        words = self._words.get(bits)
        if words is None:
            found = (self.terms[position - FIRST_TERM][1] for position in each_bit(bits))
            words = tuple(sorted(found))
            if len(self._words) >= REMEMBERED:
                self._words.clear()
            self._words[bits] = words
        return words
