"""The index against the oracle: one interpreter at a time, judged from the profile."""

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import (
    Mode,
    Population,
    Preferences,
    Request,
    Track,
    explain,
    rank,
    reasons_for,
    shortage,
)
from matching.eligibility import Judge, Rule
from tests.matching.builders import (
    ALL,
    ASKER,
    BERGEN,
    DRAMMEN,
    MINUTE,
    NOW,
    OSLO,
    person,
    present,
    request,
    words,
)
from tests.matching.conftest import TABLES
from tests.matching.worlds import IDS, World, draw_request, draw_world, some


@given(st.integers(0, 2**32))
def test_ranks_as_the_oracle_does(seed: int) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    for _ in range(8):
        asked, limit, exclude = draw_request(draw), draw.randint(0, 12), some(draw, IDS, 2)
        ranking = rank(world.population, asked, NOW, limit, exclude)
        verdicts = [
            explain(world.population, each, asked, NOW, exclude) for each in world.profiles.values()
        ]
        eligible = sorted(
            (each for each in verdicts if each.eligible),
            key=lambda each: (-np.float32(each.order), each.interpreter),
        )
        if asked.start_ms is None:
            assert ranking.eligible == len(eligible)
        else:  # a booking is not compared with everybody
            assert len(ranking.matches) <= ranking.eligible <= len(eligible)
        assert [match.interpreter for match in ranking.matches] == [
            each.interpreter for each in eligible[:limit]
        ]
        for match, verdict in zip(ranking.matches, eligible, strict=False):
            assert match.contributions == verdict.contributions
            assert match.score == verdict.score == sum(c.contribution for c in match.contributions)


@given(st.integers(0, 2**32))
def test_ranks_as_the_oracle_does_when_the_clock_goes_back(seed: int) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    for _ in range(8):
        asked, now_ms = (
            replace(draw_request(draw), start_ms=None),
            NOW + draw.randint(-6, 110) * 15 * MINUTE,
        )
        verdicts = [
            explain(world.population, each, asked, now_ms) for each in world.profiles.values()
        ]
        ranking = rank(world.population, asked, now_ms, len(IDS))
        found = {each.interpreter: each.score for each in ranking.matches}
        assert found == {each.interpreter: each.score for each in verdicts if each.eligible}


def test_whoever_is_preferred_and_blocked_is_blocked(population: Population) -> None:
    present(population, [person("a"), person("b")])
    wish = request(preferences=Preferences(preferred=words("a"), blocked=words("a")))
    for asked in (wish, replace(wish, start_ms=NOW)):
        assert [each.interpreter for each in rank(population, asked, NOW).matches] == ["b"]
        assert shortage(population, asked, NOW).excluded == {"blocked": 1}


PERSONAL = frozenset({Rule.CONFLICT, Rule.BLOCKED, Rule.CALLER, Rule.ALREADY_ASKED, Rule.SUSPENDED})


@given(st.integers(0, 2**32))
def test_counts_the_excluded_as_the_oracle_does(seed: int) -> None:
    draw = Random(seed)
    world, judge = draw_world(draw), Judge(TABLES.languages, TABLES.qualifications, TABLES.travel)
    for _ in range(4):
        drawn, exclude = draw_request(draw), some(draw, IDS, 2)
        exact = replace(drawn.requirements, accept_substitutes=False)
        asked = replace(drawn, requirements=exact)
        expected: Counter[str] = Counter()
        for each in world.profiles.values():
            now = world.population.presence(each.id)
            agenda = world.population.agenda(each.id)
            verdict = judge.check(each, now, asked, NOW, exclude, agenda)
            rules = {reason.rule for reason in verdict.reasons}
            whole = next((r for r in (Rule.LANGUAGE, Rule.NOT_PRESENT) if r in rules), None)
            expected.update({whole} if whole else rules - PERSONAL)
            expected["personal"] += whole is None and not rules.isdisjoint(PERSONAL)
        found = Counter(shortage(world.population, asked, NOW, exclude).excluded)
        found["personal"] = sum(found.pop(rule, 0) for rule in PERSONAL)
        assert found == expected


@given(st.integers(0, 2**32))
def test_each_relaxation_adds_what_it_says(seed: int) -> None:
    draw = Random(seed)
    world = draw_world(draw)
    for _ in range(4):
        asked = draw_request(draw)
        here = fitting(world, asked)
        relaxations = dict(shortage(world.population, asked, NOW).relaxations)
        for mode in ALL - {asked.mode}:
            other = fitting(world, replace(asked, mode=mode))
            assert max(0, other - here) == relaxations.get(f"{mode} instead of {asked.mode}", 0)


def fitting(world: World, wish: Request) -> int:
    """Count the eligible, one at a time."""
    verdicts = [explain(world.population, each, wish, NOW) for each in world.profiles.values()]
    return sum(each.eligible for each in verdicts)


def test_nobody_yields_nothing(population: Population) -> None:
    ranking = rank(population, request(), NOW)
    assert ranking.matches == ()
    assert ranking.eligible == 0
    assert ranking.policy.startswith("hand-")


def test_equal_people_come_by_id_and_both_directions_serve(population: Population) -> None:
    present(population, [person("b"), person("c"), person("a")])
    for languages in ("no so", "so no"):
        matches = rank(population, request(languages), NOW, 2).matches
        assert [match.interpreter for match in matches] == ["a", "b"]


def test_a_thousand_equals_are_cut_by_id(population: Population) -> None:
    present(population, [person(f"i{number:04d}") for number in reversed(range(1000))])
    matches = rank(population, request(), NOW).matches
    assert [match.interpreter for match in matches] == [f"i{number:04d}" for number in range(10)]


@pytest.mark.parametrize("name", ["{:04d}", "{:05d} ø", "a common prefix {:04d}", "Ø{:x}", "{:x}"])
def test_equals_are_cut_by_the_whole_id(population: Population, name: str) -> None:
    people = [person(name.format(number)) for number in range(700)]
    better = [person(f"x{number}", "no so:A") for number in range(4)]
    present(population, [*people, *better])
    for limit in (3, 4, 10, 40, 703, 704):
        matches = rank(population, request(), NOW, limit).matches
        expected = [*sorted(each.id for each in better), *sorted(each.id for each in people)]
        assert [match.interpreter for match in matches] == expected[:limit]


def test_the_best_of_many_are_found_wherever_they_are(population: Population) -> None:
    draw = Random(1)
    present(population, [person(f"i{number:04d}") for number in range(1500)])
    idle = {f"i{number:04d}": draw.randint(1, 470) for number in range(1500)}
    for name, minutes in idle.items():
        population.touch(name, NOW - minutes * MINUTE)
    expected = sorted(idle, key=lambda name: (-idle[name], name))
    for limit in (1, 10, 31, 40):
        matches = rank(population, request(), NOW, limit).matches
        assert [match.interpreter for match in matches] == expected[:limit]


def test_the_text_of_a_reason_gives_the_amount_and_the_ground(population: Population) -> None:
    present(population, [person("a", "no so:B", specialisms=words("medical"))])
    (match,) = rank(
        population, request(specialisms=words("medical"), min_qualification="D"), NOW
    ).matches
    texts = [each.text for each in match.contributions]
    assert "+0.80 specialism: medical" in texts
    assert "+0.24 qualification: B, 2 above the floor D" in texts
    assert match.tier == "B"


def test_a_match_on_site_shows_a_band_and_minutes_but_no_place(population: Population) -> None:
    present(population, [person("near", location=ASKER), person("far", location=BERGEN)])
    (match,) = rank(population, request(mode=Mode.ONSITE, location=OSLO), NOW).matches
    assert (match.interpreter, match.distance_band, match.travel_min) == ("near", "15–50 km", 59)


def test_a_remote_match_has_no_distance(population: Population) -> None:
    present(population, [person("a", location=ASKER)])
    (match,) = rank(population, request(location=OSLO), NOW).matches
    assert match.distance_band is None
    assert match.travel_min is None


def test_preference_outweighs_and_is_kept_from_interpreters(population: Population) -> None:
    present(population, [person("a", "no so:A"), person("b", "no so:E")])
    wish = Preferences(preferred=words("b", "stranger"))
    match = rank(population, request(preferences=wish), NOW).matches[0]
    assert match.interpreter == "b"
    assert "preference" in {each.feature for each in reasons_for(match.contributions, "customer")}
    assert "preference" not in {
        each.feature for each in reasons_for(match.contributions, "everyone")
    }


def test_a_substitute_is_named_and_comes_after(population: Population) -> None:
    present(population, [person("croat", "no hr:A"), person("serb", "no sr:E")])
    assert [m.interpreter for m in rank(population, request("no sr"), NOW).matches] == ["serb"]
    consented = rank(population, request("no sr", accept_substitutes=True), NOW).matches
    assert [(m.interpreter, m.substitute) for m in consented] == [
        ("serb", None),
        ("croat", "Croatian"),
    ]
    assert consented[1].contributions[-1].text == "-1.50 substitute: Croatian in place of Serbian"


def test_who_speaks_both_serves_in_the_language_asked_for(population: Population) -> None:
    present(population, [person("both", "no sr:E hr:A")])
    (match,) = rank(population, request("no sr", accept_substitutes=True), NOW).matches
    assert match.substitute is None
    floor = request("no sr", accept_substitutes=True, min_qualification="B")
    (match,) = rank(population, floor, NOW).matches
    assert match.substitute == "Croatian"


def test_reserved_people_are_not_proposed_until_it_lapses(population: Population) -> None:
    present(population, [person("a")])
    assert population.reserve("a", NOW + 1000)
    assert rank(population, request(), NOW).matches == ()
    assert len(rank(population, request(), NOW + 1000).matches) == 1


def test_the_only_one_with_another_specialism_is_spared(population: Population) -> None:
    rare = person("a", specialisms=words("court"))
    present(population, [rare, person("b"), person("c")])
    assert [m.interpreter for m in rank(population, request(), NOW).matches] == ["b", "c", "a"]
    emergency = rank(population, request(emergency=True), NOW).matches
    assert [m.interpreter for m in emergency] == ["a", "b", "c"]
    needed = rank(population, request(specialisms=words("court")), NOW).matches
    assert "scarcity" not in {each.feature for each in needed[0].contributions}


def test_price_counts_only_over_the_cap(population: Population) -> None:
    present(population, [person("dear", price=900.0), person("fair", price=500.0), person("open")])
    matches = rank(population, request(price_cap=600.0), NOW).matches
    assert [match.interpreter for match in matches] == ["fair", "open", "dear"]
    assert "-0.40 cost: 50 % over the cap" in [c.text for c in matches[2].contributions]


@pytest.mark.parametrize("mode", sorted(ALL))
def test_acceptance_is_a_probability_and_falls_with_travel(
    population: Population, mode: Mode
) -> None:
    present(population, [person("a", location=OSLO), person("b", location=ASKER)])
    near, far = rank(population, request(mode=mode, location=OSLO), NOW).matches
    assert 0 < far.p_accept <= near.p_accept < 1
    assert (far.p_accept < near.p_accept) is (mode is Mode.ONSITE)


def test_a_customer_is_known_under_the_name_of_their_app(population: Population) -> None:
    present(population, [person("a"), person("b")])
    population.set_track("b", Track(customers={"hospital:7": (2.0, NOW)}))

    def first(known_as: str) -> str:
        wish = request(customer="7", known_as=known_as)
        return rank(population, wish, NOW).matches[0].interpreter

    assert first("hospital:7") == "b"
    assert first("court:7") == "a"
    blocked = request(customer="7", known_as="hospital:7")
    population.put(person("b", blocked_customers=words("7")))
    assert [each.interpreter for each in rank(population, blocked, NOW).matches] == ["a"]


def test_the_way_there_takes_of_the_time_that_is_free(population: Population) -> None:
    present(population, [person("near", location=OSLO), person("far", location=DRAMMEN)])
    for name in ("near", "far"):
        population.set_free_until(name, NOW + 60 * MINUTE)
    wish = request(mode=Mode.ONSITE, location=OSLO, duration_min=30)
    (match,) = rank(population, wish, NOW).matches
    assert match.interpreter == "near"
    assert match.travel_min is not None
    left = (30 - match.travel_min) // 5 * 5
    assert f"slack: {left} min to the next booking" in [each.told for each in match.contributions]
    assert shortage(population, wish, NOW).excluded == {"until": 1}
