"""Calling an assignment off: the app's rules on how early, and for which reasons."""

from dataclasses import replace
from typing import Any

from signalling.core import address
from signalling.core import events as on
from signalling.core.effects import Moment
from signalling.core.slot import OVER, Assignment
from signalling.errors import InvalidParams

MINUTE_MS = 60_000


def noted(a: Assignment, event: on.Cancel, at: Moment) -> Assignment:
    """Return the assignment with who calls it off, and how early; a repetition changes nothing.

    Raises InvalidParams for a customer's reason that is none of the app's. What an interpreter
    gives back is not called off: another is looked for.
    """
    role = address.role(event.by)
    if role == "interpreter" or all(s.state in OVER for s in a.current):
        return a
    allowed = a.rules.cancel_reasons
    if role == "customer" and allowed and event.reason not in allowed:
        raise InvalidParams(f"one of: {', '.join(allowed)}", path="reason")
    said: dict[str, Any] = {"by": role, "reason": event.reason, "late": False}
    if a.start_ms is not None:
        notice_min = (a.start_ms - at.now_ms) // MINUTE_MS
        filled = any(s.interpreter for s in a.current)
        late = role == "customer" and filled and notice_min < a.rules.cancel_free_min
        said |= {"notice_min": notice_min, "late": late}
    kept = {name: value for name, value in said.items() if value is not None}
    return replace(a, cancellation=kept)
