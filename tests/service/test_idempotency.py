"""The same request twice makes one thing."""

import asyncio

import pytest

from signalling.errors import Conflict, RateLimited
from signalling.service.idempotency import Idempotency
from signalling.service.terms import Admission
from tests.world import TABLES, World, customer, operator, request, staff_app


async def test_again_is_the_same(world: World) -> None:
    """Later, at once, and whatever became of it meanwhile."""
    caller = customer(world)
    asked = request(idempotency_key="k1", note="Ward 7")
    answers = await asyncio.gather(
        *(world.call("assignment.create", caller, **asked) for _ in range(10))
    )
    ids = {answer["assignment"]["id"] for answer in answers}
    assert len(ids) == 1
    await world.call("assignment.cancel", caller, assignment=ids.pop())
    again = await world.call("assignment.create", caller, **asked)
    assert again["assignment"]["state"] == "cancelled"
    assert len(await world.index(f"assignments:{caller.address}")) == 1


async def test_another_body_is_a_conflict(world: World) -> None:
    await world.call("assignment.create", customer(world), **request(idempotency_key="k1"))
    with pytest.raises(Conflict) as refused:
        await world.call(
            "assignment.create", customer(world), **request(idempotency_key="k1", note="x")
        )
    assert refused.value.path == "idempotency_key"


async def test_a_key_counts_for_one_user_and_method(world: World) -> None:
    """Somebody else's same key is another key; so is the same of another method."""
    made = [
        (await world.call("assignment.create", caller, **request(idempotency_key="k", **terms)))
        for caller, terms in (
            (customer(world), {}),
            (customer(world, "liv"), {}),
            (customer(world, app="court"), {}),
            (staff_app(world), {"customer": "kari"}),
        )
    ]
    assert len({answer["assignment"]["id"] for answer in made}) == 4
    meeting = await world.call("meeting.create", operator(world), idempotency_key="k")
    again = await world.call("meeting.create", operator(world), idempotency_key="k")
    assert meeting == again


async def test_without_a_key(world: World) -> None:
    ids = [
        (await world.call("assignment.create", customer(world), **request()))["assignment"]["id"]
        for _ in range(2)
    ]
    assert ids[0] != ids[1]


async def test_two_processes_at_once(world: World) -> None:
    """Where the waiting room is not shared, the commit decides: all get the first one's."""
    group = world.service.assignments
    asked = request(idempotency_key="k1")

    async def ask() -> str:
        group.idempotency = Idempotency(world.engine)  # as another process has it
        answer = await world.call("assignment.create", customer(world), **asked)
        return str(answer["assignment"]["id"])

    assert len(set(await asyncio.gather(*(ask() for _ in range(10))))) == 1
    assert len(await world.index("searching")) == 1


async def test_repeats_cost_nothing(world: World) -> None:
    """Only what is new counts against the rate of asking."""
    group = world.service.assignments
    group.admission = Admission(TABLES, world.clock.now_ms, 0.001, 1)
    for _ in range(3):
        await world.call("assignment.create", customer(world), **request(idempotency_key="k1"))
    with pytest.raises(RateLimited):
        await world.call("assignment.create", customer(world), **request())
