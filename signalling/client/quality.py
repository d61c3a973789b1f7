"""How media fares, for `meeting.update`: what changed between two readings of getStats.

aiortc gives jitter in units of the codec's clock and keeps one inbound figure a receiver, where
retransmissions may stand in front of the stream itself; so loss and jitter are those of sound.
"""

from collections.abc import Iterable
from typing import Any, Final

from signalling.client.connection import Connection

CLOCK_HZ: Final = 48_000


class Quality:
    """Reads connections again and again; `report` tells of the time since the last one."""

    def __init__(self, now_s: float) -> None:
        self._read_s = now_s
        self._before: dict[str, dict[str, float]] = {}

    async def report(self, connections: Iterable[Connection], now_s: float) -> dict[str, Any]:
        """Return the summary as meeting.update takes it; what was not measured is absent."""
        counts, jitters, round_trips, path = await self._read(connections)
        seconds, self._read_s = max(0.001, now_s - self._read_s), now_s
        came, lost, octets = (
            sum(
                max(0.0, count[name] - self._before[key][name])
                for key, count in counts.items()
                if key in self._before and name in count
            )
            for name in ("received", "lost", "bytes")
        )
        is_first, self._before = not self._before, counts
        said: dict[str, Any] = {"path": path} if path else {}
        if round_trips:
            said["rtt_ms"] = round(1000 * max(round_trips), 1)
        if is_first or not counts:
            return said
        said["bitrate_kbps"] = round(8 * octets / seconds / 1000, 1)
        if came + lost > 0:
            said["loss"] = round(lost / (came + lost), 4)
        if jitters:
            said["jitter_ms"] = round(1000 * max(jitters) / CLOCK_HZ, 1)
        return said

    @staticmethod
    async def _read(
        connections: Iterable[Connection],
    ) -> tuple[dict[str, dict[str, float]], list[float], list[float], str | None]:
        counts: dict[str, dict[str, float]] = {}
        jitters, round_trips, path = [], [], None
        for connection in connections:
            path = connection.path() or path
            for one in (await connection.pc.getStats()).values():
                match one.type, getattr(one, "kind", None):
                    case "transport", _:
                        counts[one.id] = {"bytes": one.bytesReceived}
                    case "inbound-rtp", "audio" if one.packetsReceived:
                        counts[one.id] = {"received": one.packetsReceived, "lost": one.packetsLost}
                        jitters.append(one.jitter)
                    case "remote-inbound-rtp", _ if one.roundTripTime:
                        round_trips.append(one.roundTripTime)
                    case _:
                        pass
        return counts, jitters, round_trips, path
