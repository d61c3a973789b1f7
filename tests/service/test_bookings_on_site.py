"""Bookings on site: checking in, being late, and done before it was to begin."""

from typing import Any

import pytest

from signalling.errors import IllegalTransition, NotFound
from tests.booking import HOUR_MS, MINUTE_MS, book, hence, letters, shown, state, take
from tests.dispatching import dispatching, looked
from tests.world import OSLO, World, customer, interpreter, operator

BERGEN = {"lat": 60.393, "lon": 5.324}
NEAR = {"lat": 59.92, "lon": 10.75}


async def on_site(world: World, start_ms: int, **terms: Any) -> str:
    return await book(world, start_ms, mode="onsite", location=OSLO, **terms)


async def test_checking_in(world: World) -> None:
    """From an hour before the start; the position is kept to the square kilometre."""
    await world.register("ann")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await on_site(world, start_ms)
        await take(world, dispatcher, id_, "ann")
        ann = interpreter(world, "ann")
        with pytest.raises(IllegalTransition):
            await world.call("assignment.check_in", ann, assignment=id_)
        with pytest.raises(NotFound):
            await world.call("assignment.check_in", interpreter(world, "bo"), assignment=id_)
        await world.pass_to(start_ms - 20 * MINUTE_MS)
        here = {"lat": 59.91312, "lon": 10.73911}
        for _ in range(2):  # a retry
            there = await world.call("assignment.check_in", ann, assignment=id_, position=here)
            assert there["assignment"]["state"] == "in_progress"
        assert "59.91312" not in str(await world.body("assignment", id_))
        for caller in (ann, customer(world)):
            assert "checked_in_position" not in (await shown(world, caller, id_))["slots"][0]
        (slot,) = (await shown(world, operator(world), id_))["slots"]
        assert slot["checked_in_position"] == pytest.approx(here, abs=0.01)
        assert "late" not in (await shown(world, customer(world), id_))["slots"][0]
        assert (await world.get("availability", "ann")).status == "in_meeting"
        await world.pass_to(start_ms + 40 * MINUTE_MS)
        await world.call("assignment.complete", ann, assignment=id_)
    (slot,) = (await shown(world, customer(world), id_))["slots"]
    assert slot["minutes"] == 40
    assert slot["checked_in_at"] < slot["started_at"]


async def test_done_before_it_was_to_begin(world: World) -> None:
    """Nobody has worked for less than no time."""
    await world.register("ann")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await on_site(world, start_ms)
        await take(world, dispatcher, id_, "ann")
        await world.pass_to(start_ms - 20 * MINUTE_MS)
        for method in ("check_in", "complete"):
            await world.call(f"assignment.{method}", interpreter(world, "ann"), assignment=id_)
    (slot,) = (await shown(world, customer(world), id_))["slots"]
    assert (slot["state"], slot["minutes"]) == ("wrap_up", 0)


async def test_whoever_is_not_there_is_late(world: World) -> None:
    """Five minutes after the start; who then comes is at work all the same."""
    await world.register("ann")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await on_site(world, start_ms)
        await take(world, dispatcher, id_, "ann")
        await world.pass_to(start_ms + 4 * MINUTE_MS)
        assert "late" not in (await shown(world, customer(world), id_))["slots"][0]
        await world.pass_to(start_ms + 5 * MINUTE_MS)
        assert (await shown(world, customer(world), id_))["slots"][0]["late"] is True
        await world.call("assignment.check_in", interpreter(world, "ann"), assignment=id_)
    assert await state(world, id_) == "in_progress"


async def test_nobody_checks_in_and_nobody_complains(world: World) -> None:
    """The work is held to be done when it and a while after it are over."""
    await world.register("ann")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await on_site(world, start_ms)
        await take(world, dispatcher, id_, "ann")
        await world.pass_to(start_ms + 6 * HOUR_MS)
    assert await state(world, id_) == "completed"
    assert (await world.get("diary", "ann")).bookings == ()


async def test_travel_is_told_and_counted(world: World) -> None:
    """The offer says how far; there is no time to be in Bergen half an hour after Oslo."""
    await world.register("ann")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms, mode="onsite", location=NEAR)
        await looked(world, dispatcher)
        a = await world.get("assignment", id_)
        (offer,) = a.slots[0].ringing
        assert offer.made["assignment"]["travel_min"] > 0
        assert offer.made["assignment"]["distance_band"]
        await take(world, dispatcher, id_, "ann")
        market = await world.market()
        await world.until(lambda: "ann" in market.diaries)
        soon = start_ms + HOUR_MS
        far = await book(world, soon, mode="onsite", location=BERGEN)
        by_video = await book(world, soon)
        await looked(world, dispatcher)
        assert await letters(world, far) == {}
        assert (await letters(world, by_video)).keys() == {"ann"}
