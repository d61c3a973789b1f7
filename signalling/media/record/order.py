"""Put packets back in the order they were sent in, waiting a little for the missing ones.

Pure and bounded. The relay has asked for what is lost (NACK), so a packet that has not come half a
second after its successor will not come.
"""

from typing import Final

from signalling.media.record.seam import Packet

WAIT_S: Final = 0.5
HELD_MOST: Final = 512
JUMP: Final = 3000  # further apart it is another numbering (RFC 3550, A.1: MAX_DROPOUT)


class Order:
    """The packets of one SSRC after another; `add` and `flush` return (packet, gap before it).

    *gap* says that packets between this one and the one before were lost, or that the numbering
    began anew: what was made of earlier ones cannot go on.
    """

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._next = 0
        self._held: dict[int, Packet] = {}

    def add(self, packet: Packet) -> list[tuple[Packet, bool]]:
        """Take a packet as it arrived; return those that are ready now."""
        ahead = (packet.sequence - self._next) & 0xFFFF
        if packet.ssrc != self._ssrc or JUMP < ahead < 0x10000 - JUMP:
            ready = self.flush()
            self._ssrc, self._next = packet.ssrc, (packet.sequence + 1) & 0xFFFF
            return [*ready, (packet, True)]
        if ahead >= 0x8000:
            return []  # came twice, or too late
        self._held.setdefault(packet.sequence, packet)
        ready = self._in_order(gap=False)
        while self._held and self._waited(packet.arrived_s):
            ready += self._past_the_gap()
        return ready

    def flush(self) -> list[tuple[Packet, bool]]:
        """Return all that is held, in order: nothing more is waited for."""
        ready: list[tuple[Packet, bool]] = []
        while self._held:
            ready += self._past_the_gap()
        return ready

    def _waited(self, now_s: float) -> bool:
        if len(self._held) > HELD_MOST:
            return True
        return now_s - min(held.arrived_s for held in self._held.values()) > WAIT_S

    def _past_the_gap(self) -> list[tuple[Packet, bool]]:
        self._next = min(self._held, key=lambda number: (number - self._next) & 0xFFFF)
        return self._in_order(gap=True)

    def _in_order(self, *, gap: bool) -> list[tuple[Packet, bool]]:
        ready: list[tuple[Packet, bool]] = []
        while (packet := self._held.pop(self._next, None)) is not None:
            ready.append((packet, gap))
            gap = False
            self._next = (self._next + 1) & 0xFFFF
        return ready
