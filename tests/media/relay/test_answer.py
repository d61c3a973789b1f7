"""What offers are answered with, and which are refused."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.sdp import SessionDescription

from signalling.media.bind import LOOPBACK
from signalling.media.relay.answer import Negotiated, answered
from signalling.media.relay.relay import Relay
from tests.media.relay.people import BOUNDS, Person

# As Chromium offers it, shortened: other codecs, its own extension ids, SSRCs in groups.
FINGERPRINT = ":".join(f"{byte:02X}" for byte in range(32))
BROWSER = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS s
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:AbCd
a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:s a
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:0 PCMU/8000
a=ssrc:1001 cname:c
m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:AbCd
a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:actpass
a=mid:1
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:s v
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:103 H264/90000
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:104 rtx/90000
a=fmtp:104 apt=103
a=ssrc-group:FID 2001 2002
a=ssrc:2001 cname:c
a=ssrc:2002 cname:c
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:AbCd
a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:actpass
a=mid:2
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
""".replace("{FINGERPRINT}", FINGERPRINT)


@asynccontextmanager
async def answer(sdp: str) -> AsyncIterator[Negotiated]:
    negotiated = await answered(sdp, LOOPBACK, 24)
    yield negotiated
    await negotiated.pc.close()


async def test_a_browsers_offer() -> None:
    async with answer(BROWSER) as negotiated:
        audio, video = negotiated.incoming
        (slot,) = negotiated.outgoing
        description = SessionDescription.parse(negotiated.sdp)
    assert (audio.mid, audio.kind, audio.payload_type, audio.rtx_payload_type) == (
        "0",
        "audio",
        111,
        None,
    )
    assert (audio.ssrcs, audio.level_id, audio.mid_id, audio.sent_id) == ((1001,), 1, 4, 0)
    assert (video.payload_type, video.rtx_payload_type, video.sent_id) == (96, 97, 2)
    assert (video.ssrcs, video.rtx_ssrcs) == ((2001,), (2002,))
    assert (slot.mid, slot.payload_type, slot.level_id, slot.mid_id) == ("2", 111, 1, 4)
    assert [m.direction for m in description.media] == ["recvonly", "recvonly", "sendonly"]
    assert [[c.mimeType for c in m.rtp.codecs] for m in description.media] == [
        ["audio/opus"],
        ["video/VP8", "video/rtx"],
        ["audio/opus"],
    ]


async def test_what_cannot_be_kept_is_not_promised() -> None:
    async with answer(BROWSER) as negotiated:
        sdp = negotiated.sdp
    assert "transport-cc" not in sdp
    assert "red/48000" not in sdp
    feedback = re.findall("a=rtcp-fb:96 ([^\r]*)", sdp)
    assert sorted(feedback) == ["goog-remb", "nack", "nack pli"]
    assert sdp.count("useinbandfec=1") == 2


async def test_all_candidates_are_in_the_answer_and_only_where_it_is_bound() -> None:
    async with answer(BROWSER) as negotiated:
        lines = negotiated.sdp.splitlines()
    candidates = {line for line in lines if line.startswith("a=candidate:")}
    assert {line.split()[4] for line in candidates} == {"127.0.0.1"}
    assert len(candidates) == 1
    assert "a=end-of-candidates" in lines


async def test_a_clients_candidates_are_not_even_read() -> None:
    named = "a=candidate:1 1 udp 2130706431 192.0.2.77 50000 typ host"
    async with answer(BROWSER.replace("a=mid:0", f"a=mid:0\n{named}\na=end-of-candidates")) as it:
        connection = it.pc.getTransceivers()[0].receiver.transport.transport._connection
        assert connection.remote_candidates == []
        assert not connection._remote_candidates_end  # so ICE goes on until the client has come


async def test_each_pair_of_slots_is_a_media_stream_of_its_own() -> None:
    """Browsers keep the lips of a stream in step, and of one pair in each stream."""
    person = Person(Relay(BOUNDS), 1, slots=3)
    await person.describe()
    async with answer(person.pc.localDescription.sdp) as negotiated:
        media = SessionDescription.parse(negotiated.sdp).media
    streams = [str(m.msid).split()[0] for m in media if m.direction == "sendonly"]
    assert streams == ["slot-1", "slot-1", "slot-2", "slot-2", "slot-3", "slot-3"]
    await person.close()


async def test_seven_pairs_of_slots_fit() -> None:
    person = Person(Relay(BOUNDS), 1, slots=7)
    await person.describe()
    async with answer(person.pc.localDescription.sdp) as negotiated:
        assert len(negotiated.outgoing) == 14
        assert len(negotiated.sdp) < 32_768
    await person.close()


async def test_sending_and_receiving_in_one_section() -> None:
    async with answer(BROWSER.replace("a=sendonly", "a=sendrecv")) as negotiated:
        assert [s.mid for s in negotiated.incoming] == ["0", "1"]
        assert [s.mid for s in negotiated.outgoing] == ["0", "1", "2"]


async def test_a_section_that_does_nothing() -> None:
    async with answer(BROWSER.replace("a=recvonly", "a=inactive")) as negotiated:
        assert negotiated.outgoing == []


async def test_extensions_without_room_are_left_out() -> None:
    far = BROWSER.replace("extmap:1 ", "extmap:15 ").replace("extmap:4 ", "extmap:200 ")
    async with answer(far) as negotiated:
        assert {(s.level_id, s.mid_id) for s in negotiated.outgoing} == {(0, 0)}


def without(*words: str) -> str:
    return "\n".join(line for line in BROWSER.splitlines() if not line.startswith(words)) + "\n"


DATA = """m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:AbCd
a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa
a=setup:actpass
a=mid:3
a=sctp-port:5000
"""


@pytest.mark.parametrize(
    "offer",
    [
        None,
        7,
        "",
        "v=0\n",
        "no sdp at all",
        BROWSER[:900],
        BROWSER + "a=x\n" * 10_000,
        BROWSER.replace("BUNDLE 0 1 2", "BUNDLE 0 1"),
        BROWSER.replace("BUNDLE 0 1 2", "BUNDLE 0 1 9"),
        without("a=group"),
        without("a=mid"),
        without("a=ice-pwd"),
        without("a=fingerprint"),
        BROWSER.replace("a=mid:1", "a=mid:0"),
        BROWSER.replace("a=mid:1", "a=mid:" + "1" * 17).replace("0 1 2", f"0 {'1' * 17} 2"),
        BROWSER.replace("opus", "speex"),
        BROWSER.replace("VP8", "VP9"),
        BROWSER.replace("a=recvonly", "a=sendonly"),  # two voices
        BROWSER.replace("BUNDLE 0 1 2", "BUNDLE 0 1 2 3") + DATA,
        BROWSER.replace("apt=96", "apt=x").replace("m=video 9", "m=video nine"),
        BROWSER.replace("a=setup:actpass", "a=setup:what"),
    ],
)
async def test_offers_that_are_refused(offer: Any) -> None:
    with pytest.raises(ValueError, match=r"offer|description"):
        await answered(offer, LOOPBACK, 24)


async def test_too_many_sections() -> None:
    with pytest.raises(ValueError, match="at most 2 sections"):
        await answered(BROWSER, LOOPBACK, 2)


async def test_mutations_are_refused_or_answered_and_nothing_else() -> None:
    lines = BROWSER.splitlines()
    for number in range(0, len(lines), 3):
        for mutated in ("", lines[number][: len(lines[number]) // 2], lines[number] * 2, "a=\x00"):
            sdp = "\n".join([*lines[:number], mutated, *lines[number + 1 :]])
            try:
                negotiated = await answered(sdp, LOOPBACK, 24)
            except ValueError:
                continue
            await negotiated.pc.close()


async def test_the_private_names_that_answering_needs() -> None:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = pc.addTransceiver("video")
    assert isinstance(transceiver._codecs, list)
    assert isinstance(transceiver._headerExtensions, list)
    sender = transceiver.sender
    assert isinstance(sender._ssrc, int)
    assert isinstance(sender._rtx_ssrc, int)
    assert isinstance(sender._stream_id, str)
    await pc.close()
