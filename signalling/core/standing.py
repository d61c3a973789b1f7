"""The standing of an interpreter: work that they had taken and did not come to, and what follows.

A pause is worked out from the no-shows that count and never kept by itself. So it does not matter
in which order they and their excuses come, and an excuse takes back all that followed.
"""

from typing import Any, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import address
from signalling.core.booking_events import Excuse, NoShow, Suspend
from signalling.core.effects import Effect, Hook, Key, Moment, Send, Tell
from signalling.core.events import Deadline, Forget
from signalling.core.times import rfc3339
from signalling.core.track import DAY_MS

APPEAL: Final = "feedback.report"
MOST: Final = 100
KEPT_MS: Final = 2 * 365 * DAY_MS  # then it is forgotten, whatever a rule says

Event = NoShow | Excuse | Forget | Deadline


class Missed(Struct, frozen=True):
    """A no-show, and the rule that it is under: *most* in *days* pause for *pause_days*."""

    assignment: str
    app: str
    at_ms: int
    most: int | None
    days: int
    pause_days: int
    excused: bool = False


class Standing(Struct, frozen=True):
    """No-shows, oldest first, the newest 100 of two years."""

    kind: ClassVar[str] = "standing"
    schema: ClassVar[int] = 1
    ttl_ms: ClassVar[int | None] = None
    wake_at_ms: ClassVar[int | None] = None
    feed: ClassVar[None] = None

    # Not `id`: see history.History.
    interpreter: str
    missed: tuple[Missed, ...] = ()

    @property
    def indexes(self) -> dict[str, float]:
        return {"standings": 0}

    @property
    def suspended_until_ms(self) -> int | None:
        """When the last pause ends, or ended; None if no-shows that count led to none."""
        ends = [
            each.at_ms + each.pause_days * DAY_MS
            for each in self.missed
            if each.most is not None and not each.excused and len(self.grounds(each)) >= each.most
        ]
        return max(ends, default=None)

    def grounds(self, last: Missed) -> tuple[Missed, ...]:
        """Return what counts beside a no-show by its rule, oldest first, itself the last."""
        return self.counted(last.at_ms, last.days)

    def counted(self, now_ms: int, days: int) -> tuple[Missed, ...]:
        """Return what counts of the *days* before a moment."""
        since_ms = now_ms - days * DAY_MS
        return tuple(m for m in self.missed if not m.excused and since_ms < m.at_ms <= now_ms)


def decide(old: Standing, event: Event, at: Moment) -> tuple[Standing | None, tuple[Effect, ...]]:
    """Return the standing with a no-show more, or one that counts no more; None once forgotten.

    The availability is told what follows, and whoever is suspended, or for longer, is told why.
    """
    if isinstance(event, Deadline):
        return old, ()  # it never asks to be woken
    if isinstance(event, Forget):
        return None, ()
    if isinstance(event, NoShow):
        return _missed(old, event, at)
    return _excused(old, event)


def _missed(old: Standing, event: NoShow, at: Moment) -> tuple[Standing, tuple[Effect, ...]]:
    if any(each.assignment == event.assignment for each in old.missed):
        return old, ()  # the timer and a report may both say so
    rules = event.rules
    last = Missed(
        assignment=event.assignment,
        app=event.app,
        at_ms=at.now_ms,
        most=rules.no_shows_most,
        days=rules.no_shows_days,
        pause_days=rules.pause_days,
    )
    kept = [each for each in old.missed if each.at_ms > at.now_ms - KEPT_MS]
    missed = sorted((*kept, last), key=lambda each: (each.at_ms, each.assignment))[-MOST:]
    new = replace(old, missed=tuple(missed))
    until_ms, who = new.suspended_until_ms, old.interpreter
    follows = Tell(Key("availability", who), Suspend(until_ms, failed=not event.counted))
    if until_ms is None or until_ms <= max(at.now_ms, old.suspended_until_ms or 0):
        return new, (follows,)
    told = {
        "suspended_until": rfc3339(until_ms),
        "no_shows": view(new.grounds(last)),
        "appeal": APPEAL,
    }
    return new, (
        follows,
        Send(address.interpreter(who), "feedback.suspended", told),
        Hook("interpreter.suspended", about=who, data={"interpreter": who, **told}),
    )


def _excused(old: Standing, event: Excuse) -> tuple[Standing, tuple[Effect, ...]]:
    found = next((m for m in old.missed if m.assignment == event.assignment), None)
    if found is None or found.excused:
        return old, ()
    missed = tuple(replace(m, excused=True) if m is found else m for m in old.missed)
    new = replace(old, missed=missed)
    changed = Suspend(new.suspended_until_ms, excused_ms=found.at_ms)
    return new, (Tell(Key("availability", old.interpreter), changed),)


def view(missed: tuple[Missed, ...]) -> list[dict[str, Any]]:
    """Return no-shows as the interpreter and staff see them, newest first."""
    return [
        {"assignment": each.assignment, "at": rfc3339(each.at_ms), "excused": each.excused}
        for each in reversed(missed)
    ]
