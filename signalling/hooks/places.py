"""Where webhooks may lead: not into the network that the server stands in, unless it is let."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

from aiohttp.abc import AbstractResolver
from yarl import URL

from signalling.errors import InvalidParams

LOOKUP_S: Final = 5.0
# Said of private addresses as of none: nobody learns names of the server's own network here.
NOWHERE: Final = "its host has no public address"
USUAL_PORTS: Final = frozenset({80, 443})
FIRST_FREE_PORT: Final = 1024  # below it other services are found, e.g. mail
MAPPED: Final = IPv6Network("::ffff:0:0/96")
NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052
GLOBAL: Final = IPv6Network("2000::/3")
# What Python calls global: protocols' own, relays of 6to4, Azure's host, tunnels with IPv4 inside.
SPECIAL: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv6Network("2001::/23"),
    IPv6Network("2002::/16"),
)

AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]


class NotAllowed(OSError):
    """A webhook leads to an address where none may; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Places:
    """What the configuration allows."""

    allow_http: bool = False
    allow_private: bool = False

    def check_url(self, text: str) -> URL:
        """Return a webhook's URL, or raise InvalidParams that says what is wrong with it."""
        try:
            url = URL(text)
            port = url.port
        except ValueError:
            raise _refused("not a URL") from None
        if url.scheme != "https" and not (self.allow_http and url.scheme == "http"):
            raise _refused("webhooks are https")
        if not url.host:
            raise _refused("a URL has a host")
        if url.raw_user is not None or url.raw_password is not None:
            raise _refused("no user or password in a URL: deliveries are signed")
        if port is None or not (port in USUAL_PORTS or port >= FIRST_FREE_PORT):
            raise _refused(f"port 443, 80, or {FIRST_FREE_PORT} and above")
        return url

    async def check(self, text: str, resolver: AbstractResolver) -> None:
        """Raise InvalidParams for a URL that leads, as far as can be told now, where it may not."""
        url = self.check_url(text)
        try:
            async with asyncio.timeout(LOOKUP_S):
                found = await resolver.resolve(url.host or "", url.port or 0, socket.AF_UNSPEC)
        except OSError:
            raise _refused(NOWHERE) from None
        if not all(self.allows(each["host"]) for each in found):
            raise _refused(NOWHERE)

    def allows(self, address: str) -> bool:
        return self.allow_private or is_public(address)

    def open_socket(self, info: AddrInfo) -> socket.socket:
        """Return a socket for the very address that is connected to; raise `NotAllowed`.

        Whatever a name stood for when it was looked at before, this is where it leads now.
        """
        family, kind, protocol, _, address = info
        if not self.allows(address[0]):
            raise NotAllowed(NOWHERE)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the internet's, for one host, with no other inside."""
    ip: IPv4Address | IPv6Address = ip_address(address)
    if ip.version == 6 and (ip in MAPPED or ip in NAT64):
        ip = IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    if any(ip.version == net.version and ip in net for net in SPECIAL):
        return False
    return ip.version == 4 or ip in GLOBAL


def _refused(why: str) -> InvalidParams:
    return InvalidParams(why, path="url")
