"""Which way a client's media takes, from what both ends see of it.

The server sees the address that packets come from; the offer may say that this address is a TURN
server's. Whether the client reaches that server by UDP or TCP, only the client knows.
"""

from collections.abc import Mapping
from typing import Final

from signalling.core.quality import PATHS, Path

Address = tuple[str, int]
CANDIDATES_MOST: Final = 64


def offered(sdp: str) -> Mapping[Address, str]:
    """Return the candidates that an offer names: address and port to type (host, srflx, relay)."""
    found: dict[Address, str] = {}
    for line in sdp.splitlines():
        fields = line.removeprefix("a=candidate:").split()
        if not line.startswith("a=candidate:") or len(fields) < 8 or not fields[5].isdecimal():
            continue
        if len(found) < CANDIDATES_MOST:
            found[fields[4], int(fields[5])] = fields[7]
    return found


def taken(
    remote: Address | None, candidates: Mapping[Address, str], said: Path | None
) -> Path | None:
    """Return the path: the worse of what the server sees and what the client *said*.

    None before there is any. A client can make its path look worse than it is, never better.
    """
    if remote is None:
        return None
    seen: Path = "turn_udp" if candidates.get(remote) == "relay" else "udp"
    return max(seen, said or seen, key=PATHS.index)
