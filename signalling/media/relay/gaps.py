"""Which packets of a stream are missing, and which to ask for again.

Pure: the caller gives sequence numbers and the time. Asked for at once, then every 100 ms, five
times at most, for as long as a packet is among the newest 256.
"""

from typing import Final

WINDOW: Final = 256
ASK_AGAIN_S: Final = 0.1
ASKS_MOST: Final = 5
AT_ONCE_MOST: Final = 64  # in one NACK: beyond that a key frame is better
BEHIND_MOST: Final = 3000  # further back it is another numbering (RFC 3550, A.1: MAX_MISORDER)


class Gaps:
    """Sequence numbers of one SSRC; at most WINDOW are remembered."""

    def __init__(self) -> None:
        self.newest: int | None = None
        self._missing: dict[int, tuple[float, int]] = {}  # when to ask next, how often asked
        self._astray: int | None = None  # far behind: the next one after it is a new start

    def __len__(self) -> int:
        return len(self._missing)

    def add(self, sequence: int) -> bool:
        """Note a packet; return whether it is news (not one that came before)."""
        if self.newest is None:
            self.newest = sequence
            return True
        ahead = (sequence - self.newest) & 0xFFFF
        if ahead == 1:
            self.newest = sequence
            return True
        if ahead == 0 or ahead >= 0x8000:
            return self._behind(sequence, (-ahead) & 0xFFFF)
        if ahead > WINDOW:
            self._missing.clear()  # the stream jumped
        else:
            for number in range(self.newest + 1, self.newest + ahead):
                self._missing[number & 0xFFFF] = (0.0, 0)
            while len(self._missing) > WINDOW:
                del self._missing[next(iter(self._missing))]
        self.newest = sequence
        return True

    def _behind(self, sequence: int, behind: int) -> bool:
        if behind <= BEHIND_MOST:
            return self._missing.pop(sequence, None) is not None
        again = self._astray == (sequence - 1) & 0xFFFF
        self._astray = sequence
        if again:  # two in a row: the publisher began anew under the same SSRC
            self._missing.clear()
            self.newest = sequence
        return again

    def due(self, now_s: float) -> list[int]:
        """Return what to ask for now, oldest first, and forget what is too old."""
        asked: list[int] = []
        newest = self.newest or 0
        for number, (at_s, asks) in tuple(self._missing.items()):
            if (newest - number) & 0xFFFF > WINDOW or asks >= ASKS_MOST:
                del self._missing[number]
            elif at_s <= now_s and len(asked) < AT_ONCE_MOST:
                self._missing[number] = (now_s + ASK_AGAIN_S, asks + 1)
                asked.append(number)
        return asked
