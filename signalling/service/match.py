"""match.*: who fits, why and why not."""

from collections.abc import Mapping
from typing import Any

import msgspec

from matching.explanation import explain
from matching.ranking import rank
from matching.shortage import shortage
from matching.types import Audience, Contribution, Match, Request, reasons_for
from signalling.core.effects import Key
from signalling.core.profile import MatchDecision
from signalling.core.slot import Assignment
from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import InvalidParams, NotFound
from signalling.markets import Market, Markets
from signalling.protocol.messages import match as mm
from signalling.protocol.messages.assignment import InterpreterCard
from signalling.protocol.messages.common import Contribution as ContributionMessage
from signalling.protocol.messages.common import Relaxation
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.terms import Admission
from signalling.translate import (
    NOT_OFFERED,
    UNNAMED,
    interpreter_of,
    request_of,
    told_exclusions,
)

READERS: Mapping[str, Audience] = {
    "interpreter": "everyone",
    "operator": "operator",
    "app": "operator",
}


class Matching:
    """Handlers of match.*, over the population in memory."""

    def __init__(self, engine: Engine, markets: Markets, admission: Admission) -> None:
        self.engine = engine
        self.markets = markets
        self.admission = admission
        self.handlers: dict[str, Handler] = {
            "match.search": self.search,
            "match.explain": self.explain,
        }

    async def search(self, call: Call, params: mm.MatchSearchParams) -> mm.MatchSearchResult:
        """Rank interpreters for a request without asking any."""
        caller = call.caller
        customer = access.customer_of(caller, params.customer)
        request = request_of(self.admission.terms(caller, params), customer)
        market = await self.markets.get(caller.marketplace)
        now_ms = self.engine.clock.now_ms()
        ranking = rank(market.population, request, now_ms, params.limit)
        excluded: dict[str, int] = {}
        relaxations: tuple[Relaxation, ...] = ()
        if len(ranking.matches) < params.limit:
            lack = shortage(market.population, request, now_ms)
            staff = caller.role in ("operator", "app")
            excluded = lack.excluded if staff else told_exclusions(lack.excluded)
            relaxations = tuple(Relaxation(change=r.change, adds=r.adds) for r in lack.relaxations)
        return mm.MatchSearchResult(
            matches=tuple(_match(caller, market, request, each) for each in ranking.matches),
            excluded=excluded,
            relaxations=relaxations,
        )

    async def explain(self, call: Call, params: mm.MatchExplainParams) -> mm.MatchExplainResult:
        """Say why somebody was or was not asked, from the newest decision that ranked them.

        For whoever no decision ranked, the rules are applied to what is known of them now.
        """
        caller = call.caller
        key = Key("assignment", params.assignment)
        (a,) = await self.engine.read(caller.marketplace, key)
        who = _subject(caller, a, params.interpreter)
        keys = [Key("decision", d) for d in reversed(a.decisions)]
        decisions: list[MatchDecision | None] = await self.engine.read(caller.marketplace, *keys)
        for decision in decisions:
            for rank_, entry in enumerate(decision.body["ranking"] if decision else (), start=1):
                if decision is not None and entry["interpreter"] == who:
                    return _recorded(caller, a, decision.body, rank_, entry)
        return await self._now(caller, a, who)

    async def _now(self, caller: Caller, a: Assignment, who: str) -> mm.MatchExplainResult:
        market = await self.markets.get(caller.marketplace)
        profile = market.profiles.get(who)
        if profile is None:
            raise NotFound("no such interpreter", path="interpreter")
        now_ms = self.engine.clock.now_ms()
        request = request_of(a.terms, a.customer)
        pair = {request.language_from, request.language_to}
        if caller.role == "interpreter" and not pair <= {s["tag"] for s in profile["languages"]}:
            raise NotFound("no such assignment", path="assignment")
        found = explain(market.population, interpreter_of(profile), request, now_ms)
        reasons = _reasons(caller, found.contributions)
        return mm.MatchExplainResult(
            assignment=a.id,
            interpreter=who,
            eligible=found.eligible,
            offered=any(o.interpreter == who for s in a.slots for o in s.offers),
            excluded=tuple(_exclusion(caller, r.rule, r.text) for r in found.reasons),
            reasons=reasons,
            score=_score(reasons),
            policy=found.policy,
            model=found.model,
            decided_at=rfc3339(now_ms),
        )


def _match(caller: Caller, market: Market, request: Request, match: Match) -> mm.Match:
    reasons = _reasons(caller, match.contributions)
    pair = (request.language_from, request.language_to)
    card = {"id": match.interpreter, **market.card(match.interpreter, pair)}
    return mm.Match(
        interpreter=msgspec.convert(card, InterpreterCard),
        score=_score(reasons),
        reasons=reasons,
        distance_band=match.distance_band,
        travel_min=match.travel_min,
        substitute=match.substitute,
    )


def _messages(contributions: tuple[Contribution, ...]) -> tuple[ContributionMessage, ...]:
    return tuple(
        ContributionMessage(feature=c.feature, contribution=c.contribution, text=c.text)
        for c in contributions
    )


def _reasons(
    caller: Caller, contributions: tuple[Contribution, ...]
) -> tuple[ContributionMessage, ...]:
    return _messages(reasons_for(contributions, READERS.get(caller.role, "customer")))


def _score(reasons: tuple[ContributionMessage, ...]) -> float:
    """Return what the reasons shown sum to: the whole score would tell of those that are not."""
    return sum((each.contribution for each in reasons), 0.0)


def _exclusion(caller: Caller, rule: str, text: str) -> mm.Exclusion:
    """Name the rule; who blocked or preferred whom is for operators only."""
    if rule in UNNAMED and caller.role not in ("operator", "app"):
        return mm.Exclusion(rule=NOT_OFFERED, text="another rule of the marketplace")
    return mm.Exclusion(rule=rule, text=text)


def _subject(caller: Caller, a: Assignment | None, interpreter: str | None) -> str:
    """Return about whom it is: interpreters ask about themselves, the others about anybody."""
    if caller.role != "interpreter":
        access.check_assignment(caller, a)
        if interpreter is None:
            raise InvalidParams("say about whom", path="interpreter")
        return interpreter
    if a is None:
        raise NotFound("no such assignment", path="assignment")
    if interpreter not in (None, caller.user):
        raise NotFound("no such interpreter", path="interpreter")
    return caller.user


def _recorded(
    caller: Caller, a: Assignment, body: Mapping[str, Any], rank_: int, entry: Mapping[str, Any]
) -> mm.MatchExplainResult:
    who = entry["interpreter"]
    offer = next((o for s in a.slots for o in s.offers if o.interpreter == who), None)
    staff = caller.role in ("operator", "app")
    reasons = _reasons(caller, tuple(Contribution(*c) for c in entry["contributions"]))
    return mm.MatchExplainResult(
        assignment=a.id,
        interpreter=who,
        eligible=True,
        offered=offer is not None,
        excluded=(),
        reasons=reasons,
        score=_score(reasons),
        rank=rank_,
        wave=None if offer is None else offer.wave,
        policy=body["policy"],
        model=body["model"],
        decided_at=rfc3339(body["at_ms"]),
        p_accept=entry["p_accept"] if staff else None,
        propensity=_propensity(body, who) if staff else None,
    )


def _propensity(body: Mapping[str, Any], who: str) -> float | None:
    found = (each["propensity"] for each in body["candidates"] if each["interpreter"] == who)
    return next(found, None)
