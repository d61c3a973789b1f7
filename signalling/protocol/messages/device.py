"""device.*: what a browser needs before a meeting."""

from typing import Annotated

from signalling.protocol.messages.common import Params, Result, Stamp, doc


class IceServer(Result, frozen=True):
    """One STUN or TURN server, as RTCPeerConnection takes it."""

    urls: tuple[str, ...]
    username: Annotated[str | None, doc("Names its own end in time.")] = None
    credential: Annotated[str | None, doc("Of TURN; expires.")] = None


class DeviceIceParams(Params, frozen=True):
    pass


class DeviceIceResult(Result, frozen=True):
    ice_servers: tuple[IceServer, ...]
    expires_at: Annotated[Stamp, doc("When the credentials end: ask again before.")]
