"""What would have followed had somebody who was excluded met the rules, as far as is known."""

from dataclasses import replace
from typing import Any

import pytest

from matching import Interpreter, Mode, Population, Request, Requirements
from matching.counterfactual import Change, excluded_then, if_met
from matching.eligibility import Rule
from tests.matching.builders import OSLO, person, present, request, words
from tests.matching.recorded import decide


def test_who_was_excluded_by_what(population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    court = words("court")
    present(population, [person("a", specialisms=court), person("b", gender="male")])
    decision = decide(population, request(specialisms=court, gender="female"))
    assert excluded_then(decision, "b") == ("gender", "specialism")
    decision = decide(population, request(specialisms=court))
    assert excluded_then(decision, "a") == ()
    assert excluded_then(decision, "z") == ("not_present",)
    later = decision | {"context": decision["context"] | {"scheduled": True}}
    assert excluded_then(later, "z") is None
    monkeypatch.setattr("matching.counterfactual.MOST_ONLINE", 2)
    assert excluded_then(decision, "z") is None
    assert excluded_then(decision, "b") == ("specialism",)


def met(
    population: Population,
    wish: Request,
    interpreter: Interpreter,
    *rules: str,
    **other: Any,
) -> Change:
    decision = decide(population, wish) | other
    return if_met(population, decision, interpreter, wish, rules or ("not_present",), "this")


def test_who_was_away_would_have_been_asked(population: Population) -> None:
    better, worse = person("b", "no so:A"), person("c", "no so:D")
    present(population, [person("a", "no so:B")])
    population.put(better)
    population.put(worse)
    assert met(population, request(), better) == (
        "this",
        1,
        True,
        "with this: place 1, would have been asked, by what is known of the person now",
    )
    change = met(population, request(), worse)
    assert (change.rank, change.asked) == (2, False)
    assert "would still not have been asked" in change.text


def test_another_rule_would_have_stood_in_the_way(population: Population) -> None:
    away = person("b", "no so:A", gender="male")
    present(population, [person("a", gender="female")])
    population.put(away)
    change = met(population, request(gender="female"), away)
    assert (change.rank, change.asked) == (None, False)
    assert "gender" not in change.text


def test_what_makes_a_score_is_met_just_so(population: Population) -> None:
    """The floor of qualification, the specialisms and the dialect that were asked for."""
    asked = Requirements(
        min_qualification=request(min_qualification="C").requirements.min_qualification,
        specialisms=words("court"),
        dialect="gheg",
    )
    wish = replace(request("no sq"), requirements=asked)
    one = person("a", "no sq/gheg:C", specialisms=words("court"))
    lacks = person("b", "no sq/odd:E")
    present(population, [one, lacks])
    decision = decide(population, wish)
    rules = excluded_then(decision, "b")
    assert rules is not None
    assert {*rules} == {Rule.QUALIFICATION, Rule.SPECIALISM, Rule.DIALECT}
    change = if_met(population, decision, lacks, wish, rules, "all of it")
    assert (change.rank, change.asked) == (2, False)  # equal to the last bit: ties by id
    first = replace(lacks, id="0")
    present(population, [first])
    decision = decide(population, wish)
    assert if_met(population, decision, first, wish, rules, "all of it").asked is True
    population.put(replace(lacks, id="00"))
    without = replace(wish, requirements=replace(asked, min_qualification=None))
    unqualified = if_met(
        population, decision, replace(lacks, id="00"), without, ("qualification",), "it"
    )
    assert unqualified.asked is False


def test_what_is_not_known(population: Population) -> None:
    someone, nowhere = person("b", "no so:A", location=OSLO), person("c", "no so:A")
    present(population, [person("a", location=OSLO)])
    population.put(someone)
    population.put(nowhere)
    onsite = request(mode=Mode.ONSITE, location=OSLO)
    unknown = ("this", None, None, "with this: not known what would have followed")
    assert met(population, onsite, someone).asked is True
    assert met(population, onsite, nowhere) == unknown
    assert met(population, onsite, someone, "language") == unknown
    assert met(population, onsite, someone, policy="hand-0") == unknown


def test_where_somebody_is_counts_before_where_they_live(population: Population) -> None:
    nowhere = person("c", "no so:A")
    present(population, [person("a", location=OSLO), nowhere])
    population.set_presence("c", available=False, position=OSLO)
    assert met(population, request(mode=Mode.ONSITE, location=OSLO), nowhere).change == "this"
