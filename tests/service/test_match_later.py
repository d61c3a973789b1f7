"""Searches for a time to come: nobody needs to be here now, everybody's calendar counts."""

from typing import Any

import pytest

from signalling.core.times import rfc3339
from signalling.errors import InvalidParams
from tests.world import World, customer, operator, request

DAY_MS = 86_400_000
NEVER: dict[str, Any] = {"weekly": ()}


async def names(world: World, start_ms: int, **terms: Any) -> list[str]:
    starts_at = rfc3339(start_ms)
    whole = request(starts_at=starts_at, timezone="Europe/Oslo", **terms)
    answer = await world.call("match.search", customer(world), **whole)
    return [match["interpreter"]["id"] for match in answer["matches"]]


@pytest.fixture
async def town(world: World) -> World:
    """Give Ann, who is absent; Bo, who takes no bookings but is here."""
    await world.register("ann")
    await world.register("bo", calendar=NEVER)
    await world.online("bo")
    market = await world.market()
    await world.until(lambda: market.available == 1 and len(market.profiles) == 2)
    return world


async def test_who_is_open_then_is_found_whoever_is_here_now(town: World) -> None:
    now_ms = town.clock.now_ms()
    assert await names(town, now_ms + DAY_MS) == ["ann"]
    assert await names(town, now_ms) == ["bo"]


async def test_why_the_list_is_thin_then(town: World) -> None:
    starts_at = rfc3339(town.clock.now_ms() + DAY_MS)
    answer = await town.call("match.search", customer(town), **request(starts_at=starts_at))
    assert answer["excluded"] == {"calendar": 1}


async def test_times_that_are_over_or_no_time(town: World) -> None:
    for start_ms in (town.clock.now_ms() - DAY_MS, town.clock.now_ms() + 800 * DAY_MS):
        with pytest.raises(InvalidParams) as refused:
            await names(town, start_ms)
        assert refused.value.path == "starts_at"
    with pytest.raises(InvalidParams) as refused:
        await town.call("match.search", customer(town), **request(timezone="Mars/Olympus"))
    assert refused.value.path == "timezone"


async def test_an_impossible_calendar_names_its_field(town: World) -> None:
    twice = {"weekly": [{"day": "monday", "start": "08:00", "end": "16:00"}] * 2}
    with pytest.raises(InvalidParams) as refused:
        await town.register("cy", calendar=twice)
    assert refused.value.path == "interpreter.calendar.weekly.1"
    profile = (await town.call("interpreter.get", operator(town), interpreter="bo"))["interpreter"]
    assert profile["calendar"] == NEVER
