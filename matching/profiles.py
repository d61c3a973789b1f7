"""What a profile says that searching reads, in columns by interpreter number."""

import math
from array import array
from itertools import combinations
from typing import Any

from matching import geo
from matching.capabilities import ADULT, CAR, GENDERS, Kind, Lexicon, Term, mode_bits
from matching.eligibility import reach2_of
from matching.features import experience_code
from matching.holders import Holders
from matching.languages import Pair
from matching.qualifications import Qualifications
from matching.quiet import QuietColumn
from matching.types import Interpreter, Place, Track

NO_PRICE = -1


def prefix_of(name: str) -> int:
    """Return the first eight bytes of an id as a number: ids are in the order of their numbers.

    UTF-8 sorts as code points do; ids that begin alike have the same number.
    """
    return int.from_bytes(name[:8].encode("utf-8", "surrogatepass")[:8].ljust(8, b"\0"))


class Profiles:
    """Columns by interpreter number. *number* grows; a number given back is `clear`ed."""

    def __init__(self, qualifications: Qualifications) -> None:
        self._qualifications = qualifications
        self.lexicon = Lexicon()
        self.holders = Holders()
        self.ids: list[str] = []
        self.prefix = array("Q")  # of the ids, in their order
        self.caps = array("Q")  # with no tier
        self.price = array("i")  # hundredths, NO_PRICE if not stated
        self.home = (array("f"), array("f"), array("f"))  # unit vector
        self.reach = array("f")  # squared chord
        self.quiet = QuietColumn()
        names = "prefix", "caps", "price", "x", "y", "z", "reach", "quiet"
        held = self.prefix, self.caps, self.price, *self.home, self.reach, self.quiet.codes
        self.columns: dict[str, array[Any]] = dict(zip(names, held, strict=True))

    def grow(self) -> int:
        """Make room for the next number, and return it."""
        for column in self.columns.values():
            column.append(0)
        self.ids.append("")
        return len(self.ids) - 1

    def begin(self, number: int, interpreter: str) -> None:
        """Let somebody new take a number."""
        self.ids[number] = interpreter
        self.prefix[number] = prefix_of(interpreter)

    def clear(self, number: int) -> None:
        """Forget what is known of a number."""
        self.ids[number] = ""
        self.holders.clear(number)

    def set(self, number: int, interpreter: Interpreter) -> None:
        """Replace what a profile says."""
        self.caps[number] = self._bits(number, interpreter)
        for column, value in zip(self.home, geo.vector(interpreter.location), strict=True):
            column[number] = value
        self.reach[number] = reach2_of(interpreter)
        price = interpreter.price
        self.price[number] = NO_PRICE if price is None else round(price * 100)
        self.quiet.set(number, interpreter.quiet, interpreter.timezone)

    def location(self, number: int) -> Place | None:
        """Return where someone lives, to a few metres; None if that is not known."""
        x, y, z = (column[number] for column in self.home)
        if math.isnan(x):
            return None
        lat = math.asin(max(-1.0, min(1.0, z)))
        return Place(math.degrees(lat), math.degrees(math.atan2(y, x)))

    def drives(self, number: int) -> bool:
        """Say whether someone travels by car."""
        return bool(self.caps[number] & CAR)

    def pairs(self, interpreter: Interpreter, track: Track) -> list[tuple[Pair, int, int]]:
        """Return the pairs someone serves, each with the tier and the experience code in it."""
        tags = sorted({skill.tag for skill in interpreter.languages})
        tier = self._qualifications.pair_tier
        return [
            (pair, tier(interpreter.languages, *pair), experience_in(track, pair))
            for pair in combinations(tags, 2)
        ]

    def _bits(self, number: int, interpreter: Interpreter) -> int:
        caps = mode_bits(interpreter.modes)
        if interpreter.adult:
            caps |= ADULT
        if interpreter.by_car:
            caps |= CAR
        if interpreter.gender is not None:
            caps |= GENDERS[interpreter.gender]
        unworded: list[Term] = []
        for kind, words in (
            (Kind.SPECIALISM, interpreter.specialisms),
            (Kind.CLEARANCE, interpreter.clearances),
        ):
            for word in sorted(words):
                bit = self.lexicon.learn(kind, word)
                caps |= bit
                if not bit:
                    unworded.append((kind, word))
        self.holders.set(number, interpreter, unworded)
        return caps


def experience_in(track: Track, pair: Pair) -> int:
    """Return the experience code of a pair."""
    return experience_code(track.sessions.get("-".join(pair), 0.0))
