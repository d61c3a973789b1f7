"""From the codes of a decision to the inputs of a model: the values that serving uses."""

from collections.abc import Callable, Mapping

import numpy as np

from matching import features
from matching.features import CODES
from matching.model import CANDIDATE_INPUTS, INPUTS
from matching.policy import Shape
from matching.train.log import Floats, Ints, Log


def inputs_of(log: Log, decision: Ints, candidate: Ints, shape: Shape) -> Floats:
    """Return what a model reads of candidates: (n, 23) in the order of `model.INPUTS`.

    *decision* and *candidate* are rows of the log's tables, (n,) each. NaN where a request does not
    ask. A code beyond what its feature knows today counts as the last it knows.
    """
    codes, value = log.candidates.codes[candidate], values_of(shape)
    out = np.empty((len(candidate), len(INPUTS)))
    for column, name in enumerate(CANDIDATE_INPUTS):
        code = codes[:, CODES.index(name)].astype(np.int64)
        if name == "specialism":
            known = features.specialism(code, log.decisions.wanted[decision])  # type: ignore[arg-type]
        else:
            size = features.SIZES.get(name, int(code.max(initial=0)) + 1)
            known = np.array([value[name](each) for each in range(size)])[code.clip(0, size - 1)]
        out[:, column] = np.where(code < 0, np.nan, known)
    out[:, len(CANDIDATE_INPUTS) :] = log.decisions.context[decision]
    return out


def values_of(shape: Shape) -> Mapping[str, Callable[[int], float]]:
    """Return the value of a code for each input that needs nothing but its code."""
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
        "cost": features.cost,
        "substitute": float,
    }
