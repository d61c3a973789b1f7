"""One feature as tables by code: what it adds, what is told of it, and what it does to chances."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import features
from matching.chances import Amounts, Chances
from matching.policy import Policy, Shape
from matching.types import Audience, Contribution

Told = tuple[Contribution, ...]
F4 = NDArray[np.float32]
F8 = NDArray[np.float64]


class Point(NamedTuple):
    """What one code adds: the contribution, or nothing where it is zero, and what it amounts to.

    `accept` and `complete` are log-odds of the two chances. Several add up to another.
    """

    told: Told
    amount: float
    accept: float
    complete: float


class Curve(NamedTuple):
    """What each code of one feature means: `points`, `total` and `table` `(n_codes,)` by code.

    `total` is all that moves the order, float64, and `table` the same in float32. `sums`
    `(n_codes, 3)` are what the points amount to, for many candidates at once.
    """

    points: tuple[Point, ...]
    total: Amounts
    table: F4
    sums: F8


def values_of(shape: Shape) -> Mapping[str, Callable[[int], float]]:
    """Return what makes the value of each feature of its code; specialisms need more than that."""
    return {
        "tier": lambda code: features.tier_surplus(code, 0),
        "experience": features.experience,
        "reliability": features.reliability,
        "responsiveness": features.responsiveness,
        "rating": features.rating,
        "load": lambda code: features.load(code, shape.load_limit_min),
        "streak": lambda code: features.back_to_back(code, shape.streak_limit_min),
        "exposure": features.exposure,
        "media": features.media_health,
        "idle": lambda code: features.idle(code, shape.idle_half_life_min),
        "dialect": features.dialect,
        "travel": lambda code: features.travel(code, shape.travel_limit_min),
        "slack": features.slack,
        "preference": features.preference,
        "continuity": features.continuity,
        "scarcity": features.scarcity,
        "cost": features.cost,
        "substitute": float,
    }


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
        made = tuple(
            Point((entry,) if entry.contribution else (), entry.contribution, a, c)
            for entry, a, c in zip(entries, accept, complete, strict=True)
        )
        total = tuple(map(self.total, made))
        return Curve(
            made, total, np.array(total, np.float32), np.array([each[1:] for each in made])
        )

    def total(self, point: Point) -> float:
        """Return all that a point moves the order by, the chances by their weights included."""
        by_chances = self._weights["p_accept"] * point.accept
        return point.amount + by_chances + self._weights["p_complete"] * point.complete
