"""When people are to be had: their calendars and diaries, by interpreter number.

Calendars that are equal are kept once, and asked once a request. Few have a diary with something
in it; who has none is never looked at twice.
"""

from array import array
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import geo
from matching.bookings import Booking, Diary, Room, Trip
from matching.calendar import Calendar
from matching.features import ROOMY
from matching.pairtable import FOREVER
from matching.travel import Means, Travel
from matching.types import Place, Request
from matching.zones import MINUTE_MS

CLASH = -1
UNKNOWN = -1
FEW = 64
Mask = NDArray[np.bool_]
Codes = NDArray[np.intp]


class Agenda(NamedTuple):
    """The bookings of one interpreter, and how they get from one to the next."""

    diary: Diary
    trip: Trip


class Window(NamedTuple):
    """When and where a booking would be: ms since 1970; `place` None is remote."""

    start_ms: int
    end_ms: int
    place: Place | None


def window_of(request: Request) -> Window | None:
    """Return when and where a scheduled request is, None for one that begins now."""
    if request.start_ms is None:
        return None
    end_ms = request.start_ms + request.duration_min * MINUTE_MS
    return Window(request.start_ms, end_ms, request.site)


def trip_by(travel: Travel, *, by_car: bool) -> Trip:
    """Return how long trips take by one means of travel."""
    means = Means.CAR if by_car else Means.TRANSIT

    def minutes(origin: Place, goal: Place) -> int:
        km = geo.chord_km(geo.chord2(geo.vector(origin), geo.vector(goal)))
        return travel.minutes(km, travel.density(goal), means)

    return minutes


class Agendas:
    """Columns by interpreter number. *number* grows; a number given back is `clear`ed."""

    def __init__(self, travel: Travel) -> None:
        self._trips = tuple(trip_by(travel, by_car=by_car) for by_car in (False, True))
        self._calendar = array("i")  # an index into `_calendars`; 0 is none
        self._calendars: list[Calendar | None] = [None]
        self._uses = [0]
        self._index: dict[Calendar, int] = {}
        self._spare: list[int] = []
        self._booked = array("B")
        self._agendas: dict[int, Agenda] = {}
        self._leave: dict[int, int] = {}  # the minute in which remote work must be over
        self._due: dict[int, int] = {}  # when that minute is to be found anew
        self._turns: list[tuple[int, int]] = []
        self._since: dict[int, int] = {}  # since when it holds, for a clock that goes back
        self._backs: list[tuple[int, int]] = []  # minus that, and the number
        self._asked: Window | None = None  # the last window, and what was found of it
        self._opened = np.empty(0, np.int8)  # by calendar: closed, open or UNKNOWN
        self._slack: dict[int, int] = {}

    def grow(self) -> None:
        """Make room for the next number."""
        self._calendar.append(0)
        self._booked.append(0)

    def clear(self, number: int) -> None:
        """Forget the calendar and the bookings of a number."""
        self.set_calendar(number, None)
        self.set_bookings(number, (), None, by_car=False)

    # --- calendars ------------------------------------------------------------------------

    def set_calendar(self, number: int, calendar: Calendar | None) -> None:
        """Replace someone's calendar."""
        old = self._calendar[number]
        if self._calendars[old] == calendar:
            return
        self._asked = None
        self._calendar[number] = 0 if calendar is None else self._share(calendar)
        if old:
            self._uses[old] -= 1
            if not self._uses[old]:
                del self._index[self._calendars[old]]  # type: ignore[arg-type]
                self._calendars[old] = None
                self._spare.append(old)

    def _share(self, calendar: Calendar) -> int:
        index = self._index.get(calendar)
        if index is None:
            if self._spare:
                index = self._spare.pop()
            else:
                index = len(self._calendars)
                self._calendars.append(None)
                self._uses.append(0)
            self._calendars[index], self._index[calendar] = calendar, index
        self._uses[index] += 1
        return index

    def kept(self, numbers: NDArray[np.intp]) -> bytes:
        """Return the calendars of *numbers* `(m,)` as int32, indices into `known_calendars`."""
        return np.frombuffer(self._calendar, np.int32)[numbers].tobytes()

    @property
    def known_calendars(self) -> Sequence[Calendar | None]:
        """The calendars by index: the first, and what nobody has any more, are None."""
        return self._calendars

    def fill(self, kept: bytes, calendars: Sequence[Calendar | None]) -> None:
        """Take everybody in at once, where nobody was, with the calendars they had."""
        indices = np.frombuffer(kept, np.int32)
        known = np.array([calendar is not None for calendar in calendars])
        indices = np.where(known[indices], indices, 0).astype(np.int32)
        self._calendar.frombytes(indices.tobytes())
        self._booked.frombytes(bytes(indices.size))
        self._calendars = list(calendars)
        self._uses = np.bincount(indices, minlength=known.size).tolist()
        for index, calendar in enumerate(calendars):
            if calendar is not None:
                self._index[calendar] = index
            elif index:
                self._spare.append(index)

    def calendars_of(self, numbers: NDArray[np.int32]) -> list[Calendar | None]:
        """Return the calendars of *numbers* `(m,)`, each once; None if somebody has none."""
        indices = np.frombuffer(self._calendar, np.int32).take(numbers)
        return [self._calendars[index] for index in np.unique(indices).tolist()]

    def open_during(self, numbers: NDArray[np.int32], window: Window) -> Mask:
        """Return who of *numbers* `(m,)` takes work all the while, shape `(m,)`."""
        indices = np.frombuffer(self._calendar, np.int32).take(numbers)
        if not indices.any():
            return np.ones(numbers.shape, np.bool_)
        self._ask(window)
        known = self._opened
        held = np.zeros(known.shape, np.bool_)
        held[indices] = True
        for index in (held & (known == UNKNOWN)).nonzero()[0].tolist():
            calendar = self._calendars[index]
            known[index] = calendar is None or calendar.open_during(window.start_ms, window.end_ms)
        opened: Mask = known[indices].astype(np.bool_)
        return opened

    def _ask(self, window: Window) -> None:
        """Remember what is found of one window: a search and its shortage ask the same."""
        if self._asked != window:
            self._asked = window
            self._opened = np.full(len(self._calendars), UNKNOWN, np.int8)
            self._slack.clear()

    # --- diaries --------------------------------------------------------------------------

    def set_bookings(
        self, number: int, bookings: Sequence[Booking], home: Place | None, *, by_car: bool
    ) -> None:
        """Replace someone's bookings. Raises `InvalidField` for one that cannot be."""
        diary = Diary(home, bookings)
        self._booked[number] = bool(diary)
        if diary:
            self._agendas[number] = Agenda(diary, self._trips[by_car])
        elif self._agendas.pop(number, None) is None:
            return
        self._wake(number)

    def move(self, number: int, home: Place | None, *, by_car: bool) -> None:
        """Note where someone lives now, and how they travel."""
        agenda = self._agendas.get(number)
        if agenda is not None:
            agenda.diary.home = home
            self._agendas[number] = agenda._replace(trip=self._trips[by_car])
            self._wake(number)

    def of(self, number: int) -> Agenda | None:
        """Return someone's bookings, None if they have none."""
        return self._agendas.get(number)

    def booked(self, numbers: NDArray[np.int32]) -> Mask:
        """Return which of *numbers* `(m,)` have bookings, shape `(m,)`."""
        marked: Mask = np.frombuffer(self._booked, np.bool_).take(numbers)
        return marked

    def slack(self, numbers: NDArray[np.int32], window: Window) -> Codes:
        """Return the slack codes of *numbers* `(m,)` beside a booking, `CLASH` where it has none.

        Asks one diary after the other.
        """
        codes = np.full(numbers.shape, ROOMY, np.intp)
        self._ask(window)
        for at in self.booked(numbers).nonzero()[0].tolist():
            codes[at] = self._slack_of(int(numbers[at]), window)
        return codes

    def _slack_of(self, number: int, window: Window) -> int:
        found = self._slack.get(number)
        if found is None:
            diary, trip = self._agendas[number]
            room = diary.room(*window, trip)
            found = self._slack[number] = room.slack if isinstance(room, Room) else CLASH
        return found

    # --- for work that begins now ---------------------------------------------------------

    def leave_min(self, number: int) -> int:
        """Return the minute in which remote work must be over for the next booking."""
        return self._leave.get(number, FOREVER)

    def turn(self, now_ms: int) -> list[int]:
        """Find out who has another next booking by now; return those whose minute changed.

        After the clock went back that may be one that was over.
        """
        changed: list[int] = []
        turns, backs = self._turns, self._backs
        while backs and -backs[0][0] > now_ms:
            minus, number = heappop(backs)
            if self._since.get(number) == -minus:
                self._wake(number)
        while turns and turns[0][0] <= now_ms:
            at_ms, number = heappop(turns)
            if self._due.get(number) == at_ms:
                del self._due[number]
                before = self.leave_min(number)
                self._look_ahead(number, now_ms)
                if self.leave_min(number) != before:
                    changed.append(number)
        return changed

    def _wake(self, number: int, at_ms: int = 0) -> None:
        """Have someone's next booking found when a search says that it is *at_ms*."""
        self._asked = None
        self._due[number] = at_ms
        heappush(self._turns, (at_ms, number))

    def _look_ahead(self, number: int, now_ms: int) -> None:
        agenda = self._agendas.get(number)
        self._look_back(number, None if agenda is None else agenda.diary.since_ms(now_ms))
        leave_ms = agenda and agenda.diary.free_until_ms(now_ms, None, None, agenda.trip)
        if agenda is None or leave_ms is None:
            self._leave.pop(number, None)
            return
        self._leave[number] = leave_ms // MINUTE_MS
        start_ms = agenda.diary.next_start_ms(now_ms)
        ends = [each.end_ms for each in agenda.diary if each.start_ms == start_ms]
        self._wake(number, max(ends))

    def _look_back(self, number: int, since_ms: int | None) -> None:
        """Remember since when what is found holds, None for ever."""
        if since_ms is None:
            self._since.pop(number, None)
        elif self._since.get(number) != since_ms:
            self._since[number] = since_ms
            heappush(self._backs, (-since_ms, number))
        if len(self._backs) > 2 * len(self._since) + FEW:  # most are of times long replaced
            self._backs = [(-since_ms, number) for number, since_ms in self._since.items()]
            heapify(self._backs)
