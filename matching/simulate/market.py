"""The clock of the simulated market: what happens to requests, offers and people, in order.

It keeps the server's rules (docs/architecture.md): at most one ringing offer a person, the first to
accept wins and the others are withdrawn, whoever declined or let it ring is not asked again, one
deadline a request, whoever comes free is offered what waits. Whom to ring is the strategy's;
eligibility and order are `Population` and `rank`, which the server runs too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any, ClassVar, NamedTuple, Protocol

from matching.population import Population
from matching.simulate.answers import Answer, Standing, answer, fate
from matching.simulate.past import Past
from matching.simulate.world import PIVOT, Ask, Spell, World
from matching.tables import Tables
from matching.types import NONE, Match
from matching.zones import HOUR_MS, MINUTE_MS

FAR_MS = 2**53  # a reservation that is always released, never left to lapse


class Ring(NamedTuple):
    """Whom to ring for one request now, together; `decision` is its id in the log, if kept."""

    open: "Open"
    wave: tuple[Match, ...]
    decision: str | None = None


class Strategy(Protocol):
    """Who is rung for what waits: the one thing in which policies differ.

    `pace_s`: after so long the next are rung even while the last still ring; None waits for them.
    `refills`: so they are as soon as one of the last declines.
    """

    @property
    def name(self) -> str: ...

    @property
    def pace_s(self) -> float | None: ...

    @property
    def refills(self) -> bool: ...

    def population(self, tables: Tables) -> Population:
        """Return an empty index with the policy and the model that this strategy ranks by."""

    def ring(self, market: "Market", waiting: Sequence["Open"], now_ms: int) -> Iterable[Ring]:
        """Yield whom to ring for *waiting*, oldest first; whom it yields is rung at once."""


class Patient:
    """What is common to strategies that wait for the end of a wave before the next."""

    pace_s: ClassVar[float | None] = None
    refills: ClassVar[bool] = False

    def population(self, tables: Tables) -> Population:
        return Population(tables)


@dataclass(slots=True, eq=False)
class Offer:
    """One ring; `state` is the log's word once it is over."""

    open: "Open"
    interpreter: str
    wave: int
    made_ms: int
    delivered_ms: int
    expires_ms: int
    answer: Answer
    travel_min: int
    ghost: bool
    decision: str | None
    answered_ms: int | None = None
    state: str = "ringing"


@dataclass(slots=True, eq=False)
class Open:
    """A request as it goes: `closed` once it is filled or given up."""

    ask: Ask
    deadline_ms: int
    asked: frozenset[str] = NONE
    ringing: list[Offer] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    wave: int = 0
    closed: bool = False
    winner: Offer | None = None


class Job(NamedTuple):
    """One acceptance and what came of it: `minutes` is 0 if they never met."""

    offer: Offer
    accepted_ms: int
    started_ms: int | None
    ended_ms: int
    minutes: int


class Run(NamedTuple):
    """What came of a world under one strategy, requests in order of arrival."""

    world: World
    strategy: str
    opens: tuple[Open, ...]
    jobs: tuple[Job, ...]


class Market:
    """One run. `population` and `tables` are the library's; the rest is the world's."""

    def __init__(self, world: World, tables: Tables, strategy: Strategy) -> None:
        self.world = world
        self.strategy = strategy
        self.population = strategy.population(tables)
        letters = tables.qualifications.tiers
        self.tier = {None: 0} | {letter: tier for tier, letter in enumerate(letters, 1)}
        self.spell: dict[str, Spell] = {}
        self.idle_since: dict[str, int] = {}  # the latest of coming online, an offer, work
        self.past = Past(world)
        self.jobs: list[Job] = []
        self.opens: list[Open] = []
        self._searching: dict[str, dict[str, Open]] = {}  # by language, oldest first
        self._engaged: set[str] = set()
        self._due: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = count()
        clock, network = world.scenario.clock, world.scenario.network
        self._offer_ms, self._request_ms = round(clock.offer_s * 1000), clock.request_s * 1000
        self._hold_ms, self._wrap_up_ms = clock.hold_s * 1000, clock.wrap_up_s * 1000
        self._delivery_ms, self._join_ms = network.delivery_s * 1000, network.join_s * 1000
        for who, person in world.people.items():
            self.population.put(person.profile)
            self.population.set_track(who, self.past.track(who))

    def run(self) -> Run:
        """Play the world to its end."""
        for day_ms in self.world.days_ms:
            self._at(day_ms, self._new_day)
            for hour in range(24):
                self._at(day_ms + hour * HOUR_MS, self._new_hour)
        for spell in self.world.spells:
            self._at(spell.from_ms, self._appear, spell)
            self._at(spell.to_ms, self._leave, spell)
        for ask in self.world.asks:
            self._at(ask.at_ms, self._arrive, ask)
        while self._due:
            now_ms, _, happen, of = heappop(self._due)
            happen(now_ms, *of)
        return Run(self.world, self.strategy.name, tuple(self.opens), tuple(self.jobs))

    def foresee(
        self, open_: Open, match: Match, now_ms: int, standing: Standing | None = None
    ) -> Answer:
        """Return what a person would do with an offer made now. For the market and the oracle."""
        world, person = self.world, self.world.people[match.interpreter]
        drawn = fate(world.seed, open_.ask.id, match.interpreter)
        standing = standing or self._standing(match, now_ms)
        clock = world.scenario.clock
        return answer(world.scenario.answers, person, open_.ask, standing, drawn, clock.offer_s)

    def _standing(self, match: Match, now_ms: int) -> Standing:
        who = match.interpreter
        spell = self.spell.get(who)
        return Standing(
            hour=self.hour(now_ms),
            worked_min=self.past.worked_min(who),
            since_work_min=(now_ms - self.past.work_ended(who)) / MINUTE_MS,
            travel_min=match.travel_min,
            ghost=spell is not None and spell.ghost,
        )

    def hour(self, now_ms: int) -> int:
        """Return the hour of the local day."""
        midnight = max(day for day in self.world.days_ms if day <= now_ms)
        return int((now_ms - midnight) // HOUR_MS)

    def _at(self, at_ms: float, happen: Callable[..., None], *of: Any) -> None:
        heappush(self._due, (round(at_ms), next(self._number), happen, of))

    # --- people ---------------------------------------------------------------------------

    def _new_day(self, now_ms: int) -> None:
        del now_ms
        for who in self.past.new_day():
            self.population.set_load(who, 0)

    def _new_hour(self, now_ms: int) -> None:
        """Bring everybody's share of offers, and what they had of it, up to date."""
        self.population.set_exposure_target(self.past.offers_an_hour(now_ms))
        for who in self.spell:
            self.population.set_track(who, self.past.track(who, now_ms))

    def _appear(self, now_ms: int, spell: Spell) -> None:
        who = spell.interpreter
        self.spell[who] = spell
        self.idle_since[who] = now_ms
        self.past.online(who, now_ms)
        self.population.set_presence(who, available=True)
        if who not in self._engaged:
            self._wake(now_ms, self._waiting_for([who]))

    def _leave(self, now_ms: int, spell: Spell) -> None:
        """End a spell; who rings or works then finishes that first."""
        who = spell.interpreter
        del self.spell[who]
        self.past.offline(who, now_ms)
        self.population.set_presence(who, available=False)

    def _free(self, now_ms: int, people: Sequence[str], and_: Open | None = None) -> None:
        """Let people be asked again, and offer them what waits; take up *and_* in its turn."""
        for who in people:
            self._engaged.discard(who)
            self.population.release(who)
        self._wake(now_ms, self._waiting_for((who for who in people if who in self.spell), and_))

    def _waiting_for(self, people: Iterable[str], and_: Open | None = None) -> list[Open]:
        found: dict[str, Open] = {} if and_ is None else {and_.ask.id: and_}
        for who in people:
            for skill in self.world.people[who].profile.languages:
                if skill.tag != PIVOT:
                    found |= self._searching.get(skill.tag, {})
        return sorted(found.values(), key=lambda open_: open_.ask.at_ms)

    # --- requests -------------------------------------------------------------------------

    def _arrive(self, now_ms: int, ask: Ask) -> None:
        open_ = Open(ask, round(now_ms + self._request_ms))
        self.opens.append(open_)
        self._at(open_.deadline_ms, self._give_up, open_)
        self._wake(now_ms, [open_])

    def _give_up(self, now_ms: int, open_: Open) -> None:
        if open_.winner is None and not open_.closed:
            open_.closed = True
            self._forget(open_)
            self._free(now_ms, self._withdraw(now_ms, open_))

    def _wake(self, now_ms: int, waiting: Sequence[Open]) -> None:
        """Let the strategy ring for requests that nobody is asked for (or that are due again)."""
        for open_ in waiting:
            self._searching.setdefault(open_.ask.request.language_to, {})[open_.ask.id] = open_
        for open_, wave, decision in self.strategy.ring(self, waiting, now_ms):
            if wave:
                self._ring(now_ms, open_, wave, decision)

    def _forget(self, open_: Open) -> None:
        self._searching.get(open_.ask.request.language_to, {}).pop(open_.ask.id, None)

    def _ring(self, now_ms: int, open_: Open, wave: Sequence[Match], decision: str | None) -> None:
        self._forget(open_)
        open_.wave += 1
        open_.asked |= {match.interpreter for match in wave}
        delivered = round(now_ms + self._delivery_ms)
        expires = now_ms + self._offer_ms
        for match in wave:
            who = match.interpreter
            given = self.foresee(open_, match, now_ms)
            times, trip = (now_ms, delivered, expires), match.travel_min or 0
            ghost = self.spell[who].ghost
            offer = Offer(open_, who, open_.wave, *times, given, trip, ghost, decision)
            open_.ringing.append(offer)
            open_.offers.append(offer)
            self._engaged.add(who)
            self.population.reserve(who, FAR_MS)
            self.idle_since[who] = now_ms
            self.population.touch(who, now_ms)
            self.past.offered(who)
            self.population.set_track(who, self.past.track(who, now_ms))
            answered = delivered + given.delay_s * 1000
            self._at(min(answered, expires), self._answered, offer)
        if self.strategy.pace_s is not None:
            self._at(now_ms + self.strategy.pace_s * 1000, self._pace, open_, open_.wave)

    def _pace(self, now_ms: int, open_: Open, wave: int) -> None:
        """Ring the next while the last still ring."""
        if not open_.closed and open_.winner is None and open_.wave == wave and open_.ringing:
            self._wake(now_ms, [open_])

    # --- offers ---------------------------------------------------------------------------

    def _answered(self, now_ms: int, offer: Offer) -> None:
        if offer.state != "ringing":
            return
        open_ = offer.open
        open_.ringing.remove(offer)
        in_time = now_ms < offer.expires_ms
        self._counted(now_ms, offer.interpreter, answered=in_time)
        if in_time and offer.answer.accepts:
            self._accept(now_ms, offer)
            return
        offer.state = "declined" if in_time else "expired"
        offer.answered_ms = now_ms if in_time else None
        over = not open_.ringing or (in_time and self.strategy.refills)
        self._free(now_ms, [offer.interpreter], open_ if over else None)

    def _counted(self, now_ms: int, who: str, *, answered: bool) -> None:
        """Let an offer count that was answered or rang out; one withdrawn counts neither way."""
        if answered:
            self.past.answered(who)
        else:
            self.past.rang_out(who)
        self.population.set_track(who, self.past.track(who, now_ms))

    def _accept(self, now_ms: int, offer: Offer) -> None:
        open_ = offer.open
        offer.state, offer.answered_ms, open_.winner = "accepted", now_ms, offer
        self._forget(open_)
        freed = self._withdraw(now_ms, open_)
        if offer.answer.fails:
            self._at(now_ms + self._hold_ms, self._failed, open_)
        else:
            open_.closed = True
            start = now_ms + self._join_ms + offer.travel_min * MINUTE_MS
            minutes = open_.ask.request.duration_min
            self._at(start + minutes * MINUTE_MS, self._finished, offer, round(start))
        self._free(now_ms, freed)

    def _withdraw(self, now_ms: int, open_: Open) -> list[str]:
        """Take back every offer that still rings; return who is free by it."""
        freed = [offer.interpreter for offer in open_.ringing]
        for offer in open_.ringing:
            offer.state, offer.answered_ms = "withdrawn", now_ms
        open_.ringing.clear()
        return freed

    def _failed(self, now_ms: int, open_: Open) -> None:
        """Nobody came into the meeting: look on, if there is time."""
        offer = open_.winner
        assert offer is not None and offer.answered_ms is not None  # noqa: S101, PT018 - for mypy
        self.jobs.append(Job(offer, offer.answered_ms, None, now_ms, 0))
        self.past.failed(offer.interpreter)
        self.population.set_track(offer.interpreter, self.past.track(offer.interpreter, now_ms))
        open_.winner = None
        open_.closed = now_ms >= open_.deadline_ms
        self._free(now_ms, [offer.interpreter], None if open_.closed else open_)

    def _finished(self, now_ms: int, offer: Offer, started_ms: int) -> None:
        who, minutes = offer.interpreter, offer.open.ask.request.duration_min
        assert offer.answered_ms is not None  # noqa: S101 - for mypy
        self.jobs.append(Job(offer, offer.answered_ms, started_ms, now_ms, minutes))
        self.idle_since[who] = now_ms
        streak_min = self.past.worked(who, offer.open.ask.request, (started_ms, now_ms))
        self.population.touch(who, now_ms)
        self.population.set_track(who, self.past.track(who, now_ms))
        self.population.set_load(who, round(self.past.worked_min(who)), round(streak_min))
        self._at(now_ms + self._wrap_up_ms, self._rested, who)

    def _rested(self, now_ms: int, who: str) -> None:
        self._free(now_ms, [who])
