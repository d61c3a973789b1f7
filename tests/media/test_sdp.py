"""What another participant says is bounded before it is read."""

import pytest

from signalling.media.sdp import bounded_sdp, candidate_of, check_relay_only

GOOD = "1 1 udp 2130706431 192.0.2.7 50000 typ host"


def sdp(*candidates: str, sections: int = 1) -> str:
    lines = ["v=0", *["m=audio 9 UDP/TLS/RTP/SAVPF 96"] * sections]
    return "\r\n".join([*lines, *(f"a=candidate:{c}" for c in candidates)]) + "\r\n"


def host(address: str, port: str = "50000") -> str:
    return f"1 1 udp 2130706431 {address} {port} typ host"


def test_a_usual_description_is_left_as_it_is() -> None:
    assert bounded_sdp(sdp(GOOD)) == sdp(GOOD)


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "127.0.0.1", "2001:db8::1"])
def test_addresses_that_a_peer_may_have(address: str) -> None:
    assert bounded_sdp(sdp(host(address))) == sdp(host(address))


def test_mdns_names_are_kept() -> None:
    assert bounded_sdp(sdp(host("3f2a.local"))) == sdp(host("3f2a.local"))


@pytest.mark.parametrize(
    "candidate",
    [
        host("224.0.0.251"),
        host("255.255.255.255"),
        host("0.0.0.0"),  # noqa: S104 - an address that must be refused
        host("ff02::1"),
        host("metadata.example"),
        host("192.0.2.7", "0"),
        host("192.0.2.7", "65536"),
        host("192.0.2.7", "x"),
        "1 1 udp",
    ],
)
def test_addresses_that_no_peer_has(candidate: str) -> None:
    assert bounded_sdp(sdp(GOOD, candidate)) == sdp(GOOD)
    with pytest.raises(ValueError, match="no peer has"):
        candidate_of({"candidate": "candidate:" + candidate, "sdpMid": "0"})


@pytest.mark.parametrize(
    "description",
    [
        None,
        7,
        b"v=0",
        "v=0\r\n" + "a=x\r\n" * 8_000,
        sdp(*(host("192.0.2.7", str(port)) for port in range(1, 32))),
        sdp(sections=13),
    ],
)
def test_too_much_is_refused(description: object) -> None:
    with pytest.raises(ValueError, match="description"):
        bounded_sdp(description)


def test_a_bundle_may_have_more_sections_that_repeat_its_candidates() -> None:
    bundle = sdp(*[GOOD] * 40, sections=24)
    assert bounded_sdp(bundle, sections_most=24) == bundle
    with pytest.raises(ValueError, match="24 sections"):
        bounded_sdp(sdp(sections=25), sections_most=24)


def test_the_most_that_is_taken() -> None:
    assert bounded_sdp(sdp(*[GOOD] * 30, sections=12))


def test_a_candidate_as_a_browser_gives_it() -> None:
    candidate = candidate_of(
        {
            "candidate": "candidate:" + GOOD,
            "sdpMid": "0",
            "sdpMLineIndex": 0,
            "usernameFragment": "x",
        }
    )
    assert candidate is not None
    assert (candidate.ip, candidate.port, candidate.type) == ("192.0.2.7", 50_000, "host")
    assert (candidate.sdpMid, candidate.sdpMLineIndex) == ("0", 0)


@pytest.mark.parametrize("end", [None, {}, {"candidate": ""}, {"candidate": None}])
def test_the_end_of_candidates(end: dict[str, object] | None) -> None:
    assert candidate_of(end) is None


def test_a_candidate_names_its_section() -> None:
    with pytest.raises(ValueError, match="section"):
        candidate_of({"candidate": GOOD})


def test_a_candidate_is_not_endless() -> None:
    with pytest.raises(ValueError, match="no peer has"):
        candidate_of({"candidate": GOOD + " x" * 300, "sdpMid": "0"})


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
