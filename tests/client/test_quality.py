"""What changed between two readings of getStats."""

from types import SimpleNamespace
from typing import Any

import pytest

from signalling.client.connection import Connection
from signalling.client.quality import Quality
from tests.client.pairs import packets, two


class Fake:
    """A connection whose figures are given."""

    def __init__(self, **stats: dict[str, Any]) -> None:
        self.stats = stats
        self.pc = self

    async def getStats(self) -> dict[str, Any]:  # noqa: N802 - aiortc's
        return {key: SimpleNamespace(id=key, **values) for key, values in self.stats.items()}

    def path(self) -> str:
        return "turn_tcp"


def figures(received: int, lost: int, octets: int) -> Any:
    return Fake(
        t={"type": "transport", "bytesReceived": octets},
        a={
            "type": "inbound-rtp",
            "kind": "audio",
            "packetsReceived": received,
            "packetsLost": lost,
            "jitter": 480,
        },
        v={
            "type": "inbound-rtp",
            "kind": "video",
            "packetsReceived": 1,
            "packetsLost": 99,
            "jitter": 9999,
        },
        r={"type": "remote-inbound-rtp", "roundTripTime": 0.25},
    )


async def test_rates_and_shares_are_over_the_time_between() -> None:
    quality = Quality(0)
    assert await quality.report([figures(100, 50, 9000)], 5) == {"path": "turn_tcp", "rtt_ms": 250}
    assert await quality.report([figures(190, 60, 14_000)], 15) == {
        "path": "turn_tcp",
        "rtt_ms": 250,
        "bitrate_kbps": 4,
        "loss": 0.1,
        "jitter_ms": 10,
    }


async def test_what_begins_anew_is_no_loss() -> None:
    quality = Quality(0)
    await quality.report([figures(100, 50, 9000)], 5)
    said = await quality.report([figures(5, 0, 100)], 6)
    assert said["bitrate_kbps"] == 0
    assert "loss" not in said


async def test_no_connections_say_nothing() -> None:
    assert await Quality(0).report([], 1) == {}


async def test_of_a_real_connection() -> None:
    quality = Quality(0)
    async with two() as (near, _):
        connections: list[Connection] = [near]
        await packets(near, 5)
        first = await quality.report(connections, 1)
        assert "bitrate_kbps" not in first
        said: dict[str, Any] = {}
        while "rtt_ms" not in said:  # until reports have gone both ways
            await packets(near, 25)
            said = await quality.report(connections, 1.5)
    assert said["path"] == "udp"
    assert said["bitrate_kbps"] > 5
    assert said["loss"] == pytest.approx(0, abs=0.02)
    assert 0 <= said["jitter_ms"] < 500
    assert 0 < said["rtt_ms"] < 5000
