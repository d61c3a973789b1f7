"""Datagrams past aiortc's queues, and the private names that this needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtcpByePacket
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

from signalling.media.bind import LOOPBACK, pin
from signalling.media.relay.wire import DATAGRAM_MOST, HANDSHAKE_QUEUE_MOST, STUN_PER_S, Wire
from signalling.media.tones import Tone
from tests.media.relay.arrivals import until
from tests.media.relay.rtp import rtp


class Taker:
    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.reports: list[bytes] = []
        self.hearings = 0
        self.happened = asyncio.Event()

    def heard(self) -> None:
        self.hearings += 1
        self.happened.set()

    def rtp(self, data: bytes) -> None:
        self.packets.append(data)
        self.happened.set()

    def rtcp(self, data: bytes) -> None:
        self.reports.append(data)
        self.happened.set()

    async def until(self, holds: Any) -> None:
        while not holds():
            self.happened.clear()
            await self.happened.wait()


class Pair:
    """Two peer connections; the first one's packets go by a Wire."""

    def __init__(self) -> None:
        self.near = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.far = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.taker = Taker()
        self.wire: Wire

    async def describe(self) -> None:
        self.tone = Tone(440)
        self.near.addTrack(self.tone)
        pin(self.near, LOOPBACK)
        await self.near.setLocalDescription()
        self.wire = Wire(self.near, self.taker)

    async def connect(self) -> None:
        offer = self.near.localDescription
        await self.far.setRemoteDescription(RTCSessionDescription(offer.sdp, offer.type))
        pin(self.far, LOOPBACK)
        await self.far.setLocalDescription()
        secured = asyncio.Event()
        self.wire.on_state(lambda: secured.set() if self.wire.secure else None)
        await self.near.setRemoteDescription(self.far.localDescription)
        await secured.wait()
        await until(lambda: self.distant.state == "connected")

    @property
    def distant(self) -> Any:
        return self.far.getTransceivers()[0].receiver.transport

    def entrance(self, data: bytes) -> None:
        """Let a datagram in, as the socket does."""
        protocol = self.wire._ice._protocols[0]
        protocol.datagram_received(data, ("192.0.2.9", 9))


@asynccontextmanager
async def pair(*, connect: bool = True) -> AsyncIterator[Pair]:
    two = Pair()
    try:
        async with asyncio.timeout(15):
            await two.describe()
            if connect:
                await two.connect()
            yield two
    finally:
        two.tone.stop()
        await two.near.close()
        await two.far.close()
        two.wire.close()


def test_versions_whose_private_names_are_used() -> None:
    """Another version: read wire.py and answer.py against it, run tests/media/relay, then this."""
    found = {name: version(name) for name in ("aiortc", "aioice", "pylibsrtp")}
    assert found == {"aiortc": "1.16.0", "aioice": "0.13.0", "pylibsrtp": "1.0.0"}


async def test_packets_and_reports_come_as_the_datagrams_that_they_were() -> None:
    async with pair() as two:
        await two.distant._send_rtp(rtp(7, payload=b"hello"))
        await two.distant._send_rtp(bytes(RtcpByePacket([7])))
        await two.taker.until(lambda: two.taker.packets and two.taker.reports)
        assert two.wire.decrypted_rtp(two.taker.packets[0]) == rtp(7, payload=b"hello")
        assert bytes(RtcpByePacket([7])) in [
            two.wire.decrypted_rtcp(data) for data in two.taker.reports
        ]


async def test_what_is_sent_arrives_decrypted_by_aiortc() -> None:
    async with pair() as two:
        came: list[bytes] = []
        happened = asyncio.Event()

        async def rtp_came(data: bytes, **_: Any) -> None:
            came.append(data)
            happened.set()

        async def rtcp_came(data: bytes) -> None:
            came.append(data)
            happened.set()

        two.distant._handle_rtp_data, two.distant._handle_rtcp_data = rtp_came, rtcp_came
        two.wire.send_rtp(rtp(7, payload=b"hello"))
        two.wire.send_rtcp(bytes(RtcpByePacket([7])))
        while not {rtp(7, payload=b"hello"), bytes(RtcpByePacket([7]))} <= set(came):
            happened.clear()
            await happened.wait()
        assert two.wire.dropped == 0


async def test_not_the_clients_key() -> None:
    async with pair() as two:
        assert two.wire.decrypted_rtp(rtp(7, payload=b"not encrypted at all")) is None
        assert two.wire.decrypted_rtcp(bytes(RtcpByePacket([7])) + bytes(20)) is None


async def test_before_there_are_keys_nothing_goes_and_nothing_is_taken() -> None:
    async with pair(connect=False) as two:
        two.wire.send_rtp(rtp())
        two.wire.send_rtcp(bytes(RtcpByePacket([7])))
        two.entrance(rtp())
        assert (two.taker.packets, two.wire.refused, two.wire.secure) == ([], 1, False)


@pytest.mark.parametrize(
    "garbage", [b"", b"\x80", b"\xff" * 50, b"\x05" * 50, rtp(payload=bytes(DATAGRAM_MOST))]
)
async def test_what_is_neither_is_refused(garbage: bytes) -> None:
    async with pair() as two:
        before = two.wire.refused
        two.entrance(garbage)
        assert two.wire.refused == before + 1
        assert garbage not in two.taker.packets


async def test_stun_that_cannot_be_read_is_dropped_and_a_flood_bounded() -> None:
    async with pair() as two:
        two.wire.second()
        before = two.wire.refused
        for _ in range(STUN_PER_S + 30):
            two.entrance(b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(12) + b"\x80\x28\x00\x04abcd")
        assert two.wire.refused - before >= 30
        two.wire.second()


async def test_a_flood_of_handshakes_fills_no_memory() -> None:
    async with pair(connect=False) as two:
        for _ in range(HANDSHAKE_QUEUE_MOST + 30):
            two.entrance(b"\x16" + bytes(100))
        assert two.wire._ice._queue.qsize() == HANDSHAKE_QUEUE_MOST
        assert two.wire.refused == 30


async def test_the_other_end_is_heard_when_it_is_asked() -> None:
    async with pair() as two:
        before = two.taker.hearings
        assert before > 0  # its checks
        await two.wire.probe()
        assert two.taker.hearings > before


async def test_probing_before_there_is_a_way_is_harmless() -> None:
    async with pair(connect=False) as two:
        await two.wire.probe()
        assert two.taker.hearings == 0


async def test_the_kernel_takes_no_more() -> None:
    async with pair() as two:
        two.wire.send_rtp(rtp(1))

        class Full:
            def sendto(self, *_: object) -> None:
                raise BlockingIOError

            def close(self) -> None:
                used.close()

        used: Any = two.wire._socket
        two.wire._socket = Full()  # type: ignore[assignment]
        two.wire.send_rtp(rtp(2))
        assert two.wire.dropped == 1


async def test_a_packet_that_is_too_long_to_encrypt() -> None:
    async with pair() as two:
        two.wire.send_rtp(rtp(payload=bytes(1480)))
        assert two.wire.dropped == 1


def test_what_encrypting_by_hand_needs_of_pylibsrtp() -> None:
    policy = Policy(key=bytes(44), srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM)
    policy.ssrc_type = Policy.SSRC_ANY_OUTBOUND
    session = Session(policy)
    assert len(session._buffer) == 1500
    assert session._cdata is not None
    size = ffi.new("int *")
    plain = rtp(7, payload=b"hello")
    size[0] = len(plain)
    session._buffer[0 : len(plain)] = plain
    assert lib.srtp_protect(session._srtp[0], session._cdata, size) == 0
    again = Session(policy)
    assert session._buffer[0 : size[0]] == again.protect(plain)
    # a number far behind the last one is refused, not sent under a key stream used before
    session._buffer[0 : len(plain)] = rtp(7000, payload=b"hello")
    size[0] = len(plain)
    assert lib.srtp_protect(session._srtp[0], session._cdata, size) == 0
    session._buffer[0 : len(plain)] = plain
    size[0] = len(plain)
    assert lib.srtp_protect(session._srtp[0], session._cdata, size) != 0


async def test_after_the_end_nothing_is_sent() -> None:
    async with pair() as two:
        two.wire.send_rtp(rtp(1))
        await two.near.close()
        two.wire.close()
        two.wire.close()
        two.wire.send_rtp(rtp(2))
        assert two.wire.dropped == 1
