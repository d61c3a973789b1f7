"""Measure pairing: 1,000 requests, 5,000 interpreters, 50 candidates a request, checks and all.

The baseline is the dense way in the same run: fill a matrix of everyone by everyone, then
`scipy.optimize.linear_sum_assignment`. Both must cost the same. Standard error also says what
greedy assignment (cheapest free candidate first) costs beyond the least, and the time from lists.

    python -m benchmarks.pairing [--json] [--runs N]
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.common import Result, arguments, compared, progress, report
from matching.pairing import STEPS, Candidates, pair

REQUESTS = 1_000
INTERPRETERS = 5_000
EACH = 50
UNMATCHED = 4.0  # log-odds: beyond what any candidate costs
TIMES = 5  # a run


class Market(NamedTuple):
    """Requests with their candidates: `number` and `cost`, both `(REQUESTS, EACH)`."""

    number: NDArray[np.int64]
    cost: NDArray[np.float64]

    @property
    def candidates(self) -> Candidates:
        """The same as compressed rows."""
        starts = np.arange(0, self.cost.size + 1, EACH)
        return Candidates(starts, self.number.ravel(), self.cost.ravel())

    def paid(self, chosen: NDArray[np.intp]) -> float:
        """Return what an answer `(REQUESTS,)` costs."""
        served = (chosen >= 0).nonzero()[0]
        left_out = REQUESTS - served.size
        return float(self.cost[served, chosen[served]].sum() + UNMATCHED * left_out)


def make_market(exponent: float, seed: int = 3) -> Market:
    """Draw candidates by Zipf's law: the higher the exponent, the more they want the same few."""
    rng = np.random.default_rng(seed)
    popularity = rng.permutation(1.0 / np.arange(1, INTERPRETERS + 1) ** exponent)
    popularity /= popularity.sum()
    drawn = (rng.choice(INTERPRETERS, EACH, replace=False, p=popularity) for _ in range(REQUESTS))
    return Market(np.stack(list(drawn)), -rng.normal(0.0, 1.0, (REQUESTS, EACH)).clip(-3, 3))


def dense(market: Market) -> float:
    """Return the least cost by a matrix of all pairs; a stranger costs as much as nobody."""
    matrix = np.full((REQUESTS, INTERPRETERS), UNMATCHED)
    np.put_along_axis(matrix, market.number, market.cost, 1)
    return float(matrix[linear_sum_assignment(matrix)].sum())


def greedy(market: Market) -> float:
    """Return the cost of taking the cheapest candidate who is free, over and over."""
    free_requests, free = set(range(REQUESTS)), set(range(INTERPRETERS))
    total = 0.0
    for at in market.cost.ravel().argsort(kind="stable").tolist():
        request, number = at // EACH, int(market.number.flat[at])
        if request in free_requests and number in free:
            free_requests.remove(request)
            free.remove(number)
            total += float(market.cost.flat[at])
    return total + UNMATCHED * len(free_requests)


def timed_ms(call: Callable[[], object]) -> float:
    """Return the median time of a few calls, ms."""
    samples = []
    for _ in range(TIMES):
        started = time.perf_counter_ns()
        call()
        samples.append((time.perf_counter_ns() - started) / 1e6)
    return float(np.median(samples))


def describe(label: str, market: Market) -> None:
    """Check the cost against the dense solver's, and say what is not a figure of its own."""
    chosen = pair(market.candidates, unmatched=UNMATCHED)
    least, by_greed = market.paid(chosen), greedy(market)
    assert abs(least - dense(market)) < REQUESTS / STEPS, (least, dense(market))
    first_choices = float(market.cost.min(1).sum())
    lists = [
        list(zip(numbers, costs, strict=True))
        for numbers, costs in zip(market.number.tolist(), market.cost.tolist(), strict=True)
    ]
    from_lists = timed_ms(partial(pair, lists, unmatched=UNMATCHED))
    progress(
        f"{label}: {(chosen < 0).sum()} of {REQUESTS:,} left out; beyond everyone's own best it "
        f"costs {least - first_choices:.1f}, by greed {by_greed - first_choices:.1f} "
        f"({100 * (by_greed - least) / abs(least):.1f} % of the whole more); "
        f"from lists of tuples {from_lists:.1f} ms"
    )


def measure(runs: int) -> Iterator[Result]:
    """Yield the time, plain and where many want the same few."""
    for name, exponent in (("pairing_1000x5000_ms", 0.5), ("pairing_contended_ms", 1.2)):
        market = make_market(exponent)
        candidates = market.candidates
        describe(name, market)
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(timed_ms(partial(pair, candidates, unmatched=UNMATCHED)))
            theirs.append(timed_ms(partial(dense, market)))
        yield compared(name, ours, "ms", theirs)


def main() -> None:
    options = arguments(__doc__, runs=5).parse_args()
    report(measure(options.runs), as_json=options.json)


if __name__ == "__main__":
    main()
