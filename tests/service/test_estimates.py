"""How long it would take, and what would work better, as customers and their apps read it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signalling.core.times import rfc3339
from signalling.errors import Forbidden, InvalidParams, RateLimited
from tests.world import World, customer, operator, request, staff_app

HOUR_MS = 3_600_000
PHONE = {"modes": ["audio"]}


async def expected(world: World, caller: Any = None, **terms: Any) -> dict[str, Any]:
    whole = request(**terms)
    answer = await world.call("match.estimate", caller or customer(world), **whole)
    assert isinstance(answer, dict)
    return answer


async def here(world: World, *people: str, **fields: Any) -> None:
    for who in people:
        await world.register(who, **fields)
        await world.online(who)
    market = await world.market()
    await world.until(lambda: all(market.population.present([who]) for who in people))


def opening(in_h: int) -> tuple[dict[str, Any], int]:
    """Return a calendar in UTC whose hours begin in about so many hours, and when."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=in_h)
    end = start + timedelta(hours=2)
    hours = {"day": f"{start:%A}".lower(), "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    calendar = {"calendar": {"weekly": [hours]}, "timezone": "UTC"}
    return calendar, int(start.timestamp()) * 1000


async def test_of_those_who_are_here(world: World) -> None:
    await here(world, *(f"i{n}" for n in range(8)))
    found = await expected(world)
    assert found["low_s"] < found["wait_s"] < found["high_s"] < 60
    assert (found["probability"], found["available"]) == (0.95, 8)
    assert found["basis"] == {"online": 8, "recent": 0}
    assert found["text"].startswith("About ")
    assert found["proposals"] == ()


async def test_the_truth_in_a_sentence(world: World) -> None:
    """Nobody by video before their hours begin, on the phone at once; in the zone asked for."""
    await here(world, "ann", "bo", "cy", modes=["audio"], calendar={"weekly": []})
    calendar, start_ms = opening(5)
    await world.register("di", **calendar | {"modes": ["video"]})
    market = await world.market()
    await world.until(lambda: "di" in market.population)
    found = await expected(world, timezone="Asia/Kolkata")
    local = datetime.fromtimestamp(start_ms / 1000, ZoneInfo("Asia/Kolkata"))
    assert found["text"].startswith("Nobody by video before ")
    assert f"{local:%H:%M}; on the phone at once." in found["text"]
    assert found["next_at"] == rfc3339(start_ms)
    assert (found["probability"], found["available"]) == (0, 0)
    assert not {"wait_s", "low_s", "high_s"} & found.keys()
    changes = [each["change"] for each in found["proposals"]]
    assert changes == [{"mode": "audio"}, {"starts_at": rfc3339(start_ms)}]
    assert found["proposals"][1]["text"].endswith(f"{local:%H:%M}")


async def test_changes_are_terms_to_put_in_place(world: World) -> None:
    """Each is a whole member of the request: put in, it gives what was promised."""
    await here(world, *(f"i{n}" for n in range(6)), gender="male")
    wanted = {"gender": "female", "min_qualification": "A", "specialisms": ["court"]}
    for name, value in wanted.items():
        found = await expected(world, requirements={name: value})
        assert found["proposals"]
        for each in found["proposals"]:
            again = await expected(world, **each["change"])
            assert again["probability"] == each["probability"]
    needed = await expected(world, requirements={"min_qualification": "A"})
    (best, *_) = needed["proposals"]
    floor = best["change"]["requirements"]["min_qualification"]
    assert (best["text"], floor["category"]) == ("category B instead of A", "B")
    short = await expected(world, requirements={"gender": "female"}, duration_min=60)
    assert short["proposals"][0]["change"] == {"requirements": {}}


async def test_half_the_time_where_people_leave(world: World) -> None:
    await here(world, "ann", "bo", "cy")
    market, until_ms = await world.market(), world.clock.now_ms() + HOUR_MS
    for who in ("ann", "bo", "cy"):
        market.population.set_free_until(who, until_ms)
    found = await expected(world, duration_min=90)
    assert found["proposals"][0]["change"] == {"duration_min": 45}


async def test_the_recent_past_counts(world: World) -> None:
    """What the life cycles log is what estimates read."""
    await here(world, "ann", "bo", "cy")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.accept("a1", "ann")
    await world.until_status("ann", "held")
    assert (await expected(world))["basis"] == {"online": 2, "recent": 1}
    assert (await expected(world, mode="audio"))["basis"]["recent"] == 0


async def test_a_booking(world: World) -> None:
    for who in ("ann", "bo"):
        await world.register(who)
    market = await world.market()
    await world.until(lambda: len(market.profiles) == 2)
    later = rfc3339(world.clock.now_ms() + 24 * HOUR_MS)
    found = await expected(world, starts_at=later)
    assert found["text"].startswith("2 people are free then; ")
    assert (found["available"], found["basis"]) == (2, {"online": 2, "recent": 0})
    assert "wait_s" not in found


async def test_what_is_asked_on_site_needs_a_place(world: World) -> None:
    await here(world, "ann", "bo", "cy")
    oslo = {"lat": 59.9, "lon": 10.7}
    assert (await expected(world, mode="onsite", location=oslo))["available"] == 3
    with pytest.raises(InvalidParams) as refused:
        await expected(world, mode="onsite")
    assert refused.value.path == "location"


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"languages": {"from": "Kurdish", "to": "no"}}, "languages.from"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"starts_at": "2001-01-01T00:00:00Z"}, "starts_at"),
        ({"requirements": {"min_qualification": "Q"}}, "requirements.min_qualification"),
    ],
)
async def test_what_cannot_be_asked(world: World, terms: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        await expected(world, **terms)
    assert refused.value.path == path


async def test_who_may_ask_for_whom(world: World) -> None:
    with pytest.raises(Forbidden):
        await expected(world, customer="liv")
    for caller in (operator(world), staff_app(world)):
        assert (await expected(world, caller, customer="kari"))["available"] == 0
        assert (await expected(world, caller))["available"] == 0


async def test_whom_a_customer_blocked_is_not_counted(world: World) -> None:
    await here(world, "ann", "bo", "cy", "di")
    found = await expected(world, preferences={"blocked": ["ann"]})
    assert found["available"] == 3


async def test_estimates_are_rationed_by_customer(world: World) -> None:
    """A customer who asks all day costs no more than that; the others are not bothered."""

    async def ask(times: int) -> None:
        for _ in range(times):
            await expected(world)

    await ask(60)
    with pytest.raises(RateLimited):
        await ask(60)  # two are added in a second, and one takes some ms
    assert (await expected(world, customer(world, "liv")))["available"] == 0
    await world.ask("a1")


async def test_answers_are_made_from_the_market_alone(world: World) -> None:
    """Nothing is asked of anybody, nothing reserved."""
    await here(world, "ann")
    assert await expected(world) == await expected(world)
    assert await world.index("searching") == []
    assert await world.mails("i:ann") == []
