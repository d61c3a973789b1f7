"""Bound what another participant says before aiortc reads it.

aiortc answers a thousand candidates with two thousand pairs and sends STUN to any address that is
named; mutated SDP raises nearly anything (media.md, "Gaps of aiortc").
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final

from aiortc import RTCIceCandidate
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.sdp import candidate_from_sdp

SDP_BYTES_MOST: Final = 32_768
CANDIDATES_MOST: Final = 30
SECTIONS_MOST: Final = 12

# What aiortc raises on descriptions and candidates that are wrong, and in close() after them.
SDP_ERRORS: Final = (
    ValueError,
    KeyError,
    IndexError,
    AssertionError,
    AttributeError,
    TypeError,
    StopIteration,  # a=fmtp of a payload type without a=rtpmap
    RuntimeError,  # the same out of a coroutine
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)


def bounded_sdp(sdp: object, sections_most: int = SECTIONS_MOST) -> str:
    """Return the description without candidates that no peer has; raise ValueError if too much.

    At most 32 kB, 12 media sections (a carrier's leg has more) and 30 candidates a section.
    """
    if not isinstance(sdp, str):
        raise ValueError("a description has its SDP as a string")
    if len(sdp.encode()) > SDP_BYTES_MOST:
        raise ValueError(f"a description has at most {SDP_BYTES_MOST} bytes")
    kept: list[str] = []
    sections = 0
    candidates: set[str] = set()
    for line in sdp.splitlines():
        sections += line.startswith("m=")
        if line.startswith("a=candidate:"):
            candidates.add(line)
            if not _reachable(line.removeprefix("a=candidate:")):
                continue
        kept.append(line)
    if sections > sections_most or len(candidates) > CANDIDATES_MOST:
        raise ValueError(f"a description has at most {sections_most} sections and 30 candidates")
    return "\r\n".join(kept) + "\r\n"


def candidate_of(init: Mapping[str, Any] | None) -> RTCIceCandidate | None:
    """Return an RTCIceCandidateInit as aiortc takes it; None means the end of candidates.

    Raise ValueError for an address that no peer has, and what aiortc raises for bad ones.
    """
    line = str(init.get("candidate") or "") if init else ""
    if init is None or not line:
        return None
    line = line.removeprefix("candidate:")
    if len(line) > 512 or not _reachable(line):
        raise ValueError("a candidate with an address that no peer has")
    candidate = candidate_from_sdp(line)
    mid, index = init.get("sdpMid"), init.get("sdpMLineIndex")
    if mid is None and index is None:
        raise ValueError("a candidate names its section")
    candidate.sdpMid = None if mid is None else str(mid)
    candidate.sdpMLineIndex = None if index is None else int(index)
    return candidate


def _reachable(candidate: str) -> bool:
    """Whether the candidate's address is one person's: an mDNS name or a unicast address."""
    fields = candidate.split()
    if len(fields) < 6:
        return False
    host, port = fields[4], fields[5]
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        return False
    if host.endswith(".local"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return not (address.is_multicast or address.is_unspecified or address.is_reserved)
