"""A meeting with a guest, a recording, a hand-over and a device check, for test_described."""

import asyncio
from typing import Any, Protocol

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from signalling.client import Client, HttpClient, RemoteError
from signalling.media.bind import LOOPBACK, pin
from signalling.media.tones import Tone
from tests.e2e.town import Params, Town, until


class Caller(Protocol):
    """A client whose answers are watched."""

    client: Client

    async def call(self, method: str, /, **params: Any) -> Params: ...


async def offered_sound() -> RTCPeerConnection:
    """Return a connection that offers a tone, and a section to receive one."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(Tone(440), direction="sendonly")
    connection.addTransceiver("audio", direction="recvonly")
    pin(connection, LOOPBACK)
    await connection.setLocalDescription(await connection.createOffer())
    return connection


def sdp_of(connection: RTCPeerConnection) -> Params:
    return {"sdp": connection.localDescription.sdp}


async def meet(town: Town, ann: Caller) -> Params:
    """Open a meeting of Ann and the interpreter i; let Ann in."""
    people = [{"user": "ann", "role": "customer"}, {"user": "i", "role": "interpreter"}]
    async with HttpClient(town.url, town.token("op", "operator")) as http:
        made = await http.call("meeting.create", participants=people)
    meeting = {"meeting": made["meeting"]["id"]}
    await ann.call("meeting.join", **meeting)
    return meeting


async def with_a_guest(ann: Caller, eva: Caller, meeting: Params) -> None:
    """Let the guest in, record, carry and hand over, put the guest out, and look back."""
    waiting = await eva.call("meeting.join", **meeting)
    await until(ann.client, "meeting.changed", lambda p: p["change"] == "waiting")
    await ann.call("meeting.update", **meeting, admit=waiting["participant"])
    await until(eva.client, "meeting.changed", lambda p: p["change"] == "admitted")
    await eva.call("meeting.join", **meeting)
    await ann.call("meeting.record", **meeting, action="start")
    moved = await until(eva.client, "meeting.changed", lambda p: p["change"] == "topology")
    await eva.call("consent.grant", **meeting, purpose="recording")
    await until(ann.client, "meeting.changed", lambda p: p["change"] == "recording_started")
    await eva.call("consent.list")
    await carried(eva, meeting, moved["meeting"]["carrier"]["id"])
    await eva.call("consent.withdraw", **meeting, purpose="recording")
    await ann.call("meeting.record", **meeting, action="stop")
    await ann.call("meeting.transfer", **meeting, to="j")
    await ann.call("meeting.remove", **meeting, participant=waiting["participant"])
    await until(eva.client, "meeting.changed", lambda p: p["change"] == "removed")
    await ann.call("meeting.get", **meeting, history=True)
    await ann.call("meeting.end", **meeting)


async def carried(eva: Caller, meeting: Params, carrier: str) -> None:
    connection = await offered_sound()
    try:
        step = {**meeting, "carrier": carrier}
        want = [{"mid": "1", "participant": None}]
        await eva.call("meeting.negotiate", **step, offer=sdp_of(connection), want=want)
        await eva.call("meeting.negotiate", **step, want=want)
    finally:
        await connection.close()
    await eva.call("meeting.negotiate", **meeting, peer=carrier, state="connected", took_ms=80)
    quality: Params = {
        "rtt_ms": 9,
        "loss": 0.01,
        "jitter_ms": 2,
        "bitrate_kbps": 30,
        "connect_ms": 80,
    }
    quality |= {"freezes": 1, "reconnects": 0, "path": "udp"}
    await eva.call("meeting.update", **meeting, quality=quality)


async def check_devices(caller: Caller) -> None:
    """Send a tone to be sent back, until enough of it was heard."""
    connection = await offered_sound()
    try:
        begun = await caller.call("device.check", offer=sdp_of(connection))
        answer = RTCSessionDescription(begun["answer"]["sdp"], "answer")
        await connection.setRemoteDescription(answer)
        async with asyncio.timeout(60):
            while True:
                try:
                    await caller.call("device.check", check=begun["check"], seen={"rtt_ms": 9})
                except RemoteError as early:
                    if not early.retryable:
                        raise
                    await asyncio.sleep(early.data["retry_after_ms"] / 1000)
                else:
                    return
    finally:
        await connection.close()
