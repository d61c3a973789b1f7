"""Where on one clock the packets of a track belong.

RTP timestamps count evenly but begin anywhere; arrivals are on our clock but jitter. So a track is
placed by its arrivals and goes on by its timestamps: sound and picture of a participant keep their
distance. The packet that was delayed least tells best: whatever arrives before its place moves the
track earlier. What is two seconds after its place was not sent by an honest clock, or began anew,
and is placed anew: nobody can make a recording longer than it took.
"""

from typing import Final

from signalling.media.record.seam import Packet

ASTRAY_S: Final = 2.0
HALF: Final = 1 << 31


class Timeline:
    """The timestamps of one track, *rate* a second, in seconds on the clock of the arrivals."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._ssrc: int | None = None  # whose timestamps they are
        self._last = 0
        self._ticks = 0  # since the first one, beyond 32 bits
        self._origin_s = 0.0  # where the first one is placed

    def place(self, packet: Packet) -> float:
        """Return the moment of a packet: at its arrival, or up to two seconds before."""
        if packet.ssrc != self._ssrc:
            self._ssrc, self._ticks, self._origin_s = packet.ssrc, 0, packet.arrived_s
        else:
            step = (packet.timestamp - self._last) & 0xFFFFFFFF
            self._ticks += step - (step >= HALF) * 2 * HALF
        self._last = packet.timestamp
        late_s = packet.arrived_s - self._origin_s - self._ticks / self._rate
        if late_s < 0 or late_s > ASTRAY_S:
            self._origin_s += late_s
        return self._origin_s + self._ticks / self._rate
