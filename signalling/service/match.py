"""match.*: who fits, why and why not, and what counts."""

from collections.abc import AsyncIterator, Sequence
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from matching.eligibility import Rule
from matching.parameters import NEVER, RULES, Span, parameters
from matching.ranking import rank
from matching.scoring import Scorer
from matching.shortage import shortage
from matching.types import Audience, Match, Request
from signalling.core.effects import Key
from signalling.core.profile import MatchDecision
from signalling.core.slot import Assignment
from signalling.engine import Engine
from signalling.markets import Market, Markets
from signalling.protocol.messages import match as mm
from signalling.protocol.messages.assignment import InterpreterCard
from signalling.protocol.messages.common import Relaxation, RoleName
from signalling.rates import Buckets
from signalling.service import access
from signalling.service.call import Call, Caller, Handler
from signalling.service.explanations import (
    Body,
    Question,
    messages_of,
    reasons_of,
    score_of,
    subject,
)
from signalling.service.terms import Admission
from signalling.translate import request_of, told_exclusions

TOLD: Final[dict[Audience, tuple[RoleName, ...]]] = {
    "everyone": ("interpreter", "customer", "operator", "app"),
    "customer": ("customer", "operator", "app"),
    "operator": ("interpreter", "operator", "app"),  # of themselves (explanations.Question)
}
AT_ONCE: Final = 5  # decisions read; one takes up to some 150 KB
EXPLAINED_A_SECOND: Final = 1.0  # to one caller, but for staff
EXPLAINED_AT_ONCE: Final = 60
LOOKED_AT: Final = 50  # the newest decisions, beside those that had somebody asked
CONTEST: Final = (
    "Ask a human to look again: match.contest with the assignment and what was wrong. An "
    "interpreter may contest what was decided of them, a customer what was decided for them; the "
    "operator answers with reasons, and says whether the decision stands."
)


class Matching:
    """Handlers of match.*, over the population in memory."""

    def __init__(self, engine: Engine, markets: Markets, admission: Admission) -> None:
        self.engine = engine
        self.markets = markets
        self.admission = admission
        clock = engine.clock
        self.rates = Buckets(EXPLAINED_A_SECOND, EXPLAINED_AT_ONCE, lambda: clock.now_ms() / 1000)
        # Anybody may ask for it, without a token, and one takes 3 ms.
        self._published: WeakKeyDictionary[Scorer, mm.MatchParametersResult] = WeakKeyDictionary()
        self.handlers: dict[str, Handler] = {
            "match.search": self.search,
            "match.explain": self.explain,
            "match.parameters": self.parameters,
        }

    async def search(self, call: Call, params: mm.MatchSearchParams) -> mm.MatchSearchResult:
        """Rank interpreters for a request without asking any."""
        caller = call.caller
        customer = access.customer_of(caller, params.customer)
        request = request_of(self.admission.terms(caller, params), customer, caller.app)
        market = await self.markets.get(caller.marketplace)
        now_ms = self.engine.clock.now_ms()
        ranking = rank(market.population, request, now_ms, params.limit)
        excluded: dict[str, int] = {}
        relaxations: tuple[Relaxation, ...] = ()
        if len(ranking.matches) < params.limit:
            lack = shortage(market.population, request, now_ms)
            excluded = lack.excluded if caller.staff else told_exclusions(lack.excluded)
            relaxations = tuple(Relaxation(change=r.change, adds=r.adds) for r in lack.relaxations)
        return mm.MatchSearchResult(
            matches=tuple(_match(caller, market, request, each) for each in ranking.matches),
            excluded=excluded,
            relaxations=relaxations,
        )

    async def explain(self, call: Call, params: mm.MatchExplainParams) -> mm.MatchExplainResult:
        """Say why somebody was or was not asked, and what would have had them asked."""
        caller = call.caller
        if not caller.staff:
            self.rates.take(f"{caller.marketplace}/{caller.address}")
        key = Key("assignment", params.assignment)
        (a,) = await self.engine.read(caller.marketplace, key)
        who = subject(caller, a, params.interpreter)
        market = await self.markets.get(caller.marketplace)
        bodies = self._bodies(caller.marketplace, _of_interest(a, who))
        return await Question(caller, a, who, market).answer(bodies, self.engine.clock.now_ms())

    async def _bodies(self, marketplace: str, ids: Sequence[str]) -> AsyncIterator[Body]:
        """Yield the decisions that there still are, in that order; few are in memory at once."""
        for start in range(0, len(ids), AT_ONCE):
            keys = [Key("decision", id_) for id_ in ids[start : start + AT_ONCE]]
            found: list[MatchDecision | None] = await self.engine.read(marketplace, *keys)
            for each in found:
                if each is not None:
                    yield each.body

    async def parameters(self, call: Call, _: mm.MatchParametersParams) -> mm.MatchParametersResult:
        """Say what counts in the ranking and how much, which rules hold, and what never counts."""
        scorer = (await self.markets.get(call.caller.marketplace)).population.scorer
        if scorer not in self._published:
            self._published[scorer] = published(scorer)
        return self._published[scorer]


def _of_interest(a: Assignment, who: str) -> list[str]:
    """Return the decisions that may explain somebody, newest first: a booking has hundreds."""
    asked = {o.decision for slot in a.slots for o in slot.offers if o.interpreter == who}
    newest = enumerate(reversed(a.decisions))
    return [each for place, each in newest if place < LOOKED_AT or each in asked]


def published(scorer: Scorer) -> mm.MatchParametersResult:
    """Return the main parameters that *scorer* ranks by, as everybody may read them."""
    policy = scorer.policy
    return mm.MatchParametersResult(
        parameters=tuple(
            mm.Parameter(
                name=each.words.name,
                code=each.words.code,
                title=each.words.title,
                what=each.words.what,
                value=_span(each.value),
                source=each.words.source,
                told=TOLD[each.words.audience],
                weight=each.weight,
                minutes=each.minutes,
                score=_span(each.score),
                accept=_span(each.accept),
                complete=_span(each.complete),
            )
            for each in parameters(scorer)
        ),
        rules=tuple(
            mm.HardRule(rule=rule.value, needs=RULES[rule].needs, why=RULES[rule].why)
            for rule in Rule
        ),
        never=tuple(mm.Unused(what=what, note=note or None) for what, note in NEVER.items()),
        strategies=tuple(
            mm.Strategy(name=name, target=size.target, smallest=size.smallest, largest=size.largest)
            for name, size in policy.waves.items()
        ),
        explored=policy.exploration.share,
        contest=CONTEST,
        policy=policy.version,
        model=scorer.model,
        page=mm.PAGE,
    )


def _span(span: Span) -> mm.Span:
    return mm.Span(lowest=span[0], highest=span[1])


def _match(caller: Caller, market: Market, request: Request, match: Match) -> mm.Match:
    reasons = reasons_of(caller, match.contributions)
    pair = (request.language_from, request.language_to)
    card = {"id": match.interpreter, **market.card(match.interpreter, pair)}
    return mm.Match(
        interpreter=msgspec.convert(card, InterpreterCard),
        score=score_of(reasons),
        reasons=messages_of(reasons),
        distance_band=match.distance_band,
        travel_min=match.travel_min,
        substitute=match.substitute,
    )
