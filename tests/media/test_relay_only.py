"""What a signal may name where addresses are to stay hidden."""

import pytest

from signalling.media.relay_only import check_relay_only
from tests.media.test_sdp import GOOD, host, sdp

RELAY = "1 1 udp 16777215 198.51.100.9 50000 typ relay raddr 0.0.0.0 rport 0"
SRFLX = "1 1 udp 1686052607 198.51.100.7 50000 typ srflx raddr 10.0.0.1 rport 50000"


def trickled(candidate: str) -> dict[str, object]:
    return {"type": "candidate", "candidate": {"candidate": candidate, "sdpMid": "0"}}


@pytest.mark.parametrize(
    "signal",
    [
        {"type": "offer", "sdp": sdp()},
        {"type": "answer", "sdp": sdp(RELAY, RELAY)},
        trickled("candidate:" + RELAY),
        trickled(""),
        {"type": "candidate", "candidate": None},
        {"note": "a candidate: not one of ICE", "typ": "host", "n": [1, 2.5, True, None]},
        {},
    ],
)
def test_relay_only_takes_what_names_turn_servers_alone(signal: dict[str, object]) -> None:
    check_relay_only(signal)


@pytest.mark.parametrize(
    ("signal", "named"),
    [
        (trickled("candidate:" + GOOD), "host"),
        (trickled("a=candidate:" + GOOD), "host"),
        (trickled(" Candidate:" + GOOD), "host"),
        (trickled("candidate:" + SRFLX), "srflx"),
        (trickled("candidate:" + RELAY.replace("relay", "prflx")), "prflx"),
        (trickled("candidate:" + GOOD + " typ relay"), "host"),
        (trickled("candidate:" + RELAY + "\ncandidate:" + GOOD), "host"),
        (trickled("candidate:1 1 udp"), "unknown"),
        (trickled("candidate:"), "unknown"),
        (trickled("candidate:" + RELAY.replace("typ relay", "typ Relay")), "unknown"),
        ({"type": "offer", "sdp": sdp(RELAY, host("3f2a.local"))}, "host"),
        ({"type": "offer", "sdp": sdp(RELAY, SRFLX).replace("\r\n", "\n")}, "srflx"),
        ({"type": "offer", "sdp": sdp(SRFLX).replace("\r\n", "\r")}, "srflx"),
        ({"mine": [{"deep": (sdp(GOOD),)}]}, "host"),
    ],
)
def test_relay_only_refuses_any_other_candidate(signal: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=f"type {named}$"):
        check_relay_only(signal)


def test_relay_only_names_no_address() -> None:
    with pytest.raises(ValueError, match="TURN") as refused:
        check_relay_only(trickled("candidate:" + GOOD))
    assert "192.0.2.7" not in str(refused.value)
