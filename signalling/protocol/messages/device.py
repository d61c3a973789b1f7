"""device.*: what a browser needs before a meeting."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from signalling.protocol.messages.common import Id, Params, Result, Stamp, doc

CheckId = Annotated[str, Meta(max_length=128)]
Sdp = Annotated[str, Meta(min_length=1, max_length=32_768, description="SDP.")]


class IceServer(Result, frozen=True):
    """One STUN or TURN server, as RTCPeerConnection takes it."""

    urls: tuple[str, ...]
    username: Annotated[str | None, doc("Names its own end in time.")] = None
    credential: Annotated[str | None, doc("Of TURN; expires.")] = None


class DeviceIceParams(Params, frozen=True):
    meeting: Annotated[Id | None, doc("For which meeting; absent: for a device check.")] = None


class DeviceIceResult(Result, frozen=True):
    ice_servers: tuple[IceServer, ...]
    expires_at: Annotated[Stamp, doc("When the credentials end: ask again before.")]


class CheckOffer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer that sends and receives audio, and video if it is to be checked."""

    sdp: Sdp


class CheckAnswer(Result, frozen=True):
    sdp: str


class Seen(Params, frozen=True):
    """What the client's own getStats say of the check."""

    rtt_ms: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    loss: Annotated[float, Meta(ge=0, le=1)] | None = None
    jitter_ms: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    path: Literal["udp", "turn_udp", "tcp", "turn_tcp"] | None = None
    microphone_dbov: Annotated[float, Meta(ge=-127, le=0)] | None = None


class DeviceCheckParams(Params, frozen=True):
    """First the offer; some seconds later the check that was answered."""

    offer: Annotated[CheckOffer | None, doc("Begin: your own media is sent back to you.")] = None
    check: Annotated[CheckId | None, doc("End it, and hear.")] = None
    seen: Seen | None = None


class DeviceCheckResult(Result, frozen=True):
    check: str
    answer: CheckAnswer | None = None
    ice_servers: tuple[IceServer, ...] = ()
    verdict: Literal["good", "fair", "bad"] | None = None
    words: Annotated[tuple[str, ...], doc("What to do, for people.")] = ()
    microphone_dbov: Annotated[float | None, doc("0 is the loudest; silence is -127.")] = None
    loss: Annotated[float | None, doc("Share of packets, 0 to 1.")] = None
    jitter_ms: float | None = None
    rtt_ms: float | None = None
    path: Literal["udp", "turn_udp", "tcp", "turn_tcp"] | None = None
