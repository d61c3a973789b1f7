"""What somebody says of when the work was: it counts, if it can have been so."""

import pytest

from signalling.core.times import rfc3339
from signalling.errors import InvalidParams
from tests.booking import MINUTE_MS, book, hence, shown, state, take
from tests.dispatching import dispatching
from tests.service.test_assignments import working
from tests.world import OSLO, World, customer, interpreter


@pytest.mark.parametrize(
    ("began_min", "ended_min", "path"),
    [
        (0, -1, "ended_at"),
        (0, 90, "ended_at"),
        (-30, 0, "started_at"),
        (None, 62, "ended_at"),
        (31, None, None),
        (None, 40, None),
    ],
)
async def test_hours_that_can_be(
    world: World, began_min: int | None, ended_min: int | None, path: str | None
) -> None:
    """After it was taken, before now, in that order; what is not said is as it was measured."""
    id_ = await working(world)
    taken_ms = world.clock.now_ms()
    await world.pass_min(60)
    ends = {"started_at": began_min, "ended_at": ended_min}
    hours = {n: rfc3339(taken_ms + m * 60_000) for n, m in ends.items() if m is not None}
    done = world.call("assignment.complete", interpreter(world, "ann"), assignment=id_, **hours)
    if path is None:
        (slot,) = (await done)["assignment"]["slots"]
        assert hours.items() <= slot["said"].items()
        assert abs(slot["minutes"] - (29 if began_min else 40)) <= 1
    else:
        with pytest.raises(InvalidParams) as refused:
            await done
        assert refused.value.path == path
        assert await state(world, id_) == "in_progress"


async def test_hours_that_nobody_measured(world: World) -> None:
    """On site for now nobody sees when the work begins: an end alone says too little."""
    await world.present("ann")
    await world.ask("a1", mode="onsite", location=OSLO)
    await world.ring("a1", "ann")
    await world.accept("a1", "ann")
    now = rfc3339(world.clock.now_ms())
    with pytest.raises(InvalidParams) as refused:
        await world.call("assignment.complete", customer(world), assignment="a1", ended_at=now)
    assert refused.value.path == "started_at"


async def test_work_that_was_booked_did_not_begin_hours_before(world: World) -> None:
    """Whoever takes it days ahead has not worked since: an hour before its start, at most."""
    await world.register("ann")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms, mode="onsite", location=OSLO)
        await take(world, dispatcher, id_, "ann")
    await world.pass_to(start_ms)
    ann = interpreter(world, "ann")
    await world.call("assignment.check_in", ann, assignment=id_)
    await world.pass_to(start_ms + 40 * MINUTE_MS)
    early, earlier = (rfc3339(start_ms - m * MINUTE_MS) for m in (60, 90))
    with pytest.raises(InvalidParams) as refused:
        await world.call("assignment.complete", ann, assignment=id_, started_at=earlier)
    assert refused.value.path == "started_at"
    await world.call("assignment.complete", ann, assignment=id_, started_at=early)
    (slot,) = (await shown(world, customer(world), id_))["slots"]
    assert slot["minutes"] == 100
