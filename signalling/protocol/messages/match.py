"""match.*: who fits, why, and why not."""

from typing import Annotated

from msgspec import Meta

from signalling.protocol.messages.assignment import AssignmentTerms, InterpreterCard, Reasons
from signalling.protocol.messages.common import Id, Params, Relaxation, Result, Stamp, doc


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
    score: float | None = None
    rank: Annotated[int | None, doc("Place in the ranking, counted from 1.")] = None
    wave: Annotated[int | None, doc("Wave they were asked in, counted from 1.")] = None
    p_accept: Annotated[float | None, doc("Expected acceptance, 0 to 1; for operators.")] = None
    propensity: Annotated[
        float | None, doc("Probability of having been asked, 0 to 1; for operators.")
    ] = None
