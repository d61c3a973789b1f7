"""Whose network address a request comes from, behind proxies that are trusted."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from aiohttp import web

Networks = tuple[str, ...]


class Trusted:
    """The networks of proxies whose X-Forwarded-For is believed."""

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
    hops = [
        hop.strip()
        for line in request.headers.getall("X-Forwarded-For", ())
        for hop in line.split(",")
    ]
    while hops and trusted.covers(address):
        address = hops.pop()[:64]
    return address
