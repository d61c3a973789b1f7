"""What many score at once is what each scores, to the last bit."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.columns import Column, scores
from matching.features import CODES
from matching.model import Model
from matching.scoring import Ask, Codes, Scorer, score_of
from tests.matching.conftest import TABLES
from tests.matching.test_scoring import RAISED, codes, learnt


def in_columns(several: list[Codes]) -> dict[str, Column]:
    """Return codes by feature: an array where candidates differ, one number where they do not."""
    columns: dict[str, Column] = {}
    for name, held in zip(CODES, zip(*several, strict=True), strict=True):
        same = len(set(held)) == 1 and name != "tier"
        columns[name] = held[0] if same else np.array(held)
    return columns


@given(st.lists(codes(), min_size=1), st.sampled_from([None, learnt()]), st.data())
def test_many_score_as_each_does(
    several: list[Codes], model: Model | None, data: st.DataObject
) -> None:
    """To the last bit: a decision records what replaying it adds up one by one."""
    wanted = data.draw(st.integers(0, 3))
    held = st.integers(0, wanted)
    several = [each._replace(specialism=data.draw(held) if wanted else None) for each in several]
    alone: dict[str, Any] = {
        name: None for name in RAISED if None in [getattr(each, name) for each in several]
    }
    several = [each._replace(**alone) for each in several]
    log_odds = st.floats(-15, 15)
    ask = Ask(data.draw(st.integers(0, 5)), wanted, True, data.draw(log_odds), data.draw(log_odds))
    scorer = Scorer(TABLES.policy, TABLES.qualifications.tiers, model)
    told = [scorer.contributions(each, ask) for each in several]
    assert scores(scorer, in_columns(several), ask) == (
        [score_of(contributions) for contributions, _ in told],
        [p_accept for _, p_accept in told],
    )
