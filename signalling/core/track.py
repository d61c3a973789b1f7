"""What an availability remembers of somebody's work: counts that fade, and the last day's minutes.

They change only with a status, which is written anyway. Time on the clock of the store; nothing
here knows where the interpreter lives, so "today" is the last 24 hours, to the hour.
"""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from signalling.core import events as on

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
RECENT_MS: Final = 14 * DAY_MS  # half-life of offers, time online and connects
RELIABLE_MS: Final = 180 * DAY_MS  # half-life of what was completed or failed
BREAK_MS: Final = 15 * MINUTE_MS  # a shorter pause is none
DAY_H: Final = 24
LN_2: Final = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened, each count faded to *at_ms* by its half-life.

    *offers* that rang and *online_h*, the hours of being available, share one half-life, so that
    their quotient is a rate. *completed* and *failed* is accepted work; what was nobody's or
    the customer's fault is in neither. *connects* and *connect_failures* are holds that led into
    the meeting, or did not by their fault. *hours* are (hours since 1970, minutes of work that
    ended in it), oldest first. *streak_min* were worked until *worked_until_ms* without a break.
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
    fresh = new = faded(old, now_ms)
    if turn.was == "available":
        spell_ms = max(0, now_ms - turn.since_ms)
        new = replace(new, online_h=new.online_h + hours_left(spell_ms, RECENT_MS))
    match turn.event:
        case on.Ring():
            new = replace(new, offers=new.offers + 1)
        case on.Meet():
            new = replace(new, connects=new.connects + 1)
        case on.Release(work=on.Work() as work):
            new = _worked(new, work, now_ms)
    return old if new is fresh else new


def faded(counts: Counts, now_ms: int) -> Counts:
    """Return the counts as they are worth at *now_ms*; a clock that went back fades nothing."""
    passed_ms = now_ms - counts.at_ms
    if passed_ms <= 0:
        return counts
    recent, reliable = 0.5 ** (passed_ms / RECENT_MS), 0.5 ** (passed_ms / RELIABLE_MS)
    return replace(
        counts,
        at_ms=now_ms,
        offers=counts.offers * recent,
        online_h=counts.online_h * recent,
        connects=counts.connects * recent,
        connect_failures=counts.connect_failures * recent,
        completed=counts.completed * reliable,
        failed=counts.failed * reliable,
    )


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


def _worked(counts: Counts, work: on.Work, now_ms: int) -> Counts:
    new = counts
    if work.state == "completed":
        new = replace(new, completed=new.completed + 1)
    elif work.fault == "interpreter":
        new = replace(new, failed=new.failed + 1)
    if work.came is not None:
        name = "connects" if work.came else "connect_failures"
        new = replace(new, **{name: getattr(new, name) + 1})
    return _tired(new, work.minutes, now_ms) if work.minutes else new


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
