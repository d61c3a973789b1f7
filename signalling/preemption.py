"""Emergencies before routine work: whose ringing offer is taken back where nobody else can come."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from matching.asking import Turn
from matching.eligibility import services
from matching.ranking import rank
from matching.types import Request
from signalling.core.availability import Availability
from signalling.core.booking_events import Preempt
from signalling.core.effects import Key, Tell
from signalling.core.offer import Offer
from signalling.core.slot import Assignment, Slot
from signalling.engine import Engine
from signalling.market import Market
from signalling.translate import presence_of

USUAL_PRIORITY: Final = 5  # of 0 … 9
LOOKED_AT: Final = 50  # of those at whom something rings, the best


class Routine(NamedTuple):
    """An offer of routine work that rings at somebody whom an emergency needs."""

    assignment: Assignment
    slot: Slot
    offer: Offer

    @property
    def taken_back(self) -> Tell:
        event = Preempt(self.offer.id, self.offer.interpreter)
        return Tell(Key("assignment", self.assignment.id), event)


async def routine_for(engine: Engine, market: Market, turn: Turn) -> Routine | None:
    """Return the offer that an emergency may have, None if there is none.

    For a request that finds nobody free: of those who would be asked if nothing rang at them, it
    takes whoever's routine loses least. What rings for another emergency goes on ringing.
    """
    ringing = _speakers(market, turn.request)
    with as_if_free(market, ringing):
        now_ms = engine.clock.now_ms()
        ranking = rank(market.population, turn.request, now_ms, LOOKED_AT, turn.left_out)
    who = (Key("availability", match.interpreter) for match in ranking.matches)
    people: list[Availability] = await engine.read(market.marketplace, *who)
    # The index does not hear of a socket that is gone while something rings at it.
    engaged = [p.engagement for p in people if p.connected and p.engagement is not None]
    rings = {each.offer: each.assignment for each in engaged}
    keys = (Key("assignment", id_) for id_ in sorted(set(rings.values())))
    routine = [
        Routine(a, slot, offer)
        for a in await engine.read(market.marketplace, *keys)
        if a is not None and not a.terms.get("emergency")
        for slot in a.slots
        for offer in slot.ringing
        if offer.id in rings
    ]
    return min(routine, key=_loss, default=None)


@contextmanager
def as_if_free(market: Market, people: Sequence[str]) -> Iterator[None]:
    """Let the index rank those of *people* at whom something rings as if nothing did.

    Nothing may be awaited in it: the index is nobody else's meanwhile.
    """
    population, appeared = market.population, list[str]()
    try:
        for who in market.ringing & set(people):
            now = presence_of(market.availability[who])
            population.set_presence(who, available=True, modes=now.modes, position=now.position)
            appeared.append(who)
        yield
    finally:
        for who in appeared:
            population.set_presence(who, available=False)


def _speakers(market: Market, request: Request) -> list[str]:
    """Return those at whom something rings who have the languages, or may stand in."""
    population = market.population
    pairs = [service.pair for service in services(request, population.tables.languages)]
    return [
        who
        for who in market.ringing
        for number in population.numbers((who,))
        if any(population.slots.serves(number, pair) for pair in pairs)
    ]


def _loss(routine: Routine) -> tuple[int, bool, int, int]:
    """Order by what a request loses: the less urgent first, then what rings elsewhere too.

    Then what has more waves before it, then what has waited less.
    """
    a, slot, _ = routine
    priority = a.terms.get("priority", USUAL_PRIORITY)
    return priority, len(slot.ringing) == 1, slot.wave, -a.created_ms
