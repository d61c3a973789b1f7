"""What a new model's order would have earned, by the chances with which others were rung.

Only what the log can carry over: in each decision as many people of each tier as were to be
expected, from those who had a chance to be rung; within a tier the new order picks who is likeliest
to accept and complete. Everything else about the decision stays as it was.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.evaluate.arrays import Floats
from matching.evaluate.off_policy import Estimate, Weights, dr, ips, snips, weigh
from matching.features import CODES
from matching.train.log import Ints, Log

TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class OffPolicy:
    """Acceptances for each person rung: as logged, and as the new order is estimated to get.

    `decisions` of the window, of which `explored` drew a place by lot; `moved` is the share of
    places that the new order gives to somebody else. `covered` is what the weights add up to, over
    what they should: far from 1, the lot has drawn too seldom to say anything.
    """

    decisions: int
    explored: int
    moved: float
    covered: float
    logged: Estimate
    estimates: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Places:
    """Rung candidates of a window, (n,) each, in the order of the log.

    `candidate` and `decision` are rows of the log; `happened` 0 or 1 is an acceptance, `weight`
    what it stands for (0 where its outcome is not known).
    """

    candidate: Ints
    decision: Ints
    happened: Floats
    weight: Floats


def off_policy(
    log: Log, places: Places, worth: Floats, chance: Floats, *, clip: float
) -> OffPolicy | None:
    """Estimate what ringing by *worth* would have earned in the decisions of *places*.

    *worth* and *chance* (of accepting) are of all candidates in the log, (m,). Weights above *clip*
    are cut. None where no propensity lies between 0 and 1: then the log holds no other choice.
    """
    table, rows = log.candidates, places.candidate
    propensity = table.propensity[rows]
    members = log.decisions.candidates_of(np.unique(places.decision))
    draws = table.propensity[members]
    if not ((draws > 0) & (draws < 1)).any() or not (places.weight > 0).any():
        return None
    owners = np.repeat(np.arange(len(log.decisions.at_ms)), np.diff(log.decisions.first))
    target = _target(log, owners, members, worth)
    known = places.weight > 0
    # An outcome is seen if the person was rung and the ring was not withdrawn before.
    seen = np.where(known, propensity / np.where(known, places.weight, 1.0), 1.0)
    weights = weigh(seen, np.where(known, target[rows], 0.0), clip=clip, units=places.decision)
    logged = Weights(places.weight, 0.0, weights.units)
    reward = places.happened
    filled, expected = np.bincount(owners, target), np.bincount(owners, target * chance)
    a_place = (expected / np.maximum(filled, TINY))[places.decision]
    estimates = {
        "IPS": ips(reward, weights),
        "DR": dr(reward, weights, chance[rows], a_place),
    }
    if weights.values.any():
        estimates["SNIPS"] = snips(reward, weights)
    decisions = np.unique(places.decision)
    return OffPolicy(
        len(decisions),
        int(log.decisions.explored[decisions].sum()),
        float(1 - target[rows].mean()),
        float(weights.values.mean()),
        snips(reward, logged),
        dict(sorted(estimates.items())),
    )


def _target(log: Log, owners: Ints, members: Ints, worth: Floats) -> Floats:
    """Return the chance with which the new order rings each candidate in the log, (m,).

    *owners* (m,) are the candidates' decisions, *members* the candidates that count. The places of
    a tier are the sum of its propensities, so they do not depend on who happened to be rung; the
    best of the tier get one each, the next one what is left.
    """
    table = log.candidates
    tier = table.codes[:, CODES.index("tier")].astype(np.int64)
    group = owners * 16 + tier + 1
    places = np.bincount(group[members], table.propensity[members])
    able = members[table.propensity[members] > 0]
    best = able[np.lexsort((-worth[able], group[able]))]
    groups = group[best]
    better = np.arange(len(best)) - np.searchsorted(groups, groups)
    target = np.zeros(len(group))
    target[best] = (places[groups] - better).clip(0.0, 1.0)
    return target
