"""The decision log for those who run a marketplace: written out as NDJSON, and replayed."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from matching.decisions import ask_then, replay
from matching.errors import InvalidField
from matching.model import Model
from matching.scoring import Ask, Codes, Scorer
from matching.tables import Tables
from matching.types import Contribution
from signalling.core.outcomes import NAME
from signalling.core.profile import MatchDecision
from signalling.errors import Conflict, InvalidParams, NotFound
from signalling.models import HAND, admit, stored
from signalling.store.keys import Keys
from signalling.store.log import Log
from signalling.store.models import ModelFiles
from signalling.store.records import unpack
from signalling.store.store import Store

PAGE: Final = 50  # a decision takes up to some 150 KB
# Of a record, what explains it to people: names and places that learning has no use for.
NOT_EXPORTED: Final = frozenset({"terms", "ranking"})
# The same of its request: who asked, where it is, and whom they named or blocked.
NOT_OF_REQUEST: Final = frozenset({"customer", "known_as", "parties", "location", "preferences"})


class Line(NamedTuple):
    """One line of the log, without its end; *kind* is "hole" for a decision that has expired."""

    kind: str
    text: bytes


class Row(NamedTuple):
    """One candidate replayed: its place now, what was recorded, and why.

    *recorded* is (order, score); *codes* by feature, None where the request did not ask.
    """

    interpreter: str
    order: float
    score: float
    recorded: tuple[float, float]
    rung: bool
    codes: Mapping[str, int | None]
    contributions: tuple[Contribution, ...]


class Replayed(NamedTuple):
    """A decision made again; *same* to the last bit, places included."""

    body: Mapping[str, Any]
    rows: tuple[Row, ...]
    same: bool


async def lines(
    store: Store, marketplace: str, since_ms: int | None = None, until_ms: int | None = None
) -> AsyncIterator[Line]:
    """Yield the log as it is to be learnt from, in order; memory stays bounded.

    A decision's line is joined with its record, which lives shorter than the log may.
    """
    async for page in Log(store, marketplace, NAME).pages(since_ms, until_ms, PAGE):
        named = [entry.body["id"] for entry in page if entry.body["kind"] == "decision"]
        bodies = dict(zip(named, await _bodies(store, marketplace, named), strict=True))
        for entry in page:
            yield _line(entry.body, bodies)


async def _bodies(
    store: Store, marketplace: str, decisions: list[str]
) -> list[Mapping[str, Any] | None]:
    keys = Keys(marketplace)
    found = await store.load([keys.record(MatchDecision.kind, id_) for id_ in decisions])
    return [None if body is None else unpack(MatchDecision, body)[0].body for _, body in found]


def _line(entry: Mapping[str, Any], bodies: Mapping[str, Mapping[str, Any] | None]) -> Line:
    kind, told = entry["kind"], entry
    if kind == "decision":
        body = bodies[entry["id"]]
        if body is None:
            kind, told = "hole", {"kind": "hole", "decision": entry["id"]}
        else:
            told = {"kind": kind, **_without(body, NOT_EXPORTED)}
            told["request"] = _without(body.get("request", {}), NOT_OF_REQUEST)
    return Line(kind, msgspec.json.encode(told))


def _without(fields: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


async def replayed(
    store: Store, tables: Tables, marketplace: str, decision: str, model: bytes | None = None
) -> Replayed:
    """Make a decision again from its record, the policy of *tables* and the model it names.

    *model* is a file to take in place of the store's. Raises NotFound for what is gone, and
    Conflict where the policy or the model is another: scores would only differ.
    """
    (body,) = await _bodies(store, marketplace, [decision])
    if body is None:
        raise NotFound(f"there is no decision {decision} in {marketplace}: they are kept 90 days")
    recorded, ours = body["policy"], tables.policy.version
    if recorded != ours:
        raise Conflict(
            f"{decision} was made by the policy {recorded}, but config/weights.toml is {ours}: "
            "name the directory of its weights with DRAGOMAN_CONFIG"
        )
    learnt = await _model_of(store, marketplace, body["model"], model)
    scorer = Scorer(tables.policy, tables.qualifications.tiers, learnt)
    try:
        result = replay(body, scorer)
    except InvalidField as error:
        raise InvalidParams(f"{decision}: {error.detail}", path=error.path) from None
    by_name = {each["interpreter"]: each for each in body["candidates"]}
    ask = ask_then(body)
    rows = tuple(
        _row(by_name[interpreter], order, score, scorer, ask)
        for interpreter, order, score in result.ranking
    )
    return Replayed(body, rows, result.same)


async def _model_of(
    store: Store, marketplace: str, version: str, given: bytes | None
) -> Model | None:
    if given is None and version == HAND:
        return None
    files = ModelFiles(store, marketplace)
    model = await stored(files, version) if given is None else await admit(given)
    if model.version != version:
        raise Conflict(f"the decision was made by the model {version}, not {model.version}")
    return model


def _row(candidate: Mapping[str, Any], order: float, score: float, scorer: Scorer, ask: Ask) -> Row:
    codes = Codes._make(candidate["codes"])
    contributions, _ = scorer.contributions(codes, ask)
    return Row(
        interpreter=candidate["interpreter"],
        order=order,
        score=score,
        recorded=(candidate["order"], candidate["score"]),
        rung=candidate["rung"],
        codes=codes._asdict(),
        contributions=contributions,
    )
