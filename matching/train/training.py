"""From a log to a model, and to the question whether it may serve.

Time is cut in four: the earliest part teaches, the next says when to stop, the next calibrates, and
the latest, which nothing was fitted to, judges.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import sklearn

from matching.errors import InvalidField
from matching.evaluate.findings import Cases, Findings, cases_of, find
from matching.model import INPUTS, Hazard, Head, Model, Step, versioned
from matching.policy import Policy
from matching.train.fit import (
    ACCEPT_SIGNS,
    COMPLETE_SIGNS,
    Rows,
    boost,
    calibration,
    chances_of,
    log_odds_by,
    log_odds_of,
    logit,
    stop_at_best,
    tables_of,
)
from matching.train.forecasts import Boosted, Challenger, Constant, Hand, Learnt
from matching.train.hazard import periods_of, person_periods
from matching.train.lines import Raw
from matching.train.log import Bools, Log, Progress, read_log

CUTS: Final = (0.60, 0.70, 0.85)
TEACHES, STOPS, CALIBRATES, JUDGES = range(4)
SLICES: Final = ("the earliest 60 %", "the next 10 %", "the next 15 %", "the latest 15 %")
# Of each outcome, in each slice of time.
LEAST_ACCEPT: Final = (300, 50, 75, 75)
LEAST_COMPLETE: Final = (60, 10, 15, 15)

Slices = npt.NDArray[np.intp]


class Verdict(NamedTuple):
    """Whether the model may replace the current one, and why (not), in a sentence."""

    promoted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, what it is worth on the latest slice of time, and the verdict.

    `findings` name the forecasts "model", "current" (a model's or the hand policy's), "constant"
    and "interactions"; `current` is the version that serves now.
    """

    model: Model
    findings: Findings
    verdict: Verdict
    current: str


class _Time(NamedTuple):
    """Which of four slices of time rings and works lie in; the last begins at `judged_ms`."""

    rings: Slices
    works: Slices
    judged_ms: int


def train(
    lines: Iterable[Raw],
    *,
    policy: Policy,
    current: Model | None,
    now_ms: int,
    seed: int = 0,
    progress: Progress = lambda _step, _count: None,
) -> Trained:
    """Learn a model from the *lines* of a decision log and judge it.

    *current* serves now, None for the hand *policy*, whose shapes also say what the codes in the
    log are worth. The same lines, *now_ms* and *seed* give the same model. *progress* is told each
    step, and rows. Raises `InvalidField` for a line that is none, for too little of either outcome
    (and says how much is needed), and where nothing that was learnt holds on later offers.
    """
    log = read_log(lines, progress)
    cases = cases_of(log, policy.shape, seed=seed)
    time = _cut(log, cases)
    progress("learning P(accept)", len(time.rings))
    accept, accept_rival = _learn_accept(cases, time.rings, seed)
    progress("learning P(complete)", len(time.works))
    done = log.offers.completed[cases.works] == 1
    works = Rows(cases.work_inputs, done, np.ones(len(done)))
    complete, complete_rival = _learn_complete(works, time.works, seed)

    manifest = {
        "trained_ms": now_ms,
        "from_ms": int(log.offers.made_ms[0]),
        "to_ms": time.judged_ms,
        "rows": {"rings": len(time.rings), "works": len(done), "people": len(log.people)},
        "seed": seed,
        "policy": policy.version,
        "sklearn": sklearn.__version__,
    }
    taught = cases.weights * (time.rings == TEACHES)
    forecasts = {
        "model": Learnt(versioned(accept, complete, manifest)),
        "current": Hand(policy) if current is None else Learnt(current),
        "constant": Constant(
            float(np.average(cases.rings.accepted, weights=taught)),
            float(done[time.works == TEACHES].mean()),
        ),
        "interactions": Challenger(accept_rival, complete_rival, accept.ends_s),
    }
    progress("judging", int((time.rings == JUDGES).sum()))
    findings = find(log, cases, time.judged_ms, forecasts, policy.shape, seed=seed)
    model = versioned(accept, complete, {**manifest, "metrics": _metrics(findings)})
    serving = policy.version if current is None else current.version
    return Trained(model, findings, verdict(findings), serving)


def verdict(findings: Findings) -> Verdict:
    """Say whether a model of these *findings* may serve: not if it is worse beyond noise.

    It must beat a constant, and neither chance may be worse than what serves now with 95 %
    confidence.
    """
    against = findings.accept.gain["constant"]
    if against.low <= 0:
        return Verdict(
            False,
            "P(accept) is no better than the same chance for everybody: it saves "
            f"{against.value:.4f} nats an offer ({against.low:.4f} to {against.high:.4f}).",
        )
    for name, judged in (("P(accept)", findings.accept), ("P(complete)", findings.complete)):
        if judged and judged.gain["current"].high < 0:
            gain = judged.gain["current"]
            return Verdict(
                False,
                f"{name} is worse than what serves now: it loses {-gain.value:.4f} nats "
                f"({-gain.high:.4f} to {-gain.low:.4f}).",
            )
    gain = findings.accept.gain["current"]
    than = "better than" if gain.low > 0 else "as good as"
    return Verdict(
        True,
        f"P(accept) is {than} what serves now: it saves {gain.value:.4f} nats an offer "
        f"({gain.low:.4f} to {gain.high:.4f}).",
    )


def _cut(log: Log, cases: Cases) -> _Time:
    """Cut the log in four by time, or refuse it if a slice has too little of an outcome."""
    made, rings = log.offers.made_ms, cases.rings
    bounds = [0.0, 0.0, 0.0]
    if len(rings.offers):
        bounds = np.quantile(made[rings.offers], CUTS).tolist()
    time = _Time(
        np.digitize(made[rings.offers], bounds),
        np.digitize(made[cases.works], bounds),
        math.ceil(bounds[-1]),
    )
    done = log.offers.completed[cases.works] == 1
    refused = ~rings.accepted & ~rings.censored
    _need("offers accepted", time.rings[rings.accepted], LEAST_ACCEPT)
    _need("offers not accepted", time.rings[refused], LEAST_ACCEPT)
    _need("accepted work completed", time.works[done], LEAST_COMPLETE)
    _need("accepted work not completed", time.works[~done], LEAST_COMPLETE)
    return time


def _need(what: str, slices: Slices, least: tuple[int, ...]) -> None:
    for part, needed in enumerate(least):
        found = int((slices == part).sum())
        if found < needed:
            raise InvalidField(
                f"too little to learn from: {found} {what} in {SLICES[part]} of the time, "
                f"{needed} are needed",
                path=what,
            )


def _learn_accept(cases: Cases, slices: Slices, seed: int) -> tuple[Hazard, Boosted]:
    """Return the hazard of accepting, calibrated, and its rival with interactions."""
    rings, names = cases.rings, ("period", *INPUTS)
    early = rings.only(slices <= STOPS)
    ends_s = periods_of(early)
    split = person_periods(early.ends_s, early.accepted, ends_s)
    inputs = np.column_stack([split.period, cases.inputs[slices <= STOPS][split.ring]])
    rows, parts = Rows(inputs, split.happened, split.weight), slices[slices <= STOPS][split.ring]
    signs = [ACCEPT_SIGNS.get(name, 0) for name in names]
    additive = _boosted(rows, parts, signs, additive=True, seed=seed)
    rival = _boosted(rows, parts, signs, additive=False, seed=seed)
    intercept, steps = tables_of(additive.estimator, names)
    period = steps.pop("period", Step((), (0.0,), 0.0))
    hazard = Hazard(
        intercept, steps, ends_s=ends_s, by_period=tuple(period.table(range(len(ends_s))))
    )

    late = slices == CALIBRATES
    inputs, ring_s = cases.inputs[late], rings.ring_s[late]
    happened, weights = rings.accepted[late], cases.weights[late]
    said = hazard.p_within_each(log_odds_of(hazard, inputs), ring_s)
    scale, shift = calibration(said, happened, weights)
    if scale <= 0:
        raise InvalidField(
            "no signal: what earlier offers taught orders later ones no better than by lot",
            path="offers",
        )
    said = Challenger(rival, rival, ends_s).accept(inputs, ring_s)
    fitted = calibration(said, happened, weights)
    return replace(hazard, scale=scale, shift=shift), rival._replace(
        scale=fitted[0], shift=fitted[1]
    )


def _learn_complete(rows: Rows, parts: Slices, seed: int) -> tuple[Head, Boosted]:
    """Return the chance of completing, calibrated, and its rival with interactions.

    Where nothing tells who completes, it is the same for everybody.
    """
    signs = [COMPLETE_SIGNS.get(name, 0) for name in INPUTS]
    additive = _boosted(rows, parts, signs, additive=True, seed=seed)
    rival = _boosted(rows, parts, signs, additive=False, seed=seed)
    head = Head(*tables_of(additive.estimator, INPUTS))
    inputs, happened, weights = _part(rows, parts == CALIBRATES)
    scale, shift = calibration(chances_of(log_odds_of(head, inputs)), happened, weights)
    if scale <= 0:
        head, (scale, shift) = Head(float(logit(happened.mean())), {}), (1.0, 0.0)
    odds = log_odds_by(rival.estimator, inputs)
    fitted = calibration(chances_of(odds), happened, weights)
    return replace(head, scale=scale, shift=shift), rival._replace(scale=fitted[0], shift=fitted[1])


def _boosted(rows: Rows, parts: Slices, signs: list[int], *, additive: bool, seed: int) -> Boosted:
    estimator = boost(_part(rows, parts == TEACHES), signs, additive=additive, seed=seed)
    stop_at_best(estimator, _part(rows, parts == STOPS))
    return Boosted(estimator)


def _part(rows: Rows, chosen: Bools) -> Rows:
    return Rows(rows.inputs[chosen], rows.labels[chosen], rows.weights[chosen])


def _metrics(findings: Findings) -> dict[str, float]:
    """Return the figures that a model carries with it."""
    metrics = {}
    for name, judged in (("accept", findings.accept), ("complete", findings.complete)):
        if judged:
            metrics[f"{name}_log_loss"] = judged.loss["model"].value
            metrics[f"{name}_gain_over_constant"] = judged.gain["constant"].value
            metrics[f"{name}_auc"] = judged.auc["model"].value
            metrics[f"{name}_calibration_error"] = judged.calibration["model"].ece
    return metrics
