"""Where webhooks may lead."""

import socket

import pytest

from signalling.errors import InvalidParams
from signalling.hooks.places import NotAllowed, Places, is_public
from tests.hooks.receiver import Names

STRICT = Places()


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_internet(address: str) -> None:
    """By IPv4 inside of IPv6 too, where networks have nothing else."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254",
        "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001::1",
    ],
)  # fmt: skip
def test_everything_else(address: str) -> None:
    """This machine, networks of one's own, hosts that tell a cloud's secrets, and tunnels there."""
    assert not is_public(address)
    with pytest.raises(NotAllowed):
        STRICT.open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)))


def test_who_may_go_anywhere() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 443))
    with Places(allow_private=True).open_socket(info) as made:
        assert made.getblocking() is False


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/in", "https"),
        ("ftp://example.org/in", "https"),
        ("example.org", "https"),
        ("https:///in", "host"),
        ("https://[::1/in", "not a URL"),
        ("https://example.org:99999/", "not a URL"),
        ("https://user:word@example.org/in", "user or password"),
        ("https://user@example.org/in", "user or password"),
        ("https://example.org:25/in", "port"),
        ("https://example.org:22/in", "port"),
    ],
)
def test_bad_urls_say_why(url: str, why: str) -> None:
    with pytest.raises(InvalidParams, match=why) as refused:
        STRICT.check_url(url)
    assert refused.value.path == "url"


def test_good_urls() -> None:
    for url in ("https://example.org/in?x=1", "https://example.org:8443/", "https://[2606::1]/"):
        assert str(STRICT.check_url(url)) == url
    assert Places(allow_http=True).check_url("http://example.org/").port == 80


async def test_a_name_is_looked_up() -> None:
    """None of its addresses may be a private one, however the private one is written."""
    names = Names(good=["8.8.8.8"], bad=["10.0.0.1"])
    await STRICT.check("https://good.example.org/in", names)
    with pytest.raises(InvalidParams, match="no public address"):
        await STRICT.check("https://bad.example.org/in", names)
    with pytest.raises(InvalidParams, match="no public address"):
        await STRICT.check("https://unknown.example.org/in", names)
    await Places(allow_private=True).check("https://bad.example.org/in", names)
