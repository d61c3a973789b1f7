"""A decision as it is recorded: all that it was made of, to be replayed and learnt from.

Plain data throughout (maps, lists, numbers, texts): it is stored, exported as NDJSON and read by
training as it is. Replaying needs the recorded codes, the policy and the model, not the people.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np

from matching import features
from matching.asking import Asked, Turn
from matching.columns import Column, scores
from matching.eligibility import Service
from matching.errors import InvalidField
from matching.plan import Plan, PutOff, make_plan
from matching.population import Population
from matching.ranking import Field, codes_of, foremost, survey
from matching.scoring import Ask, Codes, Scorer, score_of
from matching.shortage import RULES, Online, exclusions
from matching.types import Place, Preferences, Qualification, Request, Requirements

SCHEMA: Final = 1
MOST_CANDIDATES: Final = 50  # recorded with their codes: the best; how many there were is counted
FIELDS: Final = {
    kind: tuple(each.name for each in dataclasses.fields(kind))
    for kind in (Request, Requirements, Preferences, Place, Qualification)
}
RULE_NAMES: Final = tuple(rule.value for rule in RULES)
NOT_SAID: Final[tuple[Any, ...]] = (None, frozenset(), "")


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
    fields = list(survey(population, plan))
    scorer = population.scorer
    online, counts = exclusions(population, plan, [field.number for _, field in fields])
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
        "request": _plain(request),
        "eligible": sum(field.order.size for _, field in fields),
        "excluded": {rule.value: n for rule in RULES if (n := counts.get(rule))},
        "online": _online(population, online),
        "features": list(features.CODES),
        "candidates": _candidates(population, plan, fields, asked),
    }


def _candidates(
    population: Population, plan: Plan, fields: Sequence[tuple[Service, Field]], asked: Asked
) -> list[dict[str, Any]]:
    """Return the best of the eligible, by order and id, each with their codes."""
    best = [_best_rows(population, field) for _, field in fields]
    if len(best) > 1:
        (*_, last) = sorted(chain.from_iterable(best))[:MOST_CANDIDATES]
        best = [[each for each in rows if each <= last] for rows in best]
    found: list[tuple[tuple[float, str, int], float, float, list[int | None]]] = []
    for (service, field), rows in zip(fields, best, strict=True):
        if rows:
            at = np.array([row for *_, row in rows], np.intp)
            columns = codes_of(population, plan, service, field, at)
            judged = scores(population.scorer, columns, plan.ask)
            found += zip(rows, *judged, _by_candidate(columns, len(rows)), strict=True)
    found.sort()  # by minus the order, then id, and never further
    rung = {each.interpreter for each in asked.wave}
    ranked = [match.interpreter for match in asked.ranking.matches]
    propensity = dict(zip(ranked, asked.propensity, strict=True))
    return [
        {
            "interpreter": name,
            "position": position,
            "order": -minus,
            "score": score,
            "p_accept": p_accept,
            "propensity": propensity.get(name, 0.0),
            "rung": name in rung,
            "codes": codes,
        }
        for position, ((minus, name, _), score, p_accept, codes) in enumerate(found, start=1)
    ]


def _by_candidate(columns: Mapping[str, Column], k: int) -> list[list[int | None]]:
    """Return the codes of each of *k* candidates."""
    parts = (
        each.tolist() if isinstance(each, np.ndarray) else repeat(each, k)
        for each in columns.values()
    )
    return list(map(list, zip(*parts, strict=True)))


def _best_rows(population: Population, field: Field) -> list[tuple[float, str, int]]:
    """Return minus the order, id and row of as many as are recorded, by order and id."""
    order, number = field.order, field.number
    if order.size > MOST_CANDIDATES:
        at = foremost(population, field, MOST_CANDIDATES)
        order, number = order.take(at), number.take(at)
    else:
        at = np.arange(order.size)
    names = [population.ids[each] for each in number.tolist()]
    rows = sorted(zip((-order).tolist(), names, at.tolist(), strict=True))
    return rows[:MOST_CANDIDATES]


def _online(population: Population, online: Online) -> dict[str, Any]:
    """Return who of the pair is online, and what excluded them; 0 is eligible."""
    ids, numbers = population.ids, online.numbers.tolist()
    # Thousands of texts all over the memory: a loop in C waits for several of them at a time.
    names = [*itemgetter(*numbers)(ids)] if len(numbers) > 1 else [ids[each] for each in numbers]
    return {
        "interpreters": names,
        "excluded": online.masks.tolist(),
        "rules": list(RULE_NAMES),
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
        again.append((each["interpreter"], scorer.order(codes, ask), score_of(told)))
    again.sort(key=lambda each: (-each[1], each[0]))
    recorded = [(c["interpreter"], c["order"], c["score"]) for c in decision["candidates"]]
    return Replay(tuple(again), again == recorded)


def _plain(value: Any) -> Any:
    """Return a request's fields as JSON knows them, what is not said left out."""
    names = FIELDS.get(type(value))
    if names is not None:
        said = ((name, getattr(value, name)) for name in names)
        return {name: _plain(each) for name, each in said if each not in NOT_SAID}
    return sorted(value) if isinstance(value, frozenset) else value
