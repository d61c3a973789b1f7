"""What a learnt head says of each input, in the units that people know it by."""

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from matching import features
from matching.chances import DURATION_CAP_MIN, SOMETIMES, WAVE_CAP
from matching.curves import values_of
from matching.model import INPUTS, Head
from matching.policy import Shape

NO_YES: Final = ("no", "yes")


class Axis(NamedTuple):
    """How an input is shown: `at` turns a code into the `unit`, or `labels` name the codes."""

    title: str
    unit: str = ""
    at: Callable[[int], float] = float
    labels: tuple[str, ...] = ()


class Curve(NamedTuple):
    """One input's step function: log-odds `values` at `places`, from the middle of its range.

    `swing` is the distance from the lowest to the highest; `missing` is the value where a request
    does not ask, None where it always does.
    """

    name: str
    axis: Axis
    places: tuple[float, ...]
    values: tuple[float, ...]
    missing: float | None
    swing: float


AXES: Final[Mapping[str, Axis]] = {
    "tier": Axis("Qualification", labels=("none", "E", "D", "C", "B", "A")),
    "experience": Axis("Experience in the languages", "sessions, by doublings", float),
    "reliability": Axis("Accepted work completed", "% (shrunk)", float),
    "responsiveness": Axis("Offers answered, yes or no", "% (shrunk)", lambda code: code * 2),
    "rating": Axis("Stars", "of 5 (shrunk)", lambda code: 1 + code / 10),
    "load": Axis("Worked today", "hours", lambda code: code * features.LOAD_STEP_MIN / 60),
    "streak": Axis("Without a break", "hours", lambda code: code * features.LOAD_STEP_MIN / 60),
    "exposure": Axis(
        "Offers below their share", "% of it", lambda code: (code - features.ON_TARGET) * 10
    ),
    "media": Axis("Recent meetings that connected", "%", lambda code: code * 5),
    "idle": Axis("Idle", "minutes", float),
    "specialism": Axis("Wanted specialisms held", "% of them, and one more", float),
    "dialect": Axis("Dialect", labels=("another", "not stated", "near", "exact")),
    "travel": Axis("The way there", "minutes", float),
    "slack": Axis(
        "Time to the nearest booking", "minutes", lambda code: code * features.SLACK_STEP_MIN
    ),
    "preference": Axis("Preferred by the customer", labels=NO_YES),
    "continuity": Axis("Knows the customer", "0 to 1", lambda code: code / features.CONTINUITY_CAP),
    "cost": Axis("Price over the cap", "%", float),
    "substitute": Axis("Another language, by consent", labels=NO_YES),
    "mode": Axis("Mode", labels=("audio", "video", "on site")),
    "hour": Axis("Hour of the day", "local time", float),
    "duration": Axis("Duration", "minutes", float),
    "wave": Axis("Wave", "1 is the first to be asked", float),
    "emergency": Axis("Emergency", labels=NO_YES),
}


def curves_of(head: Head, shape: Shape) -> list[Curve]:
    """Return a curve for each input of *head*, those that move most first."""
    curves = []
    for name in INPUTS:
        step = head.steps.get(name)
        if step is None:
            continue
        codes, value = _points(name, shape)
        values = [step(value(code)) for code in codes]
        if not AXES[name].labels:
            where = _where_it_moves(values)
            codes, values = codes[where], values[where]
        asked = name not in SOMETIMES
        shown = values if asked else [*values, step.missing]
        middle = (min(shown) + max(shown)) / 2
        curves.append(
            Curve(
                name,
                AXES[name],
                tuple(AXES[name].at(code) for code in codes),
                tuple(each - middle for each in values),
                None if asked else step.missing - middle,
                max(shown) - min(shown),
            )
        )
    return sorted(curves, key=lambda curve: -curve.swing)


# Of inputs that have no codes: where to look, and how many of that are a value of 1.
PLACES: Final[Mapping[str, tuple[range, int]]] = {
    "mode": (range(3), 1),
    "hour": (range(24), 1),
    "duration": (range(0, DURATION_CAP_MIN + 1, 5), DURATION_CAP_MIN),
    "wave": (range(1, WAVE_CAP + 1), 1),
    "emergency": (range(2), 1),
    "specialism": (range(0, 101, 5), 100),
}


def _where_it_moves(values: list[float]) -> slice:
    """Return the part of a curve that changes and some of what is level beside it.

    No data lies far beyond the outermost edges, and to draw it would say that some does.
    """
    moves = [at for at, (left, right) in enumerate(pairwise(values)) if left != right]
    if not moves:
        return slice(None)
    beside = max(moves[-1] - moves[0], len(values) // 10) // 4 + 1
    return slice(max(0, moves[0] - beside), moves[-1] + 2 + beside)


def _points(name: str, shape: Shape) -> tuple[range, Callable[[int], float]]:
    """Return where to look at an input, and what the model reads there."""
    if name in PLACES:
        places, whole = PLACES[name]
        return places, lambda place: place / whole
    last = math.ceil(shape.travel_limit_min) if name == "travel" else features.SIZES[name] - 1
    return range(last + 1), values_of(shape)[name]
