"""meeting.*: bringing people together over WebRTC."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from signalling.protocol.messages.common import (
    Event,
    Id,
    Key,
    Name,
    Params,
    Reason,
    Result,
    RoleName,
    Shared,
    Stamp,
    doc,
)
from signalling.protocol.messages.device import IceServer

Topology = Literal["mesh", "relay", "janus"]
MeetingState = Literal["open", "live", "ended"]
Signal = Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]
Measure = Annotated[float, Meta(ge=0, le=1_000_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
ParticipantState = Literal["waiting", "joined", "reconnecting", "left", "removed"]


class MediaState(Shared, frozen=True):
    """What a participant sends."""

    audio: Annotated[bool, doc("The microphone is on.")] = True
    video: Annotated[bool, doc("The camera is on.")] = False


class Participant(Result, frozen=True):
    """One person, on one device, in a meeting."""

    participant: Annotated[Id, doc("Id minted at join; `to` of signals.")]
    user: Id
    role: RoleName
    state: ParticipantState
    name: str | None = None
    media: MediaState | None = None
    joined_at: Stamp | None = None
    reason: Annotated[str | None, doc("Why they left.")] = None


class Peer(Result, frozen=True):
    """How to negotiate with one other participant."""

    participant: Id
    polite: Annotated[bool, doc("You are the polite side of W3C perfect negotiation.")]
    offers: Annotated[bool, doc("You make the first offer.")]
    negotiation: Annotated[
        Literal["perfect", "single"],
        doc("single: only the named side ever offers, for the other cannot roll back."),
    ]


class Carrier(Result, frozen=True):
    """What carries the media when participants do not send it to each other themselves."""

    id: Annotated[Id, doc("Named in meeting.negotiate; another carrier has another id.")]
    kind: Literal["relay", "janus"]


class Recording(Result, frozen=True):
    """Whether the meeting is recorded: only while everybody in it has agreed."""

    state: Literal["off", "asked", "on", "paused"]
    consents: Annotated[tuple[Id, ...], doc("Participants who agreed.")] = ()
    failure: Annotated[str | None, doc("Why the last one ended by itself.")] = None


class Meeting(Result, frozen=True):
    """A meeting as a party sees it."""

    id: Id
    state: MeetingState
    participants: tuple[Participant, ...]
    created_at: Stamp
    topology: Topology
    locked: Annotated[bool, doc("Nobody else may join.")] = False
    assignment: Annotated[Id | None, doc("The assignment that it serves.")] = None
    ended_at: Stamp | None = None
    reason: Annotated[str | None, doc("Why it ended.")] = None
    carrier: Carrier | None = None
    recording: Recording | None = None


class Happening(Result, frozen=True):
    """One thing that happened in a meeting."""

    at: Stamp
    what: Annotated[
        str,
        doc(
            "waiting, joined, admitted, connected, path_failed, reconnecting, returned, left, "
            "removed, locked, unlocked, topology, recording_…, live or ended."
        ),
    ]
    participant: Id | None = None
    user: Id | None = None
    role: RoleName | None = None
    detail: Annotated[str | None, doc("Why, or which.")] = None


class Figures(Result, frozen=True):
    """One measure over all reports."""

    mean: float
    worst: float
    last: float


class Quality(Result, frozen=True):
    """How somebody's media fared, as their client reported it."""

    reports: int = 0
    rtt_ms: Figures | None = None
    loss: Annotated[Figures | None, doc("Share of packets, 0 to 1.")] = None
    jitter_ms: Figures | None = None
    bitrate_kbps: Annotated[Figures | None, doc("The worst is the least.")] = None
    connect_ms: Annotated[Figures | None, doc("From joining to media.")] = None
    freezes: int = 0
    reconnects: int = 0
    path: Literal["udp", "turn_udp", "tcp", "turn_tcp"] | None = None
    worst_path: Literal["udp", "turn_udp", "tcp", "turn_tcp"] | None = None


class Attendance(Result, frozen=True):
    """When one participant was there, and connected: what may be billed."""

    participant: Id
    user: Id
    role: RoleName
    joined_at: Stamp
    connected_s: Annotated[float, doc("Seconds with media, until they left or now.")]
    connected_at: Annotated[Stamp | None, doc("When media first flowed.")] = None
    left_at: Stamp | None = None
    reason: Annotated[str | None, doc("Why they left.")] = None
    quality: Quality = Quality()


class Invitee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may join."""

    user: Id
    role: RoleName
    name: Name | None = None


class MeetingCreateParams(Params, frozen=True):
    participants: Annotated[
        tuple[Invitee, ...], Meta(max_length=16, description="Who may join.")
    ] = ()
    assignment: Annotated[Id | None, doc("An assignment that it serves.")] = None
    idempotency_key: Key | None = None


class MeetingCreateResult(Result, frozen=True):
    meeting: Meeting


class MeetingGetParams(Params, frozen=True):
    meeting: Id
    history: Annotated[bool, doc("Add what happened, and who was connected for how long.")] = False


class MeetingGetResult(Result, frozen=True):
    meeting: Meeting
    history: Annotated[tuple[Happening, ...] | None, doc("Oldest first.")] = None
    attendance: tuple[Attendance, ...] | None = None


class MeetingJoinParams(Params, frozen=True):
    meeting: Id
    name: Annotated[Name | None, doc("Shown to others; absent: as in the token.")] = None
    media: MediaState | None = None


class MeetingJoinResult(Result, frozen=True):
    meeting: Id
    participant: Annotated[Id, doc("Your id in this meeting.")]
    epoch: Annotated[int, doc("Counts your connections to it; older signals are refused.")]
    state: Annotated[
        Literal["joined", "waiting"],
        doc("waiting: in the lobby. Join again once meeting.changed says admitted."),
    ]
    participants: Annotated[tuple[Participant, ...], doc("Everybody, you included.")]
    peers: Annotated[tuple[Peer, ...], doc("Whom to connect to, and how; none with a carrier.")]
    ice_servers: tuple[IceServer, ...]
    topology: Topology
    carrier: Annotated[Carrier | None, doc("Connect to it alone, by meeting.negotiate.")] = None
    ice_policy: Annotated[
        Literal["all", "relay"], doc("relay: use TURN servers only, so that addresses stay hidden.")
    ] = "all"
    ice_expires_at: Annotated[
        Stamp | None, doc("When the credentials end: ask device.ice before.")
    ] = None
    recording: Recording | None = None
    locked: bool = False


class MeetingLeaveParams(Params, frozen=True):
    meeting: Id


class MeetingLeaveResult(Result, frozen=True):
    pass


class MeetingEndParams(Params, frozen=True):
    meeting: Id
    reason: Reason | None = None


class MeetingEndResult(Result, frozen=True):
    meeting: Meeting


class MeetingSignalParams(Params, frozen=True):
    meeting: Id
    to: Annotated[Id, doc("A participant's id; a user's id while they have one participant.")]
    signal: Annotated[
        Signal, doc("An object of yours: an offer, an answer, a candidate or its end.")
    ]


class MeetingSignalResult(Result, frozen=True):
    seq: Annotated[
        int, doc("Number of this signal from you to them, counted from 1 over this connection.")
    ]


class QualityReport(Params, frozen=True):
    """A summary of getStats over the last seconds: every ten, and at leaving."""

    rtt_ms: Measure | None = None
    loss: Annotated[float, Meta(ge=0, le=1, description="Share of packets.")] | None = None
    jitter_ms: Measure | None = None
    bitrate_kbps: Measure | None = None
    connect_ms: Annotated[Measure | None, doc("From joining to media, of the newest leg.")] = None
    freezes: Annotated[Count | None, doc("Since you joined.")] = None
    reconnects: Annotated[Count | None, doc("Since you joined.")] = None
    path: Literal["udp", "turn_udp", "tcp", "turn_tcp"] | None = None


class MeetingUpdateParams(Params, frozen=True):
    meeting: Id
    media: Annotated[MediaState | None, doc("What you send now.")] = None
    name: Annotated[Name | None, doc("Your name as shown to others.")] = None
    locked: Annotated[bool | None, doc("Let nobody else join (not guests).")] = None
    admit: Annotated[Id | None, doc("Let this participant in from the lobby (not guests).")] = None
    quality: Annotated[QualityReport | None, doc("How your media fares.")] = None


class MeetingUpdateResult(Result, frozen=True):
    meeting: Meeting


class MeetingInviteParams(Params, frozen=True):
    meeting: Id
    name: Annotated[Name | None, doc("Whom it is for, shown to the others.")] = None
    expires_s: Annotated[
        int, Meta(ge=60, le=604_800, description="Until when the link may be opened, seconds.")
    ] = 86_400
    idempotency_key: Key | None = None


class MeetingInviteResult(Result, frozen=True):
    guest: Annotated[Id, doc("The guest's user id: meeting.remove takes the link back.")]
    token: Annotated[str, doc("Opens a session once; secret.")]
    path: Annotated[str, doc("Page that opens the meeting with it, on this server.")]
    expires_at: Stamp


class MeetingRemoveParams(Params, frozen=True):
    meeting: Id
    participant: Annotated[Id, doc("A participant's id; or a guest's, whose link is then void.")]
    reason: Reason | None = None


class MeetingRemoveResult(Result, frozen=True):
    meeting: Meeting


class MeetingTransferParams(Params, frozen=True):
    meeting: Id
    to: Annotated[Id | None, doc("An interpreter; absent: whom the matching finds.")] = None
    reason: Reason | None = None
    idempotency_key: Key | None = None


class MeetingTransferResult(Result, frozen=True):
    meeting: Meeting


class MeetingRecordParams(Params, frozen=True):
    meeting: Id
    action: Literal["start", "stop"]


class MeetingRecordResult(Result, frozen=True):
    meeting: Meeting


class MeetingMessageParams(Params, frozen=True):
    meeting: Id
    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    to: Annotated[Id | None, doc("One participant; absent: everybody.")] = None
    idempotency_key: Key | None = None


class MeetingMessageResult(Result, frozen=True):
    message: Annotated[Id, doc("Id of the message.")]
    sent_at: Stamp


class MeetingChangedEvent(Event, frozen=True):
    meeting: Meeting
    change: Annotated[
        str | None,
        doc(
            "waiting, admitted, joined, reconnecting, returned, left, removed, media, locked, "
            "unlocked, topology, published, transfer, recording_asked, recording_consent, "
            "recording_started, recording_paused, recording_stopped, recording_failed or ended."
        ),
    ] = None
    participant: Annotated[Id | None, doc("Whom the change is about.")] = None
    for_: Annotated[Id | None, doc("Your participant, if several devices of yours are in it.")] = (
        msgspec.field(name="for", default=None)
    )
    renegotiate: Annotated[bool, doc("Signals were lost: negotiate anew with `peers`.")] = False
    peers: Annotated[tuple[Peer, ...] | None, doc("How to connect to whom, when new.")] = None


class MeetingSignalEvent(Event, frozen=True):
    meeting: Id
    from_: Annotated[Id, doc("The participant who sent it.")] = msgspec.field(name="from")
    epoch: Annotated[int, doc("Which connection of theirs sent it: higher after they resumed.")]
    seq: Annotated[
        int, doc("Number of this signal from them to you, counted from 1 in each epoch.")
    ]
    signal: Annotated[Signal, doc("As sent.")]


class MeetingMessageEvent(Event, frozen=True):
    meeting: Id
    message: Annotated[Id, doc("Id of the message.")]
    from_: Annotated[Id, doc("The participant who sent it.")] = msgspec.field(name="from")
    text: str
    sent_at: Stamp
    to: Annotated[Id | None, doc("You alone; absent: everybody.")] = None
