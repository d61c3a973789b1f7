"""What can happen to work for a time to come, and to an interpreter's diary and standing.

Data only; see `events` for the rest of an assignment's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signalling.core.events import Candidate
from signalling.core.rules import Rules


@dataclass(frozen=True, slots=True)
class Interest:
    """An interpreter could take it, or takes that back; *offer* is a fresh id."""

    interpreter: str
    interested: bool
    offer: str
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Confirm:
    """The customer chooses one of those who could."""

    by: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Choose:
    """The time to say so is over: *candidates*, best first, are those who could."""

    slot: str
    candidates: tuple[Candidate, ...]
    decision: str


@dataclass(frozen=True, slots=True)
class Booked:
    """The diary has taken *candidate*, whom nobody need ask any more."""

    slot: str
    candidate: Candidate
    decision: str


@dataclass(frozen=True, slots=True)
class CouldNotBook:
    """The one chosen is booked elsewhere by now; *spares* are left."""

    slot: str
    spares: tuple[Candidate, ...]
    decision: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An interpreter whom a booking would fit, and the recommendation that they get of it."""

    interpreter: str
    recommendation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recommended:
    """Those whom a booking would fit best are found: *suggestions*, perhaps nobody."""

    slot: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class CheckIn:
    """The interpreter is on site; *position* to the square kilometre, with their consent."""

    by: str
    position: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class NeverCame:
    """Whoever *by* (an address) waited for never came: the customer, or *interpreter*."""

    by: str
    interpreter: str | None = None


@dataclass(frozen=True, slots=True)
class Correct:
    """Staff put right how long the work of *interpreter* took."""

    by: str
    interpreter: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Preempt:
    """An emergency needs the interpreter at whom this offer rings."""

    offer: str
    interpreter: str


@dataclass(frozen=True, slots=True)
class Follow:
    """*candidate* took the first of the series, and with it this one, if they are free."""

    slot: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class CouldNotFollow:
    """Who took the first of the series is not free for this one."""

    slot: str


@dataclass(frozen=True, slots=True)
class Alone:
    """The first of the series found nobody, or is off: this one looks for itself."""

    slot: str


# --- availability of an interpreter -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Engage:
    """They are at work that was booked: nobody held them for it before."""

    assignment: str


# --- diary of an interpreter --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Book:
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


@dataclass(frozen=True, slots=True)
class BookRefused:
    """The diary did not take a booking; *event* is for its *assignment*."""

    assignment: str
    event: object


@dataclass(frozen=True, slots=True)
class Unbook:
    assignment: str
    slot: str


# --- standing of an interpreter -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoShow:
    """They had taken an assignment of *app*, and did not come; sanctions follow *rules*, its own.

    *counted*: their availability counted the failure as it let go of it, as of work for now. Sent
    to the profile, which passes it on: who is gone has no standing.
    """

    interpreter: str
    assignment: str
    app: str
    rules: Rules
    counted: bool


@dataclass(frozen=True, slots=True)
class Excuse:
    """Staff forgive the no-show at an assignment: it counts no more."""

    assignment: str


@dataclass(frozen=True, slots=True)
class Suspend:
    """Get no new offers until *until_ms* (None: get them again). Sent to the availability.

    *failed*: work for which they were not engaged yet has failed by their fault. Work that failed
    at *excused_ms* was excused, and is no failure any more.
    """

    until_ms: int | None
    failed: bool = False
    excused_ms: int | None = None
