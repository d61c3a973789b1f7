"""Whom nobody wakes: offers wait for the end of quiet hours, and no search ends because of them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from signalling.core import events as on
from signalling.core.booking_events import Interest
from signalling.dispatcher import Dispatcher
from tests.dispatching import KARI, dispatching, looked, ringing, told
from tests.world import HOSPITAL, TERMS, World, interpreter, operator

HOUR_MS = 3_600_000


@pytest.fixture
async def dispatcher(world: World) -> AsyncIterator[Dispatcher]:
    async with dispatching(world) as dispatcher:
        yield dispatcher


def hours(world: World, first: int, last: int) -> dict[str, str]:
    """Return quiet hours in Oslo from some hours after now until others."""
    now = datetime.fromtimestamp(world.clock.now_ms() / 1000, ZoneInfo("Europe/Oslo"))
    start, end = (now + timedelta(hours=each) for each in (first, last))
    return {"from": f"{start:%H:%M}", "to": f"{end:%H:%M}"}


async def at_night(world: World, who: str) -> None:
    """Register somebody whose quiet hours are now."""
    await world.register(who, quiet=hours(world, -3, 3))
    market = await world.market()
    await world.until(lambda: who in market.profiles)


async def by_push(world: World, who: str) -> None:
    """Let somebody be available with their app closed."""
    end_ms = world.clock.now_ms() + 2 * HOUR_MS
    await world.tell("availability", who, on.SetStatus("available", until_ms=end_ms, push=True))
    await world.until_status(who, "available")


async def test_who_is_there_of_their_own_will_rings(world: World, dispatcher: Dispatcher) -> None:
    await at_night(world, "ann")
    await world.online("ann")
    await world.until_status("ann", "available")
    await world.ask("a1")
    await looked(world, dispatcher)

    assert await ringing(world, "a1") == ["ann"]


async def test_no_phone_rings_in_quiet_hours_but_in_an_emergency(
    world: World, dispatcher: Dispatcher
) -> None:
    """The search goes on meanwhile: who opens their app is asked at once."""
    await at_night(world, "ann")
    await by_push(world, "ann")
    await world.ask("a1")
    await looked(world, dispatcher)
    await looked(world, dispatcher)

    assert await told(world) == [("searching", None), ("searching", "nobody_available")]
    assert (await world.get("assignment", "a1")).outcome["excluded"] == {"quiet_hours": 1}
    await world.ask("a2", emergency=True)
    await looked(world, dispatcher)
    assert await ringing(world, "a2") == ["ann"]
    await world.until_status("ann", "ringing")
    offer = (await world.get("assignment", "a2")).slot("1").ringing[0].id
    await world.tell("assignment", "a2", on.Decline(offer, "ann"))
    await world.until_status("ann", "available")

    await world.tell("availability", "ann", on.Connect("phone", 1))
    await world.until_status("ann", "ringing")
    assert await ringing(world, "a1") == ["ann"]


async def test_a_booking_is_offered_when_they_are_over(
    world: World, dispatcher: Dispatcher
) -> None:
    """Though they are there just now: it can wait, and it does not end the search."""
    await at_night(world, "ann")
    await world.online("ann")
    await world.until_status("ann", "available")
    market = await world.market()
    await world.ask("a1", start_ms=world.clock.now_ms() + 72 * HOUR_MS)
    await looked(world, dispatcher)
    assert (await world.get("assignment", "a1")).state == "searching"
    why = await world.call("match.explain", operator(world), assignment="a1", interpreter="ann")
    assert [each["rule"] for each in why["excluded"]] == ["quiet_hours"]

    later = hours(world, 3, 6)
    await world.register("ann", quiet=later)
    await world.until(lambda: market.profiles["ann"]["quiet"] == later)
    await looked(world, dispatcher)

    assert await ringing(world, "a1") == ["ann"]


async def test_a_booking_that_is_an_emergency_does_not_wait(
    world: World, dispatcher: Dispatcher
) -> None:
    await at_night(world, "ann")
    await world.online("ann")
    await world.until_status("ann", "available")
    await world.ask("a1", start_ms=world.clock.now_ms() + 72 * HOUR_MS, emergency=True)
    await looked(world, dispatcher)

    assert await ringing(world, "a1") == ["ann"]


async def test_others_are_asked_meanwhile(world: World, dispatcher: Dispatcher) -> None:
    await at_night(world, "ann")
    await by_push(world, "ann")
    await world.present("bo")
    await world.until_status("bo", "available")
    await world.ask("a1", strategy="broadcast")
    await looked(world, dispatcher)

    assert await ringing(world, "a1") == ["bo"]


async def test_without_a_decision_the_clock_explains(world: World) -> None:
    """Nobody has looked for anybody yet."""
    await at_night(world, "ann")
    await by_push(world, "ann")
    await world.ask("a1")

    why = await world.call("match.explain", interpreter(world, "ann"), assignment="a1")

    assert (why["eligible"], why["excluded"]) == (
        False,
        ({"rule": "quiet_hours", "text": "has quiet hours now"},),
    )


async def test_who_said_that_they_could_is_chosen_in_their_sleep(
    world: World, dispatcher: Dispatcher
) -> None:
    """Nobody is asked anything: the customer's booking stands in the morning."""
    await at_night(world, "ann")
    now_ms = world.clock.now_ms()
    terms = TERMS | {"start_ms": now_ms + 72 * HOUR_MS}
    asked = on.Create("a1", HOSPITAL, "kari", terms, interest_until_ms=now_ms, room="m1")
    await world.tell("assignment", "a1", asked)
    await world.tell("assignment", "a1", Interest("ann", True, "a1.ann", {"name": "Ann"}))
    await world.tell("assignment", "a1", on.Deadline())
    await looked(world, dispatcher)

    a = await world.get("assignment", "a1")
    assert (a.state, a.slot("1").interpreter) == ("confirmed", "ann")


async def test_who_had_taken_it_hears_at_once_that_it_has_moved(
    world: World, dispatcher: Dispatcher
) -> None:
    """It is their own booking: by the morning another might have it."""
    await world.present("ann")
    await world.until_status("ann", "available")
    start_ms = world.clock.now_ms() + 72 * HOUR_MS
    await world.ask("a1", start_ms=start_ms)
    await looked(world, dispatcher)
    offer = (await world.get("assignment", "a1")).slot("1").ringing[0].id
    await world.tell("assignment", "a1", on.Accept(offer, "ann", "m1"))
    night = hours(world, -3, 3)
    await world.register("ann", quiet=night)
    await world.register("bo")
    market = await world.market()
    await world.until(lambda: market.profiles["ann"].get("quiet") == night)
    await world.until(lambda: "bo" in market.profiles)
    await world.tell("assignment", "a1", on.Update(KARI, {"start_ms": start_ms + HOUR_MS}))
    await looked(world, dispatcher)

    assert await ringing(world, "a1") == ["ann"]


async def test_preferred_people_who_sleep_keep_nobody_waiting(
    world: World, dispatcher: Dispatcher
) -> None:
    await at_night(world, "ann")
    await world.register("bo")
    market = await world.market()
    await world.until(lambda: "bo" in market.profiles)
    terms = {"preferences": {"preferred": ["ann"]}, "offering": {"preferred_first": True}}
    await world.ask("a1", start_ms=world.clock.now_ms() + 72 * HOUR_MS, **terms)
    await looked(world, dispatcher)

    assert await ringing(world, "a1") == ["bo"]
