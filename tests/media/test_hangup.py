"""After hanging up nothing runs, nothing is bound, and asyncio has nothing to complain of."""

import asyncio
from typing import Any

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from signalling.media.bind import LOOPBACK, pin
from signalling.media.hangup import hang_up
from signalling.media.sdp import SDP_ERRORS


def connection() -> RTCPeerConnection:
    configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    return RTCPeerConnection(configuration)


async def offered() -> RTCPeerConnection:
    pc = connection()
    for kind in ("audio", "video"):
        pc.addTransceiver(kind, direction="recvonly")
    pin(pc, LOOPBACK)
    await pc.setLocalDescription()
    return pc


async def test_while_it_connects() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, it: complaints.append(it))
    near, far = await offered(), connection()
    offer = near.localDescription
    await far.setRemoteDescription(RTCSessionDescription(offer.sdp, offer.type))
    pin(far, LOOPBACK)
    await far.setLocalDescription()
    await near.setRemoteDescription(far.localDescription)
    for _ in range(3):
        await asyncio.sleep(0)
    connecting = [task for task in asyncio.all_tasks() if "__connect" in repr(task)]
    assert connecting
    for pc in (near, far):
        await hang_up(pc)
        await hang_up(pc)
    await asyncio.wait(connecting)
    assert complaints == []


async def test_after_a_description_that_close_chokes_on() -> None:
    near, far = await offered(), RTCPeerConnection(RTCConfiguration(iceServers=[]))
    sdp = near.localDescription.sdp.replace("BUNDLE 0 1", "BUNDLE 9 1")
    await far.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
    with pytest.raises(SDP_ERRORS):
        await far.setLocalDescription()
    await hang_up(far)
    await hang_up(near)
    assert near.connectionState == "closed"


async def test_before_anything() -> None:
    pc = connection()
    await hang_up(pc)
    assert pc.connectionState == "closed"
