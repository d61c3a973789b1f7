"""What can happen to work for a time to come, and to an interpreter's diary and standing.

Data only; see `events` for the rest of an assignment's.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from signalling.core.events import Candidate
from signalling.core.rules import Rules


class Interest(Struct, frozen=True):
    """An interpreter could take it, or takes that back; *offer* is a fresh id."""

    interpreter: str
    interested: bool
    offer: str
    card: Mapping[str, Any]


class Confirm(Struct, frozen=True):
    """The customer chooses one of those who could."""

    by: str
    candidate: Candidate


class Choose(Struct, frozen=True):
    """The time to say so is over: *candidates*, best first, are those who could."""

    slot: str
    candidates: tuple[Candidate, ...]
    decision: str


class Booked(Struct, frozen=True):
    """The diary has taken *candidate*, whom nobody need ask any more."""

    slot: str
    candidate: Candidate
    decision: str


class CouldNotBook(Struct, frozen=True):
    """The one chosen is booked elsewhere by now; *spares* are left."""

    slot: str
    spares: tuple[Candidate, ...]
    decision: str


class Suggestion(Struct, frozen=True):
    """An interpreter whom a booking would fit, and the recommendation that they get of it."""

    interpreter: str
    recommendation: Mapping[str, Any]


class Recommended(Struct, frozen=True):
    """Those whom a booking would fit best are found: *suggestions*, perhaps nobody."""

    slot: str
    suggestions: tuple[Suggestion, ...]


class CheckIn(Struct, frozen=True):
    """The interpreter is on site; *position* to the square kilometre, with their consent."""

    by: str
    position: Mapping[str, float] | None = None


class NeverCame(Struct, frozen=True):
    """Whoever *by* (an address) waited for never came: the customer, or *interpreter*."""

    by: str
    interpreter: str | None = None


class Correct(Struct, frozen=True):
    """Staff put right how long the work of *interpreter* took."""

    by: str
    interpreter: str
    minutes: int


class Preempt(Struct, frozen=True):
    """An emergency needs the interpreter at whom this offer rings."""

    offer: str
    interpreter: str


class Follow(Struct, frozen=True):
    """*candidate* took the first of the series, and with it this one, if they are free."""

    slot: str
    candidate: Candidate


class CouldNotFollow(Struct, frozen=True):
    """Who took the first of the series is not free for this one."""

    slot: str


class Alone(Struct, frozen=True):
    """The first of the series found nobody, or is off: this one looks for itself."""

    slot: str


# --- availability of an interpreter -------------------------------------------------------


class Engage(Struct, frozen=True):
    """They are at work that was booked: nobody held them for it before."""

    assignment: str


# --- diary of an interpreter --------------------------------------------------------------


class Book(Struct, frozen=True):
    """Write a booking down, in place of an earlier one of the same slot.

    Sent to the profile, which passes it on with itself: trips begin at home. The assignment hears
    *booked*, or *refused* if it clashes; without that the whole commit is refused.
    """

    interpreter: str
    assignment: str
    slot: str
    start_ms: int
    end_ms: int
    place: Mapping[str, float] | None = None
    profile: Mapping[str, Any] | None = None
    booked: object | None = None
    refused: object | None = None


class BookRefused(Struct, frozen=True):
    """The diary did not take a booking; *event* is for its *assignment*."""

    assignment: str
    event: object


class Unbook(Struct, frozen=True):
    assignment: str
    slot: str


# --- standing of an interpreter -----------------------------------------------------------


class NoShow(Struct, frozen=True):
    """They had taken an assignment of *app*, and did not come; sanctions follow *rules*, its own.

    *counted*: their availability counted the failure as it let go of it, as of work for now. Sent
    to the profile, which passes it on: who is gone has no standing.
    """

    interpreter: str
    assignment: str
    app: str
    rules: Rules
    counted: bool


class Excuse(Struct, frozen=True):
    """Staff forgive the no-show at an assignment: it counts no more."""

    assignment: str


class Suspend(Struct, frozen=True):
    """Get no new offers until *until_ms* (None: get them again). Sent to the availability.

    *failed*: work for which they were not engaged yet has failed by their fault. Work that failed
    at *excused_ms* was excused, and is no failure any more.
    """

    until_ms: int | None
    failed: bool = False
    excused_ms: int | None = None
