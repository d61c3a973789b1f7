"""Boosting without interactions, taken apart into the exact tables that serve.

With `interaction_cst="no_interactions"` every tree of the ensemble reads one input, so the sum over
all trees is a sum of step functions, one an input, on the boosting's own edges. Signs that the
domain knows are held as monotonic constraints; where it does not know, the log decides.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from matching.model import INPUTS, Floats, Head, Step

ROUNDS: Final = 250
LEARNING_RATE: Final = 0.15
ADDITIVE_LEAVES: Final = 4  # of a tree on one input: more make jagged curves, not better ones
CHALLENGER_LEAVES: Final = 15
LEAST_LEAF: Final = 100
LEAST_SHARE: Final = 200  # and no leaf holds less than one row in so many
SHRINKAGE: Final = 5.0
SUREST: Final = 1e-9

# +1: more of it never makes accepting less likely; -1: never more likely.
ACCEPT_SIGNS: Final = {
    "travel": -1,
    "slack": -1,  # its value is how little time is left
    "substitute": -1,
    "preference": 1,
    "continuity": 1,
    "responsiveness": 1,
}
COMPLETE_SIGNS: Final = {
    "tier": 1,
    "experience": 1,
    "reliability": 1,
    "rating": 1,
    "media": 1,
    "specialism": 1,
    "dialect": 1,
    "load": -1,
    "streak": -1,
    "travel": -1,
    "slack": -1,
    "substitute": -1,
}

Labels = npt.NDArray[np.bool_]


class Rows(NamedTuple):
    """What to fit to: `inputs` (n, k), `labels` and `weights` (n,)."""

    inputs: Floats
    labels: Labels
    weights: Floats


def boost(
    rows: Rows, signs: Sequence[int], *, additive: bool, seed: int, rounds: int = ROUNDS
) -> HistGradientBoostingClassifier:
    """Fit *rounds* of trees to *rows*; *signs* (k,) are those of each input: 1, -1 or 0.

    On one thread, so that the same log and seed give the same bits on any machine's cores.
    """
    estimator = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=rounds,
        max_leaf_nodes=ADDITIVE_LEAVES if additive else CHALLENGER_LEAVES,
        min_samples_leaf=max(LEAST_LEAF, len(rows.labels) // LEAST_SHARE),
        l2_regularization=SHRINKAGE,
        monotonic_cst=list(signs),
        interaction_cst="no_interactions" if additive else None,
        early_stopping=False,
        random_state=seed,
    )
    # What no request asked about cannot be binned; as a constant it is never split.
    empty = np.isnan(rows.inputs).all(axis=0)
    inputs = np.where(empty, 0.0, rows.inputs) if empty.any() else rows.inputs
    with threadpool_limits(1):
        return estimator.fit(inputs, rows.labels, sample_weight=rows.weights)


def stop_at_best(estimator: HistGradientBoostingClassifier, rows: Rows) -> None:
    """Drop the trees after the round at which the log loss on later *rows* was lowest."""
    away = np.where(rows.labels, -1.0, 1.0)
    with threadpool_limits(1):
        losses = [
            np.average(np.logaddexp(0.0, away * raw.ravel()), weights=rows.weights)
            for raw in estimator.staged_decision_function(rows.inputs)
        ]
    del vars(estimator)["_predictors"][int(np.argmin(losses)) + 1 :]


def log_odds_by(estimator: HistGradientBoostingClassifier, inputs: Floats) -> Floats:
    """Return the ensemble's log-odds of *inputs* (n, k): (n,). On one thread, as all here."""
    with threadpool_limits(1):
        return np.asarray(estimator.decision_function(inputs), dtype=np.float64)


def tables_of(
    estimator: HistGradientBoostingClassifier, names: Sequence[str]
) -> tuple[float, dict[str, Step]]:
    """Return intercept and steps that equal the estimator, for its inputs *names*.

    Inputs that no tree reads have no step. Raises `ValueError` for a tree that reads two inputs.
    scikit-learn publishes no way to its trees: these are private attributes, held by a test.
    """
    fitted = vars(estimator)
    intercept = float(fitted["_baseline_prediction"].ravel()[0])
    trees: dict[int, list[Any]] = {}
    for (predictor,) in fitted["_predictors"]:
        nodes = predictor.nodes
        read = np.unique(nodes["feature_idx"][nodes["is_leaf"] == 0])
        if len(read) > 1:
            raise ValueError(f"a tree reads {len(read)} inputs: not an additive model")
        if len(read) == 0:
            intercept += float(nodes["value"][0])
        else:
            trees.setdefault(int(read[0]), []).append(nodes)
    return intercept, {names[column]: _step_of(trees[column]) for column in sorted(trees)}


def _step_of(trees: list[Any]) -> Step:
    """Add trees of one input up to one step function."""
    thresholds = np.concatenate([nodes["num_threshold"][nodes["is_leaf"] == 0] for nodes in trees])
    # A split of the missing from all the others has an infinite threshold.
    edges = np.unique(thresholds[np.isfinite(thresholds)])
    values, missing = np.zeros(len(edges) + 1), 0.0
    for nodes in trees:
        stack = [(0, 0, len(values))]
        while stack:
            at, low, high = stack.pop()
            node = nodes[at]
            if node["is_leaf"]:
                values[low:high] += node["value"]
                continue
            parting = int(np.searchsorted(edges, node["num_threshold"])) + 1
            stack.append((int(node["left"]), low, min(high, parting)))
            stack.append((int(node["right"]), max(low, parting), high))
        missing += _missing_of(nodes)
    return Step(tuple(map(float, edges)), tuple(map(float, values)), missing)


def _missing_of(nodes: Any) -> float:
    node = nodes[0]
    while not node["is_leaf"]:
        node = nodes[node["left"] if node["missing_go_to_left"] else node["right"]]
    return float(node["value"])


def log_odds_of(head: Head, inputs: Floats) -> Floats:
    """Return `Head.log_odds` of many: *inputs* (n, 23), whose columns are `model.INPUTS`: (n,)."""
    total = np.full(len(inputs), head.intercept)
    for name, step in head.steps.items():
        column = inputs[:, INPUTS.index(name)]
        known = np.array(step.values)[np.searchsorted(step.edges, column)]
        total += np.where(np.isnan(column), step.missing, known)
    return total


def calibration(chances: Floats, labels: Labels, weights: Floats) -> tuple[float, float]:
    """Fit scale and shift of the log-odds of *chances* to what happened (Platt), all (n,)."""
    fitted = LogisticRegression(C=1e4).fit(logit(chances)[:, None], labels, sample_weight=weights)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def logit(chances: Floats) -> Floats:
    """Return the log-odds of *chances*, kept away from certainty."""
    sure = chances.clip(SUREST, 1 - SUREST)
    return np.asarray(np.log(sure) - np.log1p(-sure))


def chances_of(log_odds: Floats) -> Floats:
    """Return the chances of *log_odds*, without overflow at either end."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)))
