"""Which way media takes, from what both ends see."""

import pytest

from signalling.core.quality import Path
from signalling.media.check.path import CANDIDATES_MOST, offered, taken

SDP = """v=0
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=candidate:1 1 udp 2122260223 10.0.0.7 50000 typ host generation 0
a=candidate:2 1 udp 1686052607 203.0.113.5 50001 typ srflx raddr 10.0.0.7 rport 50000
a=candidate:3 1 udp 41885439 198.51.100.9 61000 typ relay raddr 203.0.113.5 rport 50001
a=candidate:4 1 udp 1
a=candidate:5 1 udp 1 10.0.0.7 port typ host
"""


def test_the_candidates_of_an_offer() -> None:
    assert offered(SDP) == {
        ("10.0.0.7", 50_000): "host",
        ("203.0.113.5", 50_001): "srflx",
        ("198.51.100.9", 61_000): "relay",
    }
    assert offered("") == {}


def test_only_so_many_candidates_are_kept() -> None:
    many = "\n".join(f"a=candidate:1 1 udp 1 10.0.0.7 {port} typ host" for port in range(1, 999))

    assert len(offered(many)) == CANDIDATES_MOST


@pytest.mark.parametrize(
    ("remote", "said", "path"),
    [
        (None, None, None),
        (None, "udp", None),
        (("203.0.113.5", 50_001), None, "udp"),
        (("192.0.2.1", 4), None, "udp"),  # an address that only its packets told
        (("198.51.100.9", 61_000), None, "turn_udp"),
        (("203.0.113.5", 50_001), "turn_tcp", "turn_tcp"),
        (("198.51.100.9", 61_000), "turn_tcp", "turn_tcp"),
        (("198.51.100.9", 61_000), "udp", "turn_udp"),  # no better than the server sees
        (("192.0.2.1", 4), "tcp", "tcp"),
    ],
)
def test_the_worse_of_what_both_see(
    remote: tuple[str, int] | None, said: Path | None, path: Path | None
) -> None:
    assert taken(remote, offered(SDP), said) == path
