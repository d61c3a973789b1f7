"""When somebody can be had next, by the hours that people state in their calendars."""

from dataclasses import replace
from typing import Final, NamedTuple

from matching import scheduling
from matching.openings import WEEK_MS
from matching.plan import make_plan
from matching.population import Population
from matching.ranking import rank
from matching.types import NONE, Request
from matching.zones import MINUTE_MS

CALENDARS: Final = 128  # different ones that are asked; each costs up to some 30 µs
TRIED: Final = 8


class Opening(NamedTuple):
    """When somebody may be booked next, ms since 1970.

    `certain`: whoever could do the work is closed till then, all by their own calendars.
    """

    start_ms: int
    certain: bool


def next_opening(population: Population, request: Request, now_ms: int) -> Opening | None:
    """Return when, within a week after an admitted request's time, hours begin that would serve it.

    None if none do. Whoever has no calendar, or is open by it already and yet not to be had, states
    no such time.
    """
    from_ms = request.start_ms or now_ms
    later = replace(request, start_ms=from_ms)
    numbers = scheduling.whenever(population, make_plan(population, later, now_ms, NONE))
    calendars = population.agendas.calendars_of(numbers)
    certain = len(calendars) <= CALENDARS
    length_ms = request.duration_min * MINUTE_MS
    begins = {
        from_ms if each is None else each.first_open(from_ms, from_ms + WEEK_MS, length_ms)
        for each in calendars[:CALENDARS]
    }
    certain &= from_ms not in begins
    for at_ms in sorted(each for each in begins - {from_ms} if each is not None)[:TRIED]:
        if rank(population, replace(request, start_ms=at_ms), now_ms, limit=1).eligible:
            return Opening(at_ms, certain)
        certain = False  # booked as these hours begin, maybe not till they end
    return None
