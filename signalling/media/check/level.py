"""How loud a microphone is, from what its packets say of themselves: nothing is decoded.

RFC 6464: each packet may carry its level, the root mean square of its samples, 0 to -127 dBov,
where -127 is digital silence.
"""

import math
from typing import Final

SILENCE_DBOV: Final = -127
SPEECH_DBOV: Final = -50  # quieter than this is a room, not somebody who speaks


class Levels:
    """The levels of all packets so far, as counts: its size does not grow."""

    def __init__(self) -> None:
        self._counts = [0] * (1 - SILENCE_DBOV)

    def add(self, dbov: int) -> None:
        """Note a packet's level, 0 to -127."""
        self._counts[-dbov] += 1

    @property
    def heard(self) -> int:
        return sum(self._counts)

    @property
    def peak_dbov(self) -> int | None:
        """The loudest packet; None before any."""
        return next((-level for level, count in enumerate(self._counts) if count), None)

    @property
    def speech_dbov(self) -> float | None:
        """The mean power of what is loud enough to be speech; None if nothing is.

        The active speech level of ITU-T P.56, with a fixed threshold in place of its own.
        """
        spoken = self._counts[: 1 - SPEECH_DBOV]
        packets = sum(spoken)
        if not packets:
            return None
        power = sum(count * 10 ** (-level / 10) for level, count in enumerate(spoken))
        return 10 * math.log10(power / packets)
