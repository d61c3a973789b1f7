"""How many of a ranking to ring at once.

Few enough to leave the others alone, enough that someone accepts: 1 − ∏(1 − p) reaches a target.
The three strategies are sizes of one policy (config/weights.toml), not three pieces of code.
"""

from collections.abc import Sequence

from matching.policy import WaveSize
from matching.types import Match


def choose_wave(matches: Sequence[Match], size: WaveSize) -> tuple[Match, ...]:
    """Return the head of a ranking to ring now; the rest is for the waves after it.

    The smallest head whose chance of an acceptance reaches `size.target`, taking answers as
    independent, between `size.smallest` and `size.largest` people (or as many as there are).
    """
    return tuple(matches[: wave_length([m.p_accept for m in matches[: size.largest]], size)])


def wave_length(chances: Sequence[float], size: WaveSize) -> int:
    """Return how many a wave rings of people with these chances of accepting, best first."""
    nobody = 1.0
    for count, chance in enumerate(chances[: size.largest], start=1):
        nobody *= 1.0 - chance
        if count >= size.smallest and 1.0 - nobody >= size.target:
            return count
    return min(len(chances), size.largest)
