"""offer.*: what rings at the interpreter."""

from typing import Annotated

from signalling.protocol.messages.assignment import (
    Assignment,
    AssignmentSummary,
    OfferState,
    Reasons,
)
from signalling.protocol.messages.common import (
    Event,
    Id,
    Params,
    Reason,
    Result,
    Stamp,
    doc,
)


class Offer(Result, frozen=True):
    """An offer as its interpreter sees it."""

    offer: Id
    assignment: AssignmentSummary
    state: OfferState
    score: Annotated[float, doc("Sum of the contributions.")]
    reasons: Reasons
    expires_at: Annotated[Stamp, doc("Answer before, on the server's clock.")]
    server_time: Annotated[Stamp, doc("The server's clock.")]


class OfferListParams(Params, frozen=True):
    interpreter: Annotated[Id | None, doc("Whose (operators); absent: one's own.")] = None


class OfferListResult(Result, frozen=True):
    offers: Annotated[tuple[Offer, ...], doc("Offers awaiting an answer, oldest first.")]


class OfferAckParams(Params, frozen=True):
    offer: Id
    seen: Annotated[bool, doc("True: a person saw it; false: it arrived.")] = False


class OfferAckResult(Result, frozen=True):
    offer: Id
    state: OfferState


class OfferAcceptParams(Params, frozen=True):
    offer: Id


class OfferAcceptResult(Result, frozen=True):
    assignment: Assignment
    meeting: Annotated[Id | None, doc("Join this meeting.")] = None
    hold_until: Annotated[Stamp | None, doc("Join before, or offering goes on.")] = None


class OfferDeclineParams(Params, frozen=True):
    offer: Id
    reason: Annotated[Reason | None, doc("Optional; declining is free.")] = None


class OfferDeclineResult(Result, frozen=True):
    offer: Id
    state: OfferState


class OfferMadeEvent(Event, frozen=True):
    offer: Id
    assignment: AssignmentSummary
    score: Annotated[float, doc("Sum of the contributions.")]
    reasons: Reasons
    expires_at: Annotated[Stamp, doc("Answer before, on the server's clock.")]
    server_time: Annotated[Stamp, doc("The server's clock.")]


class OfferWithdrawnEvent(Event, frozen=True):
    offer: Id
    assignment: Id
    reason: Annotated[
        str,
        doc(
            "taken, cancelled, changed, emergency, expired, undelivered, or declined by you; after"
            " an interest also another_chosen, not_eligible or unfilled."
        ),
    ]
    text: Annotated[str | None, doc("The same for people.")] = None
