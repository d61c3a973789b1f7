"""Single changes of a request that would work better: the relaxations of `shortage`, and times.

Bounded: so many as a request has terms, each an estimate of about half a millisecond.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from matching.ahead import next_opening
from matching.estimate import Estimate, estimate
from matching.population import Population
from matching.shortage import single_changes
from matching.types import Mode, Request
from matching.waiting import Asking, Outcome

MOST: Final = 5
GAIN: Final = 0.1  # of probability: less is not worth a change of what was wanted
SOONER_S: Final = 10  # that a wait must be shortened by, and by half
LIKELY: Final = 0.5
GOOD: Final = 0.9
GOOD_WAIT_S: Final = 30


class Proposal(NamedTuple):
    """A change in words, the request it makes, and what that may expect.

    No `text` where the time to start says it all.
    """

    text: str | None
    request: Request
    estimate: Estimate


def proposals(
    population: Population,
    request: Request,
    found: Estimate,
    now_ms: int,
    asking: Asking,
    past: Mapping[Mode, Sequence[Outcome]],
) -> Iterator[Proposal | None]:
    """Yield what would help an admitted request of which *found* was estimated, in no order.

    None stands for a change that would not: between two of them others may run.
    """
    if found.probability >= GOOD and (found.wait_s or 0) <= GOOD_WAIT_S:
        return
    for text, changed in _changes(population, request, found, now_ms):
        expected = estimate(population, changed, now_ms, asking, past.get(changed.mode, ()))
        yield Proposal(text, changed, expected) if _helps(expected, found) else None


def best(found: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Return the best few: the likeliest first, of equals the soonest."""

    def order(each: Proposal) -> tuple[float, int, int]:
        expected = each.estimate
        return (-expected.probability, each.request.start_ms or 0, expected.wait_s or 0)

    return tuple(sorted(found, key=order)[:MOST])


def _changes(
    population: Population, request: Request, found: Estimate, now_ms: int
) -> Iterator[tuple[str | None, Request]]:
    opening = found.opening
    if found.available and found.probability < LIKELY:
        opening = next_opening(population, request, now_ms)
    if opening is not None:
        yield None, replace(request, start_ms=opening.start_ms)
    yield from single_changes(population, request, now_ms)


def _helps(changed: Estimate, found: Estimate) -> bool:
    if changed.probability >= found.probability + GAIN:
        return True
    if changed.wait_s is None or found.wait_s is None:
        return False
    sooner = changed.wait_s <= min(found.wait_s / 2, found.wait_s - SOONER_S)
    return sooner and changed.probability >= found.probability
