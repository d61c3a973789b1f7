"""assignment.*: work for a time to come: who could, who is chosen, who is there."""

from typing import Annotated

from msgspec import Meta

from signalling.protocol.messages.assignment import Assignment, AssignmentSummary, Reasons
from signalling.protocol.messages.common import Event, Id, Mode, Params, Point, Result, Stamp, doc


class AssignmentInterestParams(Params, frozen=True):
    assignment: Id
    interested: Annotated[bool, doc("False takes it back.")] = True


class AssignmentInterestResult(Result, frozen=True):
    assignment: Id
    interested: bool
    until: Annotated[Stamp, doc("When it is decided.")]


class AssignmentConfirmParams(Params, frozen=True):
    assignment: Id
    interpreter: Annotated[Id, doc("One of those who said that they could.")]


class AssignmentConfirmResult(Result, frozen=True):
    assignment: Assignment


class AssignmentCheckInParams(Params, frozen=True):
    assignment: Id
    position: Annotated[
        Point | None, doc("Where they are, with their consent; kept to a square kilometre.")
    ] = None


class AssignmentCheckInResult(Result, frozen=True):
    assignment: Assignment


class AssignmentReminderEvent(Event, frozen=True):
    assignment: Assignment
    in_min: Annotated[int, doc("Minutes until it starts.")]


class Recommendation(Result, frozen=True):
    """An open assignment that fits an interpreter."""

    assignment: AssignmentSummary
    score: Annotated[float, doc("Sum of the contributions.")]
    reasons: Reasons
    interested: Annotated[bool, doc("They have said that they could.")] = False
    interest_until: Annotated[Stamp | None, doc("Until when they may say so.")] = None


class AssignmentRecommendParams(Params, frozen=True):
    interpreter: Annotated[Id | None, doc("For whom (operators); absent: oneself.")] = None
    mode: Mode | None = None
    limit: Annotated[int, Meta(ge=1, le=50, description="Assignments at most.")] = 20


class AssignmentRecommendResult(Result, frozen=True):
    recommendations: Annotated[tuple[Recommendation, ...], doc("Best first.")]


class AssignmentRecommendedEvent(Event, frozen=True):
    recommendation: Recommendation
