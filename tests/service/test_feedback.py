"""What customers think of the work, and what comes of it."""

from typing import Any

import msgpack
import pytest

from signalling.core import events as on
from signalling.errors import Conflict, IllegalTransition, NotFound
from tests.world import World, customer, interpreter, operator, staff_app


@pytest.fixture
async def worked(world: World) -> World:
    """Give an assignment `a1` that Ann worked for Kari, in its wrap-up."""
    await world.present("ann")
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.accept("a1", "ann")
    addresses = (customer(world).address, interpreter(world, "ann").address)
    await world.tell("assignment", "a1", on.Present("m-a1", addresses))
    await world.call("assignment.complete", interpreter(world, "ann"), assignment="a1")
    return world


async def rate(world: World, caller: Any, stars: int, **params: Any) -> dict[str, Any]:
    answer = await world.call("feedback.rate", caller, assignment="a1", stars=stars, **params)
    assert isinstance(answer, dict)
    return answer


async def completed(world: World) -> None:
    await world.call("assignment.complete", customer(world), assignment="a1")


async def test_rating(worked: World) -> None:
    """In the wrap-up or after it, by the customer or their app; again replaces."""
    first = await rate(worked, customer(worked), 2, text="late")
    assert (first["assignment"], first["interpreter"], first["stars"]) == ("a1", "ann", 2)
    await completed(worked)
    history = await worked.get("history", "ann")
    assert (history.stars, history.rated, history.customers) == (2, 1, {})
    second = await rate(worked, staff_app(worked), 5)
    assert (second["stars"], second["rated_at"] >= first["rated_at"]) == (5, True)
    history = await worked.get("history", "ann")
    assert (history.stars, history.rated, history.sessions) == (5, 1, {"no-so": 1})
    assert [count for count, _ in history.customers.values()] == [1]
    assert await worked.index("histories") == ["ann"]


async def test_the_same_key_rates_once(worked: World) -> None:
    """A late repetition does not undo what was said since."""
    kari = customer(worked)
    await rate(worked, kari, 1, idempotency_key="k")
    await rate(worked, kari, 5)
    assert (await rate(worked, kari, 1, idempotency_key="k"))["stars"] == 5
    with pytest.raises(Conflict):
        await rate(worked, kari, 2, idempotency_key="k")


async def test_only_what_was_done_is_rated(world: World) -> None:
    await world.present("ann")
    await world.ask("a1")
    with pytest.raises(IllegalTransition):
        await rate(world, customer(world), 5)
    await world.call("assignment.cancel", customer(world), assignment="a1")
    with pytest.raises(IllegalTransition):
        await rate(world, customer(world), 5, idempotency_key="k")
    assert (await world.get("assignment", "a1")).slots[0].rating is None


async def test_strangers_do_not_rate(worked: World) -> None:
    for caller in (customer(worked, "liv"), staff_app(worked, "court")):
        with pytest.raises(NotFound):
            await rate(worked, caller, 1)
    with pytest.raises(NotFound):
        await worked.call("feedback.rate", customer(worked), assignment="none", stars=1)


async def test_who_sees_it(worked: World) -> None:
    """Not the interpreter: they would know who it was."""
    await rate(worked, customer(worked), 3, text="quiet")
    for caller, shown in (
        (customer(worked), (3, "quiet")),
        (operator(worked), (3, "quiet")),
        (interpreter(worked, "ann"), (None, None)),
    ):
        seen = await worked.call("assignment.get", caller, assignment="a1")
        slot = seen["assignment"]["slots"][0]
        assert (slot.get("stars"), slot.get("comment")) == shown


async def test_removing_an_interpreter_removes_their_history(worked: World) -> None:
    """And what is rated afterwards makes none."""
    await completed(worked)
    assert await worked.get("history", "ann") is not None
    await worked.call("interpreter.remove", operator(worked), interpreter="ann")
    assert await worked.get("history", "ann") is None
    await rate(worked, customer(worked), 1)
    assert await worked.get("history", "ann") is None
    assert await worked.index("histories") == []


async def test_the_lines_of_the_log(worked: World) -> None:
    """In the order in which it happened, beside the feed that the population follows."""
    await completed(worked)
    await rate(worked, customer(worked), 4)
    found = await worked.store.command("XRANGE", worked.keys.log("decisions"), "-", "+")
    lines = [msgpack.unpackb(fields[b"e"]) for _, fields in found]
    assert [line["kind"] for line in lines] == ["online", "offer", "work", "rating"]
    assert [line["interpreter"] for line in lines] == ["ann"] * 4
    assert (lines[1]["decision"], lines[1]["state"]) == ("d1", "accepted")
    assert (lines[2]["state"], lines[2]["fault"], lines[2]["minutes"]) == ("completed", "nobody", 0)
    assert ("history", "ann") in await worked.feed()
