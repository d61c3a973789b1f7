"""What a marketplace remembers of who answers."""

from dataclasses import replace

import numpy as np

from matching.simulate.market import Market
from matching.simulate.past import RECENT_OFFERS, Past
from matching.simulate.policies import RANDOM, Broadcast
from tests.matching.conftest import TABLES
from tests.matching.simulate.markets import NEVER, ask, hand_made, person, small_world


def gained(market: Market, who: str, before: Past) -> tuple[float, float]:
    now, then = market.past.track(who), before.track(who)
    return now.answered - then.answered, now.silent - then.silent


def test_a_refusal_is_an_answer_silence_is_not_and_who_lost_counts_neither_way() -> None:
    """The quickest to accept ends what still rings."""
    people = [
        person("quick"),
        person("late", delay_s=12.0),
        person("refuses", NEVER, delay_s=3.0),
        person("silent", NEVER, silent=1.0),
    ]
    world = hand_made(people, [ask(1)], {})
    market = Market(world, TABLES, Broadcast())
    market.run()
    found = {each.profile.id: gained(market, each.profile.id, Past(world)) for each in people}
    assert found == {"quick": (1, 0), "late": (0, 0), "refuses": (1, 0), "silent": (0, 0)}
    alone = hand_made(people[3:], [ask(1)], {})
    market = Market(alone, TABLES, Broadcast())
    market.run()
    assert gained(market, "silent", Past(alone)) == (0, 1)


def test_what_is_counted_is_what_ranks() -> None:
    market = Market(small_world(), TABLES, RANDOM)
    run = market.run()
    rang_out = {o.interpreter for each in run.opens for o in each.offers if o.state == "expired"}
    assert rang_out
    for who in rang_out:
        known, counted = market.population.track(who), market.past.track(who)
        assert (known.answered, known.silent) == (counted.answered, counted.silent)
        assert counted.silent > 0


def test_people_bring_a_past_that_their_traits_made() -> None:
    world = small_world()
    past = Past(world)
    tracks = {who: past.track(who) for who in world.people}
    offers = np.array([each.answered + each.silent for each in tracks.values()])
    assert offers.max() == RECENT_OFFERS
    for who, person_ in world.people.items():
        jobs = sum(person_.sessions.values())
        assert tracks[who].answered + tracks[who].silent == min(jobs, RECENT_OFFERS)
    share = np.array([each.answered for each in tracks.values()]) / offers.clip(1)
    mute = np.array([each.silent for each in world.people.values()])
    assert 0.6 < share.mean() < 0.8
    assert np.corrcoef(share, mute)[0, 1] < -0.4
    again = Past(world)
    assert all(again.track(who) == track for who, track in tracks.items())


def test_who_never_worked_or_was_never_asked_is_new() -> None:
    idle = replace(person("i1"), sessions={})
    for world in (hand_made([idle], [ask(1)], {}), hand_made([person("i1")], [], {})):
        assert (Past(world).track("i1").answered, Past(world).track("i1").silent) == (0, 0)
