"""More requests than people: who gets whom, decided for all at once."""

from collections.abc import AsyncIterator

import pytest

from matching.decisions import record
from signalling import dispatcher as module
from signalling.core import events as on
from signalling.dispatcher import Dispatcher
from tests.dispatching import KARI, dispatching, ringing, settled, told
from tests.world import World


async def gathered(dispatcher: Dispatcher) -> None:
    """Wait until what gathers has been decided, and what follows from it."""
    while dispatcher._gatherers or dispatcher._tasks:
        for task in list(dispatcher._gatherers):
            await task
        await settled(dispatcher)


@pytest.fixture
async def dispatcher(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Dispatcher]:
    monkeypatch.setattr(module, "BATCH_S", 0.0)
    async with dispatching(world) as dispatcher:
        yield dispatcher


async def wait_for_nobody(world: World, dispatcher: Dispatcher, *ids: str, **terms: object) -> None:
    """Ask while nobody is there, so that all wait for whoever comes."""
    await world.register("late")
    for id_ in ids:
        await world.ask(id_, **terms)
    await dispatcher.sweep(world.marketplace)
    await gathered(dispatcher)


async def come(world: World) -> None:
    """Let somebody come whom all want; the dispatcher has heard it when this returns."""
    market = await world.market()
    await world.online("late")
    await world.until(lambda: market.available == 1)


async def test_the_one_who_comes_goes_to_the_highest_priority(
    world: World, dispatcher: Dispatcher
) -> None:
    await wait_for_nobody(world, dispatcher, "a1", "a2", priority=5)
    await world.ask("a3", priority=9)
    await dispatcher.sweep(world.marketplace)
    await gathered(dispatcher)
    await come(world)
    await gathered(dispatcher)
    rung = {id_: await ringing(world, id_) for id_ in ("a1", "a2", "a3")}
    assert rung == {"a1": [], "a2": [], "a3": ["late"]}


async def test_an_emergency_does_not_wait_for_the_others(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wait_for_nobody(world, dispatcher, "a1", "a2")
    monkeypatch.setattr(module, "BATCH_S", 60.0)
    await world.ask("a3", emergency=True)
    await dispatcher.sweep(world.marketplace)
    await settled(dispatcher)
    await come(world)
    await settled(dispatcher)
    assert await ringing(world, "a3") == ["late"]
    assert await ringing(world, "a1") == await ringing(world, "a2") == []


async def test_a_change_meanwhile_is_looked_at_again(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wait_for_nobody(world, dispatcher, "a1", "a2")
    rounds = dispatcher.rounds
    ring = rounds.ring_together

    async def change_first(searches: object) -> object:
        monkeypatch.setattr(rounds, "ring_together", ring)
        for id_ in ("a1", "a2"):
            await world.tell("assignment", id_, on.Update(KARI, {"note": "the back door"}))
        return await ring(searches)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds, "ring_together", change_first)
    await come(world)
    await gathered(dispatcher)
    rung = [await ringing(world, id_) for id_ in ("a1", "a2")]
    assert sorted(rung) == [[], ["late"]]


async def test_who_gets_nobody_is_not_told_that_nobody_is_there(
    world: World, dispatcher: Dispatcher
) -> None:
    await wait_for_nobody(world, dispatcher, "a1", "a2")
    before = len(await told(world))
    await come(world)
    await gathered(dispatcher)
    assert [state for state, _ in (await told(world))[before:]] == ["offering"]


async def test_a_search_that_found_nobody_is_a_decision_too(
    world: World, dispatcher: Dispatcher
) -> None:
    await wait_for_nobody(world, dispatcher, "a1")
    (id_,) = (await world.get("assignment", "a1")).decisions
    decision = (await world.get("decision", id_)).body
    assert decision["eligible"] == 0
    assert decision["excluded"] == {"not_present": 1}


async def test_what_fails_together_is_decided_one_by_one(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wait_for_nobody(world, dispatcher, "a1", "a2")

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("signalling.rounds.ask_together", fail)
    await come(world)
    await gathered(dispatcher)
    assert [await ringing(world, id_) for id_ in ("a1", "a2")] == [["late"], []]


async def test_who_rings_does_not_wait(world: World, dispatcher: Dispatcher) -> None:
    """Only what finds nobody is counted beside those who are free."""
    await world.present("ann", "bo")
    market = await world.market()
    await world.until(lambda: market.available == 2)
    for id_ in ("a1", "a2"):
        await world.ask(id_, strategy="one_at_a_time")
        await dispatcher.sweep(world.marketplace)
        await settled(dispatcher)
        assert not dispatcher._gatherers
        assert dispatcher._waiting[world.marketplace] == {}
    await world.ask("a3")
    await dispatcher.sweep(world.marketplace)
    await settled(dispatcher)
    assert [list(ids) for ids in dispatcher._waiting[world.marketplace].values()] == [["a3"]]


async def test_who_waits_for_long_comes_before_a_higher_priority(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.rounds.AGEING_MS", 1)
    await wait_for_nobody(world, dispatcher, "a1", priority=5)
    made_ms = (await world.get("assignment", "a1")).created_ms
    while world.clock.now_ms() <= made_ms + 2:
        pass
    await wait_for_nobody(world, dispatcher, "a2", priority=6)
    await come(world)
    await gathered(dispatcher)
    assert [await ringing(world, id_) for id_ in ("a1", "a2")] == [["late"], []]
    ((waiting,),) = dispatcher._waiting[world.marketplace].values()
    assert waiting == "a2"


async def test_what_is_too_much_for_one_batch_is_decided_in_the_next(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_MOST", 1)
    await world.register("later")
    ids = ("a1", "a2", "a3")
    await wait_for_nobody(world, dispatcher, *ids, strategy="one_at_a_time")
    market = await world.market()
    with monkeypatch.context() as deaf:
        deaf.setitem(dispatcher._waiting, world.marketplace, {})
        await world.online("late", "later")
        await world.until(lambda: market.available == 2)
    await dispatcher.sweep(world.marketplace)
    await gathered(dispatcher)
    assert sorted([await ringing(world, id_) for id_ in ids]) == [[], ["late"], ["later"]]


async def test_who_is_picked_together_is_reserved_before_anything_is_told(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wait_for_nobody(world, dispatcher, "a1", "a2")
    market, rounds = await world.market(), dispatcher.rounds
    tell, free = rounds._tell, []

    async def note(*args: object) -> object:
        free.append(market.population.presence("late").reserved_until_ms)
        return await tell(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds, "_tell", note)
    await come(world)
    await gathered(dispatcher)
    assert free
    assert all(free)


async def test_decisions_that_nobody_needs_are_not_recorded(
    world: World, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only of who rings: the others of the round will have theirs."""
    await wait_for_nobody(world, dispatcher, "a1", "a2")
    made: list[object] = []

    def note(*args: object) -> object:
        made.append(args)
        return record(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("signalling.rounds.record", note)
    await come(world)
    await gathered(dispatcher)
    assert len(made) == 1
