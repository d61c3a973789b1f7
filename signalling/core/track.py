"""What an availability remembers of somebody's work: counts that fade, and the last day's minutes.

They change only with a status, which is written anyway. Time on the clock of the store; nothing
here knows where the interpreter lives, so "today" is the last 24 hours, to the hour.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import events as on

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
RECENT_MS: Final = 14 * DAY_MS  # half-life of offers, answers, time online and connects
RELIABLE_MS: Final = 180 * DAY_MS  # half-life of what was completed or failed
BREAK_MS: Final = 15 * MINUTE_MS  # a shorter pause is none
DAY_H: Final = 24
LN_2: Final = 0.6931471805599453


class Counts(Struct, frozen=True):
    """What happened, each count faded to *at_ms* by its half-life.

    *offers* that rang and *online_h*, the hours of being available, share one half-life, so that
    their quotient is a rate. *completed* and *failed* is accepted work; what was nobody's or
    the customer's fault is in neither. *connects* and *connect_failures* are holds that led into
    the meeting, or did not by their fault. *hours* are (hours since 1970, minutes of work that
    ended in it), oldest first. *streak_min* were worked until *worked_until_ms* without a break.
    *answered* offers were accepted or declined, which count alike; *silent* ones rang out. What
    never arrived, was taken back or had less than the full ring is neither.
    """

    at_ms: int = 0
    offers: float = 0.0
    online_h: float = 0.0
    connects: float = 0.0
    connect_failures: float = 0.0
    completed: float = 0.0
    failed: float = 0.0
    hours: tuple[tuple[int, int], ...] = ()
    streak_min: int = 0
    worked_until_ms: int = 0
    answered: float = 0.0
    silent: float = 0.0


NOTHING: Final = Counts()


class Turn(NamedTuple):
    """A change of status: from *was*, which began at *since_ms*, to *then*, by *event*."""

    was: str
    since_ms: int
    event: object
    then: str


def after(old: Counts, turn: Turn, now_ms: int) -> Counts:
    """Return the counts after a turn; the same object if it counts for nothing."""
    if turn.was == turn.then:
        return old
    gained = _gained(turn, now_ms)
    if not gained:
        return old
    new = faded(old, now_ms, gained)
    match turn.event:
        case on.Release(work=on.Work(minutes=minutes)) if minutes:
            return _tired(new, minutes, now_ms)
    return new


def _gained(turn: Turn, now_ms: int) -> dict[str, float]:
    """Return what a turn adds to which count."""
    gained: dict[str, float] = {}
    if turn.was == "available":
        gained["online_h"] = hours_left(max(0, now_ms - turn.since_ms), RECENT_MS)
    match turn.event:
        case on.Ring():
            gained["offers"] = 1
        case on.Hold() | on.Unring(reason="declined"):
            gained["answered"] = 1
        case on.Unring(rang_out=True):
            gained["silent"] = 1
        case on.Meet():
            gained["connects"] = 1
        case on.Release(work=on.Work() as work):
            if work.state == "completed":
                gained["completed"] = 1
            elif work.fault == "interpreter":
                gained["failed"] = 1
            if work.came is not None:
                gained["connects" if work.came else "connect_failures"] = 1
    return gained


def faded(counts: Counts, now_ms: int, gained: Mapping[str, float] | None = None) -> Counts:
    """Return the counts as they are worth at *now_ms*, with what was *gained* by name.

    A clock that went back fades nothing.
    """
    passed_ms = max(0, now_ms - counts.at_ms)
    recent, reliable = 0.5 ** (passed_ms / RECENT_MS), 0.5 ** (passed_ms / RELIABLE_MS)
    gain = (gained or {}).get
    return Counts(
        at_ms=max(counts.at_ms, now_ms),
        offers=counts.offers * recent + gain("offers", 0),
        online_h=counts.online_h * recent + gain("online_h", 0),
        connects=counts.connects * recent + gain("connects", 0),
        connect_failures=counts.connect_failures * recent + gain("connect_failures", 0),
        completed=counts.completed * reliable + gain("completed", 0),
        failed=counts.failed * reliable + gain("failed", 0),
        hours=counts.hours,
        streak_min=counts.streak_min,
        worked_until_ms=counts.worked_until_ms,
        answered=counts.answered * recent + gain("answered", 0),
        silent=counts.silent * recent + gain("silent", 0),
    )


def forgiven(counts: Counts, failed_ms: int, now_ms: int) -> Counts:
    """Return the counts without work that failed at *failed_ms* and was excused since."""
    new = faded(counts, now_ms)
    worth = 0.5 ** (max(0, now_ms - failed_ms) / RELIABLE_MS)
    return replace(new, failed=max(0.0, new.failed - worth))


def hours_left(spell_ms: int, half_life_ms: int) -> float:
    """Return what a spell that ends now is worth in hours, each moment of it faded since.

    The integral of 0.5 ** (t / half-life) from 0 to the spell's length.
    """
    gone: float = 1 - 0.5 ** (spell_ms / half_life_ms)
    return half_life_ms / LN_2 * gone / HOUR_MS


def minutes_today(counts: Counts, now_ms: int) -> int:
    """Return the minutes of work that ended in the last 24 hours, to the hour."""
    first = now_ms // HOUR_MS - DAY_H
    return sum(minutes for hour, minutes in counts.hours if hour > first)


def streak_min(counts: Counts, now_ms: int) -> int:
    """Return the minutes worked without a break of 15 minutes, if that still goes on."""
    return counts.streak_min if now_ms - counts.worked_until_ms < BREAK_MS else 0


def _tired(counts: Counts, minutes: int, now_ms: int) -> Counts:
    """Add work that ended just now to the day and to what goes on without a break."""
    hour = now_ms // HOUR_MS
    within = dict(entry for entry in counts.hours if entry[0] > hour - DAY_H)
    within[hour] = within.get(hour, 0) + minutes
    began_ms = now_ms - minutes * MINUTE_MS
    before = counts.streak_min if began_ms - counts.worked_until_ms < BREAK_MS else 0
    return replace(
        counts,
        hours=tuple(sorted(within.items())),
        streak_min=before + minutes,
        worked_until_ms=now_ms,
    )
