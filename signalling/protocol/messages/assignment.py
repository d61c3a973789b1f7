"""assignment.*: asking for an interpreter, and what becomes of it."""

from typing import Annotated, Literal

from msgspec import Meta

from signalling.protocol.messages.common import (
    Contribution,
    Cursor,
    Event,
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
    Reason,
    Relaxation,
    Result,
    RoleName,
    Stamp,
    Start,
    Version,
    Zone,
    doc,
)
from signalling.protocol.messages.interpreter import LanguageSkill, Price
from signalling.protocol.messages.terms import (
    AssignmentTerms,
    InterestSeconds,
    Offering,
    Preferences,
    Priority,
    Repeats,
    Requirements,
)

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


class AssignmentCreateParams(AssignmentTerms, frozen=True):
    repeats: Annotated[Repeats | None, doc("Make a series of it.")] = None
    interest_s: Annotated[InterestSeconds | None, doc("Scheduled; absent: the app's.")] = None
    confirm: Annotated[
        Literal["rank", "customer"],
        doc(
            "Who chooses among those who said they could. rank: the best, when the time is over;"
            " customer: they have half of the time that is left then, and get the best after it."
        ),
    ] = "rank"
    offering: Offering | None = None
    pay: Annotated[Price | None, doc("What the interpreter gets; offers show it.")] = None
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


class SaidHours(Result, frozen=True):
    """When the work was, as one side says who completed it."""

    started_at: Stamp
    ended_at: Stamp
    by: RoleName


class Slot(Result, frozen=True):
    """The place of one interpreter."""

    state: SlotState
    wave: Annotated[int, doc("How many waves were asked.")]
    asked: Annotated[int, doc("How many interpreters were asked.")]
    interpreter: Annotated[
        InterpreterCard | None, doc("Who won it; also if it was cancelled after that.")
    ] = None
    hold_until: Annotated[Stamp | None, doc("When a hold ends.")] = None
    stars: Annotated[int | None, doc("The customer's rating, 1 to 5; not for interpreters.")] = None
    comment: Annotated[str | None, doc("What they wrote with it; not for interpreters.")] = None
    checked_in_at: Annotated[Stamp | None, doc("When they said that they are on site.")] = None
    checked_in_position: Annotated[
        Point | None, doc("Where they said so, to a square kilometre; for staff.")
    ] = None
    late: Annotated[bool, doc("It has begun, and they are not there.")] = False
    started_at: Annotated[Stamp | None, doc("When their work began, as measured.")] = None
    ended_at: Annotated[Stamp | None, doc("When their work ended, as measured.")] = None
    said: Annotated[SaidHours | None, doc("The same as somebody says; this counts.")] = None
    minutes: Annotated[
        int | None, doc("How long the work took: put right by staff, said, or measured; bill this.")
    ] = None
    their_stars: Annotated[
        int | None, doc("The interpreter's rating of the customer's side; for them and staff.")
    ] = None
    their_comment: Annotated[str | None, doc("What they wrote with it; the same.")] = None


class Outcome(Result, frozen=True):
    """Why it ended."""

    reason: Annotated[str, doc("completed, cancelled, unfilled, no_show or what caused it.")]
    text: Annotated[str | None, doc("The same for people.")] = None
    excluded: Annotated[dict[str, int] | None, doc("Interpreters by what excluded them.")] = None
    relaxations: Annotated[tuple[Relaxation, ...] | None, doc("What would have helped.")] = None


class Interested(Result, frozen=True):
    """An interpreter who said that they could."""

    interpreter: InterpreterCard
    since: Stamp


class SeriesPlace(Result, frozen=True):
    """Where an assignment stands in a series."""

    id: Id
    index: Annotated[int, doc("Counted from 1.")]
    count: Annotated[int, doc("How many the series has.")]


class Cancellation(Result, frozen=True):
    """Who called it off, and how early: what the app's rules are about."""

    by: Annotated[RoleName | None, doc("As what; absent: nobody did.")] = None
    reason: str | None = None
    notice_min: Annotated[int | None, doc("Minutes before the start; below 0: after it.")] = None
    late: Annotated[bool, doc("Later than the app's rules let go free of charge.")] = False


class HistoryEntry(Result, frozen=True):
    """One thing that happened to an assignment; never changed."""

    at: Stamp
    what: Annotated[str, doc("What happened, e.g. offer.made or confirmed.")]
    by: Annotated[Id | None, doc("Who did it; absent: the server.")] = None
    role: RoleName | None = None
    slot: Annotated[str | None, doc("Which interpreter's place.")] = None
    state: Annotated[SlotState | None, doc("What the place became.")] = None
    interpreter: Id | None = None
    offer: Id | None = None
    reason: str | None = None
    decision: Annotated[Id | None, doc("The recorded decision behind it.")] = None
    policy: Annotated[str | None, doc("The policy that decided, with its version.")] = None
    changed: Annotated[tuple[str, ...] | None, doc("Which terms changed.")] = None
    minutes: Annotated[int | None, doc("How long the work took, from then on.")] = None


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
    interest_until: Annotated[Stamp | None, doc("Until when interpreters may say they could.")] = (
        None
    )
    interested: Annotated[
        tuple[Interested, ...] | None, doc("Who could; hidden from interpreters.")
    ] = None
    choosing: Annotated[
        bool, doc("The customer is to choose, by interest_until; else the best is taken.")
    ] = False
    confirm: str | None = None
    series: SeriesPlace | None = None
    opens_at: Annotated[Stamp | None, doc("When its meeting opens.")] = None
    cancellation: Cancellation | None = None
    pay: Price | None = None


class AssignmentCreateResult(Result, frozen=True):
    assignment: Assignment


class AssignmentGetParams(Params, frozen=True):
    assignment: Id
    history: Annotated[bool, doc("Tell everything that happened, too.")] = False


class AssignmentGetResult(Result, frozen=True):
    assignment: Assignment
    history: Annotated[
        tuple[HistoryEntry, ...] | None, doc("Oldest first; of very many the newest 3,000.")
    ] = None


class AssignmentListParams(Params, frozen=True):
    states: States | None = None
    customer: Annotated[Id | None, doc("Only this customer's (apps, operators).")] = None
    since: Annotated[Moment | None, doc("Created from then on.")] = None
    until: Annotated[Moment | None, doc("Created before then.")] = None
    starts_from: Annotated[
        Moment | None, doc("Scheduled ones that start from then on, soonest first.")
    ] = None
    starts_before: Annotated[Moment | None, doc("Scheduled ones that start before then.")] = None
    limit: PageSize = 50
    cursor: Cursor | None = None


class AssignmentListResult(Result, frozen=True):
    assignments: Annotated[tuple[Assignment, ...], doc("Newest first.")]
    next: Annotated[str | None, doc("Cursor of the next page; absent: the last.")] = None


class AssignmentUpdateParams(Params, frozen=True):
    assignment: Id
    version: Annotated[Version | None, doc("Refuse unless the record has this version.")] = None
    starts_at: Start | None = None
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
    following: Annotated[bool, doc("And all later ones of its series.")] = False


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
    pay: Annotated[Price | None, doc("What they get, if the app says.")] = None
    interpreters_needed: Annotated[int, doc("How many work together.")] = 1
    series: Annotated[
        tuple[Stamp, ...] | None,
        doc("Accepting takes these later dates, too, where free and still wanted."),
    ] = None
    again: Annotated[bool, doc("They had accepted, and its terms have changed.")] = False


Reasons = Annotated[tuple[Contribution, ...], doc("Exact parts of the score.")]
