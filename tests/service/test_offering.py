"""How a booking is asked: by the request, by its app's rules, and what a letter gives away."""

from typing import Any

import pytest

from signalling.service.call import Caller
from signalling.store.apps import Apps
from tests.booking import MINUTE_MS, book, heard, hence, history, letters, take
from tests.dispatching import dispatching, looked
from tests.world import RIGHTS, World, customer, interpreter, operator

PEOPLE = tuple(f"p{n}" for n in range(8))


async def ruled(world: World, **rules: object) -> Caller:
    """Return a customer of an app with rules of its own."""
    apps = Apps(world.store)
    app = await apps.create("ruled", world.marketplace)
    await apps.set_rules(app.key, rules)
    return Caller(world.marketplace, app.key, "kari", "customer", rights=RIGHTS)


async def asked(world: World, caller: Caller, **terms: Any) -> list[str]:
    """Return who is asked at first for a booking."""
    for who in PEOPLE:
        await world.register(who)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 48), caller, **terms)
        await looked(world, dispatcher)
        return sorted(await letters(world, id_))


@pytest.mark.parametrize(
    ("terms", "count"),
    [
        ({"strategy": "one_at_a_time"}, 1),
        ({"strategy": "broadcast"}, 8),
        ({"strategy": "broadcast", "offering": {"largest": 5}}, 5),
        ({"offering": {"target": 0.01}}, 1),
        ({"offering": {"target": 0.99, "largest": 3}}, 3),
    ],
)
async def test_a_request_says_how_many(world: World, terms: dict[str, Any], count: int) -> None:
    assert len(await asked(world, customer(world), **terms)) == count


@pytest.mark.parametrize(
    ("rules", "terms", "count"),
    [
        ({"strategy": "broadcast"}, {}, 8),
        ({"strategy": "broadcast", "largest": 4}, {}, 4),
        ({"strategy": "broadcast"}, {"strategy": "one_at_a_time"}, 1),
        ({"strategy": "broadcast", "largest": 4}, {"offering": {"largest": 2}}, 2),
    ],
)
async def test_or_else_its_app_says(
    world: World, rules: dict[str, object], terms: dict[str, Any], count: int
) -> None:
    """Where the request is silent."""
    assert len(await asked(world, await ruled(world, **rules), **terms)) == count


@pytest.mark.parametrize("by", ["request", "app"])
async def test_those_who_are_preferred_come_first(world: World, by: str) -> None:
    """Alone; the others once they have said no."""
    terms: dict[str, Any] = {"preferences": {"preferred": ["p3", "p5"]}, "strategy": "broadcast"}
    caller = customer(world)
    if by == "app":
        caller = await ruled(world, preferred_first=True)
    else:
        terms["offering"] = {"preferred_first": True}
    for who in PEOPLE:
        await world.register(who)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 48), caller, **terms)
        await looked(world, dispatcher)
        first = await letters(world, id_)
        assert sorted(first) == ["p3", "p5"]
        for who, offer in first.items():
            await world.call("offer.decline", interpreter(world, who), offer=offer)
        await looked(world, dispatcher)
        assert sorted(await letters(world, id_)) == sorted(set(PEOPLE) - {"p3", "p5"})


async def test_one_at_a_time(world: World) -> None:
    """The next when one has said no, or nothing for as long as an offer stands."""
    for who in PEOPLE[:3]:
        await world.register(who)
    async with dispatching(world) as dispatcher:
        terms: dict[str, Any] = {"strategy": "one_at_a_time", "offering": {"offer_s": 600}}
        id_ = await book(world, hence(world, 48), **terms)
        await looked(world, dispatcher)
        ((first, offer),) = (await letters(world, id_)).items()
        await world.call("offer.decline", interpreter(world, first), offer=offer)
        await looked(world, dispatcher)
        ((second, _),) = (await letters(world, id_)).items()
        await world.pass_min(11)
        await looked(world, dispatcher)
        ((third, _),) = (await letters(world, id_)).items()
        assert sorted([first, second, third]) == sorted(PEOPLE[:3])
        (told,) = await heard(world, f"i:{second}", "offer.withdrawn")
        assert told["reason"] == "expired"


@pytest.mark.parametrize(
    ("rules", "terms", "stands_min"),
    [
        ({}, {}, 30),
        ({"offer_s": 7200}, {}, 120),
        ({"offer_s": 7200}, {"offering": {"offer_s": 900}}, 15),
    ],
)
async def test_how_long_a_letter_stands(
    world: World, rules: dict[str, object], terms: dict[str, Any], stands_min: int
) -> None:
    await world.register("ann")
    caller = await ruled(world, **rules)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 48), caller, **terms)
        await looked(world, dispatcher)
        (offer,) = (await world.get("assignment", id_)).slots[0].ringing
    assert offer.expires_ms - offer.made_ms == stands_min * MINUTE_MS


async def test_the_rules_of_before_hold(world: World) -> None:
    """What was asked for keeps the rules of its day, and its history says which they are."""
    apps = Apps(world.store)
    caller = await ruled(world, early_min=20)
    start_ms = hence(world, 48)
    id_ = await book(world, start_ms, caller)
    await apps.set_rules(caller.app, {"early_min": 5})
    a = await world.get("assignment", id_)
    assert (a.rules.early_min, a.rules.version) == (20, 2)
    staff = operator(world, caller.app)
    assert (await history(world, staff, id_))[0]["policy"] == "rules 2"


async def test_a_letter_tells_the_work_and_not_the_customer(world: World) -> None:
    """When, how long, where about, what is paid; the customer, note and place come after."""
    await world.register("ann", specialisms=["medical"])
    terms: dict[str, Any] = {
        "mode": "onsite",
        "location": {"lat": 59.91273, "lon": 10.74609},
        "timezone": "Europe/Oslo",
        "note": "Ask for Nurse Solveig",
        "requirements": {"specialisms": ["medical"], "min_qualification": "C"},
        "preferences": {"preferred": ["ann"], "blocked": ["eve"]},
        "pay": {"amount": 850, "currency": "NOK", "per": "hour"},
        "public_body": True,
    }
    start_ms = hence(world, 48)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms, **terms)
        await looked(world, dispatcher)
        letter = (await world.mails("i:ann"))[-1]
        listed = await world.call("offer.list", interpreter(world, "ann"))
        for told in (letter, listed):
            words = str(told).lower()
            for secret in ("kari", "nurse", "59.91", "10.7", "preferred", "blocked", "eve'"):
                assert secret not in words, secret
        shown = letter[1]["assignment"]
        assert shown.keys() >= {"starts_at", "timezone", "duration_min", "mode", "languages"}
        assert shown["requirements"]["specialisms"] == ["medical"]
        assert (shown["pay"]["amount"], shown["travel_min"] >= 0) == (850, True)
        assert shown["distance_band"]
        won = await take(world, dispatcher, id_, "ann")
        assert won["assignment"]["note"] == "Ask for Nurse Solveig"
        assert won["assignment"]["location"] == {"lat": 59.91273, "lon": 10.74609}
        assert "kari" not in str(won).lower()
