"""Token buckets on a clock that is set by hand."""

import pytest

from signalling.errors import RateLimited
from signalling.rates import Bucket, Buckets


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = Bucket(rate=2, burst=3, now=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert bucket.refusal().extra == {"retry_after_ms": 500}
    assert bucket.take(0.4) is False
    assert bucket.refusal().extra == {"retry_after_ms": 100}
    assert bucket.take(0.5) is True
    assert [bucket.take(100) for _ in range(4)] == [True, True, True, False]


def test_one_may_count_as_several() -> None:
    bucket = Bucket(rate=1, burst=10, now=0)
    assert bucket.take(0, 9)
    assert not bucket.take(0, 9)
    assert bucket.take(0)
    assert bucket.refusal().extra == {"retry_after_ms": 1000}


def test_buckets_are_bounded_and_forgotten() -> None:
    now = [0.0]
    buckets = Buckets(1, 1, lambda: now[0], most=2)
    buckets.take("a")
    with pytest.raises(RateLimited):
        buckets.take("a")
    buckets.take("b")
    buckets.take("a2")
    assert len(buckets) == 2
    now[0] = 10
    buckets.forget_full(keep={"b"})
    assert len(buckets) == 1


def test_the_longest_unused_is_forgotten() -> None:
    """A bucket in use keeps its count when the table is full; who comes back starts anew."""
    buckets = Buckets(1, 1, lambda: 0.0, most=2)
    for key in ("a", "b", "a", "c"):
        buckets.get(key)
    buckets.get("a").take(0)
    with pytest.raises(RateLimited) as refused:
        buckets.take("a")
    assert refused.value.extra["retry_after_ms"] == 1000
    buckets.take("b")
