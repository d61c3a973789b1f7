"""assignment.*: asking for an interpreter, and what becomes of it."""

from typing import Annotated, Literal

from msgspec import Meta

from signalling.protocol.messages.common import (
    Category,
    Contribution,
    Cursor,
    Dialect,
    Event,
    Gender,
    Id,
    Key,
    LanguagePair,
    Minutes,
    Mode,
    Moment,
    Note,
    PageSize,
    Params,
    Point,
    Qualification,
    Reason,
    Relaxation,
    Result,
    Shared,
    Stamp,
    Version,
    Word,
    Zone,
    doc,
)
from signalling.protocol.messages.interpreter import LanguageSkill

SlotState = Literal[
    "searching",
    "gathering",
    "offering",
    "confirmed",
    "held",
    "connecting",
    "in_progress",
    "wrap_up",
    "completed",
    "cancelled",
    "unfilled",
    "no_show",
]
OfferState = Literal[
    "made",
    "delivered",
    "seen",
    "accepted",
    "declined",
    "expired",
    "withdrawn",
    "undelivered",
    "lost",
]
States = Annotated[
    tuple[SlotState, ...], Meta(min_length=1, max_length=12, description="Only these states.")
]
Interpreters = Annotated[tuple[Id, ...], Meta(max_length=50)]
Priority = Annotated[int, Meta(ge=0, le=9, description="0 to 9, higher first; 5 is routine.")]


class Requirements(Shared, frozen=True):
    """Hard rules: who does not meet them is never asked."""

    min_qualification: Annotated[
        Qualification | Category | None, doc("Lowest credential in both languages.")
    ] = None
    specialisms: Annotated[
        tuple[Word, ...], Meta(max_length=8, description="Fields of work, all of them.")
    ] = ()
    gender: Gender | None = None
    dialect: Dialect | None = None
    clearance: Annotated[Word | None, doc("Security clearance.")] = None
    accept_substitutes: Annotated[
        bool, doc("Take a curated spoken substitute of the language; offers name it.")
    ] = False


class Preferences(Shared, frozen=True):
    """The customer's own wishes about people."""

    preferred: Annotated[Interpreters, doc("Interpreters to favour.")] = ()
    blocked: Annotated[Interpreters, doc("Interpreters never to ask.")] = ()


class AssignmentTerms(Params, frozen=True):
    """What is asked for: shared by assignment.create and match.search."""

    languages: LanguagePair
    mode: Mode
    duration_min: Minutes
    customer: Annotated[Id | None, doc("For whom, when an app or operator asks.")] = None
    starts_at: Annotated[Moment | None, doc("When it starts; absent: now.")] = None
    timezone: Zone | None = None
    requirements: Requirements = Requirements()
    preferences: Preferences = Preferences()
    location: Annotated[Point | None, doc("Where; onsite needs it.")] = None
    public_body: Annotated[bool, doc("A public body asks: the lowest category is E.")] = False
    emergency: Annotated[bool, doc("Life or health is at stake; recorded as such.")] = False
    priority: Priority = 5
    strategy: Annotated[
        Literal["waves", "one_at_a_time", "broadcast"], doc("How interpreters are asked.")
    ] = "waves"
    interpreters_needed: Annotated[int, Meta(ge=1, le=8, description="How many.")] = 1
    note: Annotated[Note | None, doc("For the interpreter who accepts; no names, please.")] = None


class AssignmentCreateParams(AssignmentTerms, frozen=True):
    idempotency_key: Key | None = None


class InterpreterCard(Result, frozen=True):
    """An interpreter as the other party sees them."""

    id: Id
    name: str
    languages: tuple[LanguageSkill, ...] = ()
    specialisms: tuple[str, ...] = ()


class AssignmentOffer(Result, frozen=True):
    """One offer of an assignment, for operators."""

    offer: Id
    interpreter: Id
    state: OfferState
    wave: Annotated[int, doc("Wave, counted from 1.")]
    made_at: Stamp
    expires_at: Stamp
    answered_at: Stamp | None = None
    score: float | None = None
    reason: str | None = None


class Slot(Result, frozen=True):
    """The place of one interpreter."""

    state: SlotState
    wave: Annotated[int, doc("How many waves were asked.")]
    asked: Annotated[int, doc("How many interpreters were asked.")]
    interpreter: Annotated[InterpreterCard | None, doc("Who won it.")] = None
    hold_until: Annotated[Stamp | None, doc("When a hold ends.")] = None
    stars: Annotated[int | None, doc("The customer's rating, 1 to 5; not for interpreters.")] = None
    comment: Annotated[str | None, doc("What they wrote with it; not for interpreters.")] = None


class Outcome(Result, frozen=True):
    """Why it ended."""

    reason: Annotated[str, doc("completed, cancelled, unfilled, no_show or what caused it.")]
    text: Annotated[str | None, doc("The same for people.")] = None
    excluded: Annotated[dict[str, int] | None, doc("Interpreters by what excluded them.")] = None
    relaxations: Annotated[tuple[Relaxation, ...] | None, doc("What would have helped.")] = None


class Assignment(Result, frozen=True):
    """An assignment as the caller may see it."""

    id: Id
    state: Annotated[SlotState, doc("Derived from the slots.")]
    mode: Mode
    languages: LanguagePair
    duration_min: Minutes
    created_at: Stamp
    slots: tuple[Slot, ...]
    version: Annotated[Version | None, doc("For updates that must not overtake another.")] = None
    deadline_at: Annotated[Stamp | None, doc("When offering ends.")] = None
    starts_at: Stamp | None = None
    timezone: str | None = None
    customer: Annotated[Id | None, doc("Hidden from interpreters before they accept.")] = None
    requirements: Requirements | None = None
    preferences: Annotated[Preferences | None, doc("Hidden from interpreters.")] = None
    location: Point | None = None
    public_body: bool = False
    emergency: bool = False
    priority: int | None = None
    strategy: str | None = None
    note: str | None = None
    meeting: Annotated[Id | None, doc("Where to meet, once an interpreter is held.")] = None
    started_at: Stamp | None = None
    ended_at: Stamp | None = None
    outcome: Outcome | None = None
    offers: Annotated[tuple[AssignmentOffer, ...] | None, doc("For operators.")] = None


class AssignmentCreateResult(Result, frozen=True):
    assignment: Assignment


class AssignmentGetParams(Params, frozen=True):
    assignment: Id


class AssignmentGetResult(Result, frozen=True):
    assignment: Assignment


class AssignmentListParams(Params, frozen=True):
    states: States | None = None
    customer: Annotated[Id | None, doc("Only this customer's (apps, operators).")] = None
    since: Annotated[Moment | None, doc("Created from then on.")] = None
    until: Annotated[Moment | None, doc("Created before then.")] = None
    limit: PageSize = 50
    cursor: Cursor | None = None


class AssignmentListResult(Result, frozen=True):
    assignments: Annotated[tuple[Assignment, ...], doc("Newest first.")]
    next: Annotated[str | None, doc("Cursor of the next page; absent: the last.")] = None


class AssignmentUpdateParams(Params, frozen=True):
    assignment: Id
    version: Annotated[Version | None, doc("Refuse unless the record has this version.")] = None
    starts_at: Moment | None = None
    timezone: Zone | None = None
    duration_min: Minutes | None = None
    requirements: Annotated[Requirements | None, doc("The whole new requirements.")] = None
    preferences: Annotated[Preferences | None, doc("The whole new preferences.")] = None
    location: Point | None = None
    priority: Priority | None = None
    note: Note | None = None


class AssignmentUpdateResult(Result, frozen=True):
    assignment: Assignment


class AssignmentCancelParams(Params, frozen=True):
    assignment: Id
    reason: Reason | None = None


class AssignmentCancelResult(Result, frozen=True):
    assignment: Assignment


class AssignmentCompleteParams(Params, frozen=True):
    assignment: Id
    started_at: Annotated[Moment | None, doc("When the work began, if not as measured.")] = None
    ended_at: Annotated[Moment | None, doc("When the work ended, if not as measured.")] = None


class AssignmentCompleteResult(Result, frozen=True):
    assignment: Assignment


class AssignmentChangedEvent(Event, frozen=True):
    assignment: Assignment


class AssignmentSummary(Result, frozen=True):
    """An assignment as an interpreter sees it before accepting: nothing names the customer."""

    id: Id
    languages: LanguagePair
    mode: Mode
    duration_min: Minutes
    requirements: Requirements
    public_body: bool = False
    emergency: bool = False
    starts_at: Annotated[Stamp | None, doc("Absent: now.")] = None
    timezone: str | None = None
    distance_band: Annotated[str | None, doc("How far, in bands, e.g. 5-10 km.")] = None
    travel_min: Annotated[int | None, doc("Travel, minutes.")] = None
    substitute: Annotated[str | None, doc("The language that is taken as a substitute.")] = None


Reasons = Annotated[tuple[Contribution, ...], doc("Exact parts of the score.")]
