"""Contributions as tables: what explains is what ranks."""

import numpy as np
import pytest

from matching import Mode, Tables
from matching.features import DialectFit
from matching.scoring import Ask, Codes, Scorer


@pytest.fixture
def scorer(tables: Tables) -> Scorer:
    return Scorer(tables.policy, tables.qualifications.tiers)


def test_every_entry_is_value_times_weight(scorer: Scorer, tables: Tables) -> None:
    for feature in (scorer.load, scorer.idle, scorer.dialect, scorer.travel, scorer.cost):
        for code, entry in enumerate(feature.entries):
            assert entry.contribution == entry.value * tables.policy.weights[entry.feature]
            assert feature.table[code] == np.float32(entry.contribution)
            assert entry.text.startswith(f"{entry.contribution:+.2f} {entry.feature}")


def test_travel_saturates_at_the_end_of_its_table(scorer: Scorer) -> None:
    far, farther = Codes(0, 0, 0, km=len(scorer.travel.entries) - 1), Codes(0, 0, 0, km=5000)
    ask = Ask(0, 0, wishes=False)
    assert scorer.contributions(far, ask) == scorer.contributions(farther, ask)
    assert scorer.order(far, ask) == scorer.order(farther, ask)
    assert scorer.contributions(far, ask)[0].text == "-1.50 travel: 90 min or more"


def test_zeros_are_left_out(scorer: Scorer) -> None:
    codes = Codes(tier=1, load=0, idle=0, dialect=DialectFit.OTHER, cost=0)
    assert scorer.contributions(codes, Ask(1, 0, wishes=False)) == ()


def test_only_the_one_preference_is_for_customers_eyes(scorer: Scorer) -> None:
    assert {entry.audience for entry in scorer.preference.entries} == {"customer"}
    assert {entry.audience for entry in scorer.idle.entries} == {"everyone"}


def test_specialisms_are_named(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.scoring.REMEMBERED", 1)
    ask = Ask(0, 2, wishes=True)
    texts = [
        scorer.contributions(Codes(0, 0, 0, matched=matched), ask)[0].text
        for matched in (("court", "medical"), ("court",), (), ())
    ]
    assert texts == [
        "+0.80 specialism: court, medical",
        "+0.53 specialism: court",
        "+0.27 specialism: none of those wished for",
        "+0.27 specialism: none of those wished for",
    ]


def test_acceptance_depends_on_mode_and_way(scorer: Scorer) -> None:
    remote = [scorer.p_accept(Codes(0, 0, 0), mode) for mode in Mode]
    assert remote == sorted(remote, reverse=True)
    near, far = (scorer.p_accept(Codes(0, 0, 0, km=km), Mode.ONSITE) for km in (1, 10**6))
    assert 0 < far < near < scorer.p_accept(Codes(0, 0, 0), Mode.ONSITE) < 1
