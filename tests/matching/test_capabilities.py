import pytest

from matching.capabilities import (
    Kind,
    Lexicon,
    at_least,
    each_bit,
    mode_bits,
    tier_bits,
)
from matching.holders import Holders, blocks, conflict, speaks, states_dialect
from matching.types import Mode
from tests.matching.builders import person, words


def test_a_tier_reaches_every_floor_up_to_itself() -> None:
    for tier in range(6):
        reached = [
            floor for floor in range(6) if tier_bits(tier) & at_least(floor) == at_least(floor)
        ]
        assert reached == list(range(tier + 1))


def test_modes_have_bits_of_their_own() -> None:
    assert len({mode_bits((mode,)) for mode in Mode}) == 3
    assert mode_bits(()) == 0


def test_bits_come_in_rising_order() -> None:
    assert list(each_bit(0b1010_0001)) == [0, 5, 7]


def test_words_get_bits_until_the_word_is_full() -> None:
    lexicon = Lexicon()
    bits = [lexicon.learn(Kind.SPECIALISM, f"w{number:02d}") for number in range(47)]
    clearance = lexicon.learn(Kind.CLEARANCE, "w00")
    assert len({*bits, clearance}) == 48
    assert max(*bits, clearance) == 1 << 63
    assert lexicon.learn(Kind.SPECIALISM, "late") == lexicon.bit(Kind.SPECIALISM, "late") == 0
    assert lexicon.learn(Kind.SPECIALISM, "w00") == bits[0]
    assert lexicon.specialisms == sum(bits)
    assert lexicon.words(bits[1] | bits[0]) == ("w00", "w01")


def test_remembered_words_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.capabilities.REMEMBERED", 1)
    lexicon = Lexicon()
    bits = [lexicon.learn(Kind.CLEARANCE, word) for word in ("b", "a")]
    assert lexicon.words(bits[0]) == ("b",)
    assert lexicon.words(bits[1] | bits[0]) == ("a", "b")


def test_facts_are_replaced_and_forgotten() -> None:
    holders = Holders()
    first = person("a", "no sq/gheg", blocked_customers=words("c"), conflicts=words("p"))
    holders.set(7, first, [(Kind.SPECIALISM, "late")])
    facts = (blocks("c"), conflict("p"), speaks("sq", "gheg"), states_dialect("sq"))
    assert [holders.of(fact) for fact in facts] == [{7}] * 4
    holders.set(8, person("b", blocked_customers=words("c")), [])
    holders.set(7, person("a"), [])
    assert holders.of(blocks("c")) == {8}
    holders.clear(8)
    holders.clear(8)
    assert holders.of(blocks("c")) == frozenset()
