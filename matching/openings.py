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

    @property
    def starts(self) -> tuple[int, ...]:
        return self._starts

    @property
    def ends(self) -> tuple[int, ...]:
        return self._ends

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

    def first_open(self, from_ms: int, until_ms: int, length_ms: int) -> int | None:
        """Return the earliest time from *from_ms* until before *until_ms* that is open so long.

        None if there is none.
        """
        for at_ms in (from_ms, *sorted(self._begins(from_ms, until_ms))):
            if self.open_during(at_ms, at_ms + length_ms):
                return at_ms
        return None

    def _begins(self, from_ms: int, until_ms: int) -> set[int]:
        """Return when something may begin to be open, after *from_ms*."""
        found, at_ms = set(self._off.ends), from_ms
        for start, end in self._zone.spans(from_ms, until_ms):
            local = [*self._extra.starts, *self._closed.ends]
            monday = start - (start + MONDAY_MS) % WEEK_MS
            while monday < end:
                local += [monday + each for each in self._weekly.starts]
                monday += WEEK_MS
            found.add(at_ms)  # where the clock is set, hours may begin that it skipped or repeats
            found.update(at_ms + each - start for each in local if start <= each < end)
            at_ms += end - start
        return {each for each in found if from_ms < each < until_ms}

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
