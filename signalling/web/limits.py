"""How much one connection, user, app or address may ask. Every table is bounded."""

from collections import Counter
from collections.abc import Container

from signalling.rates import Bucket, Buckets, Clock
from signalling.settings import Limits

__all__ = ["Bucket", "Buckets", "Census", "Clock", "Throttle"]


class Throttle:
    """All buckets of a node, from its limits."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self.clock = clock
        self.users = Buckets(limits.user_requests_per_s, limits.user_requests_burst, clock)
        self.addresses = Buckets(limits.unopened_per_s, limits.unopened_burst, clock)
        self.apps = Buckets(limits.app_requests_per_s, limits.app_requests_burst, clock)

    def connection(self) -> Bucket:
        """Return the bucket for the requests of a new connection."""
        return Bucket(self.limits.requests_per_s, self.limits.requests_burst, self.clock())

    def signals(self) -> Bucket:
        """Return the bucket for the signals of a connection."""
        return Bucket(self.limits.signals_per_s, self.limits.signals_burst, self.clock())

    def tidy(self, connected: Container[str]) -> None:
        """Forget what says nothing; users who are *connected* are not forgotten."""
        self.users.forget_full(connected)
        self.addresses.forget_full()
        self.apps.forget_full()


class Census:
    """Counts the sockets of each user and network address, and those not opened yet."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.users: Counter[str] = Counter()
        self.addresses: Counter[str] = Counter()
        self.unopened = 0

    def admit(self, address: str) -> bool:
        """Count a new socket, unless there are too many."""
        limits = self.limits
        if self.unopened >= limits.unopened_total:
            return False
        if self.addresses[address] >= limits.connections_per_address:
            return False
        self.addresses[address] += 1
        self.unopened += 1
        return True

    def open(self, user: str) -> bool:
        """Count an unopened socket as *user*'s, unless they have too many."""
        if self.users[user] >= self.limits.connections_per_user:
            return False
        self.users[user] += 1
        self.unopened -= 1
        return True

    def leave(self, address: str, user: str | None) -> None:
        """Forget a socket; *user* is None if it never opened."""
        _subtract(self.addresses, address)
        if user is None:
            self.unopened -= 1
        else:
            _subtract(self.users, user)


def _subtract(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]
