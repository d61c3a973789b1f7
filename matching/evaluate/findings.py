"""What a log says of a model: all the figures that a report shows, as data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from matching.errors import InvalidField
from matching.evaluate.exposure import Exposure, exposure_of
from matching.evaluate.forecasts import Judgement, Outcomes, judge
from matching.evaluate.replay import OffPolicy, Places, off_policy
from matching.features import CODES
from matching.model import Model
from matching.policy import Policy, Shape
from matching.train.censoring import outcome_weights
from matching.train.forecasts import Constant, Forecast, Hand, Learnt
from matching.train.hazard import Rings, rings_of
from matching.train.inputs import inputs_of
from matching.train.lines import Raw
from matching.train.log import (
    ACCEPTED,
    NEVER,
    STATES,
    Bools,
    Floats,
    Ints,
    Log,
    Progress,
    read_log,
)

HEAVIEST: Final = 100.0  # an importance weight above this is cut: one row must not decide
TIER_NAMES: Final = ("no tier", "tier E", "tier D", "tier C", "tier B", "tier A")


@dataclass(frozen=True, slots=True)
class Cases:
    """A log made ready: `rings` with what a model reads of them, and work with its outcome.

    `inputs` (n, 23) and `weights` (n,) are of the rings, `weights` what each outcome stands for.
    `works` (k,) are rows of the log's offers, `work_inputs` (k, 23). `dropped` counts offers that
    are no rings, by reason.
    """

    rings: Rings
    inputs: Floats
    weights: Floats
    works: Ints
    work_inputs: Floats
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Findings:
    """Figures on the offers made from `from_ms` to `to_ms`, which the model did not learn from.

    `complete` is None where all work came out alike, `exposure` where the log has no online time in
    the window, `off_policy` where it shows no other choice.
    """

    from_ms: int
    to_ms: int
    counts: Mapping[str, int]
    holes: Mapping[str, int]
    accept: Judgement
    complete: Judgement | None
    exposure: Exposure | None
    tiers: Mapping[str, str]
    off_policy: OffPolicy | None


def cases_of(log: Log, shape: Shape, *, seed: int) -> Cases:
    """Return the rings and the work in *log* with the inputs that serving would have given.

    *seed* is of the weights' boosting.
    """
    offers = log.offers
    rings, dropped = rings_of(offers)
    works = np.flatnonzero((offers.state == ACCEPTED) & (offers.completed != NEVER))
    ring_inputs, work_inputs = (
        inputs_of(log, offers.decision[rows], offers.candidate[rows], shape)
        for rows in (rings.offers, works)
    )
    weights = outcome_weights(rings, ring_inputs, seed=seed)
    return Cases(rings, ring_inputs, weights, works, work_inputs, dropped)


def examine(
    lines: Iterable[Raw],
    *,
    model: Model,
    current: Model | None,
    policy: Policy,
    seed: int = 0,
    progress: Progress = lambda _step, _count: None,
) -> Findings:
    """Judge a *model* by the *lines* of a log: on what was offered after it had learnt.

    It is held against *current* (None for the hand *policy*) and against one chance for everybody,
    as usual as in this log. Raises `InvalidField` for a line that is none, for a model that does
    not say what it learnt, and where the log tells of nothing later than that.
    """
    since_ms = model.manifest.get("to_ms")
    if not isinstance(since_ms, int):
        raise InvalidField("the model does not say until when it learnt", path="model")
    log = read_log(lines, progress)
    cases = cases_of(log, policy.shape, seed=seed)
    progress("judging", len(cases.rings.offers))
    done = log.offers.completed[cases.works] == 1
    if not len(log.offers) or log.offers.made_ms[-1] < since_ms or not cases.weights.any():
        raise InvalidField("no offer in this log is later than what the model learnt", path="lines")
    forecasts = {
        "model": Learnt(model),
        "current": Hand(policy) if current is None else Learnt(current),
        "constant": Constant(
            float(np.average(cases.rings.accepted, weights=cases.weights)),
            float(done.mean()) if len(done) else 1.0,
        ),
    }
    return find(log, cases, since_ms, forecasts, policy.shape, seed=seed)


def find(
    log: Log,
    cases: Cases,
    from_ms: int,
    forecasts: Mapping[str, Forecast],
    shape: Shape,
    *,
    seed: int,
) -> Findings:
    """Judge *forecasts*, the first against the others, on what was offered since *from_ms*.

    Raises `InvalidField` if all those offers came out alike.
    """
    offers = log.offers
    rings = offers.made_ms[cases.rings.offers] >= from_ms
    works = offers.made_ms[cases.works] >= from_ms
    to_ms = int(offers.made_ms[-1]) + 1
    return Findings(
        from_ms,
        to_ms,
        log.counts,
        {**log.holes, **cases.dropped},
        _accept(log, cases, rings, forecasts, seed),
        _complete(log, cases, works, forecasts, seed),
        _exposure(log, from_ms, to_ms),
        _tiers(log),
        _off_policy(log, cases, rings, next(iter(forecasts.values())), shape),
    )


def _accept(
    log: Log, cases: Cases, rows: Bools, forecasts: Mapping[str, Forecast], seed: int
) -> Judgement:
    rings = cases.rings
    said = {
        name: each.accept(cases.inputs[rows], rings.ring_s[rows])
        for name, each in forecasts.items()
    }
    units = log.offers.unit[rings.offers[rows]]
    return judge(said, Outcomes(rings.accepted[rows], cases.weights[rows], units), seed=seed)


def _complete(
    log: Log, cases: Cases, rows: Bools, forecasts: Mapping[str, Forecast], seed: int
) -> Judgement | None:
    done = log.offers.completed[cases.works[rows]] == 1
    if done.all() or not done.any():
        return None
    said = {name: each.complete(cases.work_inputs[rows]) for name, each in forecasts.items()}
    units = log.offers.unit[cases.works[rows]]
    return judge(said, Outcomes(done, np.ones(len(done)), units), seed=seed)


def _exposure(log: Log, from_ms: int, to_ms: int) -> Exposure | None:
    exposure = exposure_of(_told(log), from_ms, to_ms)
    return exposure if len(exposure.interpreters) else None


def _told(log: Log) -> Iterator[dict[str, Any]]:
    """Yield what `exposure_of` reads of a log's lines."""
    for number, (person, state, made_ms) in enumerate(log.asked.tolist()):
        who = {"interpreter": log.people[person], "offer": str(number)}
        yield {"kind": "offer", "made_ms": made_ms, "state": STATES[state], **who}
    for person, from_ms, to_ms in log.spells.tolist():
        until = {"to_ms": None if to_ms == NEVER else to_ms}
        yield {"kind": "online", "interpreter": log.people[person], "from_ms": from_ms, **until}


def _tiers(log: Log) -> dict[str, str]:
    """Return each candidate's tier by name, as last ranked."""
    tiers = log.candidates.codes[:, CODES.index("tier")]
    newest = dict(zip(log.candidates.interpreter.tolist(), tiers.tolist(), strict=True))
    return {log.people[person]: TIER_NAMES[max(tier, 0)] for person, tier in newest.items()}


def _off_policy(
    log: Log, cases: Cases, rows: Bools, forecast: Forecast, shape: Shape
) -> OffPolicy | None:
    rings, offers = cases.rings, log.offers.only(cases.rings.offers[rows])
    places = Places(
        offers.candidate,
        offers.decision,
        rings.accepted[rows].astype(np.float64),
        cases.weights[rows],
    )
    first, ranked = log.decisions.first, np.unique(offers.decision)
    members = log.decisions.candidates_of(ranked)
    owner = np.repeat(ranked, first[ranked + 1] - first[ranked])
    inputs = inputs_of(log, owner, members, shape)
    ring_s = np.full(len(members), np.median(rings.ring_s[rows]))
    chance, worth = np.zeros((2, len(log.candidates.order)))
    chance[members] = forecast.accept(inputs, ring_s)
    worth[members] = chance[members] * forecast.complete(inputs)
    return off_policy(log, places, worth, chance, clip=HEAVIEST)
