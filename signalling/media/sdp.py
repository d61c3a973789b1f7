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

CANDIDATE_HEADS: Final = frozenset({"a=candidate", "candidate"})
UNREAD: Final = ("",) * 8
OTHER_KINDS: Final = frozenset({"host", "srflx", "prflx"})

# What aiortc raises on descriptions and candidates that are wrong, and in close() after them.
SDP_ERRORS: Final = (
    ValueError,
    KeyError,
    IndexError,
    AssertionError,
    AttributeError,
    TypeError,
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


def check_relay_only(signal: Mapping[str, Any]) -> None:
    """Raise ValueError if a signal names a candidate that is not a TURN server's.

    A signal's shape is its clients' own, so each line of each string in it is looked at, at any
    depth. A candidate that cannot be read is refused, as some client might read it.
    """
    open_: list[Any] = [signal]
    while open_:
        value = open_.pop()
        if isinstance(value, str):
            _check_lines(value)
        elif isinstance(value, Mapping):
            open_.extend(value.values())
        elif isinstance(value, list | tuple):
            open_.extend(value)


def _check_lines(text: str) -> None:
    for line in text.splitlines():
        head, colon, candidate = line.strip().partition(":")
        if not colon or head.lower() not in CANDIDATE_HEADS:
            continue
        typ, kind = [*candidate.split(), *UNREAD][6:8]
        if (typ, kind) != ("typ", "relay"):
            named = kind if kind in OTHER_KINDS else "unknown"
            raise ValueError(
                f"only TURN servers may be named here, not a candidate of type {named}"
            )


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
