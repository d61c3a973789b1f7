"""Turns waiting assignments into offers, by asking the matcher.

Whom it picks is reserved in its index before the first await, so that a hundred requests at
once do not all ring the same three people; across processes one owns a language pair by lease.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from itertools import combinations
from typing import Any, Final, Self

import msgpack
import structlog

from matching.asking import Turn, ask
from matching.decisions import record
from matching.eligibility import Judge, Rule, services
from matching.shortage import shortage
from matching.types import Match, Presence, Request, reasons_for
from signalling.core import views
from signalling.core.effects import Key, Tell
from signalling.core.events import Candidate, NoMatch, RecordDecision, Wave
from signalling.core.slot import Assignment, Slot, SlotState
from signalling.engine import Engine, Outcome
from signalling.errors import Conflict, DragomanError
from signalling.ids import mint, mint_offer
from signalling.markets import Market, Markets
from signalling.store.bus import Bus
from signalling.store.keys import Keys
from signalling.store.leases import Ownership
from signalling.store.store import StoreUnavailable
from signalling.store.tasks import end
from signalling.translate import interpreter_of, request_of, told_exclusions

LOG = structlog.get_logger(__name__)
SPARES: Final = 5  # who stands in when a candidate cannot be rung any more
RANKED: Final = 20
RESERVED_MS: Final = 3_000  # a ring shows in the index sooner; a lost one frees by itself
OWNED_MS: Final = 10_000
SWEEP_S: Final = 5.0
SWEEP_MOST: Final = 1_000
HERE: Final = Presence(available=True)

Pair = tuple[str, str]
Work = tuple[str, str]  # marketplace, assignment


class Dispatcher:
    """Offers for every marketplace it watches. An async context manager; *node* owns the leases."""

    def __init__(
        self,
        engine: Engine,
        bus: Bus,
        markets: Markets,
        node: str,
        lot: Callable[[], int] = lambda: secrets.randbits(32),
    ) -> None:
        self.engine = engine
        self.bus = bus
        self.markets = markets
        self.node = node
        self.lot = lot  # the seeds of explorations
        self._tasks: dict[Work, asyncio.Task[None]] = {}
        self._again: set[Work] = set()
        self._waiting: dict[str, dict[Pair, dict[str, None]]] = {}
        self._owned: dict[tuple[str, Pair], int] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.markets.listeners.append(self._changed)
        self._sweeper = asyncio.create_task(self._sweep_for_ever())
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.markets.listeners.remove(self._changed)
        for marketplace in self._waiting:
            await self.bus.unsubscribe(Keys(marketplace).work, self._heard)
        self._again.clear()
        await end([*self._tasks.values(), *([self._sweeper] if self._sweeper else [])])
        with suppress(StoreUnavailable):  # then they end by themselves
            for marketplace, pair in self._owned:
                ownership = Ownership(self.engine.store, marketplace)
                await ownership.release(_lease(pair), self.node)

    async def watch(self, marketplace: str) -> None:
        """Serve this marketplace too; again is harmless."""
        if marketplace in self._waiting:
            return
        self._waiting[marketplace] = {}
        try:
            await self.bus.subscribe(Keys(marketplace).work, self._heard)
            await self.markets.get(marketplace)
            await self.sweep(marketplace)
        except StoreUnavailable:
            del self._waiting[marketplace]
            await self.bus.unsubscribe(Keys(marketplace).work, self._heard)
            raise

    async def sweep(self, marketplace: str) -> None:
        """Take up every assignment that searches, whatever was missed before."""
        key = Keys(marketplace).index("searching")
        for id_ in await self.engine.store.command("ZRANGE", key, 0, SWEEP_MOST - 1):
            self._start((marketplace, id_.decode()))

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            for marketplace in list(self._waiting):
                try:
                    await self.sweep(marketplace)
                except DragomanError as error:
                    LOG.warning("could not look for waiting assignments", error=error.detail)

    def _heard(self, channel: str, body: bytes) -> None:
        marketplace = channel[1 : channel.index("}")]
        self._start((marketplace, msgpack.unpackb(body)["params"]["assignment"]))

    def _changed(self, market: Market, free: list[str]) -> None:
        """Take up what waits for a language pair of somebody who can be asked now."""
        waiting = self._waiting.get(market.marketplace)
        if not waiting:
            return
        for id_ in free:
            tags = sorted({skill["tag"] for skill in market.profiles[id_]["languages"]})
            for pair in combinations(tags, 2):
                for assignment in waiting.get(pair, ()):
                    self._start((market.marketplace, assignment))

    def _start(self, work: Work) -> None:
        if work in self._tasks:
            self._again.add(work)  # it may have read the record before this change
            return
        task = asyncio.create_task(self._dispatch(work))
        self._tasks[work] = task
        task.add_done_callback(lambda _: self._end(work))

    def _end(self, work: Work) -> None:
        del self._tasks[work]
        if work in self._again:
            self._again.discard(work)
            self._start(work)

    async def _dispatch(self, work: Work) -> None:
        marketplace, id_ = work
        try:
            seen = await self.engine.look(marketplace, Key("assignment", id_))
            a = seen.of("assignment", id_)
            searching = [s for s in a.slots if s.state is SlotState.SEARCHING] if a else []
            if not searching:
                self._forget(work)
                return
            market = await self.markets.get(marketplace)
            request = request_of(a.terms, a.customer)
            pairs = [s.pair for s in services(request, self.markets.tables.languages)]
            if await self._owns(marketplace, pairs[0]):
                for pair in pairs:  # first: whoever comes free meanwhile is not missed
                    self._waiting[marketplace].setdefault(pair, {})[id_] = None
                for slot in searching:
                    await self._offer(market, seen, a, slot)
        except Conflict:
            self._again.add(work)  # it was ranked for terms that are no longer so
        except DragomanError as error:
            LOG.warning("an assignment waits for the next sweep", id=id_, error=error.detail)
        except Exception:
            LOG.exception("an assignment waits for the next sweep", id=id_)

    async def _owns(self, marketplace: str, pair: Pair) -> bool:
        """Say whether this process is the one that matches *pair*, renewing the lease in time."""
        now_ms = self.engine.clock.now_ms()
        if self._owned.get((marketplace, pair), 0) > now_ms:
            return True
        ownership = Ownership(self.engine.store, marketplace)
        if await ownership.acquire(_lease(pair), self.node, OWNED_MS):
            self._owned[marketplace, pair] = now_ms + OWNED_MS // 2
            return True
        return False

    async def _offer(self, market: Market, seen: Outcome, a: Assignment, slot: Slot) -> None:
        """Ring the next wave of one slot, or say that there is nobody; Conflict if *a* changed."""
        now_ms = self.engine.clock.now_ms()
        key = Key("assignment", a.id)
        request = request_of(a.terms, a.customer)
        population = market.population
        strategy = a.terms.get("strategy", "waves")
        size = population.scorer.policy.waves[strategy]
        turn = Turn(request, size, slot.asked, slot.wave + 1, seed=self.lot())
        asked = ask(population, turn, now_ms, max(RANKED, size.largest + SPARES))
        if not asked.wave:
            if (event := self._nobody(market, a, slot, request, now_ms)) is not None:
                expect = {key: seen.versions[key]}
                await self.engine.handle(market.marketplace, Tell(key, event), expect=expect)
            return
        decision = mint("de")
        body = record(population, turn, asked, now_ms) | {
            "id": decision,
            "assignment": a.id,
            "slot": slot.id,
            "strategy": strategy,
            "terms": dict(a.terms),
            "ranking": [_told(match) for match in asked.ranking.matches[:RANKED]],
        }
        for match in asked.wave:
            population.reserve(match.interpreter, now_ms + RESERVED_MS)
        # Nothing was awaited since the ranking.
        spares = [each for each in asked.ranking.matches if each not in asked.wave][:SPARES]
        candidates = tuple(
            _candidate(market, a, request, match) for match in (*asked.wave, *spares)
        )
        rung, key_of_record = False, Key("decision", decision)
        try:
            outcome = await self.engine.handle(
                market.marketplace,
                Tell(key, Wave(slot.id, candidates, len(asked.wave), decision)),
                Tell(key_of_record, RecordDecision(body)),
                expect={key: seen.versions[key]},
                fresh=(key_of_record,),
            )
            rung = decision in outcome.records[key].decisions
        finally:
            for match in () if rung else asked.wave:
                if match.interpreter in population:
                    population.release(match.interpreter)
        # Whoever could not be rung stays reserved: the index will soon say why, or they lapse.

    def _nobody(
        self, market: Market, a: Assignment, slot: Slot, request: Request, now_ms: int
    ) -> NoMatch | None:
        """Return what to tell the customer, once: who is excluded by what, and what would help."""
        never = not _could_ever(market, request, slot.asked)
        if a.outcome is not None and not never:
            return None
        lack = shortage(market.population, request, now_ms, slot.asked)
        outlook = {
            "excluded": told_exclusions(lack.excluded),
            "relaxations": [relaxation._asdict() for relaxation in lack.relaxations],
        }
        return NoMatch(slot.id, outlook, never)

    def _forget(self, work: Work) -> None:
        marketplace, id_ = work
        pairs = self._waiting[marketplace]
        for pair in [p for p, ids in pairs.items() if id_ in ids]:
            del pairs[pair][id_]
            if not pairs[pair]:
                del pairs[pair]


def _lease(pair: Pair) -> str:
    return f"match:{pair[0]}-{pair[1]}"


def _could_ever(market: Market, request: Request, asked: frozenset[str]) -> bool:
    """Say whether anybody registered, present or not, passes the rules that stay."""
    population, tables = market.population, market.population.tables
    judge = Judge(tables.languages, tables.qualifications)
    for service in services(request, tables.languages):
        for number in population.slots.members(service.pair):
            id_ = population.ids[number]
            person = interpreter_of(market.profiles[id_])
            verdict = judge.check(person, HERE, request, 0, asked)
            if all(reason.rule == Rule.RESERVED for reason in verdict.reasons):
                return True
    return False


def _told(match: Match) -> dict[str, Any]:
    """Return what explains a place in the ranking, whatever the policy is by then."""
    return {
        "interpreter": match.interpreter,
        "score": match.score,
        "p_accept": match.p_accept,
        "contributions": [list(each) for each in match.contributions],
    }


def _candidate(market: Market, a: Assignment, request: Request, match: Match) -> Candidate:
    pair = (request.language_from, request.language_to)
    card = market.card(match.interpreter, pair)
    summary = {"id": a.id, **views.summary(a.terms)}
    for name in ("distance_band", "travel_min", "substitute"):
        if (value := getattr(match, name)) is not None:
            summary[name] = value
    reasons = reasons_for(match.contributions, "everyone")
    return Candidate(
        offer=mint_offer(a.id),
        interpreter=match.interpreter,
        score=match.score,
        p_accept=match.p_accept,
        card=card,
        made={
            "assignment": summary,
            # Of what they may read: the rest would tell that they were preferred.
            "score": sum(c.contribution for c in reasons),
            "reasons": [
                {"feature": c.feature, "contribution": c.contribution, "text": c.text}
                for c in reasons
            ],
        },
    )
