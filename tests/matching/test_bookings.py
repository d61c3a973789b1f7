"""Whether a job fits into a diary, against an oracle that looks at every booking."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import InvalidField
from matching.agenda import trip_by
from matching.bookings import (
    FARTHEST_AHEAD_MS,
    LATE_MS,
    LONGEST_MS,
    MOST_BOOKINGS,
    Booking,
    Clash,
    Diary,
    Room,
    admit_start,
)
from matching.features import ROOMY
from matching.types import Place
from tests.matching.builders import ASKER, BERGEN, DRAMMEN, MINUTE, NOW, OSLO
from tests.matching.conftest import TABLES

HOUR = 60 * MINUTE
PLACES = (None, OSLO, ASKER, DRAMMEN, BERGEN)


drive = trip_by(TABLES.travel, by_car=True)


def quarter(one: Place, other: Place) -> int:
    assert one != other
    return 15


def at(clock: str) -> int:
    hours, minutes = clock.split(":")
    return NOW + int(hours) * HOUR + int(minutes) * MINUTE


def job(start: str, end: str, place: Place | None = None) -> Booking:
    return Booking(at(start), at(end), place)


JOBS = st.builds(
    lambda start, length, place: Booking(NOW + start, NOW + start + length, place),
    st.integers(0, 48 * HOUR),
    st.integers(1, 3 * HOUR),
    st.sampled_from(PLACES),
)


def trip(one: Place | None, other: Place | None, home: Place) -> int:
    return 0 if (one or home) == (other or home) else drive(one or home, other or home)


def sides(booked: list[Booking], wanted: Booking, home: Place) -> tuple[list[int], list[int]]:
    """Return the minutes left between a job and every booking before it and after it."""
    before = [
        (wanted.start_ms - each.end_ms) // MINUTE - trip(each.place, wanted.place, home)
        for each in booked
        if each.end_ms <= wanted.start_ms
    ]
    after = [
        (each.start_ms - wanted.end_ms) // MINUTE - trip(wanted.place, each.place, home)
        for each in booked
        if each.start_ms >= wanted.end_ms
    ]
    return before, after


def overlapping(booked: list[Booking], wanted: Booking) -> list[Booking]:
    return [
        each for each in booked if each.start_ms < wanted.end_ms and wanted.start_ms < each.end_ms
    ]


def room(diary: Diary, wanted: Booking) -> Room | Clash:
    return diary.room(wanted.start_ms, wanted.end_ms, wanted.place, drive)


@settings(max_examples=300)
@given(st.sampled_from([OSLO, BERGEN]), st.lists(JOBS, max_size=25), st.lists(JOBS, max_size=10))
def test_a_job_fits_if_it_fits_beside_every_booking(
    home: Place, offered: list[Booking], wanted: list[Booking]
) -> None:
    booked: list[Booking] = []
    for each in offered:
        before, after = sides(booked, each, home)
        if not overlapping(booked, each) and min(before + after, default=0) >= 0:
            booked.append(each)
    diary = Diary(home, booked)
    for each in wanted:
        before, after = sides(booked, each, home)
        answer = room(diary, each)
        if in_the_way := overlapping(booked, each):
            assert isinstance(answer, Clash)
            assert answer.booking in in_the_way
            assert answer.short_min is None
        elif min(before + after, default=0) < 0:
            assert isinstance(answer, Clash)
            assert answer.short_min == -min(before, default=0) or (
                min(before, default=0) >= 0 and answer.short_min == -min(after)
            )
        else:
            assert answer == Room(min(before, default=None), min(after, default=None))


@given(st.lists(JOBS, max_size=30))
def test_a_diary_that_grew_is_as_one_made_anew(jobs: list[Booking]) -> None:
    diary, stands = Diary(OSLO), list[Booking]()
    for drawn in jobs:
        diary.insert(drawn)
        stands += [drawn] if drawn not in stands else []
        anew = Diary(OSLO, reversed(stands))
        assert len(diary) == len(stands)
        assert set(diary) == set(stands)
        assert [each.start_ms for each in diary] == sorted(each.start_ms for each in stands)
        assert isinstance(room(diary, drawn), Clash) >= bool(overlapping(stands, drawn))
        for now_ms in (drawn.start_ms, drawn.end_ms):
            assert diary.next_start_ms(now_ms) == anew.next_start_ms(now_ms)
            assert diary.since_ms(now_ms) == anew.since_ms(now_ms)


def test_jobs_end_to_end_do_not_overlap() -> None:
    diary = Diary(OSLO, [job("10:00", "11:00"), job("12:00", "13:00")])
    assert diary.room(at("11:00"), at("12:00"), None, quarter) == Room(0, 0)
    answer = diary.room(at("11:00"), at("12:00") + 1, None, quarter)
    assert answer == Clash(job("12:00", "13:00"), None)
    answer = diary.room(at("11:00") - 1, at("12:00"), None, quarter)
    assert answer == Clash(job("10:00", "11:00"), None)


def test_trips_before_and_after_need_their_time() -> None:
    diary = Diary(OSLO, [job("10:00", "11:00", ASKER), job("14:00", "15:00", DRAMMEN)])
    assert diary.room(at("11:15"), at("13:45"), BERGEN, quarter) == Room(0, 0)
    assert diary.room(at("11:25"), at("13:15"), BERGEN, quarter) == Room(10, 30)
    late = diary.room(at("11:14"), at("13:45"), BERGEN, quarter)
    assert late == Clash(job("10:00", "11:00", ASKER), 1)
    long = diary.room(at("11:15"), at("13:46"), BERGEN, quarter)
    assert long == Clash(job("14:00", "15:00", DRAMMEN), 1)


def test_seconds_too_few_for_the_trip_are_a_minute_short() -> None:
    diary = Diary(OSLO, [job("10:00", "11:00", ASKER)])
    answer = diary.room(at("11:15") - 1, at("12:00"), BERGEN, quarter)
    assert answer == Clash(job("10:00", "11:00", ASKER), 1)


def test_two_jobs_at_one_place_need_no_trip() -> None:
    diary = Diary(OSLO, [job("10:00", "11:00", ASKER)])
    assert diary.room(at("11:00"), at("12:00"), ASKER, quarter) == Room(0, None)


def test_a_remote_job_is_done_at_home() -> None:
    diary = Diary(OSLO, [job("10:00", "11:00", ASKER), job("14:00", "15:00")])
    assert diary.room(at("11:20"), at("12:00"), None, quarter) == Room(5, 120)
    assert diary.room(at("11:20"), at("13:00"), ASKER, quarter) == Room(20, 45)
    diary.home = None
    assert diary.room(at("11:20"), at("12:00"), None, quarter) == Room(20, 120)


def test_the_first_trip_of_a_day_clashes_with_nothing() -> None:
    assert Diary(OSLO).room(at("10:00"), at("11:00"), BERGEN, quarter) == Room(None, None)


@pytest.mark.parametrize(
    ("room", "slack"),
    [
        (Room(None, None), ROOMY), (Room(0, None), 0), (Room(None, 4), 0), (Room(5, 500), 1),
        (Room(500, 14), 2), (Room(119, 500), 23), (Room(120, 500), 24), (Room(9999, 9999), 24),
    ],
)  # fmt: skip
def test_slack_is_counted_to_the_nearer_neighbour(room: Room, slack: int) -> None:
    assert room.slack == slack


def test_a_clash_is_told_without_the_other_job() -> None:
    assert Clash(job("10:00", "11:00"), None).text == "is booked at that time"
    told = Clash(job("10:00", "11:00", ASKER), 12).text
    assert told == "cannot travel from one job to the other: 12 min short"


def test_a_long_booking_is_seen_behind_later_short_ones() -> None:
    long, short = job("08:00", "16:00"), job("09:00", "10:00")
    diary = Diary(OSLO, [short, long])
    assert diary.room(at("15:00"), at("15:30"), None, quarter) == Clash(long, None)
    assert diary.next_start_ms(at("12:00")) == at("08:00")
    diary = Diary(OSLO, [short])
    assert diary.room(at("15:00"), at("15:30"), None, quarter) == Room(300, None)
    assert diary.next_start_ms(at("12:00")) is None


def test_the_last_to_end_is_the_neighbour_by_a_minute() -> None:
    long, short = job("08:00", "10:01"), job("09:00", "10:00")
    diary = Diary(OSLO, [long, short])
    assert diary.room(at("10:00"), at("11:00"), None, quarter) == Clash(long, None)
    assert diary.room(at("10:01"), at("11:00"), None, quarter) == Room(0, None)


def test_a_repeated_message_is_harmless() -> None:
    diary = Diary(OSLO, [job("10:00", "11:00")])
    diary.insert(job("10:00", "11:00"))
    diary.insert(job("10:00", "11:30", ASKER))
    assert list(diary) == [job("10:00", "11:00"), job("10:00", "11:30", ASKER)]


@pytest.mark.parametrize("length", [0, -1, -HOUR, LONGEST_MS + 1])
def test_contradictory_times_are_refused(length: int) -> None:
    diary = Diary(OSLO)
    with pytest.raises(InvalidField) as caught:
        diary.insert(Booking(NOW, NOW + length))
    assert caught.value.path == "end_ms"
    assert len(diary) == 0


def test_a_diary_is_bounded() -> None:
    full = Diary(OSLO, (Booking(NOW + day, NOW + day + 1) for day in range(MOST_BOOKINGS)))
    with pytest.raises(InvalidField) as caught:
        full.insert(Booking(NOW + HOUR, NOW + 2 * HOUR))
    assert caught.value.path == "bookings"
    full.insert(Booking(NOW, NOW + 1))
    assert len(full) == MOST_BOOKINGS


def test_who_is_booked_soon_is_free_until_they_must_leave() -> None:
    diary = Diary(OSLO, [job("10:30", "11:30", ASKER)])

    def free(now: str, until: str | None, place: Place | None) -> int | None:
        until_ms = None if until is None else at(until)
        return diary.free_until_ms(at(now), until_ms, place, quarter)

    assert free("10:00", None, None) == at("10:15")
    assert free("10:15", None, None) == at("10:15")  # not a minute more
    assert free("10:20", None, None) == at("10:15")  # should be on the way
    assert free("10:20", None, ASKER) == at("10:30")
    assert free("10:00", "10:05", None) == at("10:05")
    assert free("10:00", "12:00", None) == at("10:15")
    assert free("11:00", "12:00", None) == at("10:15")  # the booking is under way
    assert free("11:30", "12:00", None) == at("12:00")
    assert free("11:30", None, None) is None


def test_an_instant_job_must_end_before_the_next_booking() -> None:
    diary = Diary(OSLO, [job("10:30", "11:00")])
    assert diary.next_start_ms(at("10:15")) == at("10:30")
    free = diary.free_until_ms(at("10:15"), None, None, quarter)
    assert free is not None
    assert free < at("10:15") + 30 * MINUTE


def test_next_is_what_is_under_way_or_else_begins_next() -> None:
    diary = Diary(OSLO, [job("10:00", "11:00"), job("12:00", "13:00")])
    moments = ["09:59", "10:00", "10:59", "11:00", "12:00", "13:00"]
    starts = [diary.next_start_ms(at(each)) for each in moments]
    ten, noon = at("10:00"), at("12:00")
    assert starts == [ten, ten, ten, noon, noon, None]
    assert [diary.next_start_ms(at(each)) for each in reversed(moments)] == starts[::-1]


@pytest.mark.parametrize("start_ms", [0, -NOW, NOW - LATE_MS - 1, NOW + FARTHEST_AHEAD_MS + 1])
def test_a_start_in_the_past_or_too_far_ahead_is_refused(start_ms: int) -> None:
    with pytest.raises(InvalidField) as caught:
        admit_start(start_ms, NOW)
    assert caught.value.path == "starts_at"


def test_a_start_that_was_taken_is_taken_after_the_clock_went_back() -> None:
    for now_ms in (NOW, NOW - LATE_MS, NOW - 24 * HOUR):
        admit_start(NOW - LATE_MS, now_ms)
    admit_start(NOW + FARTHEST_AHEAD_MS, NOW)
