"""Answer a client's offer: what each section is, and a peer connection that decodes nothing.

The client needs no candidates here: it learns all of ours from the answer and checks them, and we
learn its address from those checks (peer-reflexive, RFC 8445, 7.3.1.3), also behind a TURN server.
So its own are not even read: the relay sends nothing to an address that has not authenticated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.codecs import is_rtx
from aiortc.sdp import MediaDescription, SessionDescription

from signalling.media.bind import pin
from signalling.media.hangup import hang_up
from signalling.media.relay.packet import Kind
from signalling.media.relay.slot import Outgoing
from signalling.media.sdp import SDP_ERRORS, bounded_sdp

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SENT: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
CODECS: Final = {"audio": "opus", "video": "vp8"}
OURS: Final = {
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "sendrecv": "sendrecv",
    "inactive": "inactive",
}
SENDS: Final = {"sendonly", "sendrecv"}  # the client, in its offer
RECEIVES: Final = {"recvonly", "sendrecv"}
MID_MOST: Final = 16  # bytes of a one-byte header extension
# whoever receives Opus can use the redundancy; the relay leaves it in
OPUS: Final = {"minptime": 10, "useinbandfec": 1}


@dataclass(frozen=True, slots=True)
class Incoming:
    """What was negotiated for a section that the client sends on.

    *ours* is the SSRC that we speak of it under; *ssrcs* and *rtx_ssrcs* are those that the
    client announced, often none.
    """

    mid: str
    kind: Kind
    ours: int
    payload_type: int
    rtx_payload_type: int | None
    ssrcs: tuple[int, ...]
    rtx_ssrcs: tuple[int, ...]
    mid_id: int
    level_id: int
    sent_id: int


@dataclass(slots=True)
class Negotiated:
    """A connection that was answered, and what its sections are."""

    pc: RTCPeerConnection
    sdp: str = ""
    cname: str = ""
    incoming: list[Incoming] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)


async def answered(sdp: object, bind: Sequence[str], sections_most: int) -> Negotiated:
    """Return the answer to an offer, gathered from the *bind* addresses (all if there are none).

    Raise ValueError for an offer that is none, is too large, or asks for what the relay has not.
    """
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    try:
        offer = _without_candidates(bounded_sdp(sdp, sections_most))
        sections = _sections(offer)
        await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        negotiated = Negotiated(pc)
        pairs = {"audio": 0, "video": 0}
        for section in sections:
            transceiver = next(t for t in pc.getTransceivers() if t.mid == section.rtp.muxId)
            _settle(transceiver, section)
            # one media stream for each pair of slots: receivers keep its lips in step
            pairs[section.kind] += section.direction in RECEIVES
            transceiver.sender._stream_id = f"slot-{pairs[section.kind]}"  # noqa: SLF001
        if bind:
            pin(pc, bind)
        await pc.setLocalDescription()
        _describe(negotiated, sections)
    except BaseException as error:
        await hang_up(pc)
        if isinstance(error, SDP_ERRORS):
            raise ValueError(f"the offer cannot be answered: {error!r}") from error
        raise
    return negotiated


def _without_candidates(sdp: str) -> str:
    unwanted = ("a=candidate:", "a=end-of-candidates")
    lines = (line for line in sdp.splitlines() if not line.startswith(unwanted))
    return "\r\n".join(lines) + "\r\n"


def _sections(offer: str) -> list[MediaDescription]:
    """Return the sections of an offer that the relay can answer."""
    description = SessionDescription.parse(offer)
    mids = [str(section.rtp.muxId) for section in description.media]
    bundles = [group.items for group in description.group if group.semantic == "BUNDLE"]
    if not mids or len(set(mids)) < len(mids) or [sorted(mids)] != [sorted(b) for b in bundles]:
        raise ValueError("an offer has sections, each with a mid of its own, in one bundle")
    if not all(0 < len(mid.encode()) <= MID_MOST for mid in mids):
        raise ValueError(f"a mid has at most {MID_MOST} bytes")
    if any(section.kind not in CODECS for section in description.media):
        raise ValueError("the relay carries audio and video")
    if not all(section.dtls and section.dtls.fingerprints for section in description.media):
        raise ValueError("every section of an offer has a fingerprint")
    for kind in CODECS:
        sent = [s for s in description.media if s.kind == kind and s.direction in SENDS]
        if len(sent) > 1:
            raise ValueError(f"a participant sends one {kind}")
    return list(description.media)


def _settle(transceiver: RTCRtpTransceiver, section: MediaDescription) -> None:
    """Take Opus and VP8 alone, and let nothing be decoded or encoded."""
    chosen = [c for c in transceiver._codecs if c.name.lower() == CODECS[section.kind]][:1]  # noqa: SLF001
    if not chosen:
        raise ValueError(f"the relay carries {CODECS[section.kind]} alone")
    repeats = [
        c
        for c in transceiver._codecs  # noqa: SLF001
        if is_rtx(c) and c.parameters.get("apt") == chosen[0].payloadType
    ]
    if section.kind == "audio":
        chosen[0].parameters = dict(OPUS)
    transceiver._codecs = chosen + repeats[:1]  # noqa: SLF001
    transceiver.direction = OURS[section.direction or "sendrecv"]

    async def nothing(_: object) -> None:
        """Start no decoder, no encoder, no task."""

    transceiver.sender.send = nothing  # type: ignore[method-assign, assignment]
    transceiver.receiver.receive = nothing  # type: ignore[method-assign, assignment]


def _describe(negotiated: Negotiated, sections: list[MediaDescription]) -> None:
    """Fill in what was agreed on."""
    pc = negotiated.pc
    lines = pc.localDescription.sdp.splitlines()
    # three fingerprints of one certificate in every section are a third of the answer
    weak = ("a=fingerprint:sha-384", "a=fingerprint:sha-512")
    negotiated.sdp = "\r\n".join(line for line in lines if not line.startswith(weak)) + "\r\n"
    negotiated.cname = next(
        (line.partition("cname:")[2] for line in lines if " cname:" in line), "dragoman"
    )
    for section in sections:
        transceiver = next(t for t in pc.getTransceivers() if t.mid == section.rtp.muxId)
        ids = {e.uri: e.id for e in transceiver._headerExtensions}  # noqa: SLF001
        codecs: list[Any] = transceiver._codecs  # noqa: SLF001
        sender = transceiver.sender
        rtx = codecs[1].payloadType if len(codecs) > 1 else None
        kind: Kind = "audio" if section.kind == "audio" else "video"
        extensions = {
            "mid_id": _one_byte(ids.get(MID)),
            "level_id": _one_byte(ids.get(LEVEL)),
            "sent_id": _one_byte(ids.get(SENT)),
        }
        if section.direction in SENDS:
            ssrcs, rtx_ssrcs = _announced(section)
            negotiated.incoming.append(
                Incoming(
                    mid=section.rtp.muxId,
                    kind=kind,
                    ours=sender._ssrc,  # noqa: SLF001
                    payload_type=codecs[0].payloadType,
                    rtx_payload_type=rtx,
                    ssrcs=ssrcs,
                    rtx_ssrcs=rtx_ssrcs,
                    **extensions,
                )
            )
        if section.direction in RECEIVES:
            negotiated.outgoing.append(
                Outgoing(
                    mid=section.rtp.muxId,
                    kind=kind,
                    ssrc=sender._ssrc,  # noqa: SLF001
                    rtx_ssrc=sender._rtx_ssrc,  # noqa: SLF001
                    payload_type=codecs[0].payloadType,
                    rtx_payload_type=rtx,
                    **extensions,
                )
            )


def _one_byte(number: int | None) -> int:
    """Return an id that the one-byte form has room for; others go without the extension."""
    return number if number is not None and 1 <= number <= 14 else 0


def _announced(section: MediaDescription) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the SSRCs of the stream and of its repetitions, as far as the offer names them."""
    repeats = {
        int(group.items[1])
        for group in section.ssrc_group
        if group.semantic == "FID" and group.items[1:]
    }
    ssrcs = tuple(int(s.ssrc) for s in section.ssrc if s.ssrc not in repeats)
    return ssrcs[:1], tuple(repeats)[:1]
