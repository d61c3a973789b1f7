"""Whence a request comes, and how securely, behind proxies that are trusted."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from aiohttp import web

Networks = tuple[str, ...]


class Trusted:
    """The networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    def __init__(self, networks: Iterable[str]) -> None:
        self.networks = tuple(ip_network(network) for network in networks)

    def covers(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)


def client_address(request: web.Request, trusted: Trusted) -> str:
    """Return the last address on the way here that is not a trusted proxy's.

    Anything further left in X-Forwarded-For was written by that client, and is not believed.
    """
    address = request.remote or "unknown"
    if not trusted.networks:
        return address
    hops = _listed(request, "X-Forwarded-For")
    while hops and trusted.covers(address):
        address = hops.pop()[:64]
    return address


def is_secure(request: web.Request, trusted: Trusted) -> bool:
    """Return whether the client speaks https, to us or to the last of the trusted proxies.

    Proxies either replace X-Forwarded-Proto or add to it; one value is so the outermost proxy's.
    """
    secure, address = request.secure, request.remote or "unknown"
    hops = _listed(request, "X-Forwarded-For")
    schemes = _listed(request, "X-Forwarded-Proto")
    while schemes and trusted.covers(address):
        secure = schemes.pop().lower() in {"https", "wss"}
        address = hops.pop() if hops else "unknown"
    return secure


def _listed(request: web.Request, header: str) -> list[str]:
    """Return the values of a header that each proxy adds to, the nearest one's last."""
    lines = request.headers.getall(header, ())
    return [value.strip() for line in lines for value in line.split(",")]
