"""The index against the oracle: one interpreter at a time, judged from the profile."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import (
    Interpreter,
    LanguageSkill,
    Mode,
    Place,
    Population,
    Preferences,
    Qualification,
    Request,
    Requirements,
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
    MINUTE,
    NOW,
    OSLO,
    person,
    present,
    request,
    words,
)
from tests.matching.conftest import TABLES

IDS = [f"i{number}" for number in range(12)]
TAGS = ["no", "so", "sr", "hr", "sq", "nsl"]
WORDS = ["medical", "court", "asylum"]
# Enough other words that some of the three come too late for a bit (holders.py).
FILLER = [person("filler", "no en", specialisms=frozenset(f"w{n}" for n in range(46)))]


def subsets(values: list[str], size: int = 2) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=size)


CREDENTIALS = st.one_of(
    st.none(),
    st.builds(Qualification, st.just("NO"), st.sampled_from("ABCDE")),
    st.builds(Qualification, st.just("NAATI"), st.sampled_from(["CI", "RPI"])),
)
SKILLS = st.builds(
    LanguageSkill,
    tag=st.sampled_from(TAGS),
    dialect=st.sampled_from([None, None, "gheg", "tosk", "odd"]),
    qualification=CREDENTIALS,
)
PLACES = st.builds(
    Place, st.sampled_from([59.9, 59.95, 60.2, 61.0]), st.sampled_from([10.7, 10.9, 12.0])
)
MODES = st.frozensets(st.sampled_from(sorted(Mode)), min_size=1)
PEOPLE = st.builds(
    Interpreter,
    id=st.sampled_from(IDS),
    languages=st.lists(SKILLS, min_size=1, max_size=4).map(tuple),
    specialisms=subsets(WORDS, 3),
    modes=MODES,
    gender=st.sampled_from([None, "female", "male"]),
    location=st.none() | PLACES,
    max_travel_km=st.sampled_from([None, 10.0, 40.0]),
    price=st.sampled_from([None, 400.0, 650.5]),
    blocked_customers=subsets(["c1", "c2"]),
    clearances=subsets(["police"]),
    conflicts=subsets(["c1", "p1"]),
    adult=st.sampled_from([True, True, True, False]),
)
REQUESTS = st.builds(
    Request,
    language_from=st.just("no"),
    language_to=st.sampled_from(TAGS[1:]),
    mode=st.sampled_from([Mode.VIDEO, Mode.VIDEO, Mode.AUDIO, Mode.ONSITE]),
    requirements=st.builds(
        Requirements,
        min_qualification=st.sampled_from(
            [None, Qualification("NO", "E"), Qualification("NO", "C")]
        ),
        specialisms=subsets(WORDS, 1),
        gender=st.sampled_from([None, None, "female"]),
        dialect=st.sampled_from([None, None, "gheg", "odd"]),
        clearances=subsets(["police"], 1),
        accept_substitutes=st.booleans(),
    ),
    preferences=st.builds(
        Preferences,
        preferred=subsets(IDS, 3),
        blocked=subsets(IDS, 1),
        dialect=st.sampled_from([None, "tosk"]),
        specialisms=subsets(WORDS, 3),
    ),
    location=PLACES,
    max_distance_km=st.sampled_from([None, 25.0]),
    price_cap=st.sampled_from([None, 0.0, 500.0]),
    public_body=st.booleans(),
    emergency=st.booleans(),
    customer=st.sampled_from([None, "c1"]),
    caller=st.sampled_from([None, "i3"]),
    parties=subsets(["p1"]),
)


@dataclass
class World:
    """A population, and the profiles it was given."""

    population: Population = field(default_factory=lambda: Population(TABLES))
    profiles: dict[str, Interpreter] = field(default_factory=dict)

    def put(self, interpreter: Interpreter) -> None:
        self.profiles[interpreter.id] = interpreter
        self.population.put(interpreter)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a population with a history: people come, change, work, are reserved, and leave."""
    world = World()
    if draw(st.booleans()):
        world.put(FILLER[0])
    for each in draw(st.lists(PEOPLE, min_size=4, max_size=18)):
        world.put(each)
        if draw(st.integers(0, 3)):
            world.population.set_presence(
                each.id, available=True, modes=draw(MODES), position=draw(st.none() | PLACES)
            )
        act(world, each.id, draw(st.integers(0, 12)))
    return world


def act(world: World, name: str, what: int) -> None:
    population = world.population
    if what == 0:
        population.remove(name)
        del world.profiles[name]
    elif what == 1:
        population.set_presence(name, available=False)
    elif what == 2:
        population.reserve(name, NOW + MINUTE)
    elif what == 3:
        population.reserve(name, NOW - MINUTE)
    elif what == 4:
        population.release(name)
    elif what < 9:
        population.touch(name, NOW - (what - 5) * 45 * MINUTE)
        population.set_load(name, (what - 5) * 100)


@given(worlds(), REQUESTS, st.integers(0, 6), subsets(IDS, 1))
def test_ranks_as_the_oracle_does(
    world: World, asked: Request, limit: int, exclude: frozenset[str]
) -> None:
    ranking = rank(world.population, asked, NOW, limit, exclude)
    verdicts = [
        explain(world.population, each, asked, NOW, exclude) for each in world.profiles.values()
    ]
    eligible = sorted(
        (each for each in verdicts if each.eligible),
        key=lambda each: (-np.float32(each.order), each.interpreter),
    )
    assert ranking.eligible == len(eligible)
    assert [match.interpreter for match in ranking.matches] == [
        each.interpreter for each in eligible[:limit]
    ]
    for match, verdict in zip(ranking.matches, eligible, strict=False):
        assert match.contributions == verdict.contributions
        assert match.score == verdict.score == sum(c.contribution for c in match.contributions)


@given(worlds(), REQUESTS, subsets(IDS, 1))
def test_counts_the_excluded_as_the_oracle_does(
    world: World, asked: Request, exclude: frozenset[str]
) -> None:
    judge = Judge(TABLES.languages, TABLES.qualifications)
    without_consent = replace(
        asked, requirements=replace(asked.requirements, accept_substitutes=False)
    )
    expected: dict[str, set[str]] = {}
    for each in world.profiles.values():
        verdict = judge.check(
            each, world.population.presence(each.id), without_consent, NOW, exclude
        )
        rules = {reason.rule for reason in verdict.reasons}
        whole = next((r for r in (Rule.LANGUAGE, Rule.NOT_PRESENT) if r in rules), None)
        for rule in {whole} if whole else rules:
            expected.setdefault(str(rule), set()).add(each.id)
    found = shortage(world.population, without_consent, NOW, exclude).excluded
    personal = {Rule.CONFLICT, Rule.BLOCKED, Rule.CALLER, Rule.ALREADY_ASKED}
    assert {rule: n for rule, n in found.items() if rule not in personal} == {
        rule: len(who) for rule, who in expected.items() if rule not in personal
    }
    named = set().union(*(expected.get(rule, set()) for rule in personal))
    assert sum(found.get(rule, 0) for rule in personal) == len(named)


@given(worlds(), REQUESTS)
def test_each_relaxation_adds_what_it_says(world: World, asked: Request) -> None:
    here = rank(world.population, asked, NOW, 0).eligible
    for change, adds in shortage(world.population, asked, NOW).relaxations:
        if " instead of " in change and "category" not in change:
            mode = Mode(change.split()[0])
            assert rank(world.population, replace(asked, mode=mode), NOW, 0).eligible == here + adds
        assert adds > 0


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
    assert (match.interpreter, match.distance_band, match.travel_min) == ("near", "15–50 km", 48)


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
    assert "preference" in {
        each.feature for each in reasons_for(match.contributions, interpreter=False)
    }
    assert "preference" not in {
        each.feature for each in reasons_for(match.contributions, interpreter=True)
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
