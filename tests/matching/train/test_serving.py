"""What training says of a recorded decision is what serving said when it was made."""

from random import Random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.asking import Turn, ask
from matching.chances import GRID, RING_S
from matching.decisions import record
from matching.model import INPUTS, Hazard, Head, Model, Step, versioned
from matching.train.forecasts import Hand, Learnt
from matching.train.inputs import inputs_of
from matching.train.log import Log, read_log
from tests.matching.builders import NOW
from tests.matching.conftest import TABLES
from tests.matching.worlds import draw_request, draw_world

WAVES = TABLES.policy.waves["waves"]
# Serving looks chances up on a grid of log-odds: half a step, at a slope of at most a half.
GRID_ERROR = 0.5 * 0.5 / GRID


def hostile(seed: int) -> Model:
    """Return a model in which every input matters, at edges that mean nothing."""
    draw = np.random.default_rng(seed)

    def step(name: str) -> Step:
        widest = 24.0 if name in ("hour", "wave", "mode") else 1.0
        edges = np.unique(draw.uniform(-0.2, widest, 5).round(3))
        values = draw.normal(0, 0.4, len(edges) + 1)
        return Step(tuple(edges.tolist()), tuple(values.tolist()), float(draw.normal(0, 0.4)))

    steps, ends = {name: step(name) for name in INPUTS}, (5.0, RING_S)
    hazard = Hazard(-1.5, steps, 1.1, 0.1, ends_s=ends, by_period=(0.0, 0.3))
    return versioned(hazard, Head(2.0, steps), {"to_ms": 0})


def recorded(seed: int, model: Model | None) -> Log:
    """Return the log of one decision in a world of its own."""
    draw = Random(seed)
    population = draw_world(draw).population
    population.use_model(model)
    turn = Turn(draw_request(draw), WAVES, wave=draw.randint(1, 9), seed=seed)
    decision: dict[str, Any] = record(population, turn, ask(population, turn, NOW), NOW)
    return read_log([{"kind": "decision", "id": "d", "assignment": "a", "slot": "s1", **decision}])


def said_later(log: Log, by: Learnt | Hand) -> Any:
    rows = np.arange(len(log.candidates.order))
    inputs = inputs_of(log, np.zeros_like(rows), rows, TABLES.policy.shape)
    return by.accept(inputs, np.full(len(rows), RING_S))


@given(st.integers(0, 2**32), st.integers(0, 9))
def test_a_model_means_the_same_in_training_as_in_serving(seed: int, which: int) -> None:
    model = hostile(which)
    log = recorded(seed, model)
    assert np.abs(said_later(log, Learnt(model)) - log.candidates.p_accept).max(initial=0) < (
        GRID_ERROR
    )


@given(st.integers(0, 2**32))
def test_the_hand_policy_is_held_against_as_it_served(seed: int) -> None:
    log = recorded(seed, None)
    assert np.abs(said_later(log, Hand(TABLES.policy)) - log.candidates.p_accept).max(initial=0) < (
        GRID_ERROR
    )
