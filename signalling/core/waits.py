"""How long requests for now waited: a line of the log of their pair and mode for each.

A log and not a record: a hundred accepts a second of one pair would contend for the record. A line
names nobody. Times are ms since 1970, waits in ms.
"""

from typing import Final

from signalling.core.effects import Log, Moment
from signalling.core.offer import OfferState
from signalling.core.slot import Assignment, Slot

MOST: Final = 200


def log_of(pair: str, mode: str) -> str:
    """Name the log of a pair ("no-so", sorted) and mode."""
    return f"waits:{pair}:{mode}"


def filled(a: Assignment, slot: Slot, at: Moment) -> tuple[Log, ...]:
    """Return the line of a *slot* that is about to be accepted, if it is for the first time."""
    return _line(a, slot, at.now_ms - a.created_ms, at)


def unfilled(a: Assignment, slot: Slot, at: Moment) -> tuple[Log, ...]:
    """Return the line of a *slot* that nobody takes any more, if nobody ever did."""
    return _line(a, slot, None, at)


def _line(a: Assignment, slot: Slot, wait_ms: int | None, at: Moment) -> tuple[Log, ...]:
    """Return the line of a request for now, but for hand-overs and holds that came to nothing."""
    again = any(o.state is OfferState.ACCEPTED for o in slot.offers)
    if again or slot.replaces is not None or not _for_now(a, at):
        return ()
    first_ms = min((o.made_ms for o in slot.offers), default=None)
    entry = {
        "at_ms": at.now_ms,
        "wait_ms": wait_ms,
        "rung_ms": None if first_ms is None else first_ms - a.created_ms,
    }
    return (Log(log_of(a.pair, a.mode), entry, MOST),)


def _for_now(a: Assignment, at: Moment) -> bool:
    """Say whether a request was made for now: a booking whose time has come is older than that."""
    longest = at.bounds.request + at.bounds.offer  # timers may be late
    return a.start_ms is None and at.now_ms - a.created_ms <= longest
