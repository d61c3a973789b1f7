"""The diary of an interpreter: what they are booked for. The one place that forbids overlaps.

Every accept writes here in its own commit, instant or scheduled: of two that race for one
interpreter and clash, trips included, one is refused.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core.booking_events import Book, Unbook
from signalling.core.effects import Effect, Key, Moment, Tell
from signalling.core.events import Deadline, Forget
from signalling.errors import IllegalTransition, NotEligible

KEPT_MS: Final = 86_400_000  # after its end, for the trip from it and for clocks that go back
MOST: Final = 2000

Event = Book | Unbook | Forget | Deadline


class Booking(Struct, frozen=True):
    """The work of one slot; *place* None is remote."""

    assignment: str
    slot: str
    start_ms: int
    end_ms: int
    place: Mapping[str, float] | None = None


class Diary(Struct, frozen=True):
    """Bookings in order of their start."""

    kind: ClassVar[str] = "diary"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None

    # Not `id`: see history.History.
    interpreter: str
    bookings: tuple[Booking, ...] = ()

    @property
    def indexes(self) -> dict[str, float]:
        return {"diaries": 0}

    @property
    def feed(self) -> tuple[Booking, ...] | None:
        return self.bookings or None


def decide(old: Diary, event: Event, at: Moment) -> tuple[Diary | None, tuple[Effect, ...]]:
    """Return the diary with a booking more or less; None once it is forgotten.

    Raises NotEligible, with what is short, for a booking that clashes with another, and
    IllegalTransition for forgetting somebody who is still booked.
    """
    match event:
        case Deadline():
            return old, ()  # it never asks to be woken
        case Forget():
            if any(each.end_ms > at.now_ms for each in old.bookings):
                raise IllegalTransition(f"interpreter {old.interpreter} has bookings")
            return None, ()
        case Unbook():
            rest = tuple(b for b in old.bookings if not _same(b, event))
            return (old if len(rest) == len(old.bookings) else replace(old, bookings=rest)), ()
    told = (Tell(Key("assignment", event.assignment), event.booked),) if event.booked else ()
    return _book(old, event, at), told


def _book(old: Diary, event: Book, at: Moment) -> Diary:
    booking = Booking(event.assignment, event.slot, event.start_ms, event.end_ms, event.place)
    others = tuple(
        b for b in old.bookings if not _same(b, event) and b.end_ms > at.now_ms - KEPT_MS
    )
    if len(others) >= MOST:
        raise NotEligible(f"interpreter {old.interpreter} has {MOST} bookings")
    clash = at.clash(others, booking, event.profile or {})
    if clash is not None:
        raise NotEligible(f"interpreter {old.interpreter} {clash}")
    kept = sorted((*others, booking), key=lambda b: (b.start_ms, b.assignment, b.slot))
    return replace(old, bookings=tuple(kept))


def _same(booking: Booking, event: Book | Unbook) -> bool:
    return (booking.assignment, booking.slot) == (event.assignment, event.slot)
