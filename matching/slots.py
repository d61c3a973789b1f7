"""Who belongs to which pair of languages, whether present or not.

Each interpreter number owns a span of slots, one a pair they can serve; a slot knows its pair, the
tier and experience that count there, its row in the pair's roster, and its row in the pair's table
while they are present.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.languages import Pair
from matching.pairtable import PairTable
from matching.roster import Roster

FREE_SLOT = -1


class Spans(NamedTuple):
    """Spans one behind the other as bytes: `size` by number, the others by slot."""

    size: bytes
    pair: bytes
    tier: bytes
    experience: bytes


class Slots:
    """Spans of slots by interpreter number; spans given back are reused by length."""

    ABSENT = -1

    def __init__(self) -> None:
        self.tier = array("B")
        self.experience = array("B")
        self.row = array("i")
        self.listed = array("i")  # the row in the roster, ABSENT before `enlist`
        self.owner = array("i")
        self._pair = array("i")
        self._start = array("i")
        self._size = array("H")
        self._spare: dict[int, list[int]] = {}
        self._index: dict[Pair, int] = {}
        self.pairs: list[Pair] = []  # in the order in which they were first met
        self._tables: list[PairTable] = []
        self._rosters: list[Roster] = []

    def grow(self) -> None:
        """Make room for the next number, with an empty span."""
        self._start.append(0)
        self._size.append(0)

    def assign(self, number: int, pairs: list[tuple[Pair, int, int]]) -> None:
        """Give a number (which is absent now) one slot for each pair, its tier and experience."""
        if len(pairs) != self._size[number]:
            self.release(number)
            self._take(number, len(pairs))
        for slot, (pair, tier, experience) in zip(self.span(number), pairs, strict=True):
            index = self._index.get(pair)
            if index is None:
                index = self._add_pair(pair)
            if self._pair[slot] != index:
                self._delist(slot)
            self._pair[slot], self.tier[slot] = index, tier
            self.experience[slot] = experience
            self.row[slot], self.owner[slot] = self.ABSENT, number

    def _add_pair(self, pair: Pair) -> int:
        index = self._index[pair] = len(self._tables)
        self.pairs.append(pair)
        self._tables.append(PairTable())
        self._rosters.append(Roster())
        return index

    def _take(self, number: int, size: int) -> None:
        spare = self._spare.get(size)
        if spare:
            self._start[number] = spare.pop()
        else:
            self._start[number] = len(self._pair)
            for column in (self.tier, self.experience, self.row, self.owner, self._pair):
                column.extend([0] * size)
            self.listed.extend([self.ABSENT] * size)
        self._size[number] = size

    def release(self, number: int) -> None:
        """Take a number's slots away, off the rosters too; it is absent now."""
        for slot in self.span(number):
            self._delist(slot)
            self._pair[slot] = FREE_SLOT
        if size := self._size[number]:
            self._spare.setdefault(size, []).append(self._start[number])
            self._size[number] = 0

    def spans(self, numbers: NDArray[np.intp]) -> Spans:
        """Return the spans of *numbers* `(m,)`."""
        size = np.frombuffer(self._size, np.uint16)[numbers]
        ends = np.cumsum(size, dtype=np.int64)
        starts = np.frombuffer(self._start, np.int32)[numbers]
        slots = np.repeat(starts - (ends - size), size) + np.arange(ends[-1] if ends.size else 0)
        kept = ((self._pair, np.int32), (self.tier, np.uint8), (self.experience, np.uint8))
        columns = (np.frombuffer(column, kind)[slots].tobytes() for column, kind in kept)
        return Spans(size.tobytes(), *columns)

    def fill(self, pairs: Sequence[Pair], spans: Spans, caps: NDArray[np.uint64]) -> None:
        """Take everybody in at once, where nobody was, and put them on the rosters.

        *caps* `(n,)` are by number. The rosters' bases are to follow (`Standings.use`).
        """
        for column, held in zip(
            (self._size, self._pair, self.tier, self.experience), spans, strict=True
        ):
            column.frombytes(held)
        size = np.frombuffer(self._size, np.uint16)
        self._start.frombytes((np.cumsum(size) - size).astype(np.int32).tobytes())
        owner = np.repeat(np.arange(size.size, dtype=np.int32), size)
        pair, tier = np.frombuffer(self._pair, np.int32), np.frombuffer(self.tier, np.uint8)
        worn = caps[owner] | ((1 << tier.astype(np.uint64)) - 1).astype(np.uint64)
        by_pair = np.argsort(pair, kind="stable").astype(np.int32)
        bounds = np.searchsorted(pair[by_pair], np.arange(len(pairs) + 1))
        listed = np.empty(pair.size, np.int32)
        for index, each in enumerate(pairs):
            self._add_pair(each)
            slots = by_pair[bounds[index] : bounds[index + 1]]
            self._rosters[index].fill(slots, worn[slots])
            listed[slots] = np.arange(slots.size)
        self.owner.frombytes(owner.tobytes())
        self.listed.frombytes(listed.tobytes())
        self.row.frombytes(np.full(pair.size, self.ABSENT, np.int32).tobytes())

    def enlist(self, slot: int, caps: int, base: float) -> None:
        """Write a slot to its pair's roster, with capabilities and the base for remote work."""
        roster, row = self._rosters[self._pair[slot]], self.listed[slot]
        if row == self.ABSENT:
            self.listed[slot] = roster.append(slot, caps, base)
        else:
            roster.set_caps(row, caps)
            roster.set_base(row, base)

    def rebase(self, slot: int, base: float) -> None:
        """Write the static part of a slot's order to its roster."""
        self._rosters[self._pair[slot]].set_base(self.listed[slot], base)

    def _delist(self, slot: int) -> None:
        row = self.listed[slot]
        if row != self.ABSENT:
            self.listed[self._rosters[self._pair[slot]].drop(row)] = row
            self.listed[slot] = self.ABSENT

    def sort(self, roster: Roster) -> None:
        """Put a roster in order."""
        roster.sort()
        listed = np.frombuffer(self.listed, np.int32)
        listed[roster.slots] = np.arange(roster.n, dtype=np.int32)

    def span(self, number: int) -> range:
        """Return the slots of a number."""
        start = self._start[number]
        return range(start, start + self._size[number])

    def table(self, slot: int) -> PairTable:
        """Return the table of a slot's pair."""
        return self._tables[self._pair[slot]]

    def rows(self, number: int) -> Iterator[tuple[PairTable, int, int]]:
        """Yield table, row and slot for each pair a number is present in."""
        for slot in self.span(number):
            row = self.row[slot]
            if row != self.ABSENT:
                yield self.table(slot), row, slot

    def pair(self, slot: int) -> Pair:
        """Return the pair of a slot."""
        return self.pairs[self._pair[slot]]

    def find(self, pair: Pair) -> PairTable | None:
        """Return a pair's table, None if nobody has ever had the pair."""
        index = self._index.get(pair)
        return None if index is None else self._tables[index]

    def row_in(self, number: int, table: PairTable) -> int:
        """Return the row of a number in one table, ABSENT if it has none."""
        tables, pair = self._tables, self._pair
        for slot in self.span(number):
            if tables[pair[slot]] is table:
                return self.row[slot]
        return self.ABSENT

    def tables(self) -> Iterator[tuple[Pair, PairTable]]:
        """Yield each pair with its table."""
        for pair, index in self._index.items():
            yield pair, self._tables[index]

    def roster(self, pair: Pair) -> Roster | None:
        """Return a pair's roster, None if nobody has ever had the pair."""
        index = self._index.get(pair)
        return None if index is None else self._rosters[index]

    def rosters(self) -> list[Roster]:
        """Return the rosters of all pairs."""
        return list(self._rosters)

    def listed_in(self, number: int, roster: Roster) -> int:
        """Return the row of a number in one roster, ABSENT if it has none."""
        rosters, pair = self._rosters, self._pair
        for slot in self.span(number):
            if rosters[pair[slot]] is roster:
                return self.listed[slot]
        return self.ABSENT

    def serves(self, number: int, pair: Pair) -> bool:
        """Say whether a number has a pair, present or not."""
        index = self._index.get(pair)
        return index is not None and any(self._pair[slot] == index for slot in self.span(number))

    def owners(self, slots: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the numbers that own *slots* `(m,)`, shape `(m,)`."""
        owners: NDArray[np.int32] = np.frombuffer(self.owner, np.int32).take(slots)
        return owners

    def members(self, pair: Pair) -> NDArray[np.int32]:
        """Return the numbers of all who have a pair, present or not."""
        roster = self.roster(pair)
        return np.empty(0, np.int32) if roster is None else self.owners(roster.slots)
