"""The policy: hand weights, shapes and waves from config/weights.toml, under one version."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matching.errors import InvalidTables

HELPS = ("tier_surplus", "dialect", "specialism", "preference", "idle")
BURDENS = ("travel", "load", "scarcity", "cost", "substitute")


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the saturating features saturate, in minutes."""

    travel_limit_min: float
    idle_half_life_min: float
    load_limit_min: float


@dataclass(frozen=True, slots=True)
class WaveSize:
    """How many to ring at once: until someone accepts with probability `target`."""

    target: float
    smallest: int
    largest: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Log-odds a feature at full value, and what else a decision depends on.

    `version` names the exact bytes it was read from, and is stored with each decision.
    """

    version: str
    weights: Mapping[str, float]
    shape: Shape
    acceptance: Mapping[str, float]
    waves: Mapping[str, WaveSize]

    @classmethod
    def from_weights(cls, data: Mapping[str, Any], version: str) -> "Policy":
        """Check the table: every feature weighted, signs as the domain says, waves possible."""
        weights = {name: float(value) for name, value in data["weights"].items()}
        if weights.keys() != {*HELPS, *BURDENS}:
            wrong = sorted(weights.keys() ^ {*HELPS, *BURDENS})
            raise InvalidTables(f"weights: not the features there are: {', '.join(wrong)}")
        for name, value in weights.items():
            wrong_way = value < 0 if name in HELPS else value > 0
            if wrong_way or not math.isfinite(value):
                raise InvalidTables(f"weights: {name} = {value} has the wrong sign")
        shape = Shape(**{name: float(value) for name, value in data["shape"].items()})
        if min(shape.travel_limit_min, shape.idle_half_life_min, shape.load_limit_min) <= 0:
            raise InvalidTables("shape: every limit is above zero")
        waves = {name: WaveSize(**size) for name, size in data["waves"].items()}
        for name, size in waves.items():
            if not (0 < size.target <= 1 and 1 <= size.smallest <= size.largest):
                raise InvalidTables(f"waves: {name} is not possible")
        acceptance = {name: float(value) for name, value in data["acceptance"].items()}
        return cls(version, weights, shape, acceptance, waves)
