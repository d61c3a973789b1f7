"""Why an offer or a request is over, in words for people beside the word that programs read."""

from collections.abc import Mapping
from typing import Any, Final

# Of offers, and of having said "I could".
WITHDRAWN: Final[Mapping[str, str]] = {
    "taken": "Another interpreter has taken it.",
    "another_chosen": "Another of those who could was chosen.",
    "not_eligible": "Nobody of those who could is free for it by now: others are asked.",
    "unfilled": "It was not filled in time.",
    "cancelled": "It was called off.",
    "changed": "Its terms have changed: you may be asked again.",
    "emergency": "An emergency needs you more just now.",
    "expired": "The time to answer was over.",
    "undelivered": "It did not reach you in time.",
    "declined": "You declined it.",
    "accepted": "You accepted it.",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "nobody_eligible": "Nobody who is registered meets what was asked for.",
    "nobody_available": "Nobody who fits can be asked now.",
    "nobody_free": "Nobody who fits was free in time.",
    "nobody_accepted": "Nobody who was asked could take it.",
    "not_handed_over": "Nobody could take over.",
    "cancelled": "It was called off.",
    "customer_never_came": "The interpreter was there, and the customer never came.",
    "nobody_came": "Neither side came.",
}


def withdrawn(offer: str, assignment: str, reason: str) -> dict[str, Any]:
    """Return what an interpreter is told of an offer that is over, as offer.withdrawn has it."""
    told = {"offer": offer, "assignment": assignment, "reason": reason}
    return told | ({"text": WITHDRAWN[reason]} if reason in WITHDRAWN else {})


def outcome(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a request ended, with its reason in words: a customer's own are words already."""
    text = OUTCOMES.get(found["reason"])
    return {**found, **({"text": text} if text else {})}
