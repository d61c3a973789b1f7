"""Two processes at once: whoever races for one interpreter or one place, one of them has it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from signalling.errors import Gone, NotEligible
from signalling.store.keys import Keys
from tests.booking import HOUR_MS, MINUTE_MS, book, hence, letters, state
from tests.dispatching import dispatching, looked
from tests.world import World, customer, interpreter, request, world_at

OSLO = {"lat": 59.913, "lon": 10.739}
LILLESTROM = {"lat": 59.956, "lon": 11.05}
TIMES = 12  # of each race: which of the two is faster changes


@pytest.fixture
async def twin(world: World, valkey: str) -> AsyncIterator[World]:
    """Give another process of the same marketplace, with connections and memory of its own."""
    async with world_at(valkey) as twin:
        twin.marketplace, twin.keys = world.marketplace, Keys(world.marketplace)
        yield twin


async def accept(world: World, who: str, offer: str) -> str:
    """Accept; return "won", or why not."""
    try:
        await world.call("offer.accept", interpreter(world, who), offer=offer)
    except Gone as gone:
        return str(gone.extra["reason"])
    except NotEligible as clash:
        return clash.detail
    return "won"


async def choose(world: World, id_: str, who: str) -> str:
    """Let the customer choose somebody who could; return "won", or why not."""
    try:
        await world.call("assignment.confirm", customer(world), assignment=id_, interpreter=who)
    except NotEligible as clash:
        return clash.detail
    return "won"


async def booked(world: World, who: str) -> list[str]:
    return [b.assignment for b in (await world.get("diary", who)).bookings]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"at_min": 15}, "is booked at that time"),
        ({"at_min": 40, "mode": "onsite", "location": LILLESTROM}, "min short"),
    ],
    ids=["overlap", "travel"],
)
async def test_two_bookings_for_one_interpreter(
    world: World, twin: World, second: dict[str, Any], why: str
) -> None:
    """One is confirmed; the other is refused with the reason, and stands open for somebody else."""
    at_min, terms = second["at_min"], {k: v for k, v in second.items() if k != "at_min"}
    async with dispatching(world) as dispatcher:
        for n in range(TIMES):
            who = f"ann{n}"
            await world.register(who)
            only: dict[str, Any] = {
                "preferences": {"preferred": [who]},
                "offering": {"preferred_first": True},
            }
            start_ms = hence(world, 48)
            ids = [
                await book(world, start_ms, mode="onsite", location=OSLO, **only),
                await book(world, start_ms + at_min * MINUTE_MS, **terms, **only),
            ]
            await looked(world, dispatcher)
            offers = [(await letters(world, id_))[who] for id_ in ids]
            places = (world, twin) if n % 2 else (twin, world)
            said = await asyncio.gather(
                *(accept(at, who, offer) for at, offer in zip(places, offers, strict=True))
            )
            won = said.index("won")
            assert why in said[1 - won], said
            assert "as-" not in said[1 - won]
            assert await booked(world, who) == [ids[won]]
            assert [await state(world, id_) for id_ in ids].count("confirmed") == 1
            assert await state(world, ids[1 - won]) == "offering"


async def test_what_is_for_now_and_a_booking(world: World, twin: World) -> None:
    """They overlap: whoever takes both has one, and the other goes on."""
    async with dispatching(world) as dispatcher:
        for n in range(TIMES):
            who = f"bo{n}"
            await world.present(who)
            await world.until_status(who, "available")
            wanted: dict[str, Any] = {
                "preferences": {"preferred": [who]},
                "strategy": "one_at_a_time",
            }
            answer = await world.call("assignment.create", customer(world), **request(**wanted))
            now = answer["assignment"]["id"]
            soon = await book(world, hence(world, 0.3), **wanted)
            await looked(world, dispatcher)
            offers = [(await letters(world, id_)).get(who) for id_ in (now, soon)]
            assert all(offers), (n, offers)
            places = (world, twin) if n % 2 else (twin, world)
            said = await asyncio.gather(
                *(accept(at, who, str(offer)) for at, offer in zip(places, offers, strict=True))
            )
            assert sorted(said) == [f"interpreter {who} is booked at that time", "won"]
            assert len(await booked(world, who)) == 1


async def test_two_people_for_one_booking(world: World, twin: World) -> None:
    """The first answer anywhere wins; the other is told that it is taken, and is booked nowhere."""
    for who in ("ann", "bo"):
        await world.register(who)
    async with dispatching(world) as dispatcher:
        for n in range(TIMES):
            id_ = await book(world, hence(world, 48 + n), strategy="broadcast")
            await looked(world, dispatcher)
            offers = await letters(world, id_)
            said = await asyncio.gather(
                accept(world, "ann", offers["ann"]), accept(twin, "bo", offers["bo"])
            )
            assert sorted(said) == ["taken", "won"]
            loser = ("ann", "bo")[said.index("taken")]
            assert id_ not in await booked(world, loser)


async def test_the_same_answer_twice_at_once(world: World, twin: World) -> None:
    """From two devices by two processes: both are told that they have it."""
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        for n in range(TIMES):
            id_ = await book(world, hence(world, 48 + n))
            await looked(world, dispatcher)
            offer = (await letters(world, id_))["ann"]
            said = await asyncio.gather(accept(world, "ann", offer), accept(twin, "ann", offer))
            assert list(said) == ["won", "won"]
            assert (await booked(world, "ann")).count(id_) == 1


async def test_chosen_while_taking_something_else(world: World, twin: World) -> None:
    """The customer chooses somebody who accepts another booking of that hour just then."""
    async with dispatching(world) as dispatcher:
        for n in range(TIMES):
            who = f"cy{n}"
            await world.register(who)
            start_ms = hence(world, 48) + n * 3 * HOUR_MS
            wanted: dict[str, Any] = {
                "preferences": {"preferred": [who]},
                "strategy": "one_at_a_time",
            }
            open_ = await book(world, start_ms, interest_s=3600)
            await world.call("assignment.interest", interpreter(world, who), assignment=open_)
            other = await book(world, start_ms, **wanted)
            await looked(world, dispatcher)
            offer = (await letters(world, other))[who]
            said, chosen = await asyncio.gather(accept(twin, who, offer), choose(world, open_, who))
            assert (said == "won") is not (chosen == "won"), (said, chosen)
            assert await booked(world, who) == [other if said == "won" else open_]
