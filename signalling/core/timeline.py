"""What happened in a meeting, and for how long who was connected: enough to bill from.

Drawn from the difference that an event made, so that nothing can happen unnoticed.
"""

from typing import Final

from msgspec.structs import replace

from signalling.core import address
from signalling.core.room import (
    IN,
    Happening,
    Meeting,
    MeetingState,
    Participant,
    ParticipantState,
    RecordingState,
)

HISTORY_MOST: Final = 500

P = ParticipantState
# What becomes of a participant, told as: state before (None: was not there) and after.
WORDS: Final = {
    (None, P.WAITING): "waiting",
    (None, P.JOINED): "joined",
    (P.WAITING, P.JOINED): "admitted",
    (P.JOINED, P.RECONNECTING): "reconnecting",
    (P.RECONNECTING, P.JOINED): "returned",
}


def noted(old: Meeting, new: Meeting, now_ms: int) -> Meeting:
    """Return *new* with a line for each thing that is not as it was in *old*.

    At the bound the oldest lines go; the times of participants stand in themselves.
    """
    if new is old:
        return new
    lines = [*_people(old, new, now_ms), *_whole(old, new, now_ms)]
    if not lines:
        return new
    return replace(new, history=(*new.history, *lines)[-HISTORY_MOST:])


def _people(old: Meeting, new: Meeting, now_ms: int) -> list[Happening]:
    before = {p.id: p for p in old.participants}
    lines = []
    for p in new.participants:
        was = before.get(p.id)
        if was is None or was.state is not p.state:
            word = WORDS.get((was.state if was else None, p.state), str(p.state))
            lines.append(happening(p, word, now_ms, p.reason))
        if p.connected_ms is not None and (was is None or was.connected_ms is None):
            took = None if p.took_ms is None else f"{p.took_ms} ms"
            lines.append(happening(p, "connected", now_ms, took))
    return lines


def happening(p: Participant, what: str, now_ms: int, detail: str | None = None) -> Happening:
    """Return a line about one participant."""
    return Happening(now_ms, what, p.id, address.user_id(p.address), p.role, detail)


def _whole(old: Meeting, new: Meeting, now_ms: int) -> list[Happening]:
    lines = []
    if old.locked is not new.locked:
        lines.append(Happening(now_ms, "locked" if new.locked else "unlocked"))
    if (old.topology, old.carrier) != (new.topology, new.carrier):
        lines.append(Happening(now_ms, "topology", detail=new.topology))
    if old.recording.state is not new.recording.state:
        lines.append(Happening(now_ms, RECORDING_WORDS[new.recording.state]))
    if new.recording.failure and new.recording.failure != old.recording.failure:
        lines.append(Happening(now_ms, "recording_failed", detail=new.recording.failure))
    if new.state is not old.state and new.state is not MeetingState.OPEN:
        lines.append(Happening(now_ms, str(new.state), detail=new.reason))
    return lines


RECORDING_WORDS: Final = {
    RecordingState.OFF: "recording_stopped",
    RecordingState.ASKED: "recording_asked",
    RecordingState.ON: "recording_started",
    RecordingState.PAUSED: "recording_paused",
}


def connected_ms(p: Participant, now_ms: int) -> int:
    """Return how long they had media, from its first moment until they left or *now_ms*."""
    if p.connected_ms is None:
        return 0
    end = now_ms if p.state in IN or p.left_ms is None else p.left_ms
    return max(0, end - p.connected_ms)
