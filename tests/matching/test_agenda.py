"""Calendars that are shared, and diaries that are asked for the next booking."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InvalidField, Tables
from matching.agenda import CLASH, Agendas, Window, trip_by, window_of
from matching.bookings import Booking
from matching.calendar import Calendar, TimeOff, WeeklyHours
from matching.pairtable import FOREVER
from matching.types import Mode
from tests.matching.builders import ASKER, MINUTE, NOW, OSLO, request
from tests.matching.conftest import TABLES

OFFICE = Calendar("Europe/Oslo", (WeeklyHours(4, "08:00", "16:00"),))  # NOW: Friday, 09:00
EVENING = Calendar("Europe/Oslo", (WeeklyHours(4, "16:00", "22:00"),))
HOUR = 60 * MINUTE
MORNING = Window(NOW, NOW + HOUR, None)


@pytest.fixture
def agendas(tables: Tables) -> Agendas:
    found = Agendas(tables.travel)
    for _ in range(4):
        found.grow()
    return found


def numbers(*values: int) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.array(values, np.int32)


def test_who_states_no_calendar_is_open(agendas: Agendas) -> None:
    assert agendas.open_during(numbers(0, 1), MORNING).tolist() == [True, True]
    agendas.set_calendar(1, EVENING)
    agendas.set_calendar(2, OFFICE)
    assert agendas.open_during(numbers(2, 1, 0), MORNING).tolist() == [True, False, True]


def test_equal_calendars_are_one_until_nobody_has_them(agendas: Agendas) -> None:
    for number in range(3):
        agendas.set_calendar(number, replace(OFFICE))
        agendas.set_calendar(number, replace(OFFICE))
    assert len(agendas._index) == 1
    agendas.set_calendar(0, EVENING)
    agendas.set_calendar(1, None)
    assert len(agendas._index) == 2
    agendas.clear(2)
    assert len(agendas._index) == 1
    agendas.set_calendar(3, Calendar("UTC", ()))  # takes the place that became free
    assert agendas.open_during(numbers(0, 1, 2, 3), MORNING).tolist() == [False, True, True, False]


def test_what_was_found_is_forgotten_with_what_it_was_found_of(agendas: Agendas) -> None:
    agendas.set_calendar(0, OFFICE)
    assert agendas.open_during(numbers(0), MORNING).tolist() == [True]
    away = replace(OFFICE, off=(TimeOff(NOW, NOW + MINUTE),))
    agendas.set_calendar(0, away)
    assert agendas.open_during(numbers(0), MORNING).tolist() == [False]
    later = Window(NOW + MINUTE, NOW + HOUR, None)
    assert agendas.open_during(numbers(0), later).tolist() == [True]


def test_slack_is_the_room_beside_bookings(agendas: Agendas) -> None:
    agendas.set_bookings(1, [Booking(NOW + 2 * HOUR, NOW + 3 * HOUR)], None, by_car=False)
    agendas.set_bookings(2, [Booking(NOW, NOW + MINUTE)], None, by_car=False)
    for _ in range(2):
        assert agendas.slack(numbers(0, 1, 2), MORNING).tolist() == [24, 12, CLASH]
    assert agendas.booked(numbers(2, 0)).tolist() == [True, False]
    agendas.set_bookings(2, [], None, by_car=False)
    assert agendas.slack(numbers(2), MORNING).tolist() == [24]
    assert agendas.of(2) is None


def test_the_way_between_two_places_counts_by_their_means(agendas: Agendas, tables: Tables) -> None:
    site = Window(NOW, NOW + HOUR, OSLO)
    after = [Booking(NOW + 2 * HOUR, NOW + 3 * HOUR, ASKER)]
    slack = []
    for by_car in (False, True):
        agendas.set_bookings(0, after, OSLO, by_car=by_car)
        left = 60 - trip_by(tables.travel, by_car=by_car)(OSLO, ASKER)
        (code,) = agendas.slack(numbers(0), site).tolist()
        assert code == (left // 5 if left >= 0 else CLASH)
        slack.append(code)
    assert slack[0] < slack[1]
    agendas.move(0, OSLO, by_car=False)
    assert agendas.slack(numbers(0), site).tolist() == slack[:1]


def test_a_move_changes_the_way_from_remote_work(agendas: Agendas) -> None:
    after = [Booking(NOW + 2 * HOUR, NOW + 3 * HOUR, ASKER)]
    agendas.set_bookings(0, after, ASKER, by_car=False)
    assert agendas.slack(numbers(0), MORNING).tolist() == [12]
    agendas.move(0, OSLO, by_car=False)
    assert agendas.slack(numbers(0), MORNING).tolist() < [12]
    agendas.move(1, OSLO, by_car=False)
    assert agendas.of(1) is None


def test_the_next_booking_is_found_as_time_goes_by(agendas: Agendas) -> None:
    first, second = Booking(NOW + HOUR, NOW + 2 * HOUR), Booking(NOW + 3 * HOUR, NOW + 4 * HOUR)
    agendas.set_bookings(0, [first, second], None, by_car=False)
    minute = NOW // MINUTE
    assert agendas.leave_min(0) == FOREVER
    assert (agendas.turn(NOW), agendas.leave_min(0)) == ([0], minute + 60)
    assert (agendas.turn(NOW + HOUR), agendas.leave_min(0)) == ([], minute + 60)
    assert (agendas.turn(NOW + 2 * HOUR), agendas.leave_min(0)) == ([0], minute + 180)
    # A clock that goes back finds what was over under way again, or still to come.
    assert (agendas.turn(NOW + HOUR), agendas.leave_min(0)) == ([0], minute + 60)
    assert (agendas.turn(NOW), agendas.leave_min(0)) == ([], minute + 60)
    assert (agendas.turn(NOW + 2 * HOUR), agendas.leave_min(0)) == ([0], minute + 180)
    assert (agendas.turn(NOW + 4 * HOUR), agendas.leave_min(0)) == ([0], FOREVER)
    assert agendas.turn(NOW + 99 * HOUR) == []


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), min_size=1, max_size=4),
    st.lists(st.integers(-1, 30), min_size=1, max_size=12),
)
def test_the_clock_may_go_back_and_forth(jobs: list[tuple[int, int]], clock: list[int]) -> None:
    agendas = Agendas(TABLES.travel)
    agendas.grow()
    booked = [Booking(NOW + HOUR * at, NOW + HOUR * (at + hours)) for at, hours in jobs]
    agendas.set_bookings(0, booked, None, by_car=False)
    for hours in clock:
        now_ms = NOW + HOUR * hours
        agendas.turn(now_ms)
        left = agendas.leave_min(0) * MINUTE - now_ms
        under_way = any(each.start_ms <= now_ms < each.end_ms for each in booked)
        ahead = [each.start_ms - now_ms for each in booked if each.start_ms > now_ms]
        if under_way:
            assert left <= 0
        else:
            assert left == min(ahead, default=FOREVER * MINUTE - now_ms)


def test_what_a_clock_that_goes_back_needs_is_bounded(agendas: Agendas) -> None:
    for hour in range(200):
        booked = [Booking(NOW + HOUR * hour, NOW + HOUR * (hour + 1))]
        agendas.set_bookings(0, booked, None, by_car=False)
        agendas.turn(NOW + HOUR * hour)
    assert len(agendas._backs) < 100
    agendas.set_bookings(0, booked, None, by_car=False)  # what was found holds since the same time
    agendas.turn(NOW + HOUR * 199)
    assert len(agendas._backs) < 100
    agendas.turn(NOW)
    assert agendas.leave_min(0) == NOW // MINUTE + 199 * 60


def test_bookings_told_again_are_looked_at_once(agendas: Agendas) -> None:
    booking = Booking(NOW + HOUR, NOW + 2 * HOUR)
    for _ in range(3):
        agendas.set_bookings(0, [booking], None, by_car=False)
    assert agendas.turn(NOW) == [0]
    agendas.set_bookings(0, [booking], None, by_car=False)
    assert agendas.turn(NOW) == []  # it is the same minute as before
    agendas.clear(0)
    assert agendas.turn(NOW) == [0]
    assert agendas.leave_min(0) == FOREVER


def test_a_booking_that_cannot_be_changes_nothing(agendas: Agendas) -> None:
    agendas.set_bookings(0, [Booking(NOW, NOW + HOUR)], None, by_car=False)
    with pytest.raises(InvalidField):
        agendas.set_bookings(0, [Booking(NOW, NOW)], None, by_car=False)
    assert agendas.slack(numbers(0), MORNING).tolist() == [CLASH]


def test_the_window_of_a_request() -> None:
    assert window_of(request()) is None
    remote = request(start_ms=NOW, duration_min=60, location=OSLO)
    assert window_of(remote) == MORNING
    assert window_of(replace(remote, mode=Mode.ONSITE)) == MORNING._replace(place=OSLO)
