"""How much one connection, user, app or address may ask. Every table is bounded."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Container
from math import ceil

from signalling.errors import RateLimited
from signalling.settings import Limits

Clock = Callable[[], float]


class Bucket:
    """A token bucket: *rate* requests a second, *burst* at once. Times in seconds."""

    __slots__ = ("burst", "rate", "tokens", "updated")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self.tokens = burst
        self.updated = now

    def take(self, now: float) -> bool:
        """Use up one token, if there is one."""
        tokens = self.tokens + (now - self.updated) * self.rate
        self.updated = now
        tokens = min(tokens, self.burst)
        if tokens < 1.0:
            self.tokens = tokens
            return False
        self.tokens = tokens - 1.0
        return True

    def is_full(self, now: float) -> bool:
        """Nothing was asked for so long that a new bucket would be the same."""
        return self.tokens + (now - self.updated) * self.rate >= self.burst

    def refusal(self) -> RateLimited:
        """Return the error that says when a token will be there."""
        wait_ms = max(1, ceil((1.0 - self.tokens) / self.rate * 1000))
        return RateLimited("too many requests", retry_after_ms=wait_ms)


class Buckets:
    """A bucket for each key; at *most* keys, the one longest unused is forgotten."""

    def __init__(self, rate: float, burst: float, clock: Clock, most: int = 100_000) -> None:
        self.rate = rate
        self.burst = burst
        self.clock = clock
        self.most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def get(self, key: str) -> Bucket:
        """Return the bucket of *key*, which counts as used."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self.rate, self.burst, self.clock())
            if len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket

    def take(self, key: str) -> None:
        """Use up one token of *key*, or raise RateLimited."""
        bucket = self.get(key)
        if not bucket.take(self.clock()):
            raise bucket.refusal()

    def forget_full(self, keep: Container[str] = ()) -> None:
        """Drop the buckets that say nothing any more, but for those that connections hold."""
        now = self.clock()
        for key in [k for k, b in self._buckets.items() if b.is_full(now) and k not in keep]:
            del self._buckets[key]


class Throttle:
    """All buckets of a node, from its limits."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self.clock = clock
        self.users = Buckets(limits.user_requests_per_s, limits.user_requests_burst, clock)
        self.addresses = Buckets(limits.unopened_per_s, limits.unopened_burst, clock)
        self.apps = Buckets(limits.app_requests_per_s, limits.app_requests_burst, clock)

    def connection(self) -> Bucket:
        """Return the bucket of a new connection."""
        return Bucket(self.limits.requests_per_s, self.limits.requests_burst, self.clock())

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
