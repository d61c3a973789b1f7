"""What would have helped is true: made so, it helps; and it is the least that does."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Mode, Population, Preferences, Request, Track
from matching.asking import Turn, ask_together
from matching.counterfactual import (
    Change,
    excluded_then,
    if_met,
    what_would_help,
)
from matching.decisions import ask_then, decides_alike, record
from matching.features import CODES, SIZES, DialectFit
from matching.model import Model
from matching.policy import Exploration
from matching.scoring import Codes, Scorer
from tests.matching.builders import MINUTE, NOW, OSLO, person, present, request, words
from tests.matching.conftest import TABLES
from tests.matching.recorded import ONE, decide, rung
from tests.matching.test_scoring import learnt
from tests.matching.worlds import draw_request, draw_world

RAISED = ("tier", "experience", "responsiveness", "media", "idle", "specialism", "dialect", "slack")
LOWERED = ("load", "streak", "travel", "cost")


def helping(population: Population, wish: Request, who: str) -> tuple[Change, ...]:
    return what_would_help(decide(population, wish), who, population.scorer)


# --- one change, made so -------------------------------------------------------------------


def test_a_better_category(population: Population) -> None:
    present(population, [person("a", "no so:B"), person("b", "no so:D")])
    decision = decide(population, request())
    (category, *_) = what_would_help(decision, "b", population.scorer)
    assert category.change == "category A instead of D"
    assert (category.rank, category.asked) == (1, True)
    assert category.text == "with category A instead of D: place 1 instead of 2"
    population.put(person("b", "no so:A"))
    assert rung(decide(population, request())) == ["b"]
    population.put(person("b", "no so:B"))
    assert rung(decide(population, request())) == ["a"]  # ties by id
    assert what_would_help(decision, "a", population.scorer) == ()
    assert what_would_help(decision, "nobody", population.scorer) == ()


def test_what_somebody_may_not_read_is_not_told(population: Population) -> None:
    present(population, [person("a"), person("b")])
    population.set_track("a", Track(silent=3.0))
    decision = decide(population, request())
    told = {
        reader: {each.change for each in what_would_help(decision, "a", population.scorer, reader)}
        for reader in ("operator", "customer", "everyone")
    }
    assert told["operator"] - told["customer"] == {
        "more of the offers that reached them answered, yes or no"
    }
    assert told["everyone"] == told["customer"] != set()


def test_a_tie_is_enough_for_whoever_comes_first_by_id(population: Population) -> None:
    present(population, [person("b", "no so:B"), person("a", "no so:D")])
    (category, *_) = helping(population, request(), "a")
    assert category.change == "category B instead of D"


def test_somebody_without_a_category(population: Population) -> None:
    present(population, [person("a", "no so:E"), person("b", "no so")])
    (category, *_) = helping(population, request(), "b")
    assert category.change == "category D instead of none"


def test_a_break_and_fewer_hours(population: Population) -> None:
    """The smallest first; each of them, made so, has them rung."""
    present(population, [person("a"), person("b")])
    for who, minutes in (("a", 30), ("b", 60)):
        population.set_load(who, minutes, 60)
    changes = [each.change for each in helping(population, request(), "b")]
    hours, rest = (
        "15 min worked today instead of 1 h 00",
        "a break of 15 min after 1 h 00 without one",
    )
    assert {hours, rest} <= set(changes)
    assert changes.index(hours) < changes.index(rest)
    population.set_load("b", 60, 0)
    assert rung(decide(population, request())) == ["b"]
    population.set_load("b", 15, 60)
    assert rung(decide(population, request())) == ["b"]
    population.set_load("b", 30, 60)
    assert rung(decide(population, request())) == ["a"]


def test_waiting_longer(population: Population) -> None:
    present(population, [person("a"), person("b")])
    population.touch("a", NOW - 90 * MINUTE)
    population.touch("b", NOW - 20 * MINUTE)
    changes = helping(population, request(), "b")
    assert changes[0].change == "1 h 31 since last work or offer instead of 20 min"
    population.remove("b")
    present(population, [person("b")])
    population.touch("b", NOW - 91 * MINUTE)
    assert rung(decide(population, request())) == ["b"]


def test_practice_and_connections(population: Population) -> None:
    present(population, [person("a"), person("b")])
    population.set_track("b", Track(connects=10, connect_failures=4))
    assert [each.change for each in helping(population, request(), "b")] == [
        "7 sessions in these languages instead of 0",
        "100 % of recent meetings connected instead of 80 %",
        "category B instead of C",
    ]
    population.set_track("b", Track(sessions={"no-so": 7}, connects=10, connect_failures=4))
    assert rung(decide(population, request())) == ["b"]


def test_answering_more(population: Population) -> None:
    """In words alone, and only to whom it is sure that some offers rang out."""
    answers = "more of the offers that reached them answered, yes or no"
    present(population, [person("a"), person("b")])
    population.touch("b", NOW - 240 * MINUTE)
    population.touch("a", NOW - 60 * MINUTE)
    population.set_track("b", Track(answered=4, silent=6))
    assert answers in [each.change for each in helping(population, request(), "b")]
    population.set_track("b", Track(answered=10))
    assert rung(decide(population, request())) == ["b"]
    population.touch("b", NOW)
    assert answers not in [each.change for each in helping(population, request(), "b")]


def test_what_is_wished_for(population: Population) -> None:
    """Holding as many is a tie, and who comes first by id is rung."""
    one, both = words("court"), words("court", "medical")
    present(population, [person("a", specialisms=both), person("b", specialisms=one)])
    wish = request(preferences=Preferences(specialisms=both))
    assert "specialisms" not in str(helping(population, wish, "b"))
    wish = request(preferences=Preferences(specialisms=both | {"tax"}))
    changes = {each.change for each in helping(population, wish, "b")}
    assert "3 of 3 specialisms instead of 1" in changes
    population.put(person("b", specialisms=both | {"tax"}))
    assert rung(decide(population, wish)) == ["b"]


def test_what_is_required_all_hold(population: Population) -> None:
    court = words("court")
    present(population, [person("a", "no so:B", specialisms=court), person("b", specialisms=court)])
    changes = helping(population, request(specialisms=court), "b")
    assert not any("specialisms" in each.change for each in changes)


def test_a_dialect(population: Population) -> None:
    present(population, [person("a", "no sq"), person("b", "no sq/tosk")])
    population.touch("a", NOW - 60 * MINUTE)
    population.touch("b", NOW)
    wish = request("no sq", preferences=Preferences(dialect="gheg"))
    changes = {each.change for each in helping(population, wish, "b")}
    assert "the dialect asked for" in changes
    population.put(person("b", "no sq/gheg"))
    assert rung(decide(population, wish)) == ["b"]


def test_nearer_cheaper_and_roomier(population: Population) -> None:
    far = replace(OSLO, lat=60.1)
    present(population, [person("a", location=OSLO, price=480.0), person("b", location=far)])
    wish = request(mode=Mode.ONSITE, location=OSLO, price_cap=400.0)
    changes = {each.change for each in helping(population, wish, "b")}
    assert "20 min of travel instead of 1 h 00" in changes
    present(population, [person("b", location=OSLO, price=500.0)])
    changes = {each.change for each in helping(population, wish, "b")}
    assert "19 % over the price cap instead of 25 %" in changes
    present(population, [person("a", location=OSLO), person("b", location=OSLO)])
    population.set_free_until("a", NOW + 80 * MINUTE)  # the way there takes some of it
    population.set_free_until("b", NOW + 55 * MINUTE)
    changes = {each.change for each in helping(population, wish, "b")}
    assert "40 min to the next booking instead of 10 min" in changes
    population.set_free_until("b", NOW + 85 * MINUTE)
    assert rung(decide(population, wish)) == ["b"]


# --- two, or none --------------------------------------------------------------------------


def test_two_together_where_none_alone_is_enough(population: Population) -> None:
    """Of the two that lift most, no more than is needed; made so, they have them rung."""
    present(population, [person("a", "no so:C"), person("b", "no so:A")])
    population.set_track("b", Track(sessions={"no-so": 15}))
    (change,) = helping(population, request(), "a")
    two = "category B instead of C and 1023 sessions in these languages instead of 0"
    assert (change.change, change.rank, change.asked) == (two, 1, True)
    assert change.text == f"with {two}: place 1 instead of 2"
    population.put(person("a", "no so:B"))
    population.set_track("a", Track(sessions={"no-so": 1023}))
    assert rung(decide(population, request())) == ["a"]
    population.set_track("a", Track(sessions={"no-so": 1022}))
    assert rung(decide(population, request())) == ["b"]


def test_no_one_or_two_changes(population: Population) -> None:
    preferred = request(preferences=Preferences(preferred=words("a")))
    present(population, [person("a", "no so:A"), person("b", "no so:A")])
    population.touch("b", NOW - 60 * MINUTE)
    population.set_load("b", 60, 60)
    (change,) = helping(population, preferred, "b")
    assert (change.rank, change.asked) == (2, False)
    assert change.text.startswith("no one or two changes would have been enough; with ")
    assert "place 2 instead of 2" in change.text


def test_one_thing_to_better_or_nothing(population: Population) -> None:
    preferred = request(preferences=Preferences(preferred=words("a")))
    present(population, [person("a", "no so:A"), person("b", "no so:A")])
    track = Track(sessions={"no-so": 40_000}, connects=10_000)
    population.set_track("b", track)
    assert helping(population, preferred, "b") == ()
    population.touch("b", NOW - 60 * MINUTE)
    (change,) = helping(population, preferred, "b")
    assert change.change == "8 h 00 since last work or offer instead of 1 h 00"
    assert change.asked is False


# --- against an oracle ---------------------------------------------------------------------


def singles(decision: dict[str, Any], mine: dict[str, Any], scorer: Scorer) -> list[int]:
    """Return the places that the least single changes lead to, by trying every code there is."""
    codes, needed = Codes._make(mine["codes"]), ask_then(decision)
    bar = max((-c["order"], c["interpreter"]) for c in decision["candidates"] if c["rung"])
    others = [(-c["order"], c["interpreter"]) for c in decision["candidates"] if c is not mine]
    found = []
    for name in (*RAISED, *LOWERED):
        old = getattr(codes, name)
        if old is None or (name == "specialism" and not decision["wishes"]):
            continue
        top = {"specialism": decision["wanted"], "travel": scorer.longest_min, "responsiveness": 38}
        size = top.get(name, SIZES.get(name, 1) - 1)
        better = range(old + 1, size + 1) if name in RAISED else range(old - 1, -1, -1)
        for code in [0] if name == "streak" and old else better:
            if name == "dialect" and code < DialectFit.NEAR:
                continue
            key = (-scorer.order(codes._replace(**{name: code}), needed), mine["interpreter"])
            if key < bar:
                place = 1 + sum(other < key for other in others)
                found.append((abs(code - old) / size, name, place))
                break
    return [place for _, _, place in sorted(found)]


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from([None, learnt()]))
def test_single_changes_are_the_least_there_are(seed: int, model: Model | None) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    world.population.use_model(model)
    policy = replace(TABLES.policy, exploration=Exploration(0.0, 1.0))
    world.population.scorer.policy = policy
    decision = decide(world.population, draw_request(draw))
    scorer = world.population.scorer
    for mine in decision["candidates"]:
        if mine["rung"]:
            continue
        changes = what_would_help(decision, mine["interpreter"], scorer)
        expected = singles(decision, mine, scorer)
        if expected:
            assert [each.rank for each in changes] == expected
            assert all(each.asked for each in changes)
        else:
            assert len(changes) <= 1


# --- the lot, and what is no longer known --------------------------------------------------


def explored(population: Population) -> dict[str, Any]:
    """Return a decision whose last place the lot gave to somebody else."""
    for seed in range(2_000):
        decision = decide(population, request(), seed=seed)
        if decision["explored"] and rung(decision) != ["a"]:
            return decision
    raise AssertionError("the lot never drew anybody else")


def test_the_lot(population: Population) -> None:
    """Who lost their place to the lot needed no change; the others would have had to reach it."""
    present(population, [person("a"), person("b"), person("c")])
    for minutes, who in enumerate("abc"):
        population.touch(who, NOW - (60 - 20 * minutes) * MINUTE)
    decision = explored(population)
    (change,) = what_would_help(decision, "a", population.scorer)
    assert (change.change, change.rank, change.asked) == ("another draw of the lot", 1, True)
    (other,) = {"b", "c"} - {*rung(decision)}
    changes = what_would_help(decision, other, population.scorer)
    assert changes
    assert {each.rank for each in changes} == {1}


def test_who_was_kept_for_another_request(population: Population) -> None:
    """Many requests that want the same few: nothing of theirs would have helped."""
    present(population, [person(name) for name in "abc"])
    turns = [Turn(request(), ONE, seed=1), Turn(request(duration_min=60), ONE, seed=1)]
    asked = ask_together(population, turns, NOW)
    (second,) = [i for i, each in enumerate(asked) if each.wave[0].interpreter != "a"]
    decision = record(population, turns[second], asked[second], NOW)
    (change,) = what_would_help(decision, "a", population.scorer)
    assert (change.change, change.rank, change.asked) == (
        "no other request at that moment",
        1,
        True,
    )
    assert change.text.endswith("kept for another request")


@pytest.mark.parametrize("other", [{"policy": "hand-0"}, {"model": "learnt-0"}])
def test_by_another_policy_or_model_only_the_gap_is_known(
    population: Population, other: dict[str, str]
) -> None:
    present(population, [person("a", "no so:B"), person("b", "no so:D")])
    decision = decide(population, request()) | other
    assert not decides_alike(decision, population.scorer)
    (change,) = what_would_help(decision, "b", population.scorer)
    gap = 2 * TABLES.policy.weights["tier_surplus"] / 5
    assert change.change == f"a score more than {gap:.2f} higher"
    assert (change.rank, change.asked) == (1, True)
    assert "no longer in use" in change.text


def test_where_nobody_who_was_rung_is_recorded(population: Population) -> None:
    present(population, [person("a"), person("b")])
    decision = decide(population, request())
    for each in decision["candidates"]:
        each["rung"] = False
    assert what_would_help(decision, "b", population.scorer) == ()
    change = if_met(population, decision, person("b"), request(), ("reserved",), "this")
    assert (change.rank, change.asked) == (None, None)


def test_a_record_of_another_schema_says_nothing(population: Population) -> None:
    present(population, [person("a"), person("b")])
    decision = decide(population, request()) | {"schema": 0}
    assert what_would_help(decision, "b", population.scorer) == ()
    assert excluded_then(decision, "b") is None


def test_the_codes_are_those_of_the_features() -> None:
    assert {*RAISED, *LOWERED} < {*CODES}
