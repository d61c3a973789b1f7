"""meeting.negotiate: connecting to what carries a meeting, and how that fares."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from signalling.protocol.messages.common import Id, Params, Reason, Result, doc
from signalling.protocol.messages.device import Sdp
from signalling.protocol.messages.meeting import Carrier, Measure, Topology

Mid = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,16}(?![\s\S])")]


class Want(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a receiving section of your offer is to carry."""

    mid: Mid
    participant: Annotated[Id | None, doc("null: nothing.")] = None


Wants = Annotated[tuple[Want, ...], Meta(max_length=32)]
Participants = Annotated[tuple[Id, ...], Meta(max_length=32)]


class Description(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer or answer."""

    sdp: Sdp


class Stream(Result, frozen=True):
    """Whose media a section of the carrier's offer carries."""

    mid: str
    participant: Id
    kind: Literal["audio", "video"]


class MeetingNegotiateParams(Params, frozen=True):
    """Exactly one of offer, want alone, subscribe, answer and state."""

    meeting: Id
    carrier: Annotated[Id | None, doc("The carrier's id; for all but state.")] = None
    offer: Annotated[Description | None, doc("Connect: needs no candidates.")] = None
    want: Annotated[Wants | None, doc("Whose media (relay); with the offer, or alone later.")] = (
        None
    )
    subscribe: Annotated[
        Participants | None, doc("Whose media, all of them (janus): it makes an offer.")
    ] = None
    answer: Annotated[Description | None, doc("To what subscribe offered (janus).")] = None
    peer: Annotated[Id | None, doc("With state: a participant, or the carrier.")] = None
    state: Annotated[
        Literal["connected", "failed", "flowing"] | None,
        doc(
            "How the media with peer fares. failed asks for another way; flowing: "
            "somebody announced as reconnecting is still heard or seen."
        ),
    ] = None
    took_ms: Annotated[Measure | None, doc("From the first offer to media.")] = None
    reason: Reason | None = None


class MeetingNegotiateResult(Result, frozen=True):
    answer: Description | None = None
    offer: Description | None = None
    streams: tuple[Stream, ...] = ()
    topology: Topology | None = None
    carrier: Carrier | None = None
