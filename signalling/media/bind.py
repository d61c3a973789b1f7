"""Pin a peer connection's host candidates to given addresses.

aioice offers every address of the machine except 127.0.0.1, and has no option to say otherwise:
a machine with only loopback gets no candidates, a server offers interfaces it should not. So the
instance's own `get_component_candidates` is given other addresses; no class or module is
patched, and other connections keep theirs. That name is public in aioice, the way to it through
aiortc is not: aiortc is pinned exactly, and tests/media/test_bind.py holds both.

Ports are the kernel's choice: aioice has no range option.
"""

from collections.abc import Sequence
from typing import Final

from aioice import Candidate, Connection, TransportPolicy
from aiortc import RTCPeerConnection

LOOPBACK: Final = ("127.0.0.1",)


def pin(pc: RTCPeerConnection, addresses: Sequence[str]) -> None:
    """Let *pc* gather host candidates from *addresses* alone.

    Call it when the transports exist and before they gather: with tracks added, or after
    setRemoteDescription, and before setLocalDescription. Repeating it is harmless.
    """
    for transceiver in pc.getTransceivers():
        gatherer = transceiver.receiver.transport.transport.iceGatherer
        _pin(gatherer._connection, list(addresses))  # noqa: SLF001 - there is no other way


def _pin(connection: Connection, pinned: list[str]) -> None:
    gather = type(connection).get_component_candidates

    async def from_pinned(component: int, addresses: list[str]) -> list[Candidate]:
        relay_only = connection._transport_policy is TransportPolicy.RELAY  # noqa: SLF001
        return await gather(connection, component, addresses if relay_only else pinned)

    connection.get_component_candidates = from_pinned  # type: ignore[method-assign, assignment]
