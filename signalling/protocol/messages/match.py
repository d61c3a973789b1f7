"""match.*: who fits, why, and why not."""

from typing import Annotated, Final

from msgspec import Meta

from signalling.protocol.messages.assignment import InterpreterCard, Reasons
from signalling.protocol.messages.common import (
    Id,
    Params,
    Relaxation,
    Result,
    RoleName,
    Stamp,
    doc,
)
from signalling.protocol.messages.terms import AssignmentTerms

PAGE: Final = "/parameters"  # where people read of what counts


class MatchSearchParams(AssignmentTerms, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=100, description="Matches at most.")] = 10


class Match(Result, frozen=True):
    """One interpreter who fits."""

    interpreter: InterpreterCard
    score: Annotated[float, doc("Sum of the contributions.")]
    reasons: Reasons
    distance_band: Annotated[str | None, doc("How far, in bands, e.g. 5-10 km.")] = None
    travel_min: Annotated[int | None, doc("Travel, minutes.")] = None
    substitute: Annotated[str | None, doc("The language that is taken as a substitute.")] = None


class MatchSearchResult(Result, frozen=True):
    matches: Annotated[tuple[Match, ...], doc("Best first.")]
    excluded: Annotated[dict[str, int], doc("How many each rule excluded.")]
    relaxations: Annotated[tuple[Relaxation, ...], doc("Single changes that would help.")]


class MatchExplainParams(Params, frozen=True):
    assignment: Id
    interpreter: Annotated[Id | None, doc("Whom; absent: oneself.")] = None


class Exclusion(Result, frozen=True):
    """One hard rule that was not met."""

    rule: Annotated[str, doc("Name of the rule.")]
    text: Annotated[str, doc("The same for people.")]


class Counterfactual(Result, frozen=True):
    """What might have been otherwise, and what would have followed."""

    change: Annotated[str, doc("What is changed, e.g. category B instead of C.")]
    text: Annotated[str, doc("All of it, for people.")]
    rank: Annotated[int | None, doc("Place it would have led to, from 1; absent: not known.")] = (
        None
    )
    asked: Annotated[bool | None, doc("Whether they would have been asked; absent: not known.")] = (
        None
    )


class MatchExplainResult(Result, frozen=True):
    assignment: Id
    interpreter: Id
    eligible: Annotated[bool, doc("Whether every hard rule was met.")]
    offered: Annotated[bool, doc("Whether an offer was made.")]
    excluded: Annotated[tuple[Exclusion, ...], doc("Every hard rule that was not met.")]
    reasons: Reasons
    policy: Annotated[str, doc("Policy that decided, with its version.")]
    model: Annotated[str, doc("Model that scored, with its version.")]
    decided_at: Stamp
    counterfactual: Annotated[
        tuple[Counterfactual, ...],
        doc(
            "What would have had them asked: the smallest single changes first, else the best two"
            " together; for whoever was excluded, the rules to be met."
        ),
    ]
    parameters: Annotated[str, doc("Path of the page of what counts, and how much.")]
    score: float | None = None
    rank: Annotated[int | None, doc("Place in the ranking, counted from 1.")] = None
    wave: Annotated[int | None, doc("Wave they were asked in, counted from 1.")] = None
    p_accept: Annotated[
        float | None,
        doc("Expected acceptance, 0 to 1; for operators, and for interpreters their own."),
    ] = None
    propensity: Annotated[
        float | None, doc("Probability of having been asked, 0 to 1; for operators.")
    ] = None
    contest: Annotated[
        str | None, doc("Method by which the caller has a human look at it again.")
    ] = None
    decision: Annotated[
        Id | None, doc("The recorded decision that this is from; for apps and operators.")
    ] = None


class MatchParametersParams(Params, frozen=True):
    pass


class Span(Result, frozen=True):
    """A range."""

    lowest: float
    highest: float


class Parameter(Result, frozen=True):
    """One thing that counts in the ranking, and how much."""

    name: Annotated[str, doc("Name of the feature, as in `reasons`.")]
    title: Annotated[str, doc("Its name for people.")]
    what: Annotated[str, doc("What it is, in a sentence.")]
    value: Annotated[Span, doc("Range of its value.")]
    source: Annotated[str, doc("Where the value comes from.")]
    told: Annotated[tuple[RoleName, ...], doc("Who reads it among the reasons.")]
    score: Annotated[Span, doc("What it can add to a score, log-odds; chances included.")]
    accept: Annotated[Span, doc("What it can add to the log-odds of accepting an offer.")]
    complete: Annotated[Span, doc("What it can add to the log-odds of completing the work.")]
    code: Annotated[str | None, doc("Name of its code in recorded decisions.")] = None
    weight: Annotated[
        float | None, doc("Log-odds at full value, set by hand; absent: by the chances alone.")
    ] = None
    minutes: Annotated[
        float | None, doc("Minutes at which the value is full (idle: half); absent: not of time.")
    ] = None


class HardRule(Result, frozen=True):
    """What everybody must meet who is asked."""

    rule: Annotated[str, doc("Name of the rule, as in `excluded`.")]
    needs: Annotated[str, doc("What has to be there.")]
    why: str


class Unused(Result, frozen=True):
    """What never counts."""

    what: str
    note: str | None = None


class Strategy(Result, frozen=True):
    """How many are rung at once: few enough that the chance of an acceptance reaches a target."""

    name: str
    target: Annotated[float, doc("Chance that somebody accepts, 0 to 1.")]
    smallest: int
    largest: int


class MatchParametersResult(Result, frozen=True):
    parameters: Annotated[tuple[Parameter, ...], doc("What counts among those eligible.")]
    rules: Annotated[tuple[HardRule, ...], doc("What everybody must meet.")]
    never: Annotated[tuple[Unused, ...], doc("What never counts.")]
    strategies: Annotated[tuple[Strategy, ...], doc("The sizes of waves.")]
    explored: Annotated[
        float, doc("Share of decisions, 0 to 1, whose last place is drawn by lot in a category.")
    ]
    contest: Annotated[str, doc("How to have a human look at a decision again.")]
    policy: Annotated[str, doc("Policy in force, with its version.")]
    model: Annotated[str, doc("Model in force, with its version.")]
    page: Annotated[str, doc("Path of the same for people.")]
