"""session.*: opening, keeping and closing a socket."""

from typing import Annotated

import msgspec
from msgspec import Meta

from signalling.protocol.messages.assignment import Assignment
from signalling.protocol.messages.common import (
    Event,
    Id,
    Params,
    Result,
    RoleName,
    Stamp,
    Word,
    doc,
)
from signalling.protocol.messages.meeting import Meeting
from signalling.protocol.messages.offer import Offer
from signalling.protocol.messages.presence import Presence

Token = Annotated[str, Meta(min_length=1, max_length=8192, description="JWT, HS256.")]


class Resume(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What proves and places a resumed session."""

    session: Annotated[Id, doc("The session to continue.")]
    resume_token: Annotated[
        str, Meta(min_length=1, max_length=256, description="Secret of the last open.")
    ]
    last_event: Annotated[Id | None, doc("Last `event_id` that was handled; absent: none.")] = None


class SessionOpenParams(Params, frozen=True):
    token: Token
    resume: Annotated[Resume | None, doc("Continue an earlier session.")] = None
    device: Annotated[
        Id | None, doc("Id of this device; opening it again replaces the older socket.")
    ] = None
    capabilities: Annotated[
        tuple[Word, ...], Meta(max_length=32, description="What the client can do.")
    ] = ()


class Snapshot(Result, frozen=True):
    """Everything current, when events cannot be replayed."""

    offers: Annotated[tuple[Offer, ...], doc("Offers awaiting an answer.")]
    assignments: Annotated[
        tuple[Assignment, ...],
        doc("Assignments that are not over: bookings first, the soonest foremost."),
    ]
    meetings: Annotated[tuple[Meeting, ...], doc("Meetings that are not over.")]
    presence: Annotated[Presence | None, doc("An interpreter's own availability.")] = None
    last_event: Annotated[Id | None, doc("Newest event that the snapshot includes.")] = None


class SessionLimits(Result, frozen=True):
    """What a client must keep to."""

    frame_bytes: Annotated[int, doc("Largest frame, bytes.")]
    depth: Annotated[int, doc("Deepest nesting, levels.")]
    batch_max: Annotated[int, doc("Most requests in a batch.")]
    requests_per_s: Annotated[float, doc("Requests a second, sustained.")]
    requests_burst: Annotated[int, doc("Requests at once.")]


class Protocol(Result, frozen=True):
    """What the server speaks."""

    version: Annotated[str, doc("Version of the protocol.")]
    features: Annotated[tuple[str, ...], doc("Optional features that the server has.")]


class SessionOpenResult(Result, frozen=True):
    session: Annotated[Id, doc("Id of the session, kept over reconnects.")]
    user: Annotated[Id, doc("Whom the token names.")]
    role: Annotated[RoleName, doc("The role that the token names.")]
    app: Annotated[Id, doc("Key of the app that signed the token.")]
    heartbeat_s: Annotated[float, doc("Seconds between pings; any frame counts as life.")]
    resume_token: Annotated[str, doc("Secret that resumes; a new one at each open.")]
    resume_window_s: Annotated[float, doc("Seconds after a drop in which events are replayed.")]
    recovered: Annotated[bool, doc("True: every missed event follows; false: see `snapshot`.")]
    expires_at: Annotated[Stamp, doc("End of the token: refresh before.")]
    server_time: Annotated[Stamp, doc("The server's clock.")]
    limits: SessionLimits
    protocol: Protocol
    snapshot: Annotated[Snapshot | None, doc("Present unless recovered.")] = None


class SessionRefreshParams(Params, frozen=True):
    token: Token


class SessionRefreshResult(Result, frozen=True):
    expires_at: Annotated[Stamp, doc("End of the new token.")]


class SessionPingParams(Params, frozen=True):
    pass


class SessionPingResult(Result, frozen=True):
    server_time: Annotated[Stamp, doc("The server's clock.")]


class SessionCloseParams(Params, frozen=True):
    pass


class SessionCloseResult(Result, frozen=True):
    pass


class SessionExpiringEvent(Event, frozen=True):
    expires_at: Annotated[Stamp, doc("When the server closes unless the token is refreshed.")]
    server_time: Annotated[Stamp, doc("The server's clock.")]


class SessionDrainingEvent(Event, frozen=True):
    code: Annotated[int, doc("Close code that follows.")]
    reason: Annotated[str, doc("Why the server closes.")]
    reconnect: Annotated[bool, doc("Whether to come back.")]
    retry_after_ms: Annotated[int, doc("Wait this long before reconnecting, milliseconds.")]
    jitter_ms: Annotated[int, doc("Add a random part of this, milliseconds.")]
