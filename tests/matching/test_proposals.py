"""What would work better: single changes that help, the likeliest first."""

import pytest

from matching import Mode, Population
from matching.calendar import Calendar, WeeklyHours
from matching.estimate import Estimate, estimate_ahead
from matching.proposals import MOST, Proposal, best, proposals
from matching.types import Request
from matching.waiting import Asking, Outcome
from tests.matching.builders import BERGEN, MINUTE, NOW, OSLO, person, present, request, words
from tests.matching.conftest import TABLES

WAVE = Asking(TABLES.policy.waves["waves"], 20, 180)
AFTERNOON = Calendar("Europe/Oslo", (WeeklyHours(4, "14:00", "16:00"),))
TWO = NOW + 5 * 60 * MINUTE
BY_PHONE = frozenset({Mode.AUDIO})


def proposed(
    population: Population, asked: Request, past: dict[Mode, list[Outcome]] | None = None
) -> tuple[Proposal, ...]:
    history = past or {}
    found = estimate_ahead(population, asked, NOW, WAVE, history.get(asked.mode, []))
    return best(filter(None, proposals(population, asked, found, NOW, WAVE, history)))


def texts(population: Population, asked: Request) -> list[str | None]:
    return [each.text for each in proposed(population, asked)]


def test_by_phone_where_nobody_is_there_for_a_picture(population: Population) -> None:
    present(population, [person(f"{n}", modes=BY_PHONE) for n in range(9)])
    population.put(person("later", calendar=AFTERNOON))
    found = {each.text: each for each in proposed(population, request())}
    phone, later = found["audio instead of video"], found[None]
    assert phone.request.mode is Mode.AUDIO
    assert phone.estimate.wait_s is not None
    assert (later.request.start_ms, later.estimate.wait_s) == (TWO, None)


def test_nothing_where_all_is_well(population: Population) -> None:
    present(population, [person(f"{n}") for n in range(20)])
    assert texts(population, request()) == []


def test_nothing_that_helps_nobody(population: Population) -> None:
    present(population, [person("a", "no so", gender="male")])
    assert texts(population, request(gender="female", min_qualification="A")) == []


def test_lower_categories_but_never_below_the_law(population: Population) -> None:
    present(population, [person(f"{n}", "no so:D") for n in range(4)])
    present(population, [person(f"x{n}", "no so") for n in range(9)])
    free = request(min_qualification="C")
    assert texts(population, free) == [
        "category D instead of C",
        "category E instead of C",
        "no qualification required",
    ]
    public = request(min_qualification="C", public_body=True)
    assert texts(population, public) == ["category D instead of C", "category E instead of C"]


def test_one_requirement_less(population: Population) -> None:
    present(population, [person(f"{n}", gender="male") for n in range(5)])
    assert texts(population, request(gender="female")) == ["any gender"]
    assert texts(population, request(specialisms=words("court"))) == ["without specialism court"]
    assert texts(population, request(dialect="odd")) == ["any dialect"]


def test_no_other_language_but_what_the_table_allows(population: Population) -> None:
    """Ukrainian does not stand in for Russian, however near they are; Croatian does for Serbian."""
    present(population, [person(f"{n}", "no uk hr") for n in range(5)])
    assert texts(population, request("no ru")) == []
    assert texts(population, request("no sr")) == ["accept Bosnian or Croatian or Montenegrin"]


def test_other_times_of_a_booking(population: Population) -> None:
    population.put(person("a", calendar=AFTERNOON))
    late = request(start_ms=TWO + 95 * MINUTE, duration_min=60)
    found = {each.text: each.request.start_ms for each in proposed(population, late)}
    assert found["1 h earlier"] == TWO + 35 * MINUTE
    assert found[None] == TWO + 7 * 24 * 60 * MINUTE


def test_a_time_when_it_is_likelier(population: Population) -> None:
    """One who is here may decline; tomorrow there are more to ask."""
    present(population, [person("a", modes=frozenset(Mode), location=OSLO)])
    for number in range(9):
        population.put(person(f"{number}", calendar=AFTERNOON, location=OSLO))
    on_site = request(mode=Mode.ONSITE, location=OSLO)
    (later,) = [each for each in proposed(population, on_site) if each.text is None]
    assert later.request.start_ms == TWO
    assert later.estimate.probability > 0.9


def test_on_site_only_where_there_is_a_place(population: Population) -> None:
    on_site = frozenset({Mode.ONSITE})
    present(population, [person(f"{n}", modes=on_site, location=OSLO) for n in range(4)])
    assert texts(population, request()) == []
    assert texts(population, request(location=OSLO)) == ["onsite instead of video"]
    assert texts(population, request(location=BERGEN)) == []


def test_a_shorter_wait_helps_too(population: Population) -> None:
    present(population, [person(f"{n}") for n in range(9)])
    past = {Mode.VIDEO: [Outcome(NOW, 90_000, 5)] * 200}
    phone, *others = proposed(population, request(), past)
    assert (phone.text, others) == ("audio instead of video", [])
    assert (phone.estimate.wait_s or 99) < 10


@pytest.mark.parametrize("count", [3, 9])
def test_the_likeliest_first_then_the_soonest(count: int) -> None:
    def proposal(probability: float, wait_s: int | None, start_ms: int | None) -> Proposal:
        asked = request(start_ms=start_ms)
        return Proposal("", asked, Estimate(probability, wait_s, None, None, 1, 0))

    made = [proposal(0.5, 9, None), proposal(0.9, None, NOW), proposal(0.9, 30, None)]
    made += [proposal(0.9, 5, None)] * (count - 3)
    found = best(made)
    assert len(found) == min(count, MOST)
    order = [(each.estimate.probability, each.estimate.wait_s) for each in found]
    if count == 3:
        assert order == [(0.9, 30), (0.9, None), (0.5, 9)]
    else:
        assert order == [(0.9, 5)] * 5
