"""How accepted work ends, and whose fault it was when it came to nothing."""

from signalling.core import address
from signalling.core import events as on
from signalling.core.booking_events import NeverCame
from signalling.core.events import Work
from signalling.core.slot import Assignment, Slot

# The interpreter was there and the customer was not.
NEVER_CAME = Work("failed", "customer", came=True)
# Neither was.
NOBODY_CAME = Work("failed", "nobody")


def completed(a: Assignment, slot: Slot) -> Work:
    return Work("completed", minutes=slot.worked_min(a.duration_ms))


def let_go(a: Assignment, slot: Slot, event: object, now_ms: int) -> Work:
    """Return how it ended for an interpreter whose place is offered anew.

    Who gave it back late or closed the meeting, or let the customer wait, is at fault; when
    neither came, nobody is, nor who had a reason that the app excuses.
    """
    came = _came(slot)
    if isinstance(event, on.Cancel):
        return Work("cancelled", _given_back(a, event, now_ms), came=came)
    if isinstance(event, NeverCame):
        return Work("failed", "interpreter", came=False)
    if isinstance(event, on.MeetingOver):
        theirs = event.by is not None and event.by == address.interpreter(slot.interpreter or "")
        return Work("failed", "interpreter" if theirs else "nobody", came=came)
    if came:
        return Work("failed", "customer", came=True)
    if a.customer_address in slot.present:
        return Work("failed", "interpreter", came=False)
    return Work("failed", "nobody")


def _given_back(a: Assignment, event: on.Cancel, now_ms: int) -> str:
    if event.reason in a.rules.excused:
        return "excused"
    notice_ms = (a.begins_ms or 0) - now_ms
    return "nobody" if notice_ms >= a.rules.cancel_free_min * 60_000 else "interpreter"


def called_off(slot: Slot, by: str | None) -> Work:
    """Return how it ended when somebody called the whole request off: a customer or their app."""
    fault = "customer" if by and address.role(by) in ("customer", "app") else "nobody"
    return Work("cancelled", fault, came=_came(slot))


def _came(slot: Slot) -> bool | None:
    """Say that the interpreter got into the meeting; that they did not, says nothing by itself."""
    return True if slot.there else None
