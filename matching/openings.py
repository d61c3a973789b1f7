"""When someone may be booked: sets of spans, compiled from a calendar for fast questions.

A local time is what the wall clock shows, in ms as if it were UTC. An instant is open by the wall
clock: an hour that a clock skips does not exist, an hour that it repeats is open both times.
"""

from bisect import bisect_right
from collections.abc import Iterable

from matching.zones import DAY_MS, Span, Zone

WEEK_MS = 7 * DAY_MS
MONDAY_MS = 3 * DAY_MS  # 1970 began on a Thursday: so long after a Monday


class Spans:
    """Spans [start, end) that are sorted, apart from each other, and never changed."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[Span]) -> None:
        joined = join(spans)
        self._starts = tuple(start for start, _ in joined)
        self._ends = tuple(end for _, end in joined)

    def meets(self, start: int, end: int) -> bool:
        """Return whether any instant from *start* until before *end* is within."""
        index = bisect_right(self._ends, start)
        return index < len(self._starts) and self._starts[index] < end

    def reach(self, at: int) -> int:
        """Return the end of the span that holds *at*, or *at* itself if none does."""
        index = bisect_right(self._ends, at)
        if index < len(self._starts) and self._starts[index] <= at:
            return self._ends[index]
        return at


def join(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, with those that touch or overlap made one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


class Openings:
    """What is open: (*weekly* or *extra*) and neither *closed* nor *off*.

    *weekly* counts ms from Monday 00:00, all of it within one week; *extra* and *closed* are in
    local time; *off* is in ms since 1970.
    """

    __slots__ = ("_closed", "_extra", "_off", "_weekly", "_zone")

    def __init__(
        self,
        zone: Zone,
        *,
        weekly: Iterable[Span],
        extra: Iterable[Span] = (),
        closed: Iterable[Span] = (),
        off: Iterable[Span] = (),
    ) -> None:
        self._zone = zone
        self._weekly = Spans(weekly)
        self._extra = Spans(extra)
        self._closed = Spans(closed)
        self._off = Spans(off)

    def open_during(self, start_ms: int, end_ms: int) -> bool:
        """Return whether every instant from *start_ms* until before *end_ms* is open.

        Times that are no time at all (an end not after its start) are never open.
        """
        if start_ms >= end_ms or self._off.meets(start_ms, end_ms):
            return False
        for start, end in self._zone.spans(start_ms, end_ms):
            if self._closed.meets(start, end) or not self._covers(start, end):
                return False
        return True

    def _covers(self, at: int, end: int) -> bool:
        weekly, extra = self._weekly, self._extra
        while at < end:
            of_week = (at + MONDAY_MS) % WEEK_MS
            reached = at - of_week + weekly.reach(of_week)
            if reached < end:
                reached = max(reached, extra.reach(at))
            if reached == at:
                return False
            at = reached
        return True
