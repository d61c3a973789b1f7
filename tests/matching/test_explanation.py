"""Why, and why not, for one person."""

from matching import Mode, Population, Preferences, Presence, Track, explain, rank
from tests.matching.builders import MINUTE, NOW, OSLO, person, present, request, words


def test_an_eligible_person_scores_as_ranked(population: Population) -> None:
    someone = person("a", "no so:B")
    present(population, [someone])
    told = explain(population, someone, request(), NOW)
    (match,) = rank(population, request(), NOW).matches
    assert told.eligible
    assert told.reasons == ()
    assert (told.score, told.contributions) == (match.score, match.contributions)


def test_an_excluded_person_learns_why_and_what_they_would_score(population: Population) -> None:
    someone = person("a", "no so:D")
    population.put(someone)
    told = explain(population, someone, request(min_qualification="C"), NOW)
    assert not told.eligible
    assert [reason.rule for reason in told.reasons] == ["qualification", "not_present"]
    assert told.contributions[0].text == "-0.12 qualification: D, 1 below the floor C"
    assert told.score != 0


def test_without_the_languages_there_is_nothing_to_score(population: Population) -> None:
    told = explain(population, person("a", "no ar"), request(), NOW)
    assert [reason.rule for reason in told.reasons] == ["language", "not_present"]
    assert told.reasons[0].text == "does not have both Norwegian and Somali"
    assert (told.contributions, told.score, told.order) == ((), 0, float("-inf"))


def test_the_past_is_explained_by_the_presence_of_then(population: Population) -> None:
    someone = person("a")
    present(population, [someone])
    then = Presence(available=True, last_active_ms=NOW - 60 * MINUTE, minutes_today=30)
    told = explain(population, someone, request(), NOW, presence=then)
    assert [each.feature for each in told.contributions] == ["tier_surplus", "load", "idle"]


def test_who_was_asked_already_is_told_so(population: Population) -> None:
    someone = person("a")
    present(population, [someone])
    told = explain(population, someone, request(), NOW, exclude=words("a"))
    assert [reason.text for reason in told.reasons] == ["has been asked already"]


def test_every_feature_that_the_request_raises_is_shown(population: Population) -> None:
    someone = person(
        "a", "no sr:A hr/odd:A", location=OSLO, price=900.0, specialisms=words("court", "tax")
    )
    present(population, [someone])
    population.set_load("a", 60, 30)
    population.set_free_until("a", NOW + 60 * MINUTE)
    population.set_exposure_target(1.0)
    history = Track(
        {"no-sr": 5}, 9, 3, 40, 10, offers=9, online_h=4, silent=3, customers={"c": (1, NOW)}
    )
    population.set_track("a", history)
    wish = request(
        "no bs",
        Mode.ONSITE,
        location=OSLO,
        price_cap=600.0,
        accept_substitutes=True,
        specialisms=words("court"),
        customer="c",
        preferences=Preferences(preferred=words("a"), dialect="odd"),
    )
    told = explain(population, someone, wish, NOW)
    assert [each.feature for each in told.contributions] == [
        "tier_surplus", "experience", "rating", "load", "back_to_back", "exposure",
        "idle", "specialism", "dialect", "travel", "slack", "preference", "continuity",
        "scarcity", "cost", "substitute", "p_accept", "p_complete",
    ]  # fmt: skip
    assert (match := rank(population, wish, NOW).matches[0]).contributions == told.contributions
    assert match.substitute == "Serbian"
