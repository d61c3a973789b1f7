"""When to come back after a drop: the server's advice, else exponential with full jitter.

Jitter keeps ten thousand clients of a restarted node from returning in the same instant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Advice:
    """What `session.draining` said: how long to wait, and a random part of the jitter more."""

    retry_after_s: float
    jitter_s: float

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Advice":
        return cls(
            float(params.get("retry_after_ms", 0)) / 1000, float(params.get("jitter_ms", 0)) / 1000
        )


@dataclass(frozen=True, slots=True)
class Backoff:
    """The n-th try waits up to `first_s` × 2ⁿ, at most `most_s`; after `attempts` it gives up."""

    first_s: float = 0.25
    most_s: float = 10.0
    attempts: int = 8

    def delays_s(self, advice: Advice | None, random: Random) -> Iterator[float]:
        """Give the wait before each try in seconds; advice decides the first."""
        for attempt in range(self.attempts):
            if advice and attempt == 0:
                yield advice.retry_after_s + random.random() * advice.jitter_s
            else:
                yield random.random() * min(self.most_s, self.first_s * 2**attempt)
