"""What one participant publishes of one kind, and who takes it.

The seam of everything that listens: receivers' slots, a recording, the echo of a device check.
Anything with `packet` and `ended` may be added; it is called from the event loop, for each packet,
before the next is read: it must be quick. One that raises is let go; the others go on.

A source lives as long as the connection that it comes over: when its participant connects anew,
`ended` is called and `Relay.source` has another. The same source may change its `ssrc`.
"""

from collections.abc import Callable
from typing import Final, Protocol

import structlog
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRtpfbPacket,
    clamp_packets_lost,
    pack_remb_fci,
)

from signalling.media.carrier import Place
from signalling.media.relay.gaps import Gaps
from signalling.media.relay.packet import CLOCK_HZ, Kind, Packet, extension_of, read, unwrapped
from signalling.media.relay.reception import Reception

LOG = structlog.get_logger(__name__)

PICTURE_AGAIN_S: Final = 0.5  # between requests for a key frame
REMB_AGAIN_S: Final = 0.25
REMB_STALE_S: Final = 10.0
SINKS_MOST: Final = 64


class Sink(Protocol):
    """Whoever takes the packets of a source."""

    def packet(self, packet: Packet) -> None:
        """Take one packet, in the order of arrival (not always of sequence)."""
        ...

    def ended(self) -> None:
        """Learn that no more will come; the source has let this sink go."""
        ...


class Source:
    """One stream of a publisher: counted, asked for what is missing, given to sinks.

    *send* takes RTCP for the publisher; *ours* is the SSRC that it is sent under.
    *level_id* and *sent_id* are the negotiated ids of the audio-level and abs-send-time
    extensions, 0 for none.
    """

    def __init__(
        self,
        place: Place,
        kind: Kind,
        ours: int,
        send: Callable[[bytes], None],
        level_id: int = 0,
        sent_id: int = 0,
    ) -> None:
        self.place = place
        self.kind: Kind = kind
        self.ssrc: int | None = None
        self.level: int | None = None
        # (NTP, RTP timestamp, when it came) of the publisher's last sender report
        self.clock: tuple[int, int, float] | None = None
        self.packets = 0
        self.ended = False
        self._ours = ours
        self._send = send
        self._level_id, self._sent_id = level_id, sent_id
        self._sinks: tuple[Sink, ...] = ()
        self._reception = Reception(CLOCK_HZ[kind])
        self._gaps = Gaps()
        self._estimator = RemoteBitrateEstimator() if sent_id else None
        self._uplink: tuple[int, float] | None = None
        self._frame_bytes = 0
        self._limits: dict[Sink, tuple[int, float]] = {}
        self._asked_picture_s = self._told_limit_s = float("-inf")

    # --- sinks --------------------------------------------------------------------------------

    def add_sink(self, sink: Sink) -> None:
        """Give *sink* every packet from now on; adding it twice is harmless.

        Raise ValueError beyond 64 sinks.
        """
        if self.ended:
            sink.ended()
        elif sink not in self._sinks:
            if len(self._sinks) >= SINKS_MOST:
                raise ValueError(f"a source has at most {SINKS_MOST} sinks")
            self._sinks += (sink,)

    def remove_sink(self, sink: Sink) -> None:
        """Give *sink* nothing more; harmless if it was not there."""
        self._sinks = tuple(one for one in self._sinks if one is not sink)
        self._limits.pop(sink, None)

    def end(self) -> None:
        """Let all sinks go."""
        self.ended = True
        sinks, self._sinks = self._sinks, ()
        self._limits.clear()
        for sink in sinks:
            sink.ended()

    # --- what comes ---------------------------------------------------------------------------

    def take(self, plain: bytes, now_s: float) -> bool:
        """Pass on one decrypted RTP packet; return False if it is none."""
        packet = read(self.kind, plain, now_s, self._level_id)
        if packet is None:
            return False
        if packet.ssrc != self.ssrc:
            self._begin(packet.ssrc)
        self._reception.add(packet.sequence, packet.timestamp, now_s)
        if self._estimator is not None:
            self._estimate(plain, packet, now_s)
        self._pass_on(packet, now_s)
        return True

    def take_again(self, plain: bytes, now_s: float) -> bool:
        """Pass on the packet that an RTX packet repeats; return False if it repeats none."""
        if self.ssrc is None or not (original := unwrapped(plain, self.ssrc)):
            return False
        packet = read(self.kind, original, now_s)
        if packet is None:
            return False
        self._pass_on(packet, now_s)
        return True

    def _begin(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self.clock = None
        self._reception = Reception(CLOCK_HZ[self.kind])
        self._gaps = Gaps()

    def _pass_on(self, packet: Packet, now_s: float) -> None:
        if self.kind == "video":
            if not self._gaps.add(packet.sequence):
                return
            if self._gaps and (missing := self._gaps.due(now_s)):
                nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._ours, packet.ssrc, missing)
                self._send(bytes(nack))
        elif packet.level is not None:
            self.level = packet.level
        self.packets += 1
        for sink in self._sinks:
            try:
                sink.packet(packet)
            except Exception:  # a recording, say: the others go on hearing
                LOG.exception("a sink failed and was let go", kind=self.kind)
                self.remove_sink(sink)

    # --- what the publisher is told -----------------------------------------------------------

    def request_key_frame(self, now_s: float) -> None:
        """Ask for a picture that needs no other, twice a second at most.

        Who waits asks again: a request that comes too soon is not kept.
        """
        if (
            self.kind == "video"
            and self.ssrc is not None
            and now_s - self._asked_picture_s >= PICTURE_AGAIN_S
        ):
            self._asked_picture_s = now_s
            self._send(bytes(RtcpPsfbPacket(RTCP_PSFB_PLI, self._ours, self.ssrc)))

    def limit(self, sink: Sink, bps: int, now_s: float) -> None:
        """Note what one receiver can take of this source, bit/s; tell the publisher the least."""
        if sink in self._sinks:
            self._limits[sink] = (bps, now_s)
            self.tell_limit(now_s)

    def tell_limit(self, now_s: float) -> None:
        """Send the least of what is known of the way: the publisher's own, the receivers'.

        Nothing is sent when nothing is known.
        """
        known = list(self._limits.values()) + ([self._uplink] if self._uplink else [])
        fresh = [bps for bps, at_s in known if now_s - at_s < REMB_STALE_S]
        if fresh and self.ssrc is not None and now_s - self._told_limit_s >= REMB_AGAIN_S:
            self._told_limit_s = now_s
            fci = pack_remb_fci(min(fresh), [self.ssrc])
            self._send(bytes(RtcpPsfbPacket(RTCP_PSFB_APP, self._ours, 0, fci)))

    def report(self, now_s: float) -> RtcpReceiverInfo | None:
        """Return the report block about this source since the last one."""
        if self.ssrc is None or not self._reception.received:
            return None
        lsr = dlsr = 0
        if self.clock is not None:
            ntp, _, at_s = self.clock
            lsr = ntp >> 16 & 0xFFFFFFFF
            dlsr = min(int((now_s - at_s) * 65_536), 0xFFFFFFFF)
        fraction = self._reception.fraction_lost()
        return RtcpReceiverInfo(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            packets_lost=clamp_packets_lost(self._reception.lost),
            highest_sequence=self._reception.highest & 0xFFFFFFFF,
            jitter=int(self._reception.jitter),
            lsr=lsr,
            dlsr=dlsr,
        )

    def _estimate(self, plain: bytes, packet: Packet, now_s: float) -> None:
        """Estimate the publisher's way to us from when packets left and came.

        By whole frames, as of their last packet: a quarter of the work for the same answer.
        """
        self._frame_bytes += len(packet.payload)
        if not packet.marker or self._estimator is None:
            return
        sent = extension_of(plain, self._sent_id)
        size, self._frame_bytes = self._frame_bytes, 0
        if len(sent) != 3:
            return
        told = self._estimator.add(
            abs_send_time=int.from_bytes(sent, "big"),
            arrival_time_ms=int(now_s * 1000),
            payload_size=size,
            ssrc=packet.ssrc,
        )
        if told is not None:
            self._uplink = (int(told[0]), now_s)
            self.tell_limit(now_s)
