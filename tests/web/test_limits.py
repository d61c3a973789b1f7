"""The census, and the throttle of a node."""

from signalling.settings import Limits
from signalling.web.limits import Census, Throttle


def test_the_throttle_keeps_the_connected() -> None:
    """Who is connected holds a bucket: forgetting it would give them a second one."""
    now = [0.0]
    throttle = Throttle(Limits(requests_burst=2, requests_per_s=1), lambda: now[0])
    held = throttle.users.get("anna")
    throttle.users.get("bo")
    throttle.tidy({"anna"})
    assert throttle.users.get("anna") is held
    assert len(throttle.users) == 1
    own = throttle.connection()
    assert [own.take(0) for _ in range(3)] == [True, True, False]


def test_signals_have_a_bucket_of_their_own() -> None:
    bucket = Throttle(Limits(), lambda: 0.0).signals()
    assert (bucket.rate, bucket.burst) == (20_000, 20_000)


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
