"""Whoever lost an offer, or asked in vain, reads why in words."""

import pytest

from signalling.core import reasons


def test_who_lost_an_offer_reads_why() -> None:
    assert reasons.withdrawn("o1", "a1", "taken") == {
        "offer": "o1",
        "assignment": "a1",
        "reason": "taken",
        "text": "Another interpreter has taken it.",
    }


def test_a_reason_without_words_stands_by_itself() -> None:
    assert "text" not in reasons.withdrawn("o1", "a1", "unheard_of")
    assert reasons.outcome({"reason": "the patient is well"}) == {"reason": "the patient is well"}


def test_who_asked_in_vain_reads_why() -> None:
    told = reasons.outcome({"reason": "nobody_available", "excluded": {"booked": 2}})

    assert told == {
        "reason": "nobody_available",
        "excluded": {"booked": 2},
        "text": "Nobody who fits can be asked now.",
    }


@pytest.mark.parametrize("words", [reasons.WITHDRAWN, reasons.OUTCOMES])
def test_words_are_sentences_that_name_nobody(words: dict[str, str]) -> None:
    assert all(text[0].isupper() and text.endswith(".") for text in words.values())
