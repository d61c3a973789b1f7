"""The compiled loop says what numpy says, bit for bit, and leaves what it does not know."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Mode, Population, Preferences, kernel, loops, rank
from matching.bookings import Booking
from matching.eligibility import Service
from matching.pairtable import NUMBER, WIDTH
from matching.plan import make_plan
from matching.types import NONE
from tests.matching.builders import MINUTE, NOW, OSLO, person, present, request, words
from tests.matching.test_scoring import learnt
from tests.matching.worlds import draw_request, draw_world

FUNCTIONS = ("square_to", "way_of", "rare_of", "count_of", "stands_in", "kth_of", "late_of", "sift")


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the loops as they are written, not compiled."""
    for name in FUNCTIONS:
        function: Any = getattr(loops, name)
        monkeypatch.setattr(loops, name, getattr(function, "py_func", function))


def without(monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any]) -> Any:
    with monkeypatch.context() as patched:
        patched.setattr(loops, "njit", None)
        return call()


def plainly(draw: Random) -> Any:
    """Draw a request of the kind that the kernel knows."""
    drawn = draw_request(draw)
    required = drawn.requirements
    return replace(
        drawn,
        requirements=replace(required, dialect=None, accept_substitutes=False),
        preferences=replace(drawn.preferences, dialect=None),
        price_cap=None,
        start_ms=None,
    )


def test_numba_is_there_where_tests_run() -> None:
    assert loops.njit is not None
    assert loops.sift.py_func is not loops.sift  # type: ignore[attr-defined]


@given(st.integers(0, 2**32), st.sampled_from([None, learnt()]))
def test_compiled_and_numpy_agree_to_the_bit(seed: int, model: Any) -> None:
    draw = Random(seed)
    world = draw_world(draw, full_words=0)
    world.population.use_model(model)
    with pytest.MonkeyPatch.context() as patched:
        for _ in range(8):
            wish, limit = plainly(draw), draw.randint(1, 12)
            compiled = rank(world.population, wish, NOW, limit)
            patched.setattr(loops, "njit", None)
            assert rank(world.population, wish, NOW, limit) == compiled
            patched.undo()


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("seed", range(40))
def test_the_loops_as_written_agree_with_numpy(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Random(seed)
    world = draw_world(draw, full_words=0)
    for _ in range(8):
        wish, limit = plainly(draw), draw.randint(1, 12)
        looped = rank(world.population, wish, NOW, limit)
        call = partial(rank, world.population, wish, NOW, limit)
        assert looped == without(monkeypatch, call)


@pytest.mark.parametrize(
    ("wish", "known"),
    [
        (request(), True),
        (request(mode=Mode.ONSITE, location=OSLO), True),
        (request(preferences=Preferences(preferred=words("a", "b"))), True),
        (request(accept_substitutes=True), False),
        (request(dialect="x"), False),
        (request(preferences=Preferences(dialect="x")), False),
        (request(price_cap=1.0), False),
        (request(specialisms=words("unheard of")), False),
        (request(preferences=Preferences(specialisms=words("unheard of"))), False),
        (request(preferences=Preferences(preferred=words(*(f"i{n}" for n in range(17))))), False),
    ],
)
def test_it_says_what_it_knows(population: Population, wish: Any, known: bool) -> None:
    present(population, [person(f"i{number}") for number in range(17)])
    plan = make_plan(population, wish, NOW, NONE)
    assert kernel.usable(plan, 10) is known
    assert not kernel.usable(plan, 0)
    assert not kernel.usable(plan, loops.ROOM)


def test_without_numba_nothing_is_known(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(population, request(), NOW, NONE)
    assert without(monkeypatch, lambda: kernel.usable(plan, 10)) is False
    assert without(monkeypatch, lambda: loops.compiled(plainly)) is plainly


@pytest.mark.usefixtures("plain")
def test_the_last_of_the_best_by_order_and_then_prefix() -> None:
    order = np.array([1, 3, 2, 3, 3], np.float32)
    assert [float(loops.kth_of(order, k)) for k in (1, 2, 3, 4, 5)] == [3, 3, 3, 2, 1]
    ints = np.zeros((5, WIDTH), np.int32)
    ints[:, NUMBER] = np.arange(5)
    prefix = np.array([9, 7, 1, 5, 6], np.uint64)
    rows, least = np.arange(5, dtype=np.int32), np.float32(3)
    late = [int(loops.late_of(order, rows, least, room, ints, prefix)) for room in (1, 2, 3)]
    assert late == [5, 6, int(loops.LATEST)]  # all three have room: no prefix is read


def test_bookings_in_another_pair_do_not_slow_work_on_site(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    present(population, [person("a", location=OSLO), person("b", "no ar", location=OSLO)])
    asked: list[Any] = []

    def best_of(*given: Any) -> tuple[int, list[Any]]:
        asked.append(given[2].pair)
        return 0, []

    monkeypatch.setattr(kernel, "best_of", best_of)
    population.set_bookings("b", [Booking(NOW + 600 * MINUTE, NOW + 660 * MINUTE)])
    for languages in ("no so", "no ar"):
        rank(population, request(languages, Mode.ONSITE, location=OSLO), NOW)
    assert asked == [("no", "so")]


def test_too_many_who_begin_alike_are_left_to_numpy(population: Population) -> None:
    people = [person(f"a common prefix {number:04d}") for number in reversed(range(300))]
    present(population, people)
    plan = make_plan(population, request(), NOW, NONE)
    table = population.slots.find(("no", "so"))
    assert table is not None
    assert kernel.best_of(population, plan, Service(("no", "so")), table, 10) is None
    matches = rank(population, request(), NOW).matches
    assert [each.interpreter for each in matches] == [
        f"a common prefix {number:04d}" for number in range(10)
    ]


@pytest.mark.usefixtures("plain")
def test_they_are_ready_before_anybody_waits() -> None:
    loops.prepare.__wrapped__()
    assert loops.prepare() is None
