"""The sessions of one interpreter, and what is still owed to them once a socket is gone."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.effects import Moment


class Connection(Struct, frozen=True):
    """One session of theirs. The three deadlines are set while its socket is gone."""

    id: str
    epoch: int
    ring_until_ms: int | None = None
    present_until_ms: int | None = None
    resume_until_ms: int | None = None

    @property
    def connected(self) -> bool:
        return self.resume_until_ms is None


Sessions = tuple[Connection, ...]


def connected(sessions: Sessions, event: on.Connect) -> Sessions:
    """Return the sessions with that one's socket, unless a newer one is known."""
    known = next((s for s in sessions if s.id == event.session), None)
    if known and known.epoch >= event.epoch:
        return sessions
    others = tuple(s for s in sessions if s.id != event.session)
    return (*others, Connection(event.session, event.epoch))


def dropped(sessions: Sessions, event: on.Drop, at: Moment) -> Sessions:
    """Return the sessions with the deadlines of one whose socket is gone."""
    return tuple(
        replace(
            s,
            epoch=event.epoch,
            ring_until_ms=at.now_ms + at.bounds.undelivered,
            present_until_ms=at.now_ms + at.bounds.offline,
            resume_until_ms=at.now_ms + at.bounds.resume,
        )
        if s.id == event.session and s.epoch <= event.epoch and s.connected
        else s
        for s in sessions
    )


def ring_over(sessions: Sessions, at: Moment) -> bool:
    """Say that no offer can still reach any of them."""
    return all(past(s.ring_until_ms, at) for s in sessions)


def present(sessions: Sessions, at: Moment) -> bool:
    """Say that somebody is there, or was a moment ago."""
    return any(
        s.connected or (s.present_until_ms is not None and s.present_until_ms > at.now_ms)
        for s in sessions
    )


def latest(times: Iterable[int | None]) -> int | None:
    return max((at for at in times if at is not None), default=None)


def past(at_ms: int | None, at: Moment) -> bool:
    return at_ms is not None and at_ms <= at.now_ms
