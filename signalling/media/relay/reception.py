"""What came of one RTP stream, for receiver reports (RFC 3550, section 6.4.1 and appendix A)."""


class Reception:
    """Counts packets and jitter of one SSRC."""

    __slots__ = (
        "_base",
        "_clock_hz",
        "_expected_before",
        "_received_before",
        "_transit",
        "highest",
        "jitter",
        "received",
    )

    def __init__(self, clock_hz: int) -> None:
        self._clock_hz = clock_hz
        self._base = 0
        self.highest = 0  # extended: the upper bits count the times that 16 bits ran over
        self.received = 0
        self.jitter = 0.0  # in units of the clock
        self._transit: float | None = None
        self._expected_before = self._received_before = 0

    @property
    def lost(self) -> int:
        """How many never came, so far; below zero when some came twice."""
        return self.highest - self._base + 1 - self.received

    def add(self, sequence: int, timestamp: int, now_s: float) -> None:
        """Note one packet."""
        if not self.received:
            self._base = self.highest = sequence
        else:
            ahead = (sequence - self.highest) & 0xFFFF
            if ahead < 0x8000:
                self.highest += ahead
        self.received += 1
        transit = now_s * self._clock_hz - timestamp
        if self._transit is not None:
            # the timestamp runs over after hours: one such step says nothing of jitter
            step = abs(transit - self._transit)
            if step < 0x40000000:
                self.jitter += (step - self.jitter) / 16
        self._transit = transit

    def fraction_lost(self) -> int:
        """Return the share lost since the last call, in 256ths (0 to 255)."""
        expected = self.highest - self._base + 1
        interval, self._expected_before = expected - self._expected_before, expected
        came, self._received_before = self.received - self._received_before, self.received
        lost = interval - came
        return min(255, (lost << 8) // interval) if interval > 0 and lost > 0 else 0
