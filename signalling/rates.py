"""Token buckets: how often somebody may do something. Every table is bounded."""

from collections import OrderedDict
from collections.abc import Callable, Container
from math import ceil

from signalling.errors import RateLimited

Clock = Callable[[], float]


class Bucket:
    """A token bucket: *rate* requests a second, *burst* at once. Times in seconds."""

    __slots__ = ("burst", "rate", "tokens", "updated")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self.tokens = burst
        self.updated = now

    def take(self, now: float, count: float = 1.0) -> bool:
        """Use up *count* tokens, if they are there."""
        tokens = self.tokens + (now - self.updated) * self.rate
        self.updated = now
        tokens = min(tokens, self.burst)
        if tokens < count:
            self.tokens = tokens
            return False
        self.tokens = tokens - count
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
        """Drop the buckets that say nothing any more, but for those to *keep*."""
        now = self.clock()
        for key in [k for k, b in self._buckets.items() if b.is_full(now) and k not in keep]:
            del self._buckets[key]
