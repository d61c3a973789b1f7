"""An emergency takes the only suitable interpreter from a routine offer that rings at them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.effects import Key
from signalling.dispatcher import Dispatcher
from signalling.market import Market
from signalling.preemption import Routine, as_if_free, routine_for
from tests.dispatching import dispatching, looked, ringing
from tests.world import World

TIGRINYA: dict[str, Any] = {"languages": {"from": "ti", "to": "no"}}
NOW_OR_NEVER = TIGRINYA | {"emergency": True}


@pytest.fixture
async def dispatcher(world: World) -> AsyncIterator[Dispatcher]:
    async with dispatching(world) as dispatcher:
        yield dispatcher


async def present(world: World, *people: str, **fields: Any) -> None:
    """Register Tigrinya interpreters who are available, and wait until all know."""
    market = await world.market()
    for who in people:
        await world.register(who, "ti", **fields)
        await world.online(who)
    await world.until(lambda: all(who in market._free for who in people))


async def rings(world: World, dispatcher: Dispatcher, id_: str, **terms: Any) -> list[str]:
    """Ask, let the dispatcher look, and return at whom it rings."""
    await world.ask(id_, **terms)
    await looked(world, dispatcher)
    found = await ringing(world, id_)
    market = await world.market()
    await world.until(lambda: market.ringing >= set(found))
    return found


def engaged(market: Market, who: str) -> str | None:
    engagement = market.availability[who].engagement
    return None if engagement is None else engagement.assignment


async def heard(world: World, who: str) -> list[tuple[str, str, str | None]]:
    """Return what somebody heard of offers: the event, the assignment, and why."""
    return [
        (method, params["assignment"], params["reason"])
        if method == "offer.withdrawn"
        else (method, params["assignment"]["id"], None)
        for method, params in await world.mails(f"i:{who}")
        if method.startswith("offer.")
    ]


async def test_the_only_one_is_taken(world: World, dispatcher: Dispatcher) -> None:
    """In one step: they are told why, and the routine request goes on looking."""
    await present(world, "ann")
    assert await rings(world, dispatcher, "routine", **TIGRINYA) == ["ann"]
    assert await rings(world, dispatcher, "urgent", **NOW_OR_NEVER) == ["ann"]
    assert await heard(world, "ann") == [
        ("offer.made", "routine", None),
        ("offer.withdrawn", "routine", "emergency"),
        ("offer.made", "urgent", None),
    ]
    routine = await world.get("assignment", "routine")
    offer = routine.slot("1").offers[0]
    assert (routine.state, offer.state, offer.reason) == ("searching", "withdrawn", "emergency")
    assert (await world.get("availability", "ann")).engagement.assignment == "urgent"
    urgent = await world.get("assignment", "urgent")
    decision = await world.get("decision", urgent.decisions[-1])
    assert [each["interpreter"] for each in decision.body["ranking"]] == ["ann"]


async def test_the_routine_request_may_ring_again(world: World, dispatcher: Dispatcher) -> None:
    """It was not theirs to answer: once they are free it is offered to them again."""
    await present(world, "ann")
    await rings(world, dispatcher, "routine", **TIGRINYA)
    await rings(world, dispatcher, "urgent", **NOW_OR_NEVER)
    market = await world.market()
    urgent = (await world.get("assignment", "urgent")).slot("1").ringing[0]
    await world.tell("assignment", "urgent", on.Decline(urgent.id, "ann"))
    await world.until(lambda: engaged(market, "ann") == "routine")
    assert await ringing(world, "routine") == ["ann"]


async def test_nobody_is_taken_while_somebody_is_free(world: World, dispatcher: Dispatcher) -> None:
    await present(world, "ann")
    assert await rings(world, dispatcher, "routine", **TIGRINYA) == ["ann"]
    await present(world, "bo")
    assert await rings(world, dispatcher, "urgent", **NOW_OR_NEVER) == ["bo"]
    assert await ringing(world, "routine") == ["ann"]


@pytest.mark.parametrize(("first", "second"), [(NOW_OR_NEVER, NOW_OR_NEVER), (TIGRINYA, TIGRINYA)])
async def test_who_is_not_taken(
    world: World, dispatcher: Dispatcher, first: Any, second: Any
) -> None:
    """Nobody from another emergency, and nobody for what is none."""
    await present(world, "ann")
    assert await rings(world, dispatcher, "first", **first) == ["ann"]
    assert await rings(world, dispatcher, "second", **second) == []
    assert await ringing(world, "first") == ["ann"]
    assert (await world.get("assignment", "second")).outcome["reason"] == "nobody_available"


@pytest.mark.parametrize(
    "terms",
    [
        {"languages": {"from": "so", "to": "no"}},
        {"languages": {"from": "kmr", "to": "no"}},
        {"preferences": {"blocked": ["ann"]}},
        {"requirements": {"min_qualification": "A"}},
    ],
)
async def test_nobody_unsuitable_is_taken(
    world: World, dispatcher: Dispatcher, terms: dict[str, Any]
) -> None:
    await present(world, "ann")
    await rings(world, dispatcher, "routine", **TIGRINYA)
    assert await rings(world, dispatcher, "urgent", **NOW_OR_NEVER | terms) == []
    assert await ringing(world, "routine") == ["ann"]


async def test_nobody_whose_socket_is_gone(world: World, dispatcher: Dispatcher) -> None:
    """They would not hear it, and may be back before the routine offer is over."""
    await present(world, "ann")
    await rings(world, dispatcher, "routine", **TIGRINYA)
    session = (await world.get("availability", "ann")).sessions[0]
    await world.tell("availability", "ann", on.Drop(session.id, session.epoch))
    assert await rings(world, dispatcher, "urgent", **NOW_OR_NEVER) == []
    assert await ringing(world, "routine") == ["ann"]


async def test_a_hand_over_to_one_person_takes_nobody(world: World, dispatcher: Dispatcher) -> None:
    """It was wished for, not needed: others could come, or who is there stays."""
    await present(world, "ann")
    await rings(world, dispatcher, "routine", **TIGRINYA)
    await world.ask("urgent", **NOW_OR_NEVER)
    seen = await world.engine.look(world.marketplace, Key("assignment", "urgent"))
    a = seen.of("assignment", "urgent")
    named = replace(a.slots[0], only="ann", replaces="0")
    search = dispatcher.rounds.search(await world.market(), seen, a.with_slot(named), named)
    assert not await dispatcher.rounds.ring(search)
    assert await ringing(world, "routine") == ["ann"]


async def test_the_less_urgent_gives_way(world: World, dispatcher: Dispatcher) -> None:
    for who, priority in (("ann", 8), ("bo", 2), ("cy", 5)):
        await present(world, who)
        await rings(world, dispatcher, f"for-{who}", **TIGRINYA, priority=priority)
    assert await rings(world, dispatcher, "urgent", **NOW_OR_NEVER) == ["bo"]
    assert await ringing(world, "for-bo") == []


async def test_what_rings_elsewhere_too_gives_way(world: World, dispatcher: Dispatcher) -> None:
    """Of those equally urgent; it goes on ringing there."""
    await present(world, "ann")
    await rings(world, dispatcher, "one", **TIGRINYA)
    await present(world, "bo", "cy")
    assert len(await rings(world, dispatcher, "two", **TIGRINYA, strategy="broadcast")) == 2
    (taken,) = await rings(world, dispatcher, "urgent", **NOW_OR_NEVER, strategy="one_at_a_time")
    assert await ringing(world, "one") == ["ann"]
    assert {taken, *await ringing(world, "two")} == {"bo", "cy"}
    assert (await world.get("assignment", "two")).state == "offering"


async def test_who_comes_free_meanwhile_is_rung_instead(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await present(world, "ann")
    await rings(world, dispatcher, "routine", **TIGRINYA)

    async def found(*args: Any) -> Routine | None:
        routine = await routine_for(*args)
        assert routine is not None
        await present(world, "bo")
        return routine

    monkeypatch.setattr("signalling.rounds.routine_for", found)
    assert await rings(world, dispatcher, "urgent", **NOW_OR_NEVER) == ["bo"]
    assert await ringing(world, "routine") == ["ann"]


async def test_who_answers_meanwhile_is_not_taken(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await present(world, "ann")
    await rings(world, dispatcher, "routine", **TIGRINYA)
    offer = (await world.get("assignment", "routine")).slot("1").ringing[0]

    async def found(*args: Any) -> Routine | None:
        routine = await routine_for(*args)
        await world.tell("assignment", "routine", on.Accept(offer.id, "ann", "m1"))
        return routine

    monkeypatch.setattr("signalling.rounds.routine_for", found)
    assert await rings(world, dispatcher, "urgent", **NOW_OR_NEVER) == []
    assert (await world.get("assignment", "routine")).state == "held"


async def test_the_index_is_as_it_was(world: World, dispatcher: Dispatcher) -> None:
    """Whatever happens meanwhile: who was not ringing is left alone."""
    await present(world, "ann", "bo")
    assert await rings(world, dispatcher, "a1", **TIGRINYA, strategy="one_at_a_time")
    market = await world.market()
    (who,) = market.ringing
    (other,) = {"ann", "bo"} - {who}

    def presences() -> list[bool]:
        return [market.population.presence(each).available for each in (who, other)]

    with as_if_free(market, ["ann", "bo"]):
        assert presences() == [True, True]
    assert presences() == [False, True]
    with pytest.raises(ValueError, match="within"), as_if_free(market, [who]):
        raise ValueError("within")
    assert presences() == [False, True]
