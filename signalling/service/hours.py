"""When work began and ended, as somebody says who completes it."""

from datetime import datetime

from signalling.core import address
from signalling.core.bookings import EARLY_ON_SITE_MS
from signalling.core.hours import Hours
from signalling.core.slot import Assignment, Slot
from signalling.errors import InvalidParams
from signalling.protocol.messages.assignment import AssignmentCompleteParams
from signalling.protocol.messages.common import milliseconds

LONGEST_MS = 86_400_000
OFF_MS = 60_000  # clocks differ, and people round to the minute


def said(a: Assignment, by: str, params: AssignmentCompleteParams, now_ms: int) -> Hours | None:
    """Return what *by* (an address) says, None if nothing; what is left out is as measured.

    Raises InvalidParams for an end before the start or a day after it, for a time to come, and
    for a start before anybody had taken the work, or long before it was booked for.
    """
    if params.started_at is None and params.ended_at is None:
        return None
    slot = next(iter(a.held_by(by) or [s for s in a.current if s.interpreter]), Slot(""))
    started_ms = _ms(params.started_at) or slot.started_ms or a.start_ms
    ended_ms = _ms(params.ended_at) or slot.ended_ms or now_ms
    if started_ms is None:
        raise InvalidParams("nobody measured when it began: say so", path="started_at")
    if started_ms < (slot.held_ms or 0) - OFF_MS:
        raise InvalidParams("nobody had taken it yet", path="started_at")
    if a.start_ms is not None and started_ms < a.start_ms - EARLY_ON_SITE_MS:
        raise InvalidParams("more than an hour before it was to begin", path="started_at")
    if ended_ms > now_ms + OFF_MS:
        raise InvalidParams("that is still to come", path="ended_at")
    if not 0 <= ended_ms - started_ms <= LONGEST_MS:
        raise InvalidParams("it ends before it starts, or a day after", path="ended_at")
    return Hours(started_ms, ended_ms, address.role(by))


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)
