"""Connecting comes to one end: connected, failed, or closed."""

import pytest

from signalling.client import LegFailed
from signalling.client.attempt import Attempt


def attempt(connect_s: float = 10) -> tuple[Attempt, list[str]]:
    lost: list[str] = []
    return Attempt("p2", connect_s, lost.append), lost


async def test_connected_and_how_long_it_took() -> None:
    one, lost = attempt()
    one.succeed()
    one.succeed()
    await one.connected
    assert one.took_ms is not None
    assert 0 <= one.took_ms < 10_000
    assert lost == []
    one.close()


async def test_not_in_time() -> None:
    one, lost = attempt(0.01)
    with pytest.raises(LegFailed, match=r"p2: not connected within 0\.01 s"):
        await one.connected
    assert lost == ["not connected within 0.01 s"]
    assert one.over


async def test_what_fails_later_is_told_though_nobody_waits() -> None:
    one, lost = attempt()
    one.succeed()
    one.fail("the way is gone")
    one.fail("and again")
    await one.connected
    assert lost == ["the way is gone"]


async def test_closing_is_told_to_who_waits_alone() -> None:
    one, lost = attempt(0.02)
    one.close()
    one.close()
    one.fail("too late")
    one.succeed()
    with pytest.raises(LegFailed, match="p2: closed"):
        await one.connected
    assert one._deadline.cancelled()
    assert lost == []
    assert one.took_ms is None
