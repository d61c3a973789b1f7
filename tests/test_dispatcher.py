"""Waiting assignments become offers: whom, when, and what the customer hears if nobody can."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from signalling import rounds
from signalling.core import events as on
from signalling.core.effects import Bounds
from signalling.dispatcher import Dispatcher
from signalling.rounds import SPARES
from signalling.translate import request_of
from tests.dispatching import KARI, dispatching, looked, ringing, settled, told
from tests.world import TERMS, World, operator


@pytest.fixture
async def dispatcher(world: World) -> AsyncIterator[Dispatcher]:
    """Give a dispatcher that serves the marketplace."""
    async with dispatching(world) as dispatcher:
        yield dispatcher


async def test_two_at_once_ring_different_people(world: World) -> None:
    """Whoever is picked is reserved before anything is awaited: nobody has to be replaced."""
    await world.present(*(f"p{n:02}" for n in range(30)))
    ids = [f"a{n}" for n in range(6)]
    for id_ in ids:
        await world.ask(id_)
    async with dispatching(world) as dispatcher:
        await settled(dispatcher)
        await dispatcher.watch(world.marketplace)  # again is harmless

    everybody = [who for id_ in ids for who in await ringing(world, id_)]
    assert len(everybody) == len(set(everybody)) >= len(ids)
    for id_ in ids:
        a = await world.get("assignment", id_)
        picked = await world.get("decision", a.decisions[0])
        best = [entry["interpreter"] for entry in picked.body["ranking"]]
        assert [o.interpreter for o in a.slot("1").offers] == best[: len(a.slot("1").offers)]
        assert await world.version("assignment", id_) == 2


async def test_an_offer_says_what_it_may(world: World, dispatcher: Dispatcher) -> None:
    """The interpreter reads terms and distance, and a score that is the sum of their reasons."""
    await world.present("ann")
    await world.until(lambda: dispatcher.markets._markets)
    place = {"lat": 59.8, "lon": 10.4}
    preferred = {"preferred": ["ann"]}
    terms = {"mode": "onsite", "location": place, "preferences": preferred, "note": "Ward 7"}
    await world.ask("a1", **terms, strategy="one_at_a_time")
    await looked(world, dispatcher)

    ((method, made),) = await world.mails("i:ann")
    assert method == "offer.made"
    assert made["assignment"]["distance_band"] == "15–50 km"
    assert made["assignment"]["travel_min"] > 0
    assert not {"note", "location", "preferences"} & made["assignment"].keys()
    assert "preference" not in {reason["feature"] for reason in made["reasons"]}
    assert made["score"] == sum(reason["contribution"] for reason in made["reasons"])
    offer = (await world.get("assignment", "a1")).slot("1").offers[0]
    assert (offer.card["name"], offer.id.split(".")[0]) == ("Ann", "a1")
    decision = await world.get("decision", (await world.get("assignment", "a1")).decisions[0])
    assert decision.body["request"]["customer"] == "kari"
    features = {c[0] for c in decision.body["ranking"][0]["contributions"]}
    assert "preference" in features


async def test_spares_stand_in(world: World, dispatcher: Dispatcher) -> None:
    """Whoever the index wrongly thinks free is replaced by the next in the ranking."""
    people = [f"p{n}" for n in range(SPARES + 1)]
    await world.present(*people)
    market = await world.market()
    await world.until(lambda: market.available == len(people))
    population = market.population
    for who in people[:-1]:
        await world.tell("availability", who, on.SetStatus("busy"))
    await world.until(lambda: market.available == 1)
    for who in people:
        population.set_presence(who, available=True)  # as before they were heard of
    await world.ask("a1", strategy="one_at_a_time")
    await looked(world, dispatcher)
    assert await ringing(world, "a1") == [people[-1]]


async def test_each_decision_draws_a_seed(world: World) -> None:
    """Recorded, so that a replay draws the same."""
    await world.present(*(f"p{n}" for n in range(8)))
    for id_ in ("a1", "a2"):
        await world.ask(id_, strategy="one_at_a_time")
    async with dispatching(world, lot=itertools.count(7).__next__) as dispatcher:
        await settled(dispatcher)
    records = [await world.get("assignment", id_) for id_ in ("a1", "a2")]
    decisions = [await world.get("decision", id_) for a in records for id_ in a.decisions]
    seeds = {each.body["seed"] for each in decisions}
    assert len(seeds) == len(decisions) == 2
    assert min(seeds) >= 7


async def test_who_becomes_available_is_asked(world: World, dispatcher: Dispatcher) -> None:
    """Nobody is there: the customer hears it once, and the first who comes rings."""
    await world.register("ann")
    market = await world.market()
    await world.until(lambda: "ann" in market.profiles)
    await world.ask("a1")
    await looked(world, dispatcher)
    await looked(world, dispatcher)
    assert await told(world) == [("searching", None), ("searching", "nobody_available")]
    a = await world.get("assignment", "a1")
    assert a.outcome["excluded"] == {"not_present": 1}

    await world.online("ann")
    await world.until_status("ann", "ringing")
    assert await ringing(world, "a1") == ["ann"]
    assert (await told(world))[-1] == ("offering", None)

    await world.tell("assignment", "a1", on.Cancel(KARI))
    await looked(world, dispatcher)
    dispatcher._start((world.marketplace, "a1"))
    await settled(dispatcher)
    assert dispatcher._waiting[world.marketplace] == {}


async def test_who_speaks_a_substitute_is_asked(world: World, dispatcher: Dispatcher) -> None:
    """With consent a request also waits for the languages that may stand in."""
    await world.register("ivo", "hr")
    await world.register("ann", "so", "ti")
    market = await world.market()
    await world.until(lambda: len(market.profiles) == 2)
    serbian = {"languages": {"from": "sr", "to": "no"}}
    await world.ask("a1", **serbian, requirements={"accept_substitutes": True})
    await world.ask("a2", **serbian)
    await looked(world, dispatcher)
    await world.online("ann", "ivo")
    await world.until_status("ivo", "ringing")
    assert await ringing(world, "a1") == ["ivo"]
    ((_, made),) = await world.mails("i:ivo")
    assert made["assignment"]["substitute"] == "Croatian"
    assert (await world.get("assignment", "a2")).outcome["reason"] == "nobody_eligible"


async def test_what_nobody_ever_can(world: World, dispatcher: Dispatcher) -> None:
    """Nobody registered passes: it ends at once, with what excluded them and what would help."""
    await world.present("ann")
    await world.register("bo", blocked_customers=["kari"], clearances=["police"])
    await world.online("bo")
    market = await world.market()
    await world.until(lambda: market.available == 2)
    await world.ask("a1", requirements={"min_qualification": {"scale": "NO", "category": "A"}})
    await world.ask("a2", requirements={"clearance": "police"})
    await looked(world, dispatcher)
    a1, a2 = [await world.get("assignment", id_) for id_ in ("a1", "a2")]
    assert (a1.state, a2.state) == ("unfilled", "unfilled")
    assert a1.outcome["reason"] == a2.outcome["reason"] == "nobody_eligible"
    assert a1.outcome["excluded"] == {"qualification": 2, "not_offered": 1}
    assert a1.outcome["relaxations"][0] == {"change": "category B instead of A", "adds": 1}
    assert a2.outcome["excluded"] == {"clearance": 1, "not_offered": 1}


async def test_who_declined_is_not_asked_again(world: World, dispatcher: Dispatcher) -> None:
    """Everybody has been asked: it ends. Somebody who may yet come: it waits."""
    await world.present("ann")
    market = await world.market()
    await world.until(lambda: market.available == 1)
    for id_, state in (("a1", "unfilled"), ("a2", "searching")):
        await world.ask(id_)
        await looked(world, dispatcher)
        assert await ringing(world, id_) == ["ann"]
        await world.until_status("ann", "ringing")  # or she might seem available from before
        offer = (await world.get("assignment", id_)).slot("1").offers[0].id
        if id_ == "a2":
            await world.register("bo")
            await world.until(lambda: "bo" in market.profiles)
        await world.tell("assignment", id_, on.Decline(offer, "ann"))
        await world.until_status("ann", "available")
        await world.until(lambda: market.available == 1)
        await looked(world, dispatcher)
        a = await world.get("assignment", id_)
        reason = "nobody_accepted" if state == "unfilled" else "nobody_available"
        assert (a.state, a.outcome["reason"]) == (state, reason)


async def test_strategies(world: World, dispatcher: Dispatcher) -> None:
    """One at a time rings one; a broadcast everybody."""
    await world.present(*(f"p{n}" for n in range(8)))
    market = await world.market()
    await world.until(lambda: market.available == 8)
    for strategy, count in (("one_at_a_time", 1), ("broadcast", 7)):
        await world.ask(strategy, strategy=strategy)
        await looked(world, dispatcher)
        assert len(await ringing(world, strategy)) == count


async def test_a_request_whose_time_is_over(world: World, dispatcher: Dispatcher) -> None:
    """Its deadline has come before the wave: nobody rings, nobody stays reserved."""
    await world.present("ann")
    market = await world.market()
    await world.until(lambda: market.available == 1)
    world.engine.bounds = Bounds(request=0)
    await world.ask("a1")
    await looked(world, dispatcher)
    assert await ringing(world, "a1") == []
    assert market.population.presence("ann").reserved_until_ms == 0


async def test_what_cannot_be_read_stops_nobody(world: World, dispatcher: Dispatcher) -> None:
    """An assignment of a node with other words waits; the next one is served."""
    await world.present("ann")
    market = await world.market()
    await world.until(lambda: market.available == 1)
    await world.ask("a1", strategy="telepathy")
    await world.ask("a2")
    await looked(world, dispatcher)
    assert (await world.get("assignment", "a1")).state == "searching"
    assert await ringing(world, "a2") == ["ann"]


async def test_staff_remove_somebody(world: World, dispatcher: Dispatcher) -> None:
    """Who is removed is no reason to wait any more."""
    await world.register("ann")
    market = await world.market()
    await world.until(lambda: "ann" in market.profiles)
    await world.ask("a1")
    await looked(world, dispatcher)
    await world.call("interpreter.remove", operator(world), interpreter="ann")
    await world.until(lambda: "ann" not in market.profiles)
    await looked(world, dispatcher)
    a: Any = await world.get("assignment", "a1")
    assert a.outcome == {"reason": "nobody_eligible", "excluded": {}, "relaxations": []}


async def test_one_more_is_rung_for_each_who_declines(world: World, dispatcher: Dispatcher) -> None:
    """Waves overlap: nobody waits for the silent while others are free."""
    await world.present(*(f"p{n}" for n in range(6)))
    market = await world.market()
    await world.until(lambda: market.available == 6)
    await world.ask("a1")
    await looked(world, dispatcher)
    first = await ringing(world, "a1")
    assert 1 < len(first) < 6
    offer = (await world.get("assignment", "a1")).slot("1").ringing[0]
    await world.tell("assignment", "a1", on.Decline(offer.id, offer.interpreter))
    await looked(world, dispatcher)

    now = await ringing(world, "a1")

    assert len(now) == len(first)
    assert set(now) - set(first)
    assert offer.interpreter not in now
    decisions = (await world.get("assignment", "a1")).decisions
    assert len(decisions) == 2


async def test_others_go_between_while_everybody_is_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they change meanwhile does no harm, be it that somebody is gone."""
    for who in ("ann", "bo", "cy"):
        await world.register(who)
    market = await world.market()
    await world.until(lambda: len(market.profiles) == 3)
    monkeypatch.setattr(rounds, "AT_ONCE", 1)
    request = request_of(TERMS | {"requirements": {"clearance": "police"}})
    left: list[str] = []

    async def leave() -> None:
        for who in ("cy", "bo"):
            market.apply("interpreter", who, None)
            left.append(who)
            await asyncio.sleep(0)

    leaving = asyncio.create_task(leave())
    assert not await rounds._could_ever(market, request, frozenset())
    assert left == ["cy", "bo"]
    await leaving


async def test_nobody_beside_those_who_ring_is_no_decision(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To record one is work on everybody who is present, at every sweep."""
    await world.present("ann", "bo")
    market = await world.market()
    await world.until(lambda: market.available == 2)
    await world.ask("a1")
    await looked(world, dispatcher)
    slot = (await world.get("assignment", "a1")).slot("1")
    assert len(slot.ringing) == 2
    recorded: list[object] = []

    def note(*given: object) -> dict[str, object]:
        recorded.append(given)
        return {}

    monkeypatch.setattr(rounds, "record", note)
    (offer,) = [o for o in slot.ringing if o.interpreter == "bo"]
    await world.tell("assignment", "a1", on.Decline(offer.id, "bo"))
    await looked(world, dispatcher)
    assert (await world.get("assignment", "a1")).slot("1").due == 1
    assert recorded == []


async def test_how_far_it_is_does_not_tell_where(world: World) -> None:
    """Work for now is offered anew to whoever was gone: who moves meanwhile learns no more."""
    home = {"lat": 59.99, "lon": 10.75}
    await world.register("ann", location=home, exact_location=True)
    await world.online("ann")
    await world.until_status("ann", "available")
    ways = []
    async with dispatching(world) as dispatcher:
        for id_, lat, lon in (("a1", 59.9136, 10.7560), ("a2", 59.9215, 10.7720)):
            await world.ask(id_, mode="onsite", location={"lat": lat, "lon": lon})
            await looked(world, dispatcher)
            (offer,) = (await world.get("assignment", id_)).slot("1").ringing
            way = [r["contribution"] for r in offer.made["reasons"] if r["feature"] == "travel"]
            ways.append((offer.made["assignment"]["travel_min"], way))
            await world.until_status("ann", "ringing")
            await world.tell("assignment", id_, on.Cancel(KARI))
            await world.until_status("ann", "available")
    assert ways[0] == ways[1]
