"""Series and several interpreters: what one request makes, and who takes it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signalling.core import booking_events as book_on
from signalling.errors import InvalidParams
from tests.booking import HOUR_MS, book, heard, hence, letters, shown, state, take
from tests.dispatching import dispatching, looked
from tests.world import World, customer, interpreter, request

OSLO = ZoneInfo("Europe/Oslo")
TUESDAYS = {"every": "week", "count": 5}


def last_tuesdays_of_summer(world: World) -> datetime:
    """Return ten o'clock on the Tuesday two weeks before clocks are next set back in Oslo."""
    year = datetime.fromtimestamp(world.clock.now_ms() / 1000, OSLO).year + 1
    last_sunday = max(
        day for day in range(25, 32) if datetime(year, 10, day, tzinfo=OSLO).weekday() == 6
    )
    return datetime(year, 10, last_sunday - 12, 10, tzinfo=OSLO)


async def series(world: World, first: datetime, **terms: Any) -> list[str]:
    """Ask for a series at that time on Oslo's clock; return its assignments in order."""
    asked = request(
        starts_at=f"{first:%Y-%m-%dT%H:%M}", timezone="Europe/Oslo", repeats=TUESDAYS, **terms
    )
    answer = await world.call("assignment.create", customer(world), **asked)
    a = await world.get("assignment", answer["assignment"]["id"])
    return list((await world.get("series", a.series.id)).members)


async def starts(world: World, ids: list[str]) -> list[datetime]:
    found = [await world.get("assignment", id_) for id_ in ids]
    return [datetime.fromtimestamp(a.start_ms / 1000, OSLO) for a in found]


async def test_five_tuesdays_at_ten_whatever_clocks_do(world: World) -> None:
    first = last_tuesdays_of_summer(world)
    ids = await series(world, first)
    at = await starts(world, ids)
    assert [(each.weekday(), each.hour, each.minute) for each in at] == [(1, 10, 0)] * 5
    offsets = [each.utcoffset() for each in at]
    assert offsets[:2] == [first.utcoffset()] * 2
    assert len(set(offsets)) == 2
    places = [(await shown(world, customer(world), id_))["series"] for id_ in ids]
    assert [(p["index"], p["count"]) for p in places] == [(n, 5) for n in range(1, 6)]
    assert len({p["id"] for p in places}) == 1


async def test_one_letter_for_the_whole_series(world: World) -> None:
    """It names the later dates; whoever takes the first takes them all, where they are free."""
    for who in ("ann", "bo"):
        await world.register(who)
    first = last_tuesdays_of_summer(world)
    async with dispatching(world) as dispatcher:
        ids = await series(world, first)
        at = await starts(world, ids)
        third_ms = int(at[2].timestamp() * 1000)
        elsewhere = book_on.Book("ann", "other", "1", third_ms, third_ms + HOUR_MS)
        await world.tell("interpreter", "ann", elsewhere)
        market = await world.market()
        await world.until(lambda: "ann" in market.diaries)
        await take(world, dispatcher, ids[0], "ann")
        (letter,) = await heard(world, "i:ann", "offer.made")
        later = letter["assignment"]["series"]
        assert [datetime.fromisoformat(each) for each in later] == at[1:]
        assert {each[11:16] for each in later} == {"10:00"}
        assert [await state(world, id_) for id_ in ids[:2]] == ["confirmed"] * 2
        await looked(world, dispatcher)
        assert [sorted(await letters(world, id_)) for id_ in ids] == [[], [], ["bo"], [], []]
        await take(world, dispatcher, ids[2], "bo")
    took = [(await world.get("assignment", id_)).slots[0].interpreter for id_ in ids]
    assert took == ["ann", "ann", "bo", "ann", "ann"]
    assert len((await world.get("diary", "ann")).bookings) == 5


async def test_the_first_finds_nobody(world: World) -> None:
    """The others wait no longer for it, and are offered by themselves."""
    first = last_tuesdays_of_summer(world)
    async with dispatching(world) as dispatcher:
        ids = await series(world, first)
        await world.call("assignment.cancel", customer(world), assignment=ids[0])
        await world.register("ann")
        market = await world.market()
        await world.until(lambda: "ann" in market.profiles)
        await looked(world, dispatcher)
        assert [sorted(await letters(world, id_)) for id_ in ids] == [[], *([["ann"]] * 4)]


async def test_calling_off_what_follows(world: World) -> None:
    """From one of a series on; what came before it stands."""
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        ids = await series(world, last_tuesdays_of_summer(world))
        await take(world, dispatcher, ids[0], "ann")
        kari = customer(world)
        await world.call("assignment.cancel", kari, assignment=ids[2], following=True)
    assert [await state(world, id_) for id_ in ids] == ["confirmed"] * 2 + ["cancelled"] * 3
    assert [b.assignment for b in (await world.get("diary", "ann")).bookings] == ids[:2]
    alone = await book(world, hence(world, 24))
    with pytest.raises(InvalidParams) as refused:
        await world.call("assignment.cancel", kari, assignment=alone, following=True)
    assert refused.value.path == "following"


async def test_giving_back_what_follows(world: World) -> None:
    """Whoever took a series gives the rest of it back; others are looked for."""
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        ids = await series(world, last_tuesdays_of_summer(world))
        await take(world, dispatcher, ids[0], "ann")
        ann = interpreter(world, "ann")
        await world.call("assignment.cancel", ann, assignment=ids[3], following=True)
        await looked(world, dispatcher)
        assert [await state(world, id_) for id_ in ids] == ["confirmed"] * 3 + ["searching"] * 2


async def test_a_window_of_a_series_is_about_the_first(world: World) -> None:
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        ids = await series(world, last_tuesdays_of_summer(world), interest_s=3600)
        assert [await state(world, id_) for id_ in ids] == ["gathering"] + ["searching"] * 4
        await world.call("assignment.interest", interpreter(world, "ann"), assignment=ids[0])
        await world.pass_min(61)
        await looked(world, dispatcher)
        assert [await state(world, id_) for id_ in ids] == ["confirmed"] * 5


async def test_two_for_long_work(world: World) -> None:
    """Two people, each once; it stands when both places are taken."""
    for who in ("ann", "bo", "cy"):
        await world.register(who)
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms, interpreters_needed=2, duration_min=240)
        await looked(world, dispatcher)
        a = await world.get("assignment", id_)
        asked = [[o.interpreter for o in slot.ringing] for slot in a.slots]
        assert len({who for slot in asked for who in slot}) == sum(map(len, asked))
        assert all(asked)
        await take(world, dispatcher, id_, asked[0][0])
        assert await state(world, id_) == "offering"
        await take(world, dispatcher, id_, asked[1][0])
        assert await state(world, id_) == "confirmed"
        await world.pass_to(start_ms - 10 * 60_000)
        assert await state(world, id_) == "held"
        a = await world.get("assignment", id_)
        parties = [p.address for p in (await world.get("meeting", a.meeting)).parties]
        assert sorted(parties)[1:] == sorted(f"i:{s.interpreter}" for s in a.slots)


async def test_a_date_that_has_moved_goes_its_own_way(world: World) -> None:
    """Whoever takes the first has not read of the new time, and is not booked for it."""
    for who in ("ann", "bo"):
        await world.register(who)
    async with dispatching(world) as dispatcher:
        ids = await series(world, last_tuesdays_of_summer(world))
        await looked(world, dispatcher)
        at = await starts(world, ids)
        moved = f"{at[1]:%Y-%m-%d}T14:00"
        params = {"assignment": ids[1], "starts_at": moved, "timezone": "Europe/Oslo"}
        await world.call("assignment.update", customer(world), **params)
        await world.call("assignment.update", customer(world), assignment=ids[2], note="Ward 7")
        await take(world, dispatcher, ids[0], "ann")
        await looked(world, dispatcher)
        states = [await state(world, id_) for id_ in ids]
        assert states == ["confirmed", "offering", "confirmed", "confirmed", "confirmed"]
        assert (await letters(world, ids[1])).keys() == {"ann", "bo"}
