"""Audio first: how many pictures a receiver's link may carry, decided once a second.

Pure. A link starves while a good part of its packets is lost, or while the receiver says that it
takes clearly less than is sent and too little for pictures that are worth it. After two seconds in
a row of the one, or four of the other (publishers are told, and may send less first), it carries
one picture fewer, and so on; sound is never counted here. After a good while it may carry one
more; if that does not last, the while grows.
"""

from dataclasses import dataclass
from typing import Final

LOST_MOST: Final = 38  # 256ths: 15 %
PICTURE_BPS: Final = 100_000  # below this a picture is not worth the sound that it costs
SENT_MOST: Final = 1.25  # times what the receiver says it takes
LOSING, LIMITED = 2, 1  # how much a second of either counts
STARVED: Final = 4
GOOD_S: Final = 6
GOOD_S_MOST: Final = 96
LASTS_S: Final = 20  # a picture given back that lasted this long was no mistake


@dataclass(frozen=True, slots=True)
class Second:
    """What one second said of a receiver's link.

    *lost*: the worst share of its reports, in 256ths. *takes_bps*: what it says that the pictures
    carried may have together, None when it says nothing. *sent_bps*: what they had.
    """

    pictures: int
    lost: int
    takes_bps: int | None
    sent_bps: int

    @property
    def badness(self) -> int:
        """How much this second counts: nothing, LIMITED or LOSING."""
        if self.lost >= LOST_MOST:
            return LOSING
        limited = (
            self.takes_bps is not None
            and self.pictures > 0
            and self.sent_bps > SENT_MOST * self.takes_bps
            and self.takes_bps < PICTURE_BPS * self.pictures
        )
        return LIMITED if limited else 0


class Starving:
    """One link; `allowed` is how many pictures it may carry now, of *most*."""

    def __init__(self, most: int) -> None:
        self.allowed = most
        self._most = most
        self._bad = self._good = 0
        self._wait = GOOD_S
        self._since_more = LASTS_S

    def after(self, second: Second) -> int:
        """Take one second; return how many pictures may be carried."""
        self._since_more += 1
        if second.badness:
            self._good = 0
            self._bad += second.badness
            if self._bad >= STARVED and self.allowed and second.pictures:
                self._bad = 0
                self._fewer(min(self.allowed, second.pictures) - 1)
            return self.allowed
        self._bad = 0
        self._good += 1
        if self._good >= self._wait and self.allowed < self._most:
            self.allowed += 1
            self._good = self._since_more = 0
        elif self._since_more >= LASTS_S and self.allowed == self._most:
            self._wait = GOOD_S
        return self.allowed

    def _fewer(self, allowed: int) -> None:
        if self._since_more < LASTS_S:
            self._wait = min(GOOD_S_MOST, self._wait * 2)
        self.allowed = allowed
