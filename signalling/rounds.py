"""A round: whom to ring for one search, or for many that want the same people, and the commits.

What was picked is reserved in the index, and what decided is recorded, before the first await.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from matching.asking import Asked, Turn, ask, ask_together
from matching.decisions import record
from matching.eligibility import Judge, Rule, services
from matching.policy import WaveSize
from matching.ranking import rank
from matching.shortage import shortage
from matching.types import Match, Presence, Request
from signalling.core.booking_events import Choose
from signalling.core.effects import Key, Tell
from signalling.core.events import Candidate, NoMatch, Wave
from signalling.core.profile import RecordDecision
from signalling.core.slot import Assignment, Slot
from signalling.engine import Engine, Outcome
from signalling.ids import mint, mint_offer
from signalling.markets import Market
from signalling.preemption import USUAL_PRIORITY, Routine, as_if_free, routine_for
from signalling.showing import seen_by_them, shown
from signalling.translate import interpreter_of, request_of, told_exclusions

SPARES: Final = 5  # who stands in when a candidate cannot be rung any more
RANKED: Final = 20
RESERVED_MS: Final = 3_000  # a ring shows in the index sooner; a lost one frees by itself
AGEING_MS: Final = 60_000  # so much waiting weighs as much as a step of priority
AT_ONCE: Final = 100  # profiles read, 25 µs each, before others go on
BOOKING_PACE_S: Final = 600.0  # letters wait: one more each ten minutes of silence
PRESENT: Final = Presence(available=True)


@dataclass(frozen=True, slots=True)
class Search:
    """A slot that looks for somebody, as it was seen, and what that means to the matcher."""

    market: Market
    seen: Outcome
    assignment: Assignment
    slot: Slot
    strategy: str
    turn: Turn

    @property
    def key(self) -> Key:
        return Key("assignment", self.assignment.id)

    @property
    def request(self) -> Request:
        return self.turn.request


@dataclass(frozen=True, slots=True)
class Pick:
    """What was decided for a search: whom to ring, and the decision's record.

    `spares` stand in for whoever cannot be rung any more.
    """

    search: Search
    asked: Asked
    spares: tuple[Match, ...]
    decision: str
    body: dict[str, Any]


class Rounds:
    """Decides and commits. *lot* gives the seeds of explorations."""

    def __init__(self, engine: Engine, lot: Callable[[], int]) -> None:
        self.engine = engine
        self.lot = lot

    def search(self, market: Market, seen: Outcome, a: Assignment, slot: Slot) -> Search:
        """Return what one slot asks of the matcher."""
        strategy = a.terms.get("strategy", "waves")
        waited = max(0, self.engine.clock.now_ms() - a.created_ms) / AGEING_MS
        priority = a.terms.get("priority", USUAL_PRIORITY)
        request = request_of(a.terms, a.customer, a.app)
        if request.start_ms is None:  # it rings anew at who was gone, and may be elsewhere by then
            request = seen_by_them(request, None)
        quiet = market.quiet(request, self.engine.clock.now_ms()) - _concerned(a, slot)
        unwanted = a.unwanted(slot)
        later = self._later(market, a, slot, request, unwanted | quiet)
        size = _sized(market.population.scorer.policy.waves[strategy], a)
        if slot.ringing:
            size = size.refill(slot.due)
        elif (places := sum(s.looking and not s.ringing for s in a.slots)) > 1:
            size = self._shared(market, request, unwanted | quiet | later, size, places)
        turn = Turn(
            request,
            size,
            unwanted,
            slot.wave + 1,
            weight=1.0 + priority + waited,
            seed=self.lot(),
            quiet=quiet,
            later=later,
        )
        return Search(market, seen, a, slot, strategy, turn)

    def _shared(
        self,
        market: Market,
        request: Request,
        unwanted: frozenset[str],
        size: WaveSize,
        places: int,
    ) -> WaveSize:
        """Return a size that leaves the other *places* of the assignment somebody to ask."""
        now_ms, most = self.engine.clock.now_ms(), places * size.largest
        found = len(rank(market.population, request, now_ms, most, unwanted).matches)
        share = max(1, -(-found // places))
        return replace(size, smallest=min(size.smallest, share), largest=min(size.largest, share))

    def _later(
        self,
        market: Market,
        a: Assignment,
        slot: Slot,
        request: Request,
        left_out: frozenset[str],
    ) -> frozenset[str]:
        """Return who waits for an answer of others: everybody else, where some come first."""
        preferred = request.preferences.preferred
        if wanted := _wanted(a, slot):
            return _others(market, request, wanted)
        if slot.wave == 0 and preferred and _asking(a, "preferred_first"):
            others, now_ms = _others(market, request, preferred), self.engine.clock.now_ms()
            if rank(market.population, request, now_ms, 1, others | left_out).matches:
                return others
        return frozenset()

    async def ring(self, search: Search) -> bool:
        """Ring the next wave of one search, or say that there is nobody; return whether one rings.

        An emergency that finds nobody free may have somebody at whom routine work rings. Raises
        Conflict if the assignment changed since it was seen.
        """
        market, turn = search.market, search.turn
        now_ms = self.engine.clock.now_ms()
        most = max(RANKED, turn.size.largest + SPARES)
        asked = ask(market.population, turn, now_ms, most)
        if _may_preempt(search, asked):
            routine = await routine_for(self.engine, market, turn)
            now_ms = self.engine.clock.now_ms()
            asked = ask(market.population, turn, now_ms, most)  # somebody may be free by now
            if routine is not None and not asked.wave:
                return await self._preempt(search, routine, now_ms)
        if not _decides(search, asked):
            return False
        pick = _pick(search, asked, now_ms)
        _reserve(pick, now_ms)
        return await self._commit(pick, now_ms)

    async def ring_together(self, searches: Sequence[Search]) -> list[bool | BaseException]:
        """Ring for many searches of one market so that nobody is wanted twice.

        Returns what became of each: what `ring` would have returned, or raised.
        """
        if not searches:
            return []
        now_ms = self.engine.clock.now_ms()
        population = searches[0].market.population
        asked = ask_together(population, [search.turn for search in searches], now_ms)
        taken = frozenset(match.interpreter for each in asked for match in each.wave)
        picks = [
            _pick(search, each, now_ms, taken) if _decides(search, each) else None
            for search, each in zip(searches, asked, strict=True)
        ]
        for pick in picks:  # all are recorded by now, as all were decided: before any was reserved
            if pick is not None:
                _reserve(pick, now_ms)
        commits = (self._commit(pick, now_ms) for pick in picks)
        return await asyncio.gather(*commits, return_exceptions=True)

    async def _preempt(self, search: Search, routine: Routine, now_ms: int) -> bool:
        """Ring at whoever *routine* rings at now, in its place."""
        with as_if_free(search.market, [routine.offer.interpreter]):
            asked = ask(search.market.population, search.turn, now_ms)
            pick = _pick(search, asked, now_ms)
        return await self._commit(pick, now_ms, routine.taken_back)

    async def _commit(self, pick: Pick | None, now_ms: int, *before: Tell) -> bool:
        if pick is None:
            return False
        search, asked = pick.search, pick.asked
        if not asked.wave:
            nobody = await _nobody(pick, now_ms)
            if nobody is not None:
                await self._tell(pick, nobody)
            return False
        candidates = tuple(_candidate(search, match) for match in (*asked.wave, *pick.spares))
        if search.assignment.interests and search.slot.first is None:
            could = tuple(_candidate(search, match) for match in asked.ranking.matches)
            await self._tell(pick, Choose(search.slot.id, could, pick.decision))
            return True
        population, rung = search.market.population, False
        try:
            pace_s = search.turn.size.pace_s
            pace_ms = None if pace_s is None else round(pace_s * 1000)
            ring = len(asked.wave)
            event = Wave(search.slot.id, candidates, ring, pick.decision, pace_ms)
            outcome = await self._tell(pick, event, *before)
            rung = pick.decision in outcome.records[search.key].decisions
        finally:
            for match in () if rung else asked.wave:
                if match.interpreter in population:
                    population.release(match.interpreter)
        # Whoever could not be rung stays reserved: the index will soon say why, or they lapse.
        return rung

    async def _tell(self, pick: Pick, event: Wave | NoMatch | Choose, *before: Tell) -> Outcome:
        """Commit what was decided together with its record, unless the assignment has changed.

        *before* are told first, in the same commit.
        """
        search, key = pick.search, Key("decision", pick.decision)
        return await self.engine.handle(
            search.market.marketplace,
            *before,
            Tell(search.key, event),
            Tell(key, RecordDecision(pick.body)),
            expect={search.key: search.seen.versions[search.key]},
            fresh=(key,),
        )


def _may_preempt(search: Search, asked: Asked) -> bool:
    """Say whether an emergency finds nobody free, nor rings yet, and does not want one person."""
    slot, emergency = search.slot, search.request.emergency
    return emergency and slot.only is None and not (asked.wave or slot.ringing)


def _decides(search: Search, asked: Asked) -> bool:
    """Say whether a ranking decides anything: whom to ring, or that there is nobody at all.

    Not where somebody rings already, or where others of the round come first.
    """
    return bool(asked.wave) or not (asked.ranking.matches or search.slot.ringing)


def _pick(search: Search, asked: Asked, now_ms: int, taken: frozenset[str] = frozenset()) -> Pick:
    """Record a decision; nobody of *taken* may be a spare."""
    population, decision = search.market.population, mint("de")
    body = record(population, search.turn, asked, now_ms) | {
        "id": decision,
        "assignment": search.assignment.id,
        "slot": search.slot.id,
        "strategy": search.strategy,
        "terms": dict(search.assignment.terms),
        "ranking": [_told(match) for match in asked.ranking.matches[:RANKED]],
    }
    rung = taken | {match.interpreter for match in asked.wave}
    spares = [each for each in asked.ranking.matches if each.interpreter not in rung][:SPARES]
    return Pick(search, asked, tuple(spares), decision, body)


def _reserve(pick: Pick, now_ms: int) -> None:
    """Keep whom a decision picked from being picked again; not awaited since the ranking.

    A booking's offer is a letter: it takes nobody's attention from what is for now.
    """
    if pick.search.request.start_ms is not None:
        return
    for match in pick.asked.wave:
        pick.search.market.population.reserve(match.interpreter, now_ms + RESERVED_MS)


async def _nobody(pick: Pick, now_ms: int) -> NoMatch | None:
    """Return what to tell the customer: who is excluded by what, and what would help.

    None where it has been told.
    """
    search = pick.search
    market, request = search.market, search.request
    asked = search.turn.asked | search.turn.later
    if search.slot.only is None and _wanted(search.assignment, search.slot):
        return NoMatch(search.slot.id, {}, never=False, decision=pick.decision)
    told = search.assignment.outcome is not None
    if told and request.start_ms is not None:
        return None  # looked for until it starts: somebody's calendar may open
    never = not await _could_ever(market, request, asked)
    if told and not never:
        return None
    lack = shortage(market.population, request, now_ms, asked, search.turn.quiet)
    outlook = {
        "excluded": told_exclusions(lack.excluded),
        "relaxations": [relaxation._asdict() for relaxation in lack.relaxations],
    }
    never = never and request.start_ms is None
    return NoMatch(search.slot.id, outlook, never, pick.decision)


async def _could_ever(market: Market, request: Request, asked: frozenset[str]) -> bool:
    """Say whether anybody registered, present or not, passes the rules that stay.

    To say no everybody of the pair is read, half a second for 20,000: others go between.
    """
    population, tables = market.population, market.population.tables
    judge = Judge(tables.languages, tables.qualifications, tables.travel)
    pairs = [service.pair for service in services(request, tables.languages)]
    ids = [population.ids[number] for pair in pairs for number in population.slots.members(pair)]
    for place, id_ in enumerate(ids, start=1):
        if place % AT_ONCE == 0:
            await asyncio.sleep(0)
        if (profile := market.profiles.get(id_)) is None:
            continue  # removed meanwhile
        verdict = judge.check(interpreter_of(profile), PRESENT, request, 0, asked)
        if all(reason.rule == Rule.RESERVED for reason in verdict.reasons):
            return True
    return False


def _sized(size: WaveSize, a: Assignment) -> WaveSize:
    """Return how many to ring at once, as the request has it, its app, or else the policy."""
    target, largest = _asking(a, "target") or size.target, _asking(a, "largest") or size.largest
    pace_s = size.pace_s
    if a.start_ms is not None and pace_s is not None:
        pace_s = BOOKING_PACE_S
    smallest = min(size.smallest, largest)
    return WaveSize(target=target, smallest=smallest, largest=largest, pace_s=pace_s)


def _asking(a: Assignment, name: str) -> Any:
    """Return a parameter of the wave policy as the request has it, or its app."""
    return (a.terms.get("offering") or {}).get(name) or getattr(a.rules, name)


def _wanted(a: Assignment, slot: Slot) -> frozenset[str]:
    """Return the only people who are asked, for now or at all; nobody: everybody is."""
    if one := slot.only or slot.first:
        return frozenset([one])
    return frozenset(each.interpreter for each in a.interests)


def _concerned(a: Assignment, slot: Slot) -> frozenset[str]:
    """Return whom it is no news to: who said that they could, or had taken it on other terms."""
    again = {slot.first} if slot.first and slot.again else set()
    return frozenset({each.interpreter for each in a.interests} | again)


def _others(market: Market, request: Request, wanted: frozenset[str]) -> frozenset[str]:
    """Return everybody who has the languages and is not *wanted*."""
    population = market.population
    pairs = [service.pair for service in services(request, population.tables.languages)]
    members = {population.ids[n] for pair in pairs for n in population.slots.members(pair)}
    return frozenset(members - wanted)


def _told(match: Match) -> dict[str, Any]:
    """Return what explains a place in the ranking, whatever the policy is by then."""
    return {
        "interpreter": match.interpreter,
        "score": match.score,
        "p_accept": match.p_accept,
        "contributions": match.contributions,
    }


def _candidate(search: Search, match: Match) -> Candidate:
    a, request = search.assignment, search.request
    card = search.market.card(match.interpreter, (request.language_from, request.language_to))
    return Candidate(
        offer=mint_offer(a.id),
        interpreter=match.interpreter,
        score=match.score,
        p_accept=match.p_accept,
        card=card,
        made=shown(a, match, again=search.slot.again),
    )
