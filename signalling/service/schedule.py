"""An interpreter's bookings as iCalendar (RFC 5545), for the calendar programs they use anyway.

Times are in UTC: there is then nothing that a program could place wrongly, and each shows them as
the clock of its own zone does. Who the customer is, and what they wrote, stays here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import icalendar

from signalling.core.slot import FILLED, Assignment, Slot, SlotState

SHOWN_MS: Final = 30 * 86_400_000  # what is over, or was called off, stays in sight this long
AGAIN: Final = timedelta(minutes=15)
WORDS: Final = {"audio": "by phone", "video": "by video", "onsite": "on site"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking of one interpreter; *version* grows with each change.

    *travel_min* is the way there from home, on site.
    """

    uid: str
    start_ms: int
    end_ms: int
    mode: str
    languages: tuple[str, str]
    place: tuple[float, float] | None
    cancelled: bool
    changed_ms: int
    version: int
    travel_min: int | None = None


Way = Callable[[Mapping[str, float]], int | None]


def entries(a: Assignment, version: int, who: str, now_ms: int, way: Way) -> Iterator[Entry]:
    """Yield what an assignment has *who* (an interpreter's id) do, unless it is long over.

    *way* gives the minutes from home to a place, None where either is not known.
    """
    for slot in a.slots:
        cancelled = slot.state is SlotState.CANCELLED
        if slot.interpreter != who or not (cancelled or slot.state in FILLED):
            continue
        start_ms, end_ms = _span(a, slot)
        over_ms = slot.ended_ms if cancelled and slot.ended_ms is not None else end_ms
        if over_ms < now_ms - SHOWN_MS:
            continue
        place = a.terms.get("location") if a.mode == "onsite" else None
        yield Entry(
            uid=f"{a.id}.{slot.id}@dragoman",
            start_ms=start_ms,
            end_ms=end_ms,
            mode=a.mode,
            languages=(a.terms["languages"]["from"], a.terms["languages"]["to"]),
            place=None if place is None else (place["lat"], place["lon"]),
            cancelled=cancelled,
            changed_ms=_changed_ms(a, slot),
            version=version,
            travel_min=None if place is None else way(place),
        )


def _span(a: Assignment, slot: Slot) -> tuple[int, int]:
    """Return when it is planned, or for work taken at once when it was, as far as it is known."""
    if a.start_ms is not None:
        return a.start_ms, a.start_ms + a.duration_ms
    begun = (slot.started_ms, slot.held_ms, a.created_ms)
    start_ms = next(ms for ms in begun if ms is not None)
    end_ms = start_ms + a.duration_ms if slot.ended_ms is None else slot.ended_ms
    return start_ms, max(end_ms, start_ms)


def _changed_ms(a: Assignment, slot: Slot) -> int:
    """Return when something last happened to it, as far as its record says."""
    told = (slot.held_ms, slot.checked_in_ms, slot.started_ms, slot.ended_ms)
    answers = (o.answered_ms for o in slot.offers if o.interpreter == slot.interpreter)
    return max(ms for ms in (a.created_ms, *told, *answers) if ms is not None)


def written(found: Iterable[Entry], name: Callable[[str], str]) -> bytes:
    """Return a calendar of bookings in order of their start; *name* names a language."""
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Dragoman//Bookings//EN")
    calendar.add("x-wr-calname", "Interpreting")
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for entry in sorted(found, key=lambda each: (each.start_ms, each.uid)):
        calendar.add_component(_event(entry, name))
    return bytes(calendar.to_ical())


def _event(entry: Entry, name: Callable[[str], str]) -> icalendar.Event:
    event = icalendar.Event()
    languages = "–".join(map(name, entry.languages))
    summary = f"Interpreting {languages}, {WORDS[entry.mode]}"
    # Some programs show an event that is called off as if it were on: its name says so, too.
    event.add("summary", f"Cancelled: {summary}" if entry.cancelled else summary)
    event.add("uid", entry.uid)
    event.add("dtstart", _utc(entry.start_ms))
    event.add("dtend", _utc(entry.end_ms))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    event.add("dtstamp", _utc(entry.changed_ms))
    event.add("last-modified", _utc(entry.changed_ms))
    event.add("sequence", entry.version)
    if entry.place is not None:
        event.add("geo", entry.place)
        event.add("location", ", ".join(f"{part:.5f}" for part in entry.place))
    if entry.travel_min:
        _travel(event, entry.travel_min)
    return event


def _travel(event: icalendar.Event, minutes: int) -> None:
    """Say how long the way there takes: in words, and so that a program can block the time."""
    event.add("description", f"Travel: {minutes} min")
    way = timedelta(minutes=minutes)
    event.add("x-apple-travel-duration", way, parameters={"VALUE": "DURATION"})


def _utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC)
