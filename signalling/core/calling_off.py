"""Calling an assignment off: the app's rules on how early, and for which reasons."""

from typing import Any

from msgspec.structs import replace

from signalling.core import address
from signalling.core import events as on
from signalling.core.effects import Moment
from signalling.core.slot import Assignment
from signalling.errors import InvalidParams

MINUTE_MS = 60_000


def noted(a: Assignment, event: on.Cancel | on.MeetingOver, at: Moment) -> Assignment:
    """Return the assignment with who calls it off, why, and how early.

    Raises InvalidParams for a customer's reason that is none of the app's; who ends the meeting
    before its work begins is asked for none.
    """
    role = address.role(event.by or a.customer_address)
    reason = event.reason if isinstance(event, on.Cancel) else None
    allowed = a.rules.cancel_reasons
    if isinstance(event, on.Cancel) and role == "customer" and allowed and reason not in allowed:
        raise InvalidParams(f"one of: {', '.join(allowed)}", path="reason")
    said: dict[str, Any] = {"by": role, "reason": reason, "late": False}
    if a.begins_ms is not None:
        notice_min = (a.begins_ms - at.now_ms) // MINUTE_MS
        filled = any(s.interpreter for s in a.current)
        late = role == "customer" and filled and notice_min < a.rules.cancel_free_min
        said |= {"notice_min": notice_min, "late": late}
    kept = {name: value for name, value in said.items() if value is not None}
    return replace(a, cancellation=kept)
