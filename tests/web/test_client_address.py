"""Whence a request comes and how securely: only what trusted proxies say is believed."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from signalling.web.client_address import Trusted, client_address, is_secure

PROXIES = Trusted(("10.0.0.0/8", "::1/128"))


def secure(remote: str, protos: str, hops: str = "198.51.100.7", scheme: str = "http") -> bool:
    headers = CIMultiDict({"X-Forwarded-For": hops, "X-Forwarded-Proto": protos})
    request = make_mocked_request("GET", "/", headers=headers)
    return is_secure(request.clone(remote=remote, scheme=scheme), PROXIES)


@pytest.mark.parametrize(
    ("remote", "protos", "hops", "expected"),
    [
        ("10.0.0.1", "https", "198.51.100.7", True),
        ("10.0.0.1", "HTTPS", "198.51.100.7", True),
        ("10.0.0.1", "wss", "198.51.100.7", True),
        ("::1", "https", "198.51.100.7", True),
        ("10.0.0.1", "http", "198.51.100.7", False),
        ("10.0.0.1", "", "198.51.100.7", False),
        ("10.0.0.1", "https", "", True),
        ("198.51.100.7", "https", "198.51.100.7", False),  # a stranger says so
        # two proxies: the inner one adds what it sees, or passes on what the outer one saw
        ("10.0.0.1", "https, http", "198.51.100.7, 10.0.0.2", True),
        ("10.0.0.1", "https", "198.51.100.7, 10.0.0.2", True),
        ("10.0.0.1", "http, https", "198.51.100.7, 10.0.0.2", False),
        # what a client wrote itself stands further left
        ("10.0.0.1", "https, http", "198.51.100.7", False),
    ],
)
def test_who_is_believed(remote: str, protos: str, hops: str, expected: bool) -> None:
    assert secure(remote, protos, hops) is expected


def test_without_the_header_it_is_our_own_connection() -> None:
    request = make_mocked_request("GET", "/").clone(remote="10.0.0.1", scheme="https")
    assert is_secure(request, PROXIES)
    assert not is_secure(request.clone(scheme="http"), PROXIES)


def test_our_own_https_is_what_a_stranger_cannot_talk_away() -> None:
    assert secure("198.51.100.7", "http", scheme="https")


def test_addresses_and_schemes_are_walked_alike() -> None:
    headers = CIMultiDict(
        {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "http, https"}
    )
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="10.0.0.1")
    assert client_address(request, PROXIES) == "198.51.100.7"
    assert is_secure(request, PROXIES)
