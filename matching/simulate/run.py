"""Run policies on worlds, every one on the same, and gather the figures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from matching.model import Model
from matching.simulate.market import Market, Strategy
from matching.simulate.metrics import BASELINE, ORACLE, Figures, Floats, Results, figures_of
from matching.simulate.oracle import Oracle
from matching.simulate.policies import (
    LONGEST_IDLE,
    NEAREST,
    RANDOM,
    TIER_THEN_IDLE,
    Broadcast,
    Waves,
)
from matching.simulate.scenario import Scenario
from matching.simulate.world import make_world, norwegian_places
from matching.tables import Tables, load_tables

HAND = "waves, hand weights"
RUNG_OUT = "waves, rung out"
LEARNT = "waves, learnt model"
PACE_S = 8.0  # as served: config/weights.toml
PACES_S = (4.0,)
Progress = Callable[[str, int, int], None]


def policies(model: Model | None = None) -> dict[str, Strategy]:
    """Return the policies that are compared, by name; the learnt one only with a *model*."""
    found: list[Strategy] = [RANDOM, LONGEST_IDLE, NEAREST, TIER_THEN_IDLE, Broadcast()]
    found += [Waves(RUNG_OUT, together=True), _served(HAND)]
    if model is not None:
        found.append(_served(LEARNT, model))
    return {each.name: each for each in found}


def _served(name: str, model: Model | None = None) -> Waves:
    """Return what the server does: paired under contention, waves that overlap."""
    return Waves(name, model=model, together=True, pace_s=PACE_S, refills=True)


def overlaps(paces_s: Iterable[float] = PACES_S) -> dict[str, Strategy]:
    """Return waves that overlap: one more after each decline and after so many seconds."""
    found = [
        Waves(f"waves, one more after {pace:g} s", together=True, pace_s=pace, refills=True)
        for pace in paces_s
    ]
    return {each.name: each for each in found}


def weights(feature: str, values: Iterable[float]) -> dict[str, Strategy]:
    """Return the waves with other hand weights of one feature, for a curve."""
    found = [
        replace(_served(f"{feature} {value:g}"), change=_reweigh(feature, value))
        for value in values
    ]
    return {each.name: each for each in found}


def _reweigh(feature: str, value: float) -> Callable[[Tables], Tables]:
    def change(tables: Tables) -> Tables:
        policy = tables.policy
        weighed = replace(
            policy,
            version=f"{policy.version}/{feature}={value:g}",
            weights={**policy.weights, feature: value},
        )
        return replace(tables, policy=weighed)

    return change


def simulate(
    scenario: Scenario,
    compared: Mapping[str, Strategy],
    seeds: Sequence[int] | None = None,
    progress: Progress | None = None,
    tables: Tables | None = None,
) -> Results:
    """Run every policy, the baseline and the oracle on a world a seed (default the scenario's).

    *progress* is called with what runs now, how many runs are done, and of how many.
    """
    tables = tables or load_tables()
    seeds = tuple(seeds or scenario.seeds)
    names = list(dict.fromkeys([BASELINE, *compared, ORACLE]))
    figures: dict[str, list[Figures]] = {name: [] for name in names}
    waits: dict[str, list[Floats]] = {name: [] for name in names}
    places = norwegian_places()
    asks, feasible, done = 0, 0, 0
    for seed in seeds:
        world = make_world(scenario, seed, tables, places)
        oracle = Oracle(world, tables)
        asks += len(world.asks)
        feasible += len(oracle.feasible)
        run_by: dict[str, Strategy] = {BASELINE: LONGEST_IDLE, **compared, ORACLE: oracle}
        for name in names:
            if progress is not None:
                progress(f"{scenario.name}, seed {seed}, {name}", done, len(seeds) * len(names))
            run = Market(world, tables, run_by[name]).run()
            found, waited = figures_of(run, oracle.feasible, tables.qualifications.tiers)
            figures[name].append(found)
            waits[name].append(waited)
            done += 1
    return Results(
        scenario=scenario.name,
        title=scenario.title,
        seeds=seeds,
        requests=asks,
        feasible=feasible / asks,
        figures={name: tuple(each) for name, each in figures.items()},
        waits={name: np.concatenate(each) for name, each in waits.items()},
    )
