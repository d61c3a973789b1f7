"""Many requests against many interpreters at once: who is to serve whom, at the least cost in all.

A sparse minimum-cost assignment in which a request may go unserved. Each request has a private
column that stands for "nobody", so that a full matching always exists, as scipy's solver demands
(Jonker and Volgenant 1987; `scipy.sparse.csgraph.min_weight_full_bipartite_matching`).

Costs are rounded to steps of 2⁻²⁰ and solved as whole numbers in float64. So sums are exact, ties
are true ties, and no rounding decides who is asked.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.errors import InvalidField

STEPS = 2**20  # of a cost of 1
LARGEST = 2**20  # sums over 4,096 requests still fit the 53 bits of a float64
NOBODY = -1

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


class Candidates(NamedTuple):
    """Who may serve each of n requests, as compressed sparse rows (CSR).

    Request i has the candidates `indptr[i]` … `indptr[i + 1] - 1`: their numbers (0 or more, each
    once a request) in `interpreter`, what they cost in `cost`. Shapes `(n + 1,)`, `(k,)`, `(k,)`.
    """

    indptr: ArrayLike
    interpreter: ArrayLike
    cost: ArrayLike


class _Edges(NamedTuple):
    """Checked candidates, rising by request: of which request, whom, at what cost; `(k,)` each."""

    request: Ints
    interpreter: Ints
    cost: Floats

    def where(self, keep: NDArray[np.bool_]) -> "_Edges":
        return _Edges(self.request[keep], self.interpreter[keep], self.cost[keep])


def pair(
    candidates: Candidates | Sequence[Sequence[tuple[int, float]]], *, unmatched: ArrayLike
) -> Ints:
    """Return for each request which of its candidates is to serve it, -1 for nobody; shape `(n,)`.

    The index counts from the request's first candidate. No interpreter serves two requests, and
    the sum of the costs chosen and of `unmatched` over the requests left out is the least there
    is. Any unit will do for costs, which may be negative: to go by scores pass minus the score.

    *unmatched*, one number or shape `(n,)`, is what leaving a request out costs, and so its
    priority. A candidate who costs as much or more is never chosen. Requests come strictly
    before others if theirs is greater by more than n times the range of all other costs.

    Ties: the answer is a function of the requests in their order and of each one's set of
    candidates, not of the order of candidates. A lone request gets the cheapest, and of equals
    the lowest number. Which of several equally cheap assignments of more requests is returned is
    the solver's affair, but the same each time.

    Raises `InvalidField`: a cost that is not a number, or beyond ±2²⁰; an interpreter named twice
    by one request; shapes that do not fit together.
    """
    indptr, edges = _checked(candidates)
    n = indptr.size - 1
    alone = _whole(unmatched, "unmatched")
    if alone.shape not in {(), (n,)}:
        raise InvalidField(f"one number, or one for each of {n} requests", path="unmatched")
    alone = np.broadcast_to(alone, (n,))
    worthwhile = edges.cost < alone[edges.request]
    chosen = np.full(n, NOBODY, np.intp)
    if not worthwhile.any():
        return chosen
    by = _solve(edges.where(worthwhile), alone)
    at = ((by[edges.request] == edges.interpreter) & worthwhile).nonzero()[0]
    chosen[edges.request[at]] = at - indptr[edges.request[at]]
    return chosen


def _solve(edges: _Edges, alone: Floats) -> Ints:
    """Return the interpreter of each request, -1 for nobody, shape `(n,)`."""
    n = alone.size
    numbers, column = np.unique(edges.interpreter, return_inverse=True)
    counts = np.bincount(edges.request, minlength=n) + 1
    indptr = np.concatenate(([0], counts.cumsum()))
    nobody = np.zeros(indptr[-1], np.bool_)
    nobody[indptr[1:] - 1] = True
    columns, costs = np.empty(indptr[-1], np.int32), np.empty(indptr[-1])
    columns[~nobody], columns[nobody] = column, numbers.size + np.arange(n)
    costs[~nobody], costs[nobody] = edges.cost, alone
    costs -= costs.min() - 1  # a zero would count as no edge; each request gains the same
    matrix = csr_array((costs, columns, indptr.astype(np.int32)), shape=(n, numbers.size + n))
    matrix.sort_indices()
    _, matched = min_weight_full_bipartite_matching(matrix)
    by: Ints = np.append(numbers, np.full(n, NOBODY))[matched]
    return by


def _checked(candidates: Candidates | Sequence[Sequence[tuple[int, float]]]) -> tuple[Ints, _Edges]:
    """Return where each request's candidates start, and the candidates."""
    if not isinstance(candidates, Candidates):
        candidates = _compressed(candidates)
    indptr = _numbers(candidates.indptr, "candidates.indptr")
    interpreter = _numbers(candidates.interpreter, "candidates.interpreter")
    cost = _whole(candidates.cost, "candidates.cost")
    if indptr.ndim != 1 or interpreter.ndim != 1 or interpreter.shape != cost.shape:
        raise InvalidField("one interpreter and one cost a candidate", path="candidates")
    counts = np.diff(indptr)
    if not indptr.size or indptr[0] != 0 or indptr[-1] != cost.size or (counts < 0).any():
        raise InvalidField("rises from 0 to the number of candidates", path="candidates.indptr")
    if (interpreter < 0).any():
        raise InvalidField("numbers are not negative", path="candidates.interpreter")
    request = np.repeat(np.arange(counts.size), counts)
    order = np.lexsort((interpreter, request))
    twice = (np.diff(interpreter[order]) == 0) & (np.diff(request[order]) == 0)
    if twice.any():
        at = order[1:][twice][0]
        detail = f"request {request[at]} names interpreter {interpreter[at]} twice"
        raise InvalidField(detail, path="candidates.interpreter")
    return indptr, _Edges(request, interpreter, cost)


def _compressed(lists: Sequence[Sequence[tuple[int, float]]]) -> Candidates:
    try:
        flat = list(chain.from_iterable(lists))
        interpreter, cost = zip(*flat, strict=True) if flat else ((), ())
    except (TypeError, ValueError) as error:
        raise InvalidField("pairs of interpreter and cost", path="candidates") from error
    indptr = np.cumsum([0, *map(len, lists)])
    return Candidates(indptr, interpreter, cost)


def _numbers(values: Any, path: str) -> Ints:
    """Return whole numbers as they are; nothing is rounded or parsed."""
    array = _array(values, path)
    if array.size and array.dtype.kind not in "iu":
        raise InvalidField("whole numbers", path=path)
    return array.astype(np.intp)


def _whole(values: Any, path: str) -> Floats:
    """Return costs in steps, whole numbers in float64."""
    array = _array(values, path)
    if array.size and array.dtype.kind not in "iuf":
        raise InvalidField("numbers", path=path)
    costs = array.astype(np.float64)
    if not (np.abs(costs) <= LARGEST).all():
        raise InvalidField(f"a cost is a number within ±{LARGEST:,}", path=path)
    steps: Floats = np.rint(costs * STEPS)
    return steps


def _array(values: Any, path: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise InvalidField("an array", path=path) from error
