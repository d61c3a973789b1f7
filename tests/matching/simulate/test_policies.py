"""One world with a known answer, and whom each policy rings first in it."""

from typing import Any

import pytest

from matching import load_tables
from matching.simulate.market import Market, Open, Strategy
from matching.simulate.metrics import figures_of
from matching.simulate.oracle import Oracle
from matching.simulate.policies import (
    LONGEST_IDLE,
    NEAREST,
    TIER_THEN_IDLE,
    Broadcast,
    Waves,
)
from matching.simulate.run import PACE_S, overlaps, policies, weights
from matching.simulate.world import World
from tests.matching.conftest import TABLES
from tests.matching.simulate.markets import NEVER, ask, hand_made, person, small_world

FOUR = [
    person("idle", NEVER, letter="E", lat=60.5),
    person("near", NEVER, letter="E", lat=59.9),
    person("best", NEVER, letter="A", lat=60.6),
    person("fast", letter="D", delay_s=2.0, lat=60.4),
    person("slow", letter="D", delay_s=9.0, lat=60.4),
]
ONLINE_MIN = {"idle": 200}


def world() -> World:
    return hand_made(FOUR, [ask(1)], ONLINE_MIN)


def rung(strategy: Strategy) -> list[str]:
    run = Market(world(), TABLES, strategy).run()
    return [offer.interpreter for offer in run.opens[0].offers]


@pytest.mark.parametrize(
    ("strategy", "first"),
    [(LONGEST_IDLE, "idle"), (NEAREST, "near"), (TIER_THEN_IDLE, "best")],
    ids=lambda each: getattr(each, "name", each),
)
def test_one_at_a_time_begins_with_the_first_by_its_rule(strategy: Strategy, first: str) -> None:
    assert rung(strategy)[0] == first


def test_broadcast_rings_everybody_at_once() -> None:
    assert sorted(rung(Broadcast())) == ["best", "fast", "idle", "near", "slow"]


def test_waves_ring_the_head_of_the_ranking() -> None:
    run = Market(world(), TABLES, Waves()).run()
    first = [offer.interpreter for offer in run.opens[0].offers if offer.wave == 1]
    assert 2 <= len(first) <= 4
    assert "best" in first


def test_who_is_paired_together_is_logged_too() -> None:
    """Each decision as it was before any of them rang."""
    logged: dict[str, dict[str, Any]] = {}
    waves = Waves(together=True, log=lambda id_, _, body: logged.update({id_: body}))
    made = hand_made(FOUR, [ask(1), ask(2)], ONLINE_MIN)
    market = Market(made, TABLES, waves)
    for who in made.people:
        market.population.set_presence(who, available=True)
    now_ms = made.asks[0].at_ms
    rung: list[str | None] = []
    for ring in waves.ring(market, [Open(each, now_ms + 60_000) for each in made.asks], now_ms):
        rung.append(ring.decision)
        for match in ring.wave:
            market.population.reserve(match.interpreter, now_ms + 60_000)
    assert rung == list(logged)
    assert [body["eligible"] for body in logged.values()] == [5, 5]


def test_the_oracle_rings_the_one_who_answers_first_and_nobody_else() -> None:
    assert rung(Oracle(world(), TABLES)) == ["fast"]


def test_the_oracle_keeps_people_for_whom_only_they_can_serve() -> None:
    only = person("only", letter="C", delay_s=2.0)
    other = person("other", letter="", delay_s=9.0)
    plain, floor = ask(1), ask(2, after_s=30)
    public = type(floor)(
        floor.id,
        floor.at_ms,
        type(floor.request)("no", "so", mode=floor.request.mode, public_body=True),
        floor.sector,
        floor.tier,
    )
    made = hand_made([only, other], [plain, public], {})
    run = Market(made, TABLES, Oracle(made, TABLES)).run()
    assert [[o.interpreter for o in open_.offers] for open_ in run.opens] == [["other"], ["only"]]


def test_nobody_beats_the_oracle_on_fill_and_wait() -> None:
    for seed in (5, 6):
        small = small_world(seed)
        oracle = Oracle(small, TABLES)
        tiers = TABLES.qualifications.tiers
        best, _ = figures_of(Market(small, TABLES, oracle).run(), oracle.feasible, tiers)
        assert best.offers_a_fill == 1.0
        for strategy in [*policies().values(), *overlaps().values()]:
            run = Market(small, TABLES, strategy).run()
            found, _ = figures_of(run, oracle.feasible, tiers)
            assert found.unfilled >= best.unfilled, strategy.name
            assert found.waited_mean_s >= best.waited_mean_s, strategy.name


def test_other_weights_rank_otherwise() -> None:
    (heavy,) = weights("tier_surplus", [50.0]).values()
    population = heavy.population(TABLES)
    assert population.scorer.policy.weights["tier_surplus"] == 50.0
    assert population.scorer.policy.version != TABLES.policy.version
    assert TABLES.policy.weights["tier_surplus"] == 0.6


def test_the_waves_are_as_the_server_has_them() -> None:
    assert load_tables().policy.waves["waves"].pace_s == PACE_S
