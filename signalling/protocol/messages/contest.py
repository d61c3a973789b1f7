"""match.contest and its answer: a human looks at a decision again."""

from typing import Annotated, Literal

from msgspec import Meta

from signalling.protocol.messages.common import (
    Cursor,
    Event,
    Id,
    Key,
    PageSize,
    Params,
    Result,
    RoleName,
    Stamp,
    doc,
)

Text = Annotated[str, Meta(min_length=1, max_length=2000)]
Outcome = Literal["upheld", "changed"]


class MatchContestParams(Params, frozen=True):
    assignment: Id
    text: Annotated[Text, doc("What was wrong with it.")]
    interpreter: Annotated[
        Id | None, doc("About whom (customers); absent: oneself, or all who were ranked.")
    ] = None
    idempotency_key: Key | None = None


class Contest(Result, frozen=True):
    """A wish that a human looks at what was decided."""

    id: Id
    state: Literal["open", "answered"]
    assignment: Id
    text: Annotated[str, doc("What was wrong with it, as the asker says.")]
    asked_at: Stamp
    interpreter: Annotated[Id | None, doc("About whom.")] = None
    asked_by: Annotated[Id | None, doc("Who asked; for staff.")] = None
    role: Annotated[RoleName | None, doc("As what they asked; for staff.")] = None
    decisions: Annotated[
        tuple[Id, ...] | None, doc("The recorded decisions that ranked or excluded; for staff.")
    ] = None
    answer: Annotated[str | None, doc("What a human answered.")] = None
    outcome: Annotated[Outcome | None, doc("Whether the decision stands.")] = None
    answered_at: Stamp | None = None
    answered_by: Annotated[Id | None, doc("Who answered; for staff.")] = None


class MatchContestResult(Result, frozen=True):
    contest: Contest


class MatchContestsParams(Params, frozen=True):
    limit: PageSize = 50
    cursor: Cursor | None = None


class MatchContestsResult(Result, frozen=True):
    contests: Annotated[
        tuple[Contest, ...], doc("One's own, newest first; for staff those waiting, oldest first.")
    ]
    next: Annotated[str | None, doc("Cursor of the next page.")] = None


class MatchAnswerParams(Params, frozen=True):
    contest: Id
    text: Annotated[Text, doc("The reasons, for whoever asked.")]
    outcome: Annotated[Outcome, doc("Whether the decision stands.")]


class MatchAnswerResult(Result, frozen=True):
    contest: Contest


class MatchContestedEvent(Event, frozen=True):
    contest: Contest


class MatchContestAnsweredEvent(Event, frozen=True):
    contest: Contest
