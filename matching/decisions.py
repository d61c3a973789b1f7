"""A decision as it is recorded: all that it was made of, to be replayed and learnt from.

Plain data throughout (maps, lists, numbers, texts): it is stored, exported as NDJSON and read by
training as it is. Replaying needs the recorded codes, the policy and the model, not the people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, NamedTuple

import numpy as np

from matching import features
from matching.asking import Asked, Turn
from matching.eligibility import Rule
from matching.errors import InvalidField
from matching.plan import Plan, PutOff, make_plan
from matching.population import Population
from matching.ranking import Field, codes_of, survey
from matching.scoring import Ask, Codes, Scorer
from matching.shortage import RULES, exclusions

SCHEMA: Final = 1
MOST_CANDIDATES: Final = 50  # recorded with their codes: the best; how many there were is counted


class Replay(NamedTuple):
    """What the recorded codes give again: `order` (float32) and `score` by interpreter, best first.

    `same` says that order, scores and places are those recorded, to the last bit.
    """

    ranking: tuple[tuple[str, float, float], ...]
    same: bool


def record(population: Population, turn: Turn, asked: Asked, now_ms: int) -> dict[str, Any]:
    """Return what is to be kept of a decision made just now, before anything has changed.

    The caller adds whose it is. Works on every eligible row, outside the path of a search.
    """
    request = turn.request
    put_off = PutOff(turn.quiet, turn.later)
    plan = make_plan(population, request, now_ms, turn.asked, turn.wave, put_off)
    fields = [(service, field) for service, field in survey(population, plan)]
    scorer = population.scorer
    masks, counts = exclusions(population, plan)
    return {
        "schema": SCHEMA,
        "at_ms": now_ms,
        "wave": turn.wave,
        "policy": scorer.policy.version,
        "model": scorer.model,
        "seed": turn.seed,
        "explored": asked.explored,
        "context": {
            "mode": str(request.mode),
            "hour": population.tables.hour(now_ms),
            "duration_min": request.duration_min,
            "emergency": request.emergency,
            "scheduled": request.start_ms is not None,
        },
        "floor": plan.ask.floor,
        "wanted": plan.ask.wanted,
        "wishes": plan.ask.wishes,
        "start": [plan.ask.accept, plan.ask.complete],
        "request": _plain(asdict(request)),
        "eligible": sum(field.order.size for _, field in fields),
        "excluded": {rule.value: counts[rule] for rule in Rule if counts[rule]},
        "online": _online(population, masks),
        "features": list(features.CODES),
        "candidates": _candidates(population, plan, fields, asked),
    }


def _candidates(
    population: Population, plan: Plan, fields: Sequence[tuple[Any, Field]], asked: Asked
) -> list[dict[str, Any]]:
    """Return the best of the eligible, by order and id, each with their codes."""
    found: list[tuple[float, str, tuple[int | None, ...]]] = []
    for service, field in fields:
        rows = _best_rows(population, field)
        codes = codes_of(
            population, plan, service, field, np.array([row for *_, row in rows], np.intp)
        )
        found += ((minus, name, row) for (minus, name, _), row in zip(rows, codes, strict=True))
    found.sort(key=lambda each: each[:2])
    rung = {each.interpreter for each in asked.wave}
    chances = dict(
        zip((m.interpreter for m in asked.ranking.matches), asked.propensity, strict=True)
    )
    scorer, candidates = population.scorer, []
    for position, (minus, name, row) in enumerate(found[:MOST_CANDIDATES], start=1):
        told, p_accept = scorer.contributions(Codes._make(row), plan.ask)
        candidates.append(
            {
                "interpreter": name,
                "position": position,
                "order": -minus,
                "score": sum(each.contribution for each in told),
                "p_accept": p_accept,
                "propensity": chances.get(name, 0.0),
                "rung": name in rung,
                "codes": list(row),
            }
        )
    return candidates


def _best_rows(population: Population, field: Field) -> list[tuple[float, str, int]]:
    """Return minus the order, id and row of as many as are recorded, by order and id."""
    order, least = field.order, -np.inf
    if order.size > MOST_CANDIDATES:
        least = np.partition(order, order.size - MOST_CANDIDATES)[-MOST_CANDIDATES]
    at = (order >= least).nonzero()[0]
    names = [population.ids[number] for number in field.number[at].tolist()]
    rows = sorted(zip((-order[at]).tolist(), names, at.tolist(), strict=True))
    return rows[:MOST_CANDIDATES]


def _online(population: Population, masks: Mapping[int, int]) -> dict[str, Any]:
    """Return who of the pair is online, and what excluded them; 0 is eligible."""
    rows = sorted(masks.items())
    return {
        "interpreters": [population.ids[number] for number, _ in rows],
        "excluded": [mask for _, mask in rows],
        "rules": [rule.value for rule in RULES],
    }


def decides_alike(decision: Mapping[str, Any], scorer: Scorer) -> bool:
    """Say whether *scorer* is of the schema, policy and model of a recorded decision."""
    return all(decision.get(name) == ours for name, ours in _made_by(scorer).items())


def ask_then(decision: Mapping[str, Any]) -> Ask:
    """Return what the features needed to know of the request when it was decided."""
    return Ask(decision["floor"], decision["wanted"], decision["wishes"], *decision["start"])


def _made_by(scorer: Scorer) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "policy": scorer.policy.version,
        "model": scorer.model,
        "features": list(features.CODES),
    }


def replay(decision: Mapping[str, Any], scorer: Scorer) -> Replay:
    """Rank again from the recorded codes.

    Raises `InvalidField` if the record is of another schema, or if *scorer* is not of the policy
    and the model that it names.
    """
    for name, ours in _made_by(scorer).items():
        if (theirs := decision[name]) != ours:
            raise InvalidField(f"recorded with {theirs}, not {ours}", path=name)
    ask, again = ask_then(decision), []
    for each in decision["candidates"]:
        codes = Codes._make(each["codes"])
        told, _ = scorer.contributions(codes, ask)
        score = sum(entry.contribution for entry in told)
        again.append((each["interpreter"], scorer.order(codes, ask), score))
    again.sort(key=lambda each: (-each[1], each[0]))
    recorded = [(c["interpreter"], c["order"], c["score"]) for c in decision["candidates"]]
    return Replay(tuple(again), again == recorded)


def _plain(value: Any) -> Any:
    """Return a request's fields as JSON knows them, what is not said left out."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v not in (None, frozenset(), "")}
    if isinstance(value, frozenset):
        return sorted(value)
    return value
