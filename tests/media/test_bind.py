"""Where a peer connection binds; the contract that pins aiortc and aioice."""

import asyncio

from aiortc import (
    RTCConfiguration,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)

from signalling.media.bind import LOOPBACK, pin
from signalling.media.tones import Stripes, Tone


def connection(**options: object) -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[], **options))  # type: ignore[arg-type]


def candidate_hosts(pc: RTCPeerConnection) -> set[str]:
    lines = pc.localDescription.sdp.splitlines()
    return {line.split()[4] for line in lines if line.startswith("a=candidate:")}


async def test_only_the_pinned_address_is_offered() -> None:
    pc = connection()
    pc.addTrack(Tone(440))
    pc.addTrack(Stripes())
    pin(pc, LOOPBACK)
    pin(pc, LOOPBACK)
    await pc.setLocalDescription()
    assert candidate_hosts(pc) == {"127.0.0.1"}
    await pc.close()


async def test_other_connections_keep_theirs() -> None:
    pinned, free = connection(), connection()
    for pc in (pinned, free):
        pc.addTrack(Tone(440))
    pin(pinned, LOOPBACK)
    await free.setLocalDescription()
    assert "127.0.0.1" not in candidate_hosts(free)
    await pinned.close()
    await free.close()


async def test_relay_only_stays_relay_only() -> None:
    pc = connection(iceTransportPolicy=RTCIceTransportPolicy.RELAY)
    pc.addTrack(Tone(440))
    pin(pc, LOOPBACK)
    await pc.setLocalDescription()
    assert candidate_hosts(pc) == set()
    await pc.close()


async def test_two_connect_over_loopback_alone() -> None:
    one, other = connection(), connection()
    connected = asyncio.Event()
    other.on(
        "connectionstatechange",
        lambda: connected.set() if other.connectionState == "connected" else None,
    )
    one.addTrack(Tone(440))
    pin(one, LOOPBACK)
    await one.setLocalDescription()
    await other.setRemoteDescription(
        RTCSessionDescription(one.localDescription.sdp, one.localDescription.type)
    )
    pin(other, LOOPBACK)
    await other.setLocalDescription()
    await one.setRemoteDescription(other.localDescription)
    async with asyncio.timeout(10):
        await connected.wait()
    await one.close()
    await other.close()
