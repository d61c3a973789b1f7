"""match.estimate: how long a request would wait, and what would work better."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from matching.estimate import estimate_ahead
from matching.population import Population
from matching.proposals import Proposal, best, proposals
from matching.saying import clock, say
from matching.types import Mode, Request, Requirements
from matching.waiting import Asking, Outcome
from matching.zones import SECOND_MS
from signalling.core import waits
from signalling.core.times import rfc3339_or_none
from signalling.engine import Engine
from signalling.markets import Markets
from signalling.protocol.messages import estimate as em
from signalling.protocol.messages import terms as tm
from signalling.protocol.messages.common import Qualification
from signalling.rates import Buckets
from signalling.service import access
from signalling.service.call import Call, Handler
from signalling.service.lists import Lists, Window
from signalling.service.terms import Admission
from signalling.translate import request_of


class Question(NamedTuple):
    """One request to estimate: as the matcher takes it, how it is asked, and when that is."""

    request: Request
    asking: Asking
    now_ms: int
    zone: ZoneInfo


class Estimates:
    """Handlers of estimates. *rates* bounds how often one customer may ask: each costs some ms."""

    def __init__(
        self, engine: Engine, lists: Lists, markets: Markets, admission: Admission, rates: Buckets
    ) -> None:
        self.engine = engine
        self.lists = lists
        self.markets = markets
        self.admission = admission
        self.rates = rates
        self.handlers: dict[str, Handler] = {"match.estimate": self.estimate}

    async def estimate(self, call: Call, params: em.MatchEstimateParams) -> em.MatchEstimateResult:
        """Say what a request may expect, from who is online and how others fared lately."""
        caller = call.caller
        customer = access.customer_of(caller, params.customer)
        terms = self.admission.terms(caller, params)
        self.rates.take(f"{caller.marketplace}/{caller.app}/{customer or caller.address}")
        market = await self.markets.get(caller.marketplace)
        tables, bounds = market.population.tables, self.engine.bounds
        question = Question(
            request_of(terms, customer, caller.app),
            Asking(
                tables.policy.waves[terms["strategy"]],
                bounds.offer // SECOND_MS,
                bounds.request // SECOND_MS,
            ),
            self.engine.clock.now_ms(),
            tables.zone if params.timezone is None else ZoneInfo(params.timezone),
        )
        past = await self._past(caller.marketplace, question.request)
        return await _answer(market.population, question, past)

    async def _past(self, marketplace: str, request: Request) -> dict[Mode, list[Outcome]]:
        """Return what became of earlier requests of the pair, in each mode that may be asked for.

        Of bookings nothing is known.
        """
        if request.start_ms is not None:
            return {}
        modes = [mode for mode in Mode if mode is not Mode.ONSITE or request.location]
        pair = "-".join(sorted((request.language_from, request.language_to)))
        found = await asyncio.gather(
            *(
                self.lists.log(marketplace, waits.log_of(pair, mode), Window(limit=waits.MOST))
                for mode in modes
            )
        )
        return {
            mode: [Outcome(**line) for line in lines]
            for mode, (lines, _) in zip(modes, found, strict=True)
        }


async def _answer(
    population: Population, question: Question, past: Mapping[Mode, Sequence[Outcome]]
) -> em.MatchEstimateResult:
    """Estimate the request and all single changes of it; others run in between."""
    request, asking, now_ms, zone = question
    found = estimate_ahead(population, request, now_ms, asking, past.get(request.mode, ()))
    helpful: list[Proposal] = []
    for each in proposals(population, request, found, now_ms, asking, past):
        if each is not None:
            helpful.append(each)
        await asyncio.sleep(0)
    proposed = best(helpful)
    return em.MatchEstimateResult(
        probability=found.probability,
        wait_s=found.wait_s,
        low_s=found.low_s,
        high_s=found.high_s,
        available=found.available,
        next_at=rfc3339_or_none(found.opening and found.opening.start_ms),
        text=say(request, found, proposed, now_ms, zone),
        basis=em.Basis(online=found.available, recent=found.recent),
        proposals=tuple(_message(question, each) for each in proposed),
    )


def _message(question: Question, proposal: Proposal) -> em.Proposal:
    start_ms, text = proposal.request.start_ms, proposal.text
    if text is None and start_ms is not None:
        text = f"start {clock(start_ms, question.now_ms, question.zone)}"
    return em.Proposal(
        change=_change(question.request, proposal.request),
        text=text or "",
        probability=proposal.estimate.probability,
        wait_s=proposal.estimate.wait_s,
    )


def _change(old: Request, new: Request) -> em.Change:
    """Return what differs, as terms of the protocol."""
    if new.start_ms != old.start_ms:
        return em.Change(starts_at=rfc3339_or_none(new.start_ms))
    if new.mode is not old.mode:
        return em.Change(mode=new.mode.value)
    if new.duration_min != old.duration_min:
        return em.Change(duration_min=new.duration_min)
    return em.Change(requirements=_requirements(new.requirements))


def _requirements(required: Requirements) -> tm.Requirements:
    floor = required.min_qualification
    return tm.Requirements(
        min_qualification=None
        if floor is None
        else Qualification(scale=floor.scale, category=floor.category),
        specialisms=tuple(sorted(required.specialisms)),
        gender=required.gender,
        dialect=required.dialect,
        clearance=next(iter(required.clearances), None),
        accept_substitutes=required.accept_substitutes,
    )
