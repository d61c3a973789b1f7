"""Buckets and the census, without a clock."""

import pytest

from signalling.errors import RateLimited
from signalling.settings import Limits
from signalling.web.limits import Bucket, Buckets, Census


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = Bucket(rate=2, burst=3, now=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert bucket.refusal().extra == {"retry_after_ms": 500}
    assert bucket.take(0.4) is False
    assert bucket.refusal().extra == {"retry_after_ms": 100}
    assert bucket.take(0.5) is True
    assert [bucket.take(100) for _ in range(4)] == [True, True, True, False]


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


def test_the_census() -> None:
    census = Census(Limits(connections_per_user=1, connections_per_address=3, unopened_total=2))
    assert census.admit("x")
    assert census.admit("x")
    assert not census.admit("x")
    assert census.open("anna")
    assert census.admit("x")
    assert not census.open("anna")
    assert not census.admit("y")
    census.leave("x", None)
    assert not census.open("anna")
    census.leave("x", "anna")
    assert census.open("anna")
    census.leave("x", "anna")
    assert (census.unopened, census.users.total(), census.addresses.total()) == (0, 0, 0)
