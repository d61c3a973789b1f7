"""feedback.*: what the parties think of the work, and what a human is to look at."""

from typing import Annotated, Literal

from msgspec import Meta

from signalling.protocol.messages.common import (
    Cursor,
    Event,
    Id,
    Key,
    Note,
    PageSize,
    Params,
    Result,
    RoleName,
    Stamp,
    doc,
)

Text = Annotated[str, Meta(min_length=1, max_length=2000)]
Worked = Annotated[int, Meta(ge=0, le=1440, description="Minutes.")]
ReportKind = Annotated[
    Literal["no_show", "times", "conduct", "quality", "technical", "appeal", "other"],
    doc("no_show: the other side never came; times: they are wrong; appeal: against a no-show."),
]
ReportOutcome = Annotated[
    Literal["upheld", "changed", "excused"],
    doc("Upheld: it stays as it is; changed: it was put right; excused: a no-show is forgiven."),
]


class FeedbackRateParams(Params, frozen=True):
    assignment: Id
    stars: Annotated[int, Meta(ge=1, le=5, description="1 (poor) to 5 (excellent).")]
    text: Annotated[Note | None, doc("For the staff of the marketplace; no names, please.")] = None
    interpreter: Annotated[Id | None, doc("Whom, if several worked; not for interpreters.")] = None
    idempotency_key: Key | None = None


class FeedbackRateResult(Result, frozen=True):
    assignment: Id
    stars: Annotated[int, doc("The rating that counts, 1 to 5.")]
    rated_at: Stamp
    interpreter: Annotated[Id | None, doc("Who was rated; absent: the customer's side.")] = None


class FeedbackReportParams(Params, frozen=True):
    assignment: Id
    kind: ReportKind
    text: Annotated[Text, doc("What happened; no names, please.")]
    interpreter: Annotated[Id | None, doc("About whom, if several worked.")] = None
    minutes: Annotated[Worked | None, doc("How long the work took, as they say.")] = None
    idempotency_key: Key | None = None


class Report(Result, frozen=True):
    """What a party reported of an assignment, and what staff answered."""

    id: Id
    state: Literal["open", "answered"]
    kind: str
    assignment: Id
    text: str
    reported_at: Stamp
    interpreter: Annotated[Id | None, doc("About whose work.")] = None
    minutes: int | None = None
    reported_by: Annotated[Id | None, doc("Who reported; for staff.")] = None
    role: Annotated[RoleName | None, doc("As what; for staff.")] = None
    answer: Annotated[str | None, doc("What a human answered.")] = None
    outcome: str | None = None
    minutes_now: Annotated[int | None, doc("How long the work took, as it was put right.")] = None
    answered_at: Stamp | None = None
    answered_by: Annotated[Id | None, doc("Who answered; for staff.")] = None


class FeedbackReportResult(Result, frozen=True):
    report: Report


class FeedbackReportsParams(Params, frozen=True):
    limit: PageSize = 50
    cursor: Cursor | None = None


class FeedbackReportsResult(Result, frozen=True):
    reports: Annotated[
        tuple[Report, ...], doc("One's own, newest first; for staff those waiting, oldest first.")
    ]
    next: Annotated[str | None, doc("Cursor of the next page.")] = None


class FeedbackAnswerParams(Params, frozen=True):
    report: Id
    text: Annotated[Text, doc("The reasons, for whoever reported.")]
    outcome: ReportOutcome
    minutes: Annotated[Worked | None, doc("How long the work took, as it is put right.")] = None


class FeedbackAnswerResult(Result, frozen=True):
    report: Report


class FeedbackReportedEvent(Event, frozen=True):
    report: Report


class FeedbackAnsweredEvent(Event, frozen=True):
    report: Report


class FeedbackStandingParams(Params, frozen=True):
    interpreter: Annotated[Id | None, doc("Whose (operators); absent: one's own.")] = None


class NoShow(Result, frozen=True):
    """Work that an interpreter had taken, and did not come to."""

    assignment: Id
    at: Stamp
    excused: Annotated[bool, doc("It counts no more.")]


class FeedbackStandingResult(Result, frozen=True):
    no_shows: Annotated[tuple[NoShow, ...], doc("Newest first.")]
    counted: Annotated[int, doc("Those that count now.")]
    appeal: Annotated[str, doc("Method by which a human looks at it again.")]
    most: Annotated[int | None, doc("So many that count lead to a pause; absent: none do.")] = None
    suspended_until: Annotated[Stamp | None, doc("No new offers before.")] = None


class FeedbackSuspendedEvent(Event, frozen=True):
    suspended_until: Stamp
    no_shows: Annotated[tuple[NoShow, ...], doc("Those that led to it, newest first.")]
    appeal: Annotated[str, doc("Method by which a human looks at it again.")]
