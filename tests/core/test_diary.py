"""What an interpreter is booked for: never two things at once, trips included."""

from typing import Any

import pytest

from signalling.core import diary as life
from signalling.core import events as on
from signalling.core.booking_events import Book, Booked, BookRefused, CouldNotFollow, Unbook
from signalling.core.diary import KEPT_MS, MOST, Booking, Diary, decide
from signalling.core.effects import Key, Moment, Tell
from signalling.core.profile import PutProfile, RemoveProfile, decide_profile
from signalling.errors import IllegalTransition, NotEligible
from signalling.store.records import pack, unpack
from tests.core.conductor import Conductor
from tests.core.samples import NOW, candidate, moment

HOUR = 3_600_000
TALK = Booking("a1", "1", NOW + HOUR, NOW + 2 * HOUR)
BUSY = Diary("ann", (TALK,))


def book(start_h: float, end_h: float, assignment: str = "a2", **more: Any) -> Book:
    start_ms, end_ms = NOW + round(start_h * HOUR), NOW + round(end_h * HOUR)
    return Book("ann", assignment, "1", start_ms, end_ms, **more)


TIMES = [
    (0.0, 1.0, True),  # it ends as the other begins
    (2.0, 3.0, True),
    (0.0, 1.0 + 1 / HOUR, False),
    (2.0 - 1 / HOUR, 3.0, False),
    (1.0, 2.0, False),
    (1.25, 1.5, False),
    (0.5, 2.5, False),
]


@pytest.mark.parametrize(("start_h", "end_h", "free"), TIMES)
def test_no_two_bookings_overlap(start_h: float, end_h: float, free: bool) -> None:
    if not free:
        with pytest.raises(NotEligible, match="booked at that time"):
            decide(BUSY, book(start_h, end_h), moment())
        return
    new, effects = decide(BUSY, book(start_h, end_h), moment())

    assert new is not None
    assert len(new.bookings) == 2
    assert new.bookings == tuple(sorted(new.bookings, key=lambda b: b.start_ms))
    assert effects == ()


def test_trips_count() -> None:
    """Whoever knows how long they take is asked, with where the interpreter lives."""
    asked = []

    def clash(others: Any, new: Any, profile: Any) -> str | None:
        asked.append((others, new, profile))
        return "would be short of 20 minutes for the trip"

    event = book(2.5, 3, place={"lat": 59.9, "lon": 10.8}, profile={"id": "ann"})
    with pytest.raises(NotEligible, match="ann would be short of 20 minutes"):
        decide(BUSY, event, Moment(NOW, clash=clash))

    booking = Booking("a2", "1", event.start_ms, event.end_ms, {"lat": 59.9, "lon": 10.8})
    assert asked == [((TALK,), booking, {"id": "ann"})]


def test_the_same_place_moves() -> None:
    """It never stands in its own way; again it is the same."""
    moved, _ = decide(BUSY, book(1.5, 2.5, "a1"), moment())
    assert moved == Diary("ann", (Booking("a1", "1", NOW + HOUR * 3 // 2, NOW + HOUR * 5 // 2),))
    assert decide(moved, book(1.5, 2.5, "a1"), moment()) == (moved, ())


def test_both_places_of_one_assignment_clash() -> None:
    with pytest.raises(NotEligible):
        decide(BUSY, Book("ann", "a1", "2", NOW + HOUR, NOW + 2 * HOUR), moment())


def test_what_was_booked_is_taken_out_once() -> None:
    free, _ = decide(BUSY, Unbook("a1", "1"), moment())

    assert free == Diary("ann")
    assert decide(free, Unbook("a1", "1"), moment()) == (free, ())
    assert decide(BUSY, Unbook("a1", "2"), moment()) == (BUSY, ())


def test_what_is_long_over_is_dropped_with_the_next_booking() -> None:
    over = TALK.end_ms + KEPT_MS
    kept, _ = decide(BUSY, book(50, 51), moment(over - 1))
    dropped, _ = decide(BUSY, book(50, 51), moment(over))

    assert kept is not None
    assert dropped is not None
    assert (len(kept.bookings), len(dropped.bookings)) == (2, 1)


def test_no_diary_grows_without_bound() -> None:
    full = Diary("ann", tuple(Booking(f"b{n}", "1", NOW + n, NOW + n + 1) for n in range(MOST)))
    with pytest.raises(NotEligible, match=f"{MOST} bookings"):
        decide(full, book(5, 6), moment())

    assert decide(full, Book("ann", "b1", "1", NOW + 1, NOW + 2), moment()) == (full, ())


def test_the_assignment_hears_that_it_is_booked() -> None:
    told = Booked("1", candidate("o1", "ann"), "d1")
    _, effects = decide(Diary("ann"), book(1, 2, booked=told), moment())

    assert effects == (Tell(Key("assignment", "a2"), told),)


def test_who_is_still_booked_is_not_forgotten() -> None:
    with pytest.raises(IllegalTransition, match="has bookings"):
        decide(BUSY, on.Forget(), moment(TALK.end_ms - 1))

    assert decide(BUSY, on.Forget(), moment(TALK.end_ms)) == (None, ())
    assert decide(BUSY, on.Deadline(), moment()) == (BUSY, ())  # no timer of its own


def test_the_profile_passes_bookings_on_with_itself() -> None:
    """A diary's refusal comes back by way of it, with whom to tell."""
    ann, _ = decide_profile(None, PutProfile({"id": "ann"}), moment())
    event = book(1, 2, refused=CouldNotFollow("1"))
    refused = BookRefused("a2", CouldNotFollow("1"))
    known = book(1, 2, refused=CouldNotFollow("1"), profile={"id": "ann"})

    assert decide_profile(ann, event, moment()) == (
        ann,
        (Tell(Key("diary", "ann"), known, refused=refused),),
    )
    assert decide_profile(ann, refused, moment())[1] == (
        Tell(Key("assignment", "a2"), CouldNotFollow("1")),
    )
    unknown = book(1, 2, profile={})
    assert decide_profile(None, book(1, 2), moment()) == (
        None,
        (Tell(Key("diary", "ann"), unknown),),
    )


def test_nobody_is_removed_who_is_booked() -> None:
    c = Conductor()
    c.tell("interpreter", "ann", PutProfile({"id": "ann"}))
    c.tell("interpreter", "ann", book(1, 2))
    with pytest.raises(IllegalTransition):
        c.tell("interpreter", "ann", RemoveProfile())
    assert c.get("interpreter", "ann") is not None
    c.tell("diary", "ann", Unbook("a2", "1"))
    c.tell("interpreter", "ann", RemoveProfile())

    assert c.get("diary", "ann") == Diary("ann")


def test_it_is_kept_and_fed_to_the_population() -> None:
    assert unpack(Diary, pack(BUSY, Diary.schema))[0] == BUSY
    assert (BUSY.feed, BUSY.indexes) == ((TALK,), {"diaries": 0})
    assert life.Diary.wake_at_ms is None
