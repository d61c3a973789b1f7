"""What can happen inside a meeting: who is let in, how its media fares, what is recorded.

Joining and leaving, and what happens in between, stand in `events`.
"""

from msgspec import Struct

from signalling.core.events import Party
from signalling.core.quality import Report

# --- who is in it -------------------------------------------------------------------------


class Open(Struct, frozen=True):
    id: str
    app: str
    mode: str
    parties: tuple[Party, ...]
    assignment: str | None = None
    planned_ms: int = 0


class Admit(Struct, frozen=True):
    """Let somebody join; once they are connected *replaces* (an address) is out."""

    party: Party
    replaces: str | None = None


class Revoke(Struct, frozen=True):
    address: str
    reason: str


class Invite(Struct, frozen=True):
    """Let a guest come who holds a link that works once, until *expires_ms*."""

    by: str
    guest: Party
    expires_ms: int


class LetIn(Struct, frozen=True):
    """Let somebody in who waits in the lobby."""

    by: str
    participant: str


class Remove(Struct, frozen=True):
    """Put somebody out, who may not come back; or take back an invitation (the guest's id)."""

    by: str
    participant: str
    reason: str = "removed"


class HandOver(Struct, frozen=True):
    """Let *to* take the place of *leaving*, who stays until the other is connected."""

    by: str
    to: Party
    leaving: str


# --- how its media fares ------------------------------------------------------------------


class Path(Struct, frozen=True):
    """How the media between a participant and *peer* (another, or the carrier) fares.

    *state*: connected, failed, or flowing (media of a lost *peer* still arrives).
    """

    address: str
    session: str
    peer: str
    state: str
    took_ms: int | None = None
    reason: str | None = None


class Quality(Struct, frozen=True):
    """What a client says of a participant's media over the last seconds."""

    address: str
    session: str | None
    report: Report


class CarrierLost(Struct, frozen=True):
    """What carried the meeting can do so no more."""

    carrier: str
    reason: str


class Published(Struct, frozen=True):
    """A participant's media has come to the carrier: who wants it can subscribe to it."""

    participant: str


# --- recording ----------------------------------------------------------------------------


class Record(Struct, frozen=True):
    """Ask everybody for consent to a recording, or stop it; *id* is fresh for a start."""

    by: str
    on: bool
    id: str = ""


class Consent(Struct, frozen=True):
    """Agree to being recorded in this meeting, or agree no more."""

    address: str
    given: bool


class Recorder(Struct, frozen=True):
    """What became of a recording where it is written: *state* is failed."""

    recording: str
    state: str
    detail: str = ""
