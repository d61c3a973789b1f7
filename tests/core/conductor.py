"""Joins the life cycles in memory: what the engine does, without a store, a loop or a socket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalling.core import (
    assignment,
    availability,
    calendar_key,
    contest,
    diary,
    history,
    meeting,
    profile,
    report,
    series,
    standing,
)
from signalling.core import events as on
from signalling.core.availability import Availability
from signalling.core.diary import Diary
from signalling.core.effects import (
    Announce,
    Bounds,
    CarrierOption,
    Clash,
    Effect,
    Hook,
    Key,
    Log,
    Moment,
    Send,
    Tell,
    overlap,
)
from signalling.core.standing import Standing
from signalling.errors import DragomanError

ROUNDS: Final = 64
Decide = Callable[[Any, Any, Moment], tuple[Any, tuple[Effect, ...]]]


DECIDE: Final[Mapping[str, Decide]] = {
    "assignment": assignment.decide,
    "availability": availability.decide,
    "meeting": meeting.decide,
    "interpreter": profile.decide_profile,
    "decision": profile.decide_decision,
    "answer": profile.decide_answer,
    "history": history.decide,
    "contest": contest.decide,
    "diary": diary.decide,
    "calendar_key": calendar_key.decide,
    "report": report.decide,
    "standing": standing.decide,
    "series": series.decide,
}
# Kinds whose records are there before anything was written.
BLANK: Final[Mapping[str, Callable[[str], Any]]] = {
    "availability": Availability,
    "diary": Diary,
    "standing": Standing,
}


@dataclass(frozen=True, slots=True)
class Commit:
    """One attempt: the records as it would leave them, and what it would send."""

    records: dict[Key, Any]
    effects: list[Send | Announce | Log | Hook]


class Conductor:
    """Holds records and lets them decide, all or nothing, on a clock that is set by hand."""

    def __init__(self, now_ms: int = 1_700_000_000_000, bounds: Bounds | None = None) -> None:
        self.now_ms = now_ms
        self.bounds = bounds or Bounds()
        self.carriers: tuple[CarrierOption, ...] = ()
        self.clash: Clash = overlap
        self.records: dict[Key, Any] = {}
        self.effects: list[Send | Announce | Log | Hook] = []

    def get(self, kind: str, id_: str) -> Any:
        return self._get(self.records, Key(kind, id_))

    def tell(self, kind: str, id_: str, event: object) -> Any:
        """Commit *event* with everything that follows, and return the record; or change nothing."""
        commit = self._decide(Tell(Key(kind, id_), event))
        self.records = commit.records
        self.effects += commit.effects
        return self.get(kind, id_)

    def sent(self, address: str) -> list[Send]:
        return [e for e in self.effects if isinstance(e, Send) and e.address == address]

    def due(self) -> list[tuple[int, Key]]:
        """Return what asked to be woken, soonest first."""
        wakes = [(r.wake_at_ms, key) for key, r in self.records.items()]
        return sorted(((at, key) for at, key in wakes if at is not None), key=str)

    def wake(self, key: Key) -> None:
        """Feed a deadline; whoever is woken in time must wait for something later."""
        record = self.tell(key.kind, key.id, on.Deadline())
        assert record.wake_at_ms is None or record.wake_at_ms > self.now_ms, (key, record)

    def advance(self, ms: int) -> None:
        """Let time pass, feeding every deadline at its moment."""
        end = self.now_ms + ms
        while (due := self.due()) and due[0][0] <= end:
            at, key = due[0]
            self.now_ms = max(self.now_ms, at)
            self.wake(key)
        self.now_ms = end

    def _decide(self, first: Tell) -> Commit:
        commit = Commit(dict(self.records), [])
        queue: list[tuple[Key | None, Tell]] = [(None, first)]
        for _ in range(ROUNDS):
            following: list[tuple[Key | None, Tell]] = []
            for teller, tell in queue:
                for speaker, effect in self._step(commit.records, teller, tell):
                    if isinstance(effect, Tell):
                        following.append((speaker, effect))
                    else:
                        commit.effects.append(effect)
            if not following:
                return commit
            queue = following
        raise AssertionError("decisions do not come to an end")

    def _step(
        self, records: dict[Key, Any], teller: Key | None, tell: Tell
    ) -> list[tuple[Key, Effect]]:
        """Let one record decide; a refusal that was provided for goes back to the teller."""
        key, event = tell.key, tell.event
        moment = Moment(self.now_ms, self.bounds, self.carriers, self.clash)
        try:
            new, effects = DECIDE[key.kind](self._get(records, key), event, moment)
        except DragomanError:
            if tell.refused is None or teller is None:
                raise
            key = teller
            new, effects = DECIDE[key.kind](self._get(records, key), tell.refused, moment)
        if new is None:
            records.pop(key, None)
        else:
            records[key] = new
        return [(key, e) for e in effects]

    @staticmethod
    def _get(records: Mapping[Key, Any], key: Key) -> Any:
        blank = BLANK.get(key.kind)
        return records.get(key, None if blank is None else blank(key.id))
