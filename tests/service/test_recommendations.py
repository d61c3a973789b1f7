"""assignment.recommend: what is open and fits, for whom, and what it tells."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.core.booking_events import Book, Interest
from signalling.core.times import rfc3339
from signalling.errors import NotFound, RateLimited
from signalling.service import recommendations
from signalling.service.call import Caller
from tests.world import HOSPITAL, OSLO, TERMS, World, interpreter, operator

HOUR_MS = 3_600_000
ASKER = {"lat": 59.835, "lon": 10.435}
BERGEN = {"lat": 60.39, "lon": 5.32}


async def fitting(world: World, caller: Caller, **params: Any) -> list[dict[str, Any]]:
    answer = await world.call("assignment.recommend", caller, **params)
    return list(answer["recommendations"])


async def ids(world: World, caller: Caller, **params: Any) -> list[str]:
    found = await fitting(world, caller, **params)
    return [each["assignment"]["id"] for each in found]


def later(world: World) -> dict[str, Any]:
    """Return the terms of a booking in two hours."""
    return {"start_ms": world.clock.now_ms() + 2 * HOUR_MS, "starts_at": "2027-01-15T10:00:00Z"}


@pytest.fixture
async def ann(world: World) -> Caller:
    """Give Ann, who interprets Somali and is there now."""
    await world.present("ann")
    market = await world.market()
    await world.until(lambda: market.available == 1)
    return interpreter(world, "ann")


async def test_says_what_it_is_and_why_it_fits(world: World, ann: Caller) -> None:
    """As an offer does: never who the customer is."""
    await world.ask("a1", mode="onsite", location=OSLO, note="Ward 7", **later(world))
    (found,) = await fitting(world, ann)
    assert found["assignment"]["id"] == "a1"
    assert found["assignment"]["starts_at"] == "2027-01-15T10:00:00Z"
    assert found["assignment"]["distance_band"] == "under 5 km"
    assert found["assignment"]["travel_min"] > 0
    assert found["reasons"]
    assert found["score"] == sum(reason["contribution"] for reason in found["reasons"])
    assert "interested" not in found
    assert "kari" not in str(found)
    assert "Ward 7" not in str(found)


async def test_the_best_come_first(
    world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of several slices, between which others go on."""
    near = later(world) | {"mode": "onsite", "location": OSLO}
    await world.ask("far", **near | {"location": ASKER})
    await world.ask("near", **near)
    assert await ids(world, ann) == ["near", "far"]
    assert await ids(world, ann, limit=1) == ["near"]
    monkeypatch.setattr(recommendations, "AT_ONCE", 1)
    assert await ids(world, ann) == ["near", "far"]
    assert await ids(world, ann, limit=1) == ["near"]


async def test_interpreters_do_not_read_who_prefers_them(world: World, ann: Caller) -> None:
    await world.ask("a1", preferences={"preferred": ["ann"]}, **later(world))
    (found,) = await fitting(world, ann)
    assert "preference" not in {reason["feature"] for reason in found["reasons"]}
    (found,) = await fitting(world, operator(world), interpreter="ann")
    assert "preference" in {reason["feature"] for reason in found["reasons"]}


async def test_never_what_they_are_excluded_from(world: World, ann: Caller) -> None:
    await world.register("ann", blocked_customers=["ola"], conflicts=["per"])
    market = await world.market()
    await world.until(lambda: "blocked_customers" in market.profiles["ann"])
    booking = TERMS | later(world)
    for who in ("ola", "per"):
        await world.tell("assignment", who, on.Create(who, HOSPITAL, who, booking))
    await world.ask("blocked", preferences={"blocked": ["ann"]}, **later(world))
    await world.ask("lacking", requirements={"specialisms": ["court"]}, **later(world))
    await world.ask("distant", mode="onsite", location=BERGEN, **later(world))
    await world.ask("foreign", languages={"from": "ti", "to": "no"}, **later(world))
    await world.ask("fits", **later(world))
    assert await ids(world, ann) == ["fits"]


async def test_not_what_they_were_asked_for(world: World, ann: Caller) -> None:
    """Whether they declined or it still rings; changed terms make it new to them."""
    await world.ask("a1", **later(world))
    await world.ring("a1", "ann")
    assert await ids(world, ann) == []
    await world.tell("assignment", "a1", on.Decline("a1.ann", "ann"))
    assert await ids(world, ann) == []
    await world.tell("assignment", "a1", on.Update("c", {"duration_min": 60}))
    assert await ids(world, ann) == ["a1"]


async def test_only_while_it_is_open(world: World, ann: Caller) -> None:
    await world.present("bo")
    for id_ in ("taken", "cancelled", "offered"):
        await world.ask(id_)
    await world.ring("taken", "bo")
    await world.accept("taken", "bo")
    await world.tell("assignment", "cancelled", on.Cancel("c"))
    await world.present("cy")
    await world.ring("offered", "cy")
    assert await ids(world, ann) == ["offered"]


async def test_what_begins_now_needs_them_there(world: World, ann: Caller) -> None:
    await world.ask("now")
    await world.ask("then", **later(world))
    assert sorted(await ids(world, ann)) == ["now", "then"]
    await world.tell("availability", "ann", on.SetStatus("busy"))
    await world.until_status("ann", "busy")
    assert await ids(world, ann) == ["then"]


async def test_what_they_said_that_they_could_take(world: World, ann: Caller) -> None:
    """Until it is decided they see that they did."""
    until_ms = world.clock.now_ms() + HOUR_MS
    create = on.Create("a1", HOSPITAL, "kari", TERMS | later(world), interest_until_ms=until_ms)
    await world.tell("assignment", "a1", create)
    await world.tell("assignment", "a1", Interest("ann", True, "a1.o1", {}))
    (found,) = await fitting(world, ann)
    assert (found["interested"], found["interest_until"]) == (True, rfc3339(until_ms))


async def test_of_one_mode(world: World, ann: Caller) -> None:
    for mode in ("audio", "video"):
        await world.ask(mode, mode=mode, **later(world))
    assert await ids(world, ann, mode="audio") == ["audio"]


async def test_what_accepts_substitutes(world: World) -> None:
    await world.register("dina", "prs")
    market = await world.market()
    await world.until(lambda: "dina" in market.profiles)
    hazaragi = later(world) | {"languages": {"from": "haz", "to": "no"}}
    await world.ask("strict", **hazaragi)
    await world.ask("open", requirements={"accept_substitutes": True}, **hazaragi)
    (found,) = await fitting(world, interpreter(world, "dina"))
    assert (found["assignment"]["id"], found["assignment"]["substitute"]) == ("open", "Dari")


async def test_who_reads_whose(world: World, ann: Caller) -> None:
    """Interpreters serve every app; staff see what their own app asks for."""
    await world.ask("a1", **later(world))
    await world.tell("assignment", "a2", on.Create("a2", "court", "eva", TERMS | later(world)))
    assert sorted(await ids(world, ann)) == ["a1", "a2"]
    for app, own in ((HOSPITAL, "a1"), ("court", "a2")):
        (found,) = await fitting(world, operator(world, app), interpreter="ann")
        assert found["assignment"]["id"] == own
    for caller, named in ((ann, "bo"), (operator(world), "nobody"), (operator(world), None)):
        with pytest.raises(NotFound):
            await fitting(world, caller, interpreter=named)


async def test_looks_at_the_newest(
    world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommendations, "MOST", 2)
    for number in range(3):
        now = world.clock.now_ms()
        monkeypatch.setattr(world.clock, "now_ms", lambda now=now: now + 1)
        await world.ask(f"a{number}", **later(world))
    assert sorted(await ids(world, ann)) == ["a1", "a2"]


async def lives(world: World, home: dict[str, float]) -> None:
    """Let Ann live there, to the metre."""
    market = await world.market()
    await world.register("ann", location=home, exact_location=True)
    await world.until(lambda: market.profiles["ann"]["location"] == home)


async def test_who_moves_about_does_not_find_the_place(world: World, ann: Caller) -> None:
    """Of all places of a square kilometre one is told the same, wherever one says one lives."""
    corners = ({"lat": 59.9136, "lon": 10.7560}, {"lat": 59.9215, "lon": 10.7720})
    for id_, corner in zip(("a1", "a2"), corners, strict=True):
        await world.ask(id_, mode="onsite", location=corner, **later(world))
    for n in range(12):
        await lives(world, {"lat": 59.99 + n / 500, "lon": 10.75})
        one, other = await fitting(world, ann)
        ways = [[x["assignment"][k] for k in ("distance_band", "travel_min")] for x in (one, other)]
        assert (ways[0], one["score"]) == (ways[1], other["score"])


async def test_at_the_place_of_another_job_there_is_no_way_between(
    world: World, ann: Caller
) -> None:
    terms = later(world)
    ends_ms = terms["start_ms"] + 30 * 60_000
    place = {"lat": 59.91234, "lon": 10.75321}
    first = Book("ann", "b1", "1", terms["start_ms"], ends_ms, place)
    await world.tell("interpreter", "ann", first)
    market = await world.market()
    await world.until(lambda: "ann" in market.diaries)
    next_ = {"mode": "onsite", "location": place, "start_ms": ends_ms}
    await world.ask("a1", **terms | next_)
    assert await ids(world, ann) == ["a1"]


async def test_nobody_asks_all_day(world: World, ann: Caller) -> None:
    """Each answer is worked out from hundreds of assignments; others do not wait for that."""
    await world.register("bo")
    for _ in range(recommendations.ASKED_AT_ONCE):
        await fitting(world, ann)
    with pytest.raises(RateLimited):
        await fitting(world, ann)
    market = await world.market()
    await world.until(lambda: "bo" in market.profiles)
    await fitting(world, interpreter(world, "bo"))
    await world.pass_min(0.1)
    await fitting(world, ann)
