"""How often one person may change the same assignment: its history keeps every change.

Without a bound, whoever says something and takes it back for long enough pushes out of the history
what others did.
"""

from typing import Final

from msgspec.structs import replace

from signalling.core import address
from signalling.core import events as on
from signalling.core.booking_events import Interest
from signalling.core.slot import Assignment
from signalling.errors import Conflict

MOST: Final = 100
Repeatable = on.Update | on.Rate | on.Transfer | Interest


def counted(old: Assignment, new: Assignment, event: Repeatable) -> Assignment:
    """Return *new* with the change from *old* counted against who made it; repetitions are none.

    Raises Conflict for one too many.
    """
    if new == old:
        return new
    who = address.interpreter(event.interpreter) if isinstance(event, Interest) else event.by
    count = old.changes.get(who, 0)
    if count >= MOST:
        raise Conflict(f"you have changed it {MOST} times")
    return replace(new, changes={**old.changes, who: count + 1})
