"""Inboxes: what a user missed, and whether we can tell.

A stream keeps the last events of a user; an event id is `<inbox epoch>.<stream id>`.
"""

import re
from dataclasses import dataclass

from signalling.store.keys import Keys
from signalling.store.store import Script, Store

READ = Script("inbox")
_EVENT_ID = re.compile(r"([0-9a-f]{1,32})\.(\d{1,20})-(\d{1,20})")
_LARGEST = 2**64


@dataclass(frozen=True, slots=True)
class EventId:
    """A parsed event id. Within one epoch a later event has a larger *order*."""

    epoch: str
    order: tuple[int, int]

    @property
    def stream_id(self) -> str:
        return f"{self.order[0]}-{self.order[1]}"


@dataclass(frozen=True, slots=True)
class Resumed:
    """What came after an event; *recovered* says that nothing in between is missing.

    When it is False there are no events: take a snapshot, and go on after *last*.
    """

    recovered: bool
    events: tuple[tuple[str, bytes], ...] = ()
    last: str | None = None


def parse_event_id(text: str) -> EventId | None:
    """Return an event id's parts; None for text that no inbox has made."""
    match = _EVENT_ID.fullmatch(text)
    if match is None:
        return None
    order = int(match[2]), int(match[3])
    return EventId(match[1], order) if max(order) < _LARGEST else None


def parse_message(payload: bytes) -> tuple[str, bytes]:
    """Part what an inbox's channel carries into event id and body."""
    event_id, _, body = payload.partition(b" ")
    return event_id.decode(), body


class Inbox:
    """Read the inboxes of one marketplace."""

    def __init__(self, store: Store, marketplace: str) -> None:
        self._store = store
        self._keys = Keys(marketplace)

    async def read(self, address: str, after: str | None) -> Resumed:
        """Return the events after the event *after*.

        Recovered if and only if the epoch is the same and first entry ≤ *after* ≤ last generated
        id: trimming leaves no trace, so an id older than the first entry may hide a gap.
        """
        wanted = parse_event_id(after) if after else None
        keys = [self._keys.inbox(address), self._keys.epoch(address)]
        found = await self._store.run(READ, keys, [wanted.stream_id if wanted else "0-0"])
        if found is None:
            return Resumed(recovered=False)
        epoch, first, last, *entries = found
        name = epoch.decode()
        last_id = f"{name}.{last.decode()}"
        if (
            wanted is None
            or wanted.epoch != name
            or not _order(first) <= wanted.order <= _order(last)
        ):
            return Resumed(recovered=False, last=last_id)
        events = tuple(
            (f"{name}.{id_.decode()}", body)
            for id_, body in zip(entries[::2], entries[1::2], strict=True)
        )
        return Resumed(recovered=True, events=events, last=last_id)


def _order(stream_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = stream_id.partition(b"-")
    return int(milliseconds), int(sequence)
