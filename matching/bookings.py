"""Diaries: who is booked when and where, and whether another job fits, trips included.

Between two jobs lies the trip from place to place. A remote job is done at home, undisturbed, so
its place is home; where home is not known no trip is counted. The trip to the first job of a day
and from the last is nobody's clash. Times are ms since 1970; nothing here remembers what time it
was, so a clock that goes back changes nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from matching.errors import InvalidField
from matching.features import ROOMY, SLACK_STEP_MIN
from matching.types import Place
from matching.zones import DAY_MS, MINUTE_MS

MOST_BOOKINGS = 2000  # of one interpreter: two years of full days
LONGEST_MS = 7 * DAY_MS
LATE_MS = 5 * MINUTE_MS  # a request on its way, clocks that differ
FARTHEST_AHEAD_MS = 2 * 366 * DAY_MS

Trip = Callable[[Place, Place], int]
"""Minutes from one place to another, never negative."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A job that stands; `place` None is remote."""

    start_ms: int
    end_ms: int
    place: Place | None = None


class Room(NamedTuple):
    """A job fits: whole minutes left beside the trips before and after, None for no neighbour."""

    before_min: int | None
    after_min: int | None

    @property
    def slack(self) -> int:
        """Return the feature's code: steps of 5 minutes to the nearer neighbour, 0 … 24."""
        sides = [each // SLACK_STEP_MIN for each in self if each is not None]
        return min(ROOMY, *sides) if sides else ROOMY


class Clash(NamedTuple):
    """A job does not fit beside `booking`: `short_min` lack for the trip, None: they overlap."""

    booking: Booking
    short_min: int | None

    @property
    def text(self) -> str:
        """Return the reason in words, which give nothing of the other job away."""
        if self.short_min is None:
            return "is booked at that time"
        return f"cannot travel from one job to the other: {self.short_min} min short"


class Diary:
    """The bookings of one interpreter, in order of their start; `home` may be moved.

    The store decides who is booked, and a diary believes it: bookings that overlap are kept, and
    the last to end counts as the neighbour before.
    """

    __slots__ = ("_bookings", "_latest", "_starts", "home")

    def __init__(self, home: Place | None = None, bookings: Iterable[Booking] = ()) -> None:
        self.home = home
        self._bookings: list[Booking] = []
        self._starts: list[int] = []
        self._latest: list[Booking] = []  # of the bookings up to each one, the last to end
        for each in bookings:
            self.insert(each)

    def __len__(self) -> int:
        return len(self._bookings)

    def __iter__(self) -> Iterator[Booking]:
        return iter(self._bookings)

    def insert(self, booking: Booking) -> None:
        """Write a booking down; one that stands already is left as it is.

        Raises `InvalidField` if it ends before it starts, lasts over a week, or the diary is full.
        """
        if not 0 < booking.end_ms - booking.start_ms <= LONGEST_MS:
            raise InvalidField("after the start, by a week at most", path="end_ms")
        index = bisect_right(self._starts, booking.start_ms)
        if booking in self._bookings[bisect_left(self._starts, booking.start_ms) : index]:
            return
        if len(self._bookings) >= MOST_BOOKINGS:
            raise InvalidField(f"at most {MOST_BOOKINGS} bookings", path="bookings")
        self._bookings.insert(index, booking)
        self._starts.insert(index, booking.start_ms)
        self._settle(index)

    def _settle(self, index: int) -> None:
        """Recompute who ends last, from *index* on."""
        latest = self._latest
        del latest[index:]
        for booking in self._bookings[index:]:
            last = latest[-1] if latest else booking
            latest.append(booking if booking.end_ms >= last.end_ms else last)

    def room(
        self, start_ms: int, end_ms: int, place: Place | None, travel_min: Trip
    ) -> Room | Clash:
        """Return how much room a job at *place* (None: remote) has, or what it clashes with.

        `travel_min` gives the minutes of a trip; it is not asked about a place and itself. Only
        the neighbours are asked: no trip by way of a third place is shorter.
        """
        index = bisect_left(self._starts, end_ms)
        before_min = after_min = None
        if index:
            before = self._latest[index - 1]
            if before.end_ms > start_ms:
                return Clash(before, None)
            before_min = (start_ms - before.end_ms) // MINUTE_MS
            before_min -= self._trip(before.place, place, travel_min)
            if before_min < 0:
                return Clash(before, -before_min)
        if index < len(self._starts):
            after = self._bookings[index]
            after_min = (after.start_ms - end_ms) // MINUTE_MS
            after_min -= self._trip(place, after.place, travel_min)
            if after_min < 0:
                return Clash(after, -after_min)
        return Room(before_min, after_min)

    def _trip(self, origin: Place | None, goal: Place | None, travel_min: Trip) -> int:
        origin, goal = origin or self.home, goal or self.home
        if origin is None or goal is None or origin == goal:
            return 0
        return travel_min(origin, goal)

    def next_start_ms(self, now_ms: int) -> int | None:
        """Return when the booking under way began or the next one begins, None without any."""
        booking = self._next(now_ms)
        return None if booking is None else booking.start_ms

    def since_ms(self, now_ms: int) -> int | None:
        """Return when a booking last began or ended, None if none has: what is next holds since."""
        passed = (ms for each in self for ms in (each.start_ms, each.end_ms) if ms <= now_ms)
        return max(passed, default=None)

    def _next(self, now_ms: int) -> Booking | None:
        index = bisect_right(self._starts, now_ms)
        if index and self._latest[index - 1].end_ms > now_ms:
            return self._latest[index - 1]
        return self._bookings[index] if index < len(self._bookings) else None

    def free_until_ms(
        self, now_ms: int, until_ms: int | None, place: Place | None, travel_min: Trip
    ) -> int | None:
        """Return when someone who is free now must leave *place* or stop; None: open-ended.

        The earlier of their own *until_ms* and the time to set out for the next booking. *place*
        is where a job for now would be (None: remote). A time that is not after *now_ms* means
        that they are not free at all: a booking is under way, or they should be on their way.
        Where they come from is not asked: who says that they are available is believed.
        """
        booking = self._next(now_ms)
        if booking is None:
            return until_ms
        leave_ms = booking.start_ms
        leave_ms -= self._trip(place, booking.place, travel_min) * MINUTE_MS
        return leave_ms if until_ms is None else min(leave_ms, until_ms)


def admit_start(start_ms: int, now_ms: int, path: str = "starts_at") -> None:
    """Refuse, by `InvalidField`, a start that is over or more than two years ahead."""
    if start_ms < now_ms - LATE_MS:
        raise InvalidField("in the past", path=path)
    if start_ms > now_ms + FARTHEST_AHEAD_MS:
        raise InvalidField("at most two years ahead", path=path)
