"""An estimate in words, its times on the wall clock of a named zone."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from matching.estimate import RANKED, Estimate
from matching.proposals import GOOD, Proposal
from matching.types import Mode, Request
from matching.zones import SECOND_MS

AT_ONCE_S: Final = 20
BY: Final = {Mode.AUDIO: "on the phone", Mode.VIDEO: "by video", Mode.ONSITE: "on site"}


def say(
    request: Request, found: Estimate, proposed: Iterable[Proposal], now_ms: int, zone: ZoneInfo
) -> str:
    """Return what a request may expect: "Nobody by video before 14:00; on the phone at once."."""
    if request.start_ms is not None:
        return _of_a_booking(found)
    if found.available:
        return _of_now(found)
    return _of_nobody(request, found, now_ms, zone) + _instead(request, proposed) + "."


def clock(at_ms: int, now_ms: int, zone: ZoneInfo) -> str:
    """Say a time of the next days: 14:00, tomorrow at 09:00, Monday 30 November at 09:00."""
    at, now = (datetime.fromtimestamp(ms // SECOND_MS, zone) for ms in (at_ms, now_ms))
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if at.date() == now.date() + timedelta(days=1):
        return f"tomorrow at {at:%H:%M}"
    return f"{at:%A} {at.day} {at:%B} at {at:%H:%M}"


def _of_a_booking(found: Estimate) -> str:
    if not found.available:
        return "Nobody is free then."
    more = " or more" if found.available >= RANKED else ""
    people = "1 person is" if found.available == 1 else f"{found.available} people{more} are"
    return f"{people} free then; the chance that it is taken is {found.probability:.0%}."


def _of_now(found: Estimate) -> str:
    people = "1 person" if found.available == 1 else f"{found.available} people"
    if found.wait_s is None:
        return f"{people} can be asked now, but hardly anybody is likely to accept in time."
    likely = "" if found.probability >= GOOD else f", if at all ({found.probability:.0%})"
    return (
        f"About {_span(found.wait_s)}{likely}; eight times in ten between {_span(found.low_s or 0)}"
        f" and {_span(found.high_s or 0)}. {people} can be asked now."
    )


def _of_nobody(request: Request, found: Estimate, now_ms: int, zone: ZoneInfo) -> str:
    if found.opening is None:
        return f"Nobody {BY[request.mode]} now"
    at = clock(found.opening.start_ms, now_ms, zone)
    if found.opening.certain:
        return f"Nobody {BY[request.mode]} before {at}"
    return f"Nobody {BY[request.mode]} now; somebody can be booked for {at}"


def _instead(request: Request, proposed: Iterable[Proposal]) -> str:
    """Name the best other way to have somebody now."""
    for each in proposed:
        mode, wait_s = each.request.mode, each.estimate.wait_s
        if mode is not request.mode and each.request.start_ms is None and wait_s is not None:
            when = "at once" if wait_s <= AT_ONCE_S else f"in about {_span(wait_s)}"
            return f"; {BY[mode]} {when}"
    return ""


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} min"
