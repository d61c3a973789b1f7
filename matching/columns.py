"""Score many candidates at once, from one column of codes a feature.

What `Scorer.contributions` adds up of one candidate is added here of all, in the same order: the
scores are the same to the last bit.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.chances import GRID, MIDDLE
from matching.scoring import Ask, Scorer

# One code of each candidate, `(k,)`; a number is that of all of them, None where it is not asked.
Column = NDArray[Any] | int | None


def scores(
    scorer: Scorer, columns: Mapping[str, Column], ask: Ask
) -> tuple[list[float], list[float]]:
    """Return the score and P(accept) of each candidate.

    *columns* are by feature in the order of `Codes`; the tiers are an array.
    """
    total = scorer.tier_sums[ask.floor].take(np.asarray(columns["tier"]), 0)
    for name, codes in columns.items():
        if codes is None or name == "tier":
            continue
        curve = scorer.specialism(ask.wanted) if name == "specialism" else getattr(scorer, name)
        if not isinstance(codes, int):
            total += curve.sums.take(codes, 0)
        elif any(curve.points[codes][1:]):
            total += curve.sums[codes]
    score, accept, complete = total.T
    score += scorer.policy.weights["p_accept"] * accept
    score += scorer.policy.weights["p_complete"] * complete
    steps = ((ask.accept + accept) * GRID + MIDDLE).astype(np.intp)  # as `chances.step_of`
    return score.tolist(), scorer.p_accept.take(steps, mode="clip").tolist()
