"""What can happen inside a meeting: who is let in, how its media fares, what is recorded.

Joining and leaving, and what happens in between, stand in `events`.
"""

from dataclasses import dataclass

from signalling.core.events import Party
from signalling.core.quality import Report

# --- who is in it -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    id: str
    app: str
    mode: str
    parties: tuple[Party, ...]
    assignment: str | None = None
    planned_ms: int = 0


@dataclass(frozen=True, slots=True)
class Admit:
    """Let somebody join; once they are connected *replaces* (an address) is out."""

    party: Party
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Revoke:
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Let a guest come who holds a link that works once, until *expires_ms*."""

    by: str
    guest: Party
    expires_ms: int


@dataclass(frozen=True, slots=True)
class LetIn:
    """Let somebody in who waits in the lobby."""

    by: str
    participant: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Put somebody out, who may not come back; or take back an invitation (the guest's id)."""

    by: str
    participant: str
    reason: str = "removed"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Let *to* take the place of *leaving*, who stays until the other is connected."""

    by: str
    to: Party
    leaving: str


# --- how its media fares ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Path:
    """How the media between a participant and *peer* (another, or the carrier) fares.

    *state*: connected, failed, or flowing (media of a lost *peer* still arrives).
    """

    address: str
    session: str
    peer: str
    state: str
    took_ms: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What a client says of a participant's media over the last seconds."""

    address: str
    session: str | None
    report: Report


@dataclass(frozen=True, slots=True)
class CarrierLost:
    """What carried the meeting can do so no more."""

    carrier: str
    reason: str


@dataclass(frozen=True, slots=True)
class Published:
    """A participant's media has come to the carrier: who wants it can subscribe to it."""

    participant: str


# --- recording ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """Ask everybody for consent to a recording, or stop it; *id* is fresh for a start."""

    by: str
    on: bool
    id: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """Agree to being recorded in this meeting, or agree no more."""

    address: str
    given: bool


@dataclass(frozen=True, slots=True)
class Recorder:
    """What became of a recording where it is written: *state* is failed."""

    recording: str
    state: str
    detail: str = ""
