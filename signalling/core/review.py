"""What a human looks at again: contests of decisions, and reports of work. Open, then answered."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from signalling.core import address
from signalling.core.times import rfc3339


class ReviewState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"


class Verdict(Struct, frozen=True):
    """What a human answered; *minutes* is how long the work took, if that was put right."""

    by: str
    text: str
    outcome: str
    at_ms: int
    minutes: int | None = None

    def repeats(self, text: str, outcome: str, minutes: int | None = None) -> bool:
        """Say whether somebody answers the same again: a client's retry."""
        return (self.text, self.outcome, self.minutes) == (text, outcome, minutes)


def answered(verdict: Verdict, *, staff: bool) -> dict[str, Any]:
    """Return an answer as who asked sees it, or as staff do: with who gave it."""
    shown: dict[str, Any] = {
        "answer": verdict.text,
        "outcome": verdict.outcome,
        "answered_at": rfc3339(verdict.at_ms),
    }
    return shown | ({"answered_by": address.user_id(verdict.by)} if staff else {})
