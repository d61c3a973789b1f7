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
ParticipantState = Literal["invited", "waiting", "joined", "reconnecting", "left", "removed"]


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


class MeetingGetResult(Result, frozen=True):
    meeting: Meeting


class MeetingJoinParams(Params, frozen=True):
    meeting: Id
    name: Annotated[Name | None, doc("Shown to others; absent: as in the token.")] = None
    media: MediaState | None = None


class MeetingJoinResult(Result, frozen=True):
    meeting: Id
    participant: Annotated[Id, doc("Your id in this meeting.")]
    epoch: Annotated[int, doc("Counts your connections to it; older signals are refused.")]
    participants: Annotated[tuple[Participant, ...], doc("Everybody, you included.")]
    peers: Annotated[tuple[Peer, ...], doc("Whom to connect to, and how.")]
    ice_servers: tuple[IceServer, ...]
    topology: Topology


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


class MeetingUpdateParams(Params, frozen=True):
    meeting: Id
    media: Annotated[MediaState | None, doc("What you send now.")] = None
    name: Annotated[Name | None, doc("Your name as shown to others.")] = None
    locked: Annotated[bool | None, doc("Let nobody else join (not guests).")] = None


class MeetingUpdateResult(Result, frozen=True):
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
        doc("joined, reconnecting, returned, left, removed, media, locked, unlocked or ended."),
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
