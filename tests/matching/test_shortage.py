"""Why a list is thin, in the words a customer reads."""

import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Mode, Population, Relaxation, shortage
from matching.eligibility import Rule
from matching.plan import PutOff, make_plan
from matching.ranking import survey
from matching.shortage import RULES, exclusions
from matching.types import NONE
from tests.matching.builders import (
    ASKER,
    DRAMMEN,
    MINUTE,
    NOW,
    OSLO,
    person,
    present,
    request,
    words,
)
from tests.matching.worlds import IDS, draw_request, draw_world, some


def test_counts_say_who_is_excluded_by_what(population: Population) -> None:
    present(population, [person("a", "no so"), person("b", "no so", adult=False)])
    population.put(person("c"))
    population.put(person("d", "no ar"))
    found = shortage(population, request(min_qualification="C"), NOW)
    assert found.excluded == {"language": 1, "qualification": 2, "not_present": 1, "not_adult": 1}


def test_a_pair_nobody_has_says_so(population: Population) -> None:
    present(population, [person("a")])
    found = shortage(population, request("no kl", accept_substitutes=True), NOW)
    assert found.excluded == {"language": 1}
    assert found.relaxations == ()


def test_lower_floors_are_offered_down_to_the_law(population: Population) -> None:
    present(population, [person("a", "no so:D"), person("b", "no so:E"), person("c", "no so")])
    wish = request(min_qualification="C")
    assert shortage(population, wish, NOW).relaxations == (
        Relaxation("no qualification required", 3),
        Relaxation("category E instead of C", 2),
        Relaxation("category D instead of C", 1),
    )
    public = request(min_qualification="C", public_body=True)
    assert [each.change for each in shortage(population, public, NOW).relaxations] == [
        "category E instead of C",
        "category D instead of C",
    ]


def test_each_kind_of_relaxation(population: Population) -> None:
    present(
        population,
        [
            person("a", "no sr:C", location=DRAMMEN, gender="male"),
            person("b", "no hr:C", location=OSLO, gender="female", specialisms=words("court")),
            person("c", "no sr:C", location=ASKER, gender="female"),
        ],
    )
    wish = request("no sr", Mode.ONSITE, gender="female", specialisms=words("court"), location=OSLO)
    changes = dict(shortage(population, wish, NOW).relaxations)
    assert changes == {
        "without specialism court": 1,
        "accept Bosnian or Croatian or Montenegrin": 1,
    }
    near = request("no sr", Mode.ONSITE, location=OSLO, max_distance_km=10)
    assert dict(shortage(population, near, NOW).relaxations) == {
        "within 20 km": 1,
        "within 40 km": 2,
        "audio instead of onsite": 2,
        "video instead of onsite": 2,
        "accept Bosnian or Croatian or Montenegrin": 1,
    }
    cleared = request("no sr", clearances=words("police"))
    assert shortage(population, cleared, NOW).relaxations == (
        Relaxation("without clearance police", 2),
    )
    woman = request("no sr", gender="female", dialect="odd")
    assert shortage(population, woman, NOW).relaxations[0] == Relaxation("any dialect", 1)
    assert dict(shortage(population, request("no sr", gender="female"), NOW).relaxations) == {
        "any gender": 1,
        "accept Bosnian or Croatian or Montenegrin": 1,
    }


def test_a_voice_for_a_sign_language_is_told_to_use_video(population: Population) -> None:
    present(population, [person("a", "no nsl")])
    found = shortage(population, request("no nsl", Mode.AUDIO), NOW)
    assert found.excluded == {"modality": 1}
    assert found.relaxations == (Relaxation("video instead of audio", 1),)


def test_someone_in_two_pairs_counts_once(population: Population) -> None:
    present(population, [person("a", "no sr hr")])
    wish = request("no sr", accept_substitutes=True, min_qualification="B")
    assert shortage(population, wish, NOW).excluded == {"qualification": 1}
    assert shortage(population, request("no sr", accept_substitutes=True), NOW).excluded == {}


def test_reserved_people_come_back_in_time(population: Population) -> None:
    present(population, [person("a")])
    population.reserve("a", NOW + 1)
    assert shortage(population, request(), NOW).excluded == {"reserved": 1}
    assert shortage(population, request(), NOW + 1).excluded == {}


def test_half_the_time_helps_whoever_must_leave(population: Population) -> None:
    present(population, [person("a")])
    population.set_free_until("a", NOW + 20 * MINUTE)
    assert shortage(population, request(duration_min=40), NOW) == (
        {"until": 1},
        (Relaxation("20 min instead of 40", 1),),
    )
    assert shortage(population, request(duration_min=29), NOW).relaxations == ()


def test_masks_are_of_so_many_at_most(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["matching.shortage"], "MOST_ONLINE", 3)
    for number in range(9):
        population.put(person(f"i{number}", gender="male" if number else "female"))
    population.put(person("j", adult=False, gender="male"))
    wish = request(gender="female", start_ms=NOW)
    plan = make_plan(population, wish, NOW, NONE)
    (found,) = [field.number for _, field in survey(population, plan)]
    online, counts = exclusions(population, plan, [found])
    gender, minor = (1 << RULES.index(rule) for rule in (Rule.GENDER, Rule.NOT_ADULT))
    told = {population.ids[n]: mask for n, mask in zip(*map(list, online), strict=True)}
    assert told == {"i0": 0, "i1": gender, "j": gender | minor}  # whom the first rule excludes
    assert counts[Rule.GENDER] == 9


@given(st.integers(0, 2**32))
def test_who_is_told_of_is_who_is_counted(seed: int) -> None:
    draw = Random(seed)
    population = draw_world(draw).population
    plan = make_plan(
        population, draw_request(draw), NOW, some(draw, IDS), 1, PutOff(some(draw, IDS))
    )
    eligible = [field.number for _, field in survey(population, plan)]
    online, counts = exclusions(population, plan, eligible)
    numbers, masks = online.numbers.tolist(), online.masks.tolist()
    assert numbers == sorted(set(numbers))
    assert {n for n, mask in zip(numbers, masks, strict=True) if not mask} == {
        number for each in eligible for number in each.tolist()
    }
    elsewhere = {Rule.LANGUAGE, Rule.NOT_PRESENT}
    for bit, rule in enumerate(RULES):
        if rule not in elsewhere:
            assert counts[rule] == sum(mask >> bit & 1 for mask in masks)
    assert sum(counts[rule] for rule in elsewhere) == len(population) - len(numbers)
