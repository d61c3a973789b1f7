"""From the codes of a decision to the inputs of a model: the values that serving uses."""

import numpy as np

from matching import features
from matching.curves import values_of
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
