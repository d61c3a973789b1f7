"""Which terms one or two rows hold."""

from matching.capabilities import FIRST_TERM
from matching.rarity import Rarity

FIRST, LAST = 1 << FIRST_TERM, 1 << 63


def test_terms_become_rare_and_common_and_rare_again() -> None:
    rarity = Rarity()
    rarity.count(FIRST | LAST | 0b111, 1)
    assert rarity.rare == [FIRST | LAST, 0]
    rarity.count(FIRST, 1)
    assert rarity.rare == [LAST, FIRST]
    rarity.count(FIRST, 1)
    assert rarity.rare == [LAST, 0]
    rarity.count(FIRST | LAST, -1)
    assert rarity.rare == [0, FIRST]
