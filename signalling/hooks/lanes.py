"""The deliveries that wait, in memory: in order for each thing that they are about."""

import heapq
from bisect import insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from operator import attrgetter

Sequence = tuple[int, int]
_in_order = attrgetter("sequence")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is to be made from *due_ms* on."""

    id: str
    webhook: str
    app: str
    about: str
    sequence: Sequence
    due_ms: int


@dataclass(slots=True)
class Line:
    """What waits for one webhook: a lane for each *about*, of which the first may go."""

    lanes: dict[str, list[Waiting]] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)  # abouts
    heads: list[tuple[int, Sequence, str]] = field(default_factory=list)  # a heap; some are old

    def add(self, waiting: Waiting) -> None:
        insort(self.lanes.setdefault(waiting.about, []), waiting, key=_in_order)
        self._offer(waiting.about)

    def remove(self, waiting: Waiting) -> None:
        lane = self.lanes[waiting.about]
        lane.remove(waiting)
        if lane:
            self._offer(waiting.about)
        else:
            del self.lanes[waiting.about]

    def first(self) -> Waiting | None:
        """Return whose turn is first, now or later."""
        while self.heads:
            due_ms, sequence, about = self.heads[0]
            lane = self.lanes.get(about)
            if lane and about not in self.under_way:
                head = lane[0]
                if (head.due_ms, head.sequence) == (due_ms, sequence):
                    return head
            heapq.heappop(self.heads)
        return None

    def _offer(self, about: str) -> None:
        head = self.lanes[about][0]
        if about not in self.under_way:
            heapq.heappush(self.heads, (head.due_ms, head.sequence, about))


class Lanes:
    """All that waits in one marketplace; webhooks take turns, each with *at_once* at most."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[str, Line] = {}
        self._turns: deque[str] = deque()
        self._under_way: set[str] = set()
        self._anew: dict[str, int] = {}
        self._known: dict[str, Waiting] = {}

    def add(self, waiting: Waiting) -> None:
        """Let a delivery wait; one that does already waits until *due_ms* from now on.

        One that is under way comes back then, whatever becomes of it.
        """
        if waiting.id in self._under_way:
            self._anew[waiting.id] = waiting.due_ms
            return
        if (before := self._known.get(waiting.id)) is not None:
            self._lines[waiting.webhook].remove(before)
        elif waiting.webhook not in self._lines:
            self._lines[waiting.webhook] = Line()
            self._turns.append(waiting.webhook)
        self._lines[waiting.webhook].add(waiting)
        self._known[waiting.id] = waiting

    def take(self, now_ms: int, has_room: Callable[[str], bool]) -> Waiting | None:
        """Return the next that is due and for whose app there is room; it is under way then."""
        for _ in range(len(self._turns)):
            webhook = self._turns[0]
            self._turns.rotate(-1)
            line = self._lines[webhook]
            first = line.first() if len(line.under_way) < self._at_once else None
            if first is not None and first.due_ms <= now_ms and has_room(first.app):
                line.under_way.add(first.about)
                self._under_way.add(first.id)
                return first
        return None

    def put_back(self, waiting: Waiting, due_ms: int | None) -> None:
        """End an attempt: to be made again from *due_ms* on, or None for no more."""
        self._under_way.discard(waiting.id)
        del self._known[waiting.id]
        due_ms = self._anew.pop(waiting.id, due_ms)
        line = self._lines[waiting.webhook]
        line.under_way.discard(waiting.about)
        line.remove(waiting)
        if due_ms is not None:
            self.add(replace(waiting, due_ms=due_ms))
        elif not line.lanes:
            del self._lines[waiting.webhook]
            self._turns.remove(waiting.webhook)

    def next_ms(self, now_ms: int) -> int | None:
        """Return when the next becomes due; what is due already waits for room, not for time."""
        firsts = [line.first() for line in self._lines.values()]
        return min((f.due_ms for f in firsts if f is not None and f.due_ms > now_ms), default=None)
