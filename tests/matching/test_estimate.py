"""What a request may expect of a market."""

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from matching import Mode, Population, Preferences, Request, Track
from matching.asking import Turn, ask
from matching.calendar import Calendar, WeeklyHours
from matching.estimate import FEW, RANKED, Estimate, estimate, estimate_ahead
from matching.waiting import Asking, Outcome
from tests.matching.builders import MINUTE, NOW, person, present, request, words
from tests.matching.conftest import TABLES
from tests.matching.test_waiting import WAVES, Life

WAVE = Asking(TABLES.policy.waves["waves"], 20, 180)
AFTERNOON = Calendar("Europe/Oslo", (WeeklyHours(4, "14:00", "16:00"),))


def crowd(population: Population, count: int, prefix: str = "i") -> None:
    present(population, [person(f"{prefix}{number}") for number in range(count)])


def blocking(who: str) -> Request:
    return request(preferences=Preferences(blocked=words(who)))


def filled(count: int, wait_s: float | None, rung_ms: int | None = 5) -> list[Outcome]:
    wait_ms = None if wait_s is None else round(wait_s * 1000)
    return [Outcome(NOW - 1, wait_ms, rung_ms)] * count


def test_an_interval_holds_what_comes_true(population: Population) -> None:
    """The chances are the ranking's; lives drawn from them fall into it 70 to 90 times in 100."""
    draw = Random(3)
    crowd(population, 20)
    for number in range(20):
        track = Track(answered=draw.randint(0, 20), silent=draw.randint(0, 20))
        population.set_track(f"i{number}", track)
    found = estimate(population, request(), NOW, WAVE)
    assert found.low_s is not None
    assert found.high_s is not None
    ranking = ask(population, Turn(request(), WAVE.size), NOW, RANKED).ranking
    chances = [each.p_accept for each in ranking.matches]
    waits = [Life(draw, WAVES, 1.0).wait_s(chances) for _ in range(3000)]
    accepted = [each for each in waits if each is not None]
    assert 0.7 <= np.mean([found.low_s <= each <= found.high_s for each in accepted]) <= 0.9
    assert found.wait_s == pytest.approx(np.median(accepted), abs=1)
    assert found.probability == pytest.approx(len(accepted) / len(waits), abs=0.06)


def test_more_people_mean_less_waiting(population: Population) -> None:
    found = []
    for count in (1, 2, 5, 20):
        crowd(population, count, f"{count}-")
        found.append(estimate(population, request(), NOW, WAVE))
    assert [each.available for each in found] == [1, 3, 8, 28]
    assert sorted(each.probability for each in found) == [each.probability for each in found]
    assert found[-1].probability == 0.95


def test_nobody_can_be_had(population: Population) -> None:
    population.put(person("a"))
    assert estimate(population, request(), NOW, WAVE) == Estimate(0, None, None, None, 0, 0)
    assert estimate_ahead(population, request(), NOW, WAVE).opening is None


def test_when_that_changes(population: Population) -> None:
    population.put(person("a", calendar=AFTERNOON))
    found = estimate_ahead(population, request(), NOW, WAVE)
    assert found.opening == (NOW + 5 * 60 * MINUTE, True)
    population.set_presence("a", available=True)
    assert estimate_ahead(population, request(), NOW, WAVE).opening is None


def test_the_past_of_a_busy_pair(population: Population) -> None:
    crowd(population, 10)
    found = estimate(population, request(), NOW, WAVE, filled(200, 40))
    assert (found.wait_s, found.recent) == (39, 200)  # between the seconds 39 and 40
    alone = estimate(population, request(), NOW, WAVE)
    assert (alone.wait_s or 0) < 10
    assert alone.recent == 0


def test_only_the_past_that_is_alike_counts(population: Population) -> None:
    """Requests that found nobody say nothing of one that finds ten, nor the other way round."""
    past = [*filled(50, 60), *filled(40, None, None), *filled(10, 90, 80_000)]
    assert estimate(population, request(), NOW, WAVE, past)[:2] == (0.15, 90)
    crowd(population, 10)
    assert estimate(population, request(), NOW, WAVE, past).recent == 50


def test_the_past_counts_less_for_a_request_that_leaves_few(population: Population) -> None:
    present(population, [person(f"{n}", gender="female" if n < 3 else "male") for n in range(30)])
    past = filled(200, 40)
    anybody = estimate(population, request(), NOW, WAVE, past)
    a_woman = estimate(population, request(gender="female"), NOW, WAVE, past)
    assert (anybody.wait_s, a_woman.available) == (39, 3)
    assert (anybody.low_s, (a_woman.low_s or 0) < 10) == (39, True)


def test_a_booking_is_taken_by_one_of_those_free(population: Population) -> None:
    later = request(start_ms=NOW + 3 * 60 * MINUTE)
    assert estimate(population, later, NOW, WAVE, filled(9, 1)) == Estimate(
        0, None, None, None, 0, 0
    )
    for number in range(3):
        population.put(person(f"i{number}"))
    found = estimate(population, later, NOW, WAVE, filled(9, 1))
    accept = 1 / (1 + math.exp(-TABLES.policy.acceptance["video"]))
    assert found.probability == pytest.approx(1 - (1 - accept) ** 3, abs=0.025)
    assert (found.available, found.wait_s, found.recent) == (3, None, 0)


def test_a_booking_that_nobody_could_take(population: Population) -> None:
    population.put(person("a", calendar=AFTERNOON))
    early = request(start_ms=NOW + 60 * MINUTE)
    assert estimate_ahead(population, early, NOW, WAVE).opening == (NOW + 5 * 60 * MINUTE, True)


@pytest.mark.parametrize("count", range(1, FEW))
def test_of_a_few_nobodys_own_chance_is_told(population: Population, count: int) -> None:
    crowd(population, count)
    usual = estimate(population, request(), NOW, WAVE)
    population.set_track("i0", Track(silent=50))
    assert estimate(population, request(), NOW, WAVE) == usual
    crowd(population, FEW + 1)
    population.set_track("i0", Track(silent=50))
    without, but_i0 = (blocking(each) for each in ("i1", "i0"))
    assert estimate(population, without, NOW, WAVE) == estimate(population, but_i0, NOW, WAVE)
    of_more = estimate(population, request(), NOW, WAVE)
    assert of_more.probability * 20 == pytest.approx(round(of_more.probability * 20))


def test_what_is_possible_is_neither_certain_nor_hopeless(population: Population) -> None:
    crowd(population, 30)
    assert estimate(population, request(), NOW, WAVE).probability == 0.95
    late = replace(request(), mode=Mode.AUDIO)
    found = estimate(population, late, NOW, WAVE, filled(200, None))
    assert 0.05 <= found.probability < 0.3
    brief = Asking(WAVE.size, 20, 1)
    assert estimate(population, request(), NOW, brief) == (0.05, None, None, None, 30, 0, None)
