"""One feature as tables by code: what it adds, what is told of it, and what it does to chances."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.chances import Amounts, Chances
from matching.policy import Policy
from matching.types import Audience, Contribution

Told = tuple[Contribution, ...]
F4 = NDArray[np.float32]


class Curve(NamedTuple):
    """What each code of one feature means; tuples and `table` `(n_codes,)` are indexed by it.

    `told` is the contribution, or nothing where it is zero; `accept` and `complete` are log-odds of
    the two chances; `table` is all that moves the order, float32.
    """

    told: tuple[Told, ...]
    accept: Amounts
    complete: Amounts
    total: Amounts
    table: F4


class Curves:
    """Makes curves of one policy and one source of chances."""

    def __init__(self, policy: Policy, chances: Chances) -> None:
        self._weights = policy.weights
        self._chances = chances

    def make(
        self,
        name: str,
        values: Iterable[float],
        text: Callable[[int], str],
        audience: Audience = "everyone",
        *,
        learnt_as: str | None = None,
    ) -> Curve:
        """Return the curve of the feature *name*, which models know as *learnt_as*.

        Without a weight of its own a feature counts by the chances alone.
        """
        points = tuple(values)
        weight = self._weights.get(name, 0.0)
        entries = [
            Contribution(name, value, value * weight, text(code), audience)
            for code, value in enumerate(points)
        ]
        accept = self._chances.accept(learnt_as or name, points)
        complete = self._chances.complete(learnt_as or name, points)
        total = tuple(
            entry.contribution + self._weights["p_accept"] * a + self._weights["p_complete"] * c
            for entry, a, c in zip(entries, accept, complete, strict=True)
        )
        told = tuple((entry,) if entry.contribution else () for entry in entries)
        return Curve(told, accept, complete, total, np.array(total, np.float32))
