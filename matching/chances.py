"""Where the chances come from: P(accept) of an offer and P(complete) of what was accepted.

Both are additive in log-odds, one table a feature, so that they rank and explain exactly.
`HandChances` are the policy's constants until a model is learnt, `LearntChances` a model's steps.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Final, NamedTuple

from matching import features
from matching.model import Head, Model
from matching.policy import Policy
from matching.types import Mode, Request

RING_S: Final = 20.0  # how long an offer rings (limits.offer_s): chances are of so long
GRID: Final = 64  # chances are looked up at 1/64 of a log-odds
WIDEST: Final = 12.0
MIDDLE: Final = WIDEST * GRID + 0.5
REMEMBERED: Final = 4096
MODES: Final = {Mode.AUDIO: 0.0, Mode.VIDEO: 1.0, Mode.ONSITE: 2.0}
DURATION_CAP_MIN: Final = 480
WAVE_CAP: Final = 5
USUAL: Final = features.PRIOR_COMPLETED / (features.PRIOR_COMPLETED + features.PRIOR_FAILED)
USUAL_ANSWERED: Final = features.responsiveness(features.USUAL_RESPONSIVENESS)
# What counts as nothing said: tables are zero there, and the context carries what it is worth.
NEUTRAL: Final = {
    "slack": features.slack(features.ROOMY),
    "preference": 0.0,
    "continuity": 0.0,
    "cost": 0.0,
    "substitute": 0.0,
}
SOMETIMES: Final = ("media", "idle", "specialism", "dialect", "travel", "cost")

Amounts = tuple[float, ...]


class Context(NamedTuple):
    """What a request alone says of its chances, and which features it raises."""

    mode: Mode
    hour: int
    duration_min: int
    wave: int
    emergency: bool
    specialism: bool
    dialect: bool
    cost: bool
    scheduled: bool = False

    @property
    def raised(self) -> frozenset[str]:
        """The features that candidates have a code of, of those that not every request asks."""
        asked = {
            "idle": not self.scheduled,
            "specialism": self.specialism,
            "dialect": self.dialect,
            "cost": self.cost,
            "travel": self.mode is Mode.ONSITE,
            "media": self.mode is not Mode.ONSITE,
        }
        return frozenset(name for name, yes in asked.items() if yes)

    def values(self) -> dict[str, float]:
        """Return the inputs of models, by name."""
        return {
            "mode": MODES[self.mode],
            "hour": float(self.hour),
            "duration": min(1.0, self.duration_min / DURATION_CAP_MIN),
            "wave": float(min(self.wave, WAVE_CAP)),
            "emergency": float(self.emergency),
        }


class Chances(ABC):
    """Log-odds by feature and by context, and the calibrated probabilities they stand for.

    `by_accept` and `by_complete` have those at `step_of` of log-odds: that an offer is accepted
    while it rings, and that accepted work is completed.
    """

    version: str

    def __init__(self) -> None:
        steps = range(-round(WIDEST * GRID), round(WIDEST * GRID) + 1)
        self.by_accept = tuple(self._p_accept(step / GRID) for step in steps)
        self.by_complete = tuple(self._p_complete(step / GRID) for step in steps)

    @abstractmethod
    def accept(self, feature: str, values: Sequence[float]) -> Amounts:
        """Return what each value of a feature adds to the log-odds of accepting."""

    @abstractmethod
    def complete(self, feature: str, values: Sequence[float]) -> Amounts:
        """Return what each value of a feature adds to the log-odds of completing."""

    @abstractmethod
    def start(self, request: Request, hour: Callable[[], int], wave: int) -> tuple[float, float]:
        """Return the log-odds of accepting and of completing that a request starts with."""

    @abstractmethod
    def _p_accept(self, log_odds: float) -> float: ...

    @abstractmethod
    def _p_complete(self, log_odds: float) -> float: ...


class HandChances(Chances):
    """Constants by mode, what the way takes from them, and each one's shrunk record.

    Whoever answers most of what reaches them is the likelier to accept, reliability says who is
    to complete it.
    """

    version = "hand"

    def __init__(self, policy: Policy) -> None:
        self._acceptance = policy.acceptance
        self._starts = {mode: (policy.acceptance[mode], _log_odds(USUAL)) for mode in Mode}
        super().__init__()

    def accept(self, feature: str, values: Sequence[float]) -> Amounts:
        if feature == "responsiveness":
            by, usual = self._acceptance["answers"], _log_odds(USUAL_ANSWERED)
            return tuple(by * (_log_odds(value) - usual) for value in values)
        by = self._acceptance["travel"] if feature == "travel" else 0.0
        return tuple(by * value for value in values)

    def complete(self, feature: str, values: Sequence[float]) -> Amounts:
        if feature != "reliability":
            return tuple(repeat(0.0, len(values)))
        return tuple(_log_odds(value) - _log_odds(USUAL) for value in values)

    def start(self, request: Request, hour: Callable[[], int], wave: int) -> tuple[float, float]:  # noqa: ARG002
        return self._starts[request.mode]

    def _p_accept(self, log_odds: float) -> float:
        return _logistic(log_odds)

    def _p_complete(self, log_odds: float) -> float:
        return _logistic(log_odds)


class LearntChances(Chances):
    """A model's steps as tables on the values of the codes."""

    def __init__(self, model: Model) -> None:
        self.version = model.version
        self._model = model
        self._starts: dict[Context, tuple[float, float]] = {}
        super().__init__()

    def accept(self, feature: str, values: Sequence[float]) -> Amounts:
        return _by_value(self._model.accept, feature, values)

    def complete(self, feature: str, values: Sequence[float]) -> Amounts:
        return _by_value(self._model.complete, feature, values)

    def start(self, request: Request, hour: Callable[[], int], wave: int) -> tuple[float, float]:
        required, preferences = request.requirements, request.preferences
        context = Context(
            request.mode,
            hour(),
            request.duration_min,
            wave,
            request.emergency,
            bool(required.specialisms or preferences.specialisms),
            bool(required.dialect or preferences.dialect),
            request.price_cap is not None,
            request.start_ms is not None,
        )
        start = self._starts.get(context)
        if start is None:
            heads = self._model.accept, self._model.complete
            start = _start(heads[0], context), _start(heads[1], context)
            if len(self._starts) >= REMEMBERED:
                self._starts.clear()
            self._starts[context] = start
        return start

    def _p_accept(self, log_odds: float) -> float:
        return self._model.accept.p_within(log_odds, RING_S)

    def _p_complete(self, log_odds: float) -> float:
        return self._model.complete.probability(log_odds)


def _by_value(head: Head, feature: str, values: Sequence[float]) -> Amounts:
    """Return a head's step at each value, zero where nothing is said."""
    step = head.steps.get(feature)
    if step is None:
        return tuple(repeat(0.0, len(values)))
    zero = step(NEUTRAL[feature]) if feature in NEUTRAL else 0.0
    return tuple(step(value) - zero for value in values)


def _start(head: Head, context: Context) -> float:
    """Add up what is the same for all candidates: intercept, context, what is not asked about."""
    total, values, raised = head.intercept, context.values(), context.raised
    for name, step in head.steps.items():
        if name in values:
            total += step(values[name])
        elif name in NEUTRAL and (name not in SOMETIMES or name in raised):
            total += step(NEUTRAL[name])
        elif name in SOMETIMES and name not in raised:
            total += step.missing
    return total


def step_of(log_odds: float) -> int:
    """Return where a chance stands in `Chances.by_accept` and `by_complete`."""
    if -WIDEST < log_odds < WIDEST:
        return int(log_odds * GRID + MIDDLE)
    return 0 if log_odds < 0 else 2 * int(MIDDLE)


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _log_odds(p: float) -> float:
    sure = min(max(p, 0.02), 0.99)
    return math.log(sure / (1 - sure))
