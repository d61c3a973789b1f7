"""One numbering for a receiver, whoever's packets it is sent.

Pure arithmetic: what each packet of a source is moved by, so that sequence numbers have no hole
where one stream ends and the next begins, and timestamps go on by the time that passed.
"""

import random
from typing import Final

from signalling.media.relay.packet import Packet

LATE_MOST: Final = 0x2000  # a packet this far behind is none of now
STEP_S: Final = 0.02  # from one stream to the next, at least


class Numbering:
    """Moves packets of one stream at a time; `stream` is its SSRC, None between two."""

    __slots__ = (
        "_clock_hz",
        "_expected",
        "_first",
        "_newest_s",
        "_sequence",
        "_timestamp",
        "later",
        "shift",
        "stream",
    )

    def __init__(self, clock_hz: int) -> None:
        self._clock_hz = clock_hz
        self.stream: int | None = None
        self.shift = self.later = 0  # what to add to sequence and timestamp
        self._first = self._expected = 0  # of the stream
        # of ours: the next number, the last timestamp. Random beginnings, as RFC 3550 asks
        self._sequence = random.randrange(1 << 15)  # noqa: S311
        self._timestamp = random.randrange(1 << 31)  # noqa: S311
        self._newest_s: float | None = None

    def begin(self, packet: Packet) -> None:
        """Make *packet* the next that the receiver gets, whatever stream it is of."""
        self.leave()
        passed_s = STEP_S
        if self._newest_s is not None:
            passed_s = max(STEP_S, packet.arrived_s - self._newest_s)
        self.stream = packet.ssrc
        self._first = self._expected = packet.sequence
        self.shift = self._sequence - packet.sequence & 0xFFFF
        began = self._timestamp + int(passed_s * self._clock_hz)
        self.later = began - packet.timestamp & 0xFFFFFFFF

    def admit(self, packet: Packet) -> bool:
        """Note a packet of the stream; return False for one from before it began, or too late."""
        sequence = packet.sequence
        if sequence != self._expected:
            ahead = sequence - self._expected & 0xFFFF
            if ahead >= 0x8000:
                return 0x10000 - ahead <= (self._expected - self._first & 0xFFFF)
        self._expected = sequence + 1 & 0xFFFF
        self._timestamp = packet.timestamp + self.later & 0xFFFFFFFF
        self._newest_s = packet.arrived_s
        return True

    def age(self) -> None:
        """Let the beginning of the stream follow, once a second: 16 bits are soon used up."""
        if self._expected - self._first & 0xFFFF > LATE_MOST:
            self._first = self._expected - LATE_MOST & 0xFFFF

    def leave(self) -> None:
        """End the stream: what comes next begins another."""
        if self.stream is not None:
            self._sequence = self._expected + self.shift & 0xFFFF
        self.stream = None
