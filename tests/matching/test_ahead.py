"""When somebody can be had next."""

from datetime import UTC, datetime

import pytest

from matching import Population
from matching.ahead import next_opening
from matching.bookings import Booking
from matching.calendar import Calendar, DatedHours, WeeklyHours
from tests.matching.builders import MINUTE, NOW, person, request

HOUR = 60 * MINUTE
# NOW is Friday 15 January 2027, 09:00 in Oslo.
AFTERNOON = Calendar("Europe/Oslo", (WeeklyHours(4, "14:00", "16:00"),))
MONDAY = Calendar("Europe/Oslo", (WeeklyHours(0, "08:00", "16:00"),))
MORNING = Calendar("Europe/Oslo", (WeeklyHours(4, "08:00", "12:00"),))
NEVER = Calendar("UTC", ())


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def test_the_first_of_all_hours_that_begin(population: Population) -> None:
    population.put(person("a", calendar=MONDAY))
    population.put(person("b", calendar=AFTERNOON))
    population.put(person("c", calendar=NEVER))
    assert next_opening(population, request(), NOW) == (utc("2027-01-15T13:00"), True)


def test_hours_must_be_long_enough(population: Population) -> None:
    population.put(person("a", calendar=AFTERNOON))
    population.put(person("b", calendar=MONDAY))
    found = next_opening(population, request(duration_min=121), NOW)
    assert found == (utc("2027-01-18T07:00"), True)


def test_only_of_those_who_could_do_it(population: Population) -> None:
    population.put(person("a", calendar=AFTERNOON, gender="male"))
    population.put(person("b", "no ar", calendar=AFTERNOON))
    assert next_opening(population, request(gender="female"), NOW) is None
    assert next_opening(population, request("no kl"), NOW) is None


@pytest.mark.parametrize("calendar", [None, MORNING])
def test_it_is_not_certain_while_somebody_might_come(
    population: Population, calendar: Calendar | None
) -> None:
    """Of whoever is open and not here, or states no hours, nobody knows."""
    population.put(person("a", calendar=AFTERNOON))
    population.put(person("b", calendar=calendar))
    assert next_opening(population, request(), NOW) == (utc("2027-01-15T13:00"), False)
    population.remove("a")
    assert next_opening(population, request(), NOW) is None


def test_whoever_is_booked_then_is_not_to_be_had(population: Population) -> None:
    population.put(person("a", calendar=AFTERNOON))
    population.set_bookings("a", [Booking(NOW + 5 * HOUR, NOW + 6 * HOUR, None)])
    population.put(person("b", calendar=MONDAY))
    assert next_opening(population, request(), NOW) == (utc("2027-01-18T07:00"), False)


def test_nothing_beyond_a_week(population: Population) -> None:
    late = Calendar("UTC", (), dated=(DatedHours("2027-01-23", open=True),))
    population.put(person("a", calendar=late))
    assert next_opening(population, request(), NOW) is None
    assert next_opening(population, request(), NOW + 24 * HOUR) == (utc("2027-01-23T00:00"), True)


def test_of_a_booking_it_is_the_next_after_it(population: Population) -> None:
    population.put(person("a", calendar=AFTERNOON))
    asked = request(start_ms=utc("2027-01-15T14:45"))
    assert next_opening(population, asked, NOW) == (utc("2027-01-22T13:00"), True)


def test_of_many_calendars_some_are_asked(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.ahead.CALENDARS", 1)
    population.put(person("a", calendar=AFTERNOON))
    population.put(person("b", calendar=MONDAY))
    assert next_opening(population, request(), NOW) == (utc("2027-01-15T13:00"), False)
