"""Close a peer connection so that nothing of it is left, whatever state it is in.

After a bad description aiortc's close() raises half-way and leaves sockets bound. Closed while it
connects, its task goes on to the next section and fails there, which asyncio then complains of.
Private names: aiortc is pinned exactly, and tests/media/test_hangup.py holds them.
"""

import contextlib

from aiortc import RTCPeerConnection

from signalling.media.sdp import SDP_ERRORS


async def hang_up(pc: RTCPeerConnection) -> None:
    """Close *pc* and all that is bound; again is harmless."""
    # a bad BUNDLE group leaves sections without a transport
    transports = {t.receiver.transport for t in pc.getTransceivers()} - {None}
    for transport in transports:
        transport.transport.start = _nothing  # type: ignore[method-assign, assignment]
    with contextlib.suppress(*SDP_ERRORS):
        await pc.close()
    for transport in transports:
        with contextlib.suppress(*SDP_ERRORS):
            await transport.stop()
            await transport.transport.stop()


async def _nothing(*_: object) -> None:
    """Begin no more."""
