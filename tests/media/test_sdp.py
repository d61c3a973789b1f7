"""What another participant says is bounded before it is read."""

import pytest

from signalling.media.sdp import bounded_sdp, candidate_of

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
