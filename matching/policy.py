"""The policy: hand weights, shapes and waves from config/weights.toml, under one version."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from matching.errors import InvalidTables

HELPS = (
    *("tier_surplus", "experience", "p_complete", "rating", "exposure", "media_health", "idle"),
    *("specialism", "dialect", "p_accept", "preference", "continuity"),
)
CONSTANTS = frozenset({"audio", "video", "onsite", "travel", "answers"})
MOST_EXPLORED = 0.05
BURDENS = ("load", "back_to_back", "travel", "slack", "scarcity", "cost", "substitute")


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the saturating features saturate, in minutes."""

    travel_limit_min: float
    idle_half_life_min: float
    load_limit_min: float
    streak_limit_min: float


@dataclass(frozen=True, slots=True)
class Exploration:
    """How often a wave's last place goes to another of the same tier, and how freely.

    `share` of the decisions, 0–0.05; `temperature` in log-odds: the higher, the more equal.
    """

    share: float
    temperature: float


@dataclass(frozen=True, slots=True)
class WaveSize:
    """How many to ring at once: until someone accepts with probability `target`.

    With a `pace_s` waves overlap: one more is rung for each who declines, and for so long silence.
    """

    target: float
    smallest: int
    largest: int
    pace_s: float | None = None

    def refill(self, due: int) -> "WaveSize":
        """Return the size of what is rung beside offers that ring still."""
        return replace(self, smallest=due, largest=due)


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
    exploration: Exploration

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
        if not all(0 < each < math.inf for each in asdict(shape).values()):
            raise InvalidTables("shape: every limit is finite and above zero")
        waves = {name: WaveSize(**size) for name, size in data["waves"].items()}
        for name, size in waves.items():
            paced = size.pace_s is None or 1 <= size.pace_s < math.inf
            if not (paced and 0 < size.target <= 1 and 1 <= size.smallest <= size.largest):
                raise InvalidTables(f"waves: {name} is not possible")
        acceptance = {name: float(value) for name, value in data["acceptance"].items()}
        if acceptance.keys() != CONSTANTS or not all(map(math.isfinite, acceptance.values())):
            raise InvalidTables(f"acceptance: {', '.join(sorted(CONSTANTS))}, each a number")
        if acceptance["travel"] > 0 or not 0 <= acceptance["answers"] <= 1:
            raise InvalidTables("acceptance: travel burdens, and answers count by a share")
        exploration = Exploration(**{k: float(v) for k, v in data["exploration"].items()})
        if not (0 <= exploration.share <= MOST_EXPLORED and exploration.temperature > 0):
            raise InvalidTables(f"exploration: a share of 0 to {MOST_EXPLORED}, some temperature")
        return cls(version, weights, shape, acceptance, waves, exploration)
