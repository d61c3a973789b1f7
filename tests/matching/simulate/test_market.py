"""The market keeps the server's rules, whoever decides whom to ring."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest

from matching.simulate.market import Market, Offer, Run, Strategy
from matching.simulate.policies import LONGEST_IDLE, RANDOM, Broadcast, Waves
from matching.simulate.world import Person
from matching.types import Mode
from tests.matching.conftest import TABLES
from tests.matching.simulate.markets import NEVER, NOON_MS, ask, hand_made, person, small_world

STRATEGIES: list[Strategy] = [
    RANDOM,
    LONGEST_IDLE,
    Broadcast(),
    Waves(),
    Waves("paired", together=True),
    Waves("paced", together=True, pace_s=4.0),
]


def offers_of(run: Run) -> list[Offer]:
    return [offer for open_ in run.opens for offer in open_.offers]


def play(*people: Person, asks: int = 1, strategy: Strategy = LONGEST_IDLE) -> Run:
    requests = [ask(number, after_s=number) for number in range(asks)]
    return Market(hand_made(list(people), requests, {}), TABLES, strategy).run()


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda each: each.name)
def test_the_rules_hold_for_everybody(strategy: Strategy) -> None:
    world = small_world()
    run = Market(world, TABLES, strategy).run()
    assert [open_.ask for open_ in run.opens] == list(world.asks)
    busy: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for open_ in run.opens:
        assert open_.closed
        rung = [offer.interpreter for offer in open_.offers]
        assert len(rung) == len(set(rung))  # nobody is asked twice
        accepted = [offer for offer in open_.offers if offer.state == "accepted"]
        assert (open_.winner in accepted) if open_.winner else all(o.answer.fails for o in accepted)
        for offer in open_.offers:
            assert offer.state != "ringing"
            assert open_.ask.at_ms <= offer.made_ms < open_.deadline_ms
            end = offer.expires_ms if offer.answered_ms is None else offer.answered_ms
            assert end <= max(offer.expires_ms, open_.deadline_ms)
            busy[offer.interpreter].append((offer.made_ms, end))
    for job in run.jobs:
        busy[job.offer.interpreter].append((job.accepted_ms, job.ended_ms))
    for spans in busy.values():
        spans.sort()
        assert all(one[1] <= two[0] for one, two in pairwise(spans))


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda each: each.name)
def test_a_run_can_be_repeated(strategy: Strategy) -> None:
    one, two = (Market(small_world(), TABLES, strategy).run() for _ in range(2))
    assert [(o.interpreter, o.made_ms, o.state) for o in offers_of(one)] == [
        (o.interpreter, o.made_ms, o.state) for o in offers_of(two)
    ]


def test_the_same_first_offer_has_the_same_answer_under_every_policy() -> None:
    runs = [Market(small_world(), TABLES, each).run() for each in (RANDOM, LONGEST_IDLE)]
    first = [{(o.open.ask.id, o.interpreter): o.answer for o in offers_of(run)} for run in runs]
    both = first[0].keys() & first[1].keys()
    same = [first[0][key] == first[1][key] for key in both]
    assert len(both) > 20
    assert sum(same) / len(same) > 0.9  # but for who is more tired in one of them


def test_one_who_accepts_is_met_and_rests() -> None:
    run = play(person("i1"), asks=2)
    first, second = run.opens
    assert first.winner is not None
    assert first.winner.answered_ms == NOON_MS + 100 + 6_000
    (job,) = run.jobs
    assert (job.started_ms, job.minutes) == (NOON_MS + 6_100 + 5_000, 30)
    assert job.ended_ms == NOON_MS + 11_100 + 30 * 60_000
    assert second.winner is None
    assert second.offers == []


def test_silence_rings_out_and_a_decline_ends_at_once() -> None:
    run = play(
        person("i1", NEVER, silent=1.0), person("i2", NEVER, delay_s=4.0), person("i3"), asks=1
    )
    states = [(offer.interpreter, offer.state, offer.made_ms - NOON_MS) for offer in offers_of(run)]
    assert states == [
        ("i1", "expired", 0),
        ("i2", "declined", 20_000),
        ("i3", "accepted", 24_100),
    ]


def test_the_first_to_accept_wins_and_the_others_are_withdrawn_at_once() -> None:
    people = [person("i1", delay_s=8.0), person("i2", delay_s=3.0), person("i3", NEVER)]
    (open_,) = play(*people, strategy=Broadcast()).opens
    assert {offer.interpreter: offer.state for offer in open_.offers} == {
        "i1": "withdrawn",
        "i2": "accepted",
        "i3": "withdrawn",
    }
    assert {offer.answered_ms for offer in open_.offers} == {NOON_MS + 3_100}


def test_who_does_not_come_is_replaced_while_there_is_time() -> None:
    run = play(person("i1", fails=1.0), person("i2", letter="E"))
    (open_,) = run.opens
    assert [(o.interpreter, o.made_ms - NOON_MS) for o in open_.offers] == [
        ("i1", 0),
        ("i2", 6_100 + 60_000),
    ]
    assert open_.winner is open_.offers[1]
    assert [job.minutes for job in run.jobs] == [0, 30]


def test_a_request_that_nobody_takes_ends_at_its_deadline() -> None:
    people = [person(f"i{n:02d}", NEVER, silent=1.0) for n in range(12)]
    (open_,) = play(*people).opens
    assert open_.winner is None
    assert len(open_.offers) == 9
    assert open_.offers[-1].expires_ms == open_.deadline_ms == NOON_MS + 180_000


def test_who_comes_free_is_offered_what_waits() -> None:
    run = Market(
        hand_made([person("i1")], [ask(1, minutes=1), ask(2, after_s=30)], {}), TABLES, LONGEST_IDLE
    ).run()
    free = run.jobs[0].ended_ms + 120_000
    assert [open_.offers[0].made_ms for open_ in run.opens] == [NOON_MS, free]


def test_overlapping_waves_ring_the_next_before_the_last_end() -> None:
    """The silent have no past that would tell."""
    silent = [person(f"i{n}", NEVER, silent=1.0) for n in range(3)]
    people = [replace(each, sessions={}) for each in (*silent, *map(person, ("i3", "i4", "i5")))]
    paced = Waves("paced", pace_s=4.0)
    (open_,) = play(*people, strategy=paced).opens
    waves = sorted({(offer.wave, offer.made_ms - NOON_MS) for offer in open_.offers})
    assert waves[:2] == [(1, 0), (2, 4_000)]
    assert open_.winner is not None
    assert open_.winner.wave == 2
    assert open_.winner.answered_ms == NOON_MS + 4_000 + 6_100


def test_a_trip_keeps_people_busy_before_the_work() -> None:
    here = ask(1)
    onsite = replace(here, request=replace(here.request, mode=Mode.ONSITE))
    world = hand_made([person("i1", lat=60.2)], [onsite], {})
    run = Market(world, TABLES, LONGEST_IDLE).run()
    (job,) = run.jobs
    assert job.offer.travel_min > 20
    assert job.started_ms == job.accepted_ms + 5_000 + job.offer.travel_min * 60_000
