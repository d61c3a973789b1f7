"""Who is to serve whom when many ask at once: the least cost in all, and nothing else."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from matching.errors import InvalidField
from matching.pairing import LARGEST, STEPS, Candidates, pair

Lists = list[list[tuple[int, float]]]


def paid(lists: Lists, unmatched: list[float], chosen: list[int]) -> float:
    """Return what an answer costs, having checked that nobody serves two."""
    taken = [row[at][0] for row, at in zip(lists, chosen, strict=True) if at >= 0]
    assert len(taken) == len(set(taken))
    return sum(
        row[at][1] if at >= 0 else alone
        for row, alone, at in zip(lists, unmatched, chosen, strict=True)
    )


def cheapest(lists: Lists, unmatched: list[float]) -> float:
    """Return the least cost by trying every answer."""
    costs = []
    for chosen in product(*(range(-1, len(row)) for row in lists)):
        taken = [row[at][0] for row, at in zip(lists, chosen, strict=True) if at >= 0]
        if len(taken) == len(set(taken)):
            costs.append(paid(lists, unmatched, list(chosen)))
    return min(costs)


costs = st.integers(-40, 40).map(lambda eighths: eighths / 8)
rows = st.dictionaries(st.integers(0, 5), costs, max_size=4).map(lambda row: list(row.items()))
instances = st.lists(st.tuples(rows, costs), max_size=5)


@given(instances)
def test_the_cost_is_the_least_of_all_answers(
    instance: list[tuple[list[tuple[int, float]], float]],
) -> None:
    lists, unmatched = [row for row, _ in instance], [alone for _, alone in instance]
    chosen = pair(lists, unmatched=unmatched).tolist()
    assert paid(lists, unmatched, chosen) == cheapest(lists, unmatched)


@given(instances, st.randoms(use_true_random=False))
def test_the_order_of_candidates_changes_nothing(
    instance: list[tuple[list[tuple[int, float]], float]],
    random: Random,
) -> None:
    lists, unmatched = [row for row, _ in instance], [alone for _, alone in instance]
    shuffled = [list(row) for row in lists]
    for row in shuffled:
        random.shuffle(row)
    assert names(lists, unmatched) == names(shuffled, unmatched)


def names(lists: Lists, unmatched: list[float]) -> list[int | None]:
    chosen = pair(lists, unmatched=unmatched).tolist()
    return [row[at][0] if at >= 0 else None for row, at in zip(lists, chosen, strict=True)]


def scattered(seed: int, n: int, m: int, each: int) -> Candidates:
    """Return *n* requests with *each* candidates of *m*, some of them in everyone's list."""
    rng = np.random.default_rng(seed)
    popular = 1.0 / np.arange(1, m + 1)
    numbers = [rng.choice(m, each, replace=False, p=popular / popular.sum()) for _ in range(n)]
    indptr = np.arange(0, n * each + 1, each)
    return Candidates(indptr, np.concatenate(numbers), rng.normal(0, 2, n * each))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "m", "each"), [(60, 300, 12), (150, 100, 20), (80, 40, 5)])
def test_the_cost_is_that_of_the_dense_solver(seed: int, n: int, m: int, each: int) -> None:
    candidates = scattered(seed, n, m, each)
    numbers, cost = (
        np.reshape(candidates.interpreter, (n, each)),
        np.reshape(candidates.cost, (n, each)),
    )
    dense = np.full((n, m + n), 3.0)
    np.put_along_axis(dense, numbers, cost, 1)
    expected = dense[linear_sum_assignment(dense)].sum()

    chosen = pair(candidates, unmatched=3.0)

    served = chosen >= 0
    taken = numbers[served, chosen[served]]
    assert len(set(taken.tolist())) == taken.size
    total = cost[served, chosen[served]].sum() + 3.0 * (~served).sum()
    assert total == pytest.approx(expected, abs=n / STEPS)


def test_lists_and_arrays_are_the_same_question() -> None:
    lists = [[(7, 1.0), (9, 0.5)], [], [(9, 0.25)]]
    arrays = Candidates([0, 2, 2, 3], np.array([7, 9, 9], np.uint32), [1.0, 0.5, 0.25])
    assert pair(lists, unmatched=2.0).tolist() == [0, -1, 0]
    assert pair(arrays, unmatched=2.0).tolist() == [0, -1, 0]


def test_a_request_makes_way_where_the_whole_gains() -> None:
    lists = [
        [(1, 0.0), (2, 0.1)],
        [(1, 0.2)],
    ]  # the first would rather have 1, the second has no other
    assert pair(lists, unmatched=5.0).tolist() == [1, 0]


def test_under_contention_the_dearest_to_leave_out_is_served() -> None:
    lists = [[(3, 0.1)], [(3, 0.4)], [(3, 0.2)]]
    assert pair(lists, unmatched=[1.0, 9.0, 1.0]).tolist() == [-1, 0, -1]
    assert pair(lists, unmatched=1.0).tolist() == [0, -1, -1]


@pytest.mark.parametrize("seed", range(5))
def test_emergencies_come_first_whatever_it_costs_the_others(seed: int) -> None:
    n = 40
    candidates = scattered(seed, n, 20, 4)
    urgent = np.arange(n) % 4 == 0
    alone = np.where(urgent, 10_000.0, 10.0)
    only = [
        list(zip(*(np.reshape(each, (n, 4))[i].tolist() for each in candidates[1:]), strict=True))
        if urgent[i]
        else []
        for i in range(n)
    ]
    most = (pair(only, unmatched=10_000.0) >= 0).sum()
    assert (pair(candidates, unmatched=alone)[urgent] >= 0).sum() == most


@pytest.mark.parametrize(
    ("lists", "chosen"),
    [
        ([], []),
        ([[]], [-1]),
        ([[], []], [-1, -1]),
        ([[(5, 2.0)]], [-1]),  # dearer than nobody
        ([[(5, 1.0)]], [-1]),  # as dear as nobody
        ([[(5, 0.0)]], [0]),
        ([[(5, -3.0), (6, -4.0)]], [1]),
        ([[(10**12, 0.5)]], [0]),  # numbers may be large: they are names
    ],
)
def test_nobody_and_the_few(lists: Lists, chosen: list[int]) -> None:
    assert pair(lists, unmatched=1.0).tolist() == chosen


def test_a_lone_request_gets_the_lowest_number_of_equals() -> None:
    assert pair([[(8, 0.5), (4, 0.5), (6, 0.5), (2, 0.75)]], unmatched=1.0).tolist() == [1]


def test_requests_alike_all_are_served_or_as_many_as_can_be() -> None:
    lists = [[(number, 0.0) for number in range(3)] for _ in range(5)]
    chosen = pair(lists, unmatched=1.0).tolist()
    assert sorted(chosen) == [-1, -1, 0, 1, 2]
    assert pair(lists, unmatched=1.0).tolist() == chosen


def test_a_millionth_decides_beside_a_million() -> None:
    lists = [[(1, 2.0**20), (2, 2.0**-20)], [(1, -(2.0**20)), (2, 0.0)], [(2, 1e-300)]]
    assert pair(lists, unmatched=2.0**20).tolist() == [-1, 0, 0]


@pytest.mark.parametrize(
    ("candidates", "unmatched", "path"),
    [
        ([[(1, float("nan"))]], 1.0, "candidates.cost"),
        ([[(1, float("inf"))]], 1.0, "candidates.cost"),
        ([[(1, -LARGEST - 1.0)]], 1.0, "candidates.cost"),
        ([[(1, "dear")]], 1.0, "candidates.cost"),
        ([[(1, None)]], 1.0, "candidates.cost"),
        ([[(-1, 0.5)]], 1.0, "candidates.interpreter"),
        ([[(1.5, 0.5)]], 1.0, "candidates.interpreter"),
        ([[("i1", 0.5)]], 1.0, "candidates.interpreter"),
        ([[(2, 0.5)], [(3, 0.1), (2, 0.4), (3, 0.2)]], 1.0, "candidates.interpreter"),
        ([[(1, 0.5, 0.5), (2, 0.5)]], 1.0, "candidates"),
        ([[1, 2]], 1.0, "candidates"),
        ([None], 1.0, "candidates"),
        ([[(1, 0.5)]], [1.0, 1.0], "unmatched"),
        ([[(1, 0.5)]], [[1.0]], "unmatched"),
        ([[(1, 0.5)]], [[1.0], []], "unmatched"),
        ([[(1, 0.5)]], float("nan"), "unmatched"),
        ([[(1, 0.5)]], None, "unmatched"),
        (Candidates([0, 2], [1], [0.5]), 1.0, "candidates.indptr"),
        (Candidates([1, 1], [1], [0.5]), 1.0, "candidates.indptr"),
        (Candidates([0, 1, 0, 1], [1], [0.5]), 1.0, "candidates.indptr"),
        (Candidates([], [], []), 1.0, "candidates.indptr"),
        (Candidates([0.0, 1.0], [1], [0.5]), 1.0, "candidates.indptr"),
        (Candidates([[0, 1]], [1], [0.5]), 1.0, "candidates"),
        (Candidates([0, 1], [1], [0.5, 0.5]), 1.0, "candidates"),
        (Candidates([0, 1], [[1]], [[0.5]]), 1.0, "candidates"),
    ],
)
def test_bad_input_is_refused_by_field(candidates: object, unmatched: object, path: str) -> None:
    with pytest.raises(InvalidField) as refused:
        pair(candidates, unmatched=unmatched)  # type: ignore[arg-type]
    assert refused.value.path == path


def test_a_refusal_names_request_and_interpreter() -> None:
    with pytest.raises(InvalidField, match="request 1 names interpreter 3 twice"):
        pair([[(3, 0.5)], [(3, 0.1), (2, 0.4), (3, 0.2)]], unmatched=1.0)
