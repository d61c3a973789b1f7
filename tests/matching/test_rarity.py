"""Which terms one or two rows hold."""

import numpy as np

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


def test_counted_at_once_or_one_by_one() -> None:
    caps = [1 << FIRST_TERM, 3 << FIRST_TERM, 1 << 63, 0b1000_0011 << 40, 1 << 63 | 255]
    one_by_one, at_once = Rarity(), Rarity()
    for each in caps:
        one_by_one.count(each, 1)
    at_once.count_all(np.array(caps, np.uint64))
    assert at_once.rare == one_by_one.rare != Rarity().rare
    for each in caps[1:]:
        for rarity in (one_by_one, at_once):
            rarity.count(each, -1)
        assert at_once.rare == one_by_one.rare
    nobody = Rarity()
    nobody.count_all(np.empty(0, np.uint64))
    assert nobody.rare == Rarity().rare
