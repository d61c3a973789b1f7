"""match.estimate: what a request may expect, before it is made."""

from typing import Annotated

from msgspec import Meta

from signalling.protocol.messages.common import Minutes, Mode, Result, Stamp, doc
from signalling.protocol.messages.terms import AssignmentTerms, Requirements

Probability = Annotated[
    float, Meta(ge=0, le=1, description="That it is filled, 0 to 1, in steps of 0.05.")
]
WaitS = Annotated[
    int | None, doc("Median seconds until somebody accepts, if anybody does; absent: not for now.")
]


class MatchEstimateParams(AssignmentTerms, frozen=True):
    pass


class Basis(Result, frozen=True):
    """What an estimate is made from: the less, the wider."""

    online: Annotated[int, doc("How many can be asked now (a booking: are free then).")]
    recent: Annotated[int, doc("How many earlier requests of the pair and mode, 200 at most.")]


class Change(Result, frozen=True):
    """The terms to replace: the one member that is there."""

    mode: Mode | None = None
    starts_at: Stamp | None = None
    duration_min: Minutes | None = None
    requirements: Annotated[Requirements | None, doc("The whole new requirements.")] = None


class Proposal(Result, frozen=True):
    """One change of the request that would work better."""

    change: Change
    text: Annotated[str, doc("The same for people.")]
    probability: Probability
    wait_s: WaitS = None


class MatchEstimateResult(Result, frozen=True):
    probability: Probability
    available: Annotated[
        int, doc("How many can be asked now; of a booking, how many are free then, up to 40.")
    ]
    text: Annotated[str, doc("All of it for people, times in the request's zone.")]
    basis: Basis
    proposals: Annotated[tuple[Proposal, ...], doc("What would work better, best first; up to 5.")]
    wait_s: WaitS = None
    low_s: Annotated[int | None, doc("One in ten waits less, seconds.")] = None
    high_s: Annotated[int | None, doc("One in ten waits longer, seconds.")] = None
    next_at: Annotated[
        Stamp | None, doc("When somebody can be booked next, where nobody is to be had.")
    ] = None
