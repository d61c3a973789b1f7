"""Bookings by video that somebody does not come to: late, no-shows, and whose they are."""

import pytest

from tests.booking import MINUTE_MS, book, heard, hence, history, join, letters, shown, state, take
from tests.dispatching import KARI, dispatching, looked
from tests.world import OSLO, World, customer, interpreter, operator


async def opened(world: World, *people: str) -> tuple[str, int]:
    """Return a booking of ann's whose meeting is open, with *people* in it, and its start."""
    await world.register("ann")
    start_ms = hence(world, 48)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms)
        await take(world, dispatcher, id_, "ann")
    await world.pass_to(start_ms - 5 * MINUTE_MS)
    await join(world, id_, *people)
    return id_, start_ms


async def no_shows(world: World, who: str) -> int:
    standing = await world.call("feedback.standing", operator(world), interpreter=who)
    return int(standing["counted"])


async def test_an_interpreter_who_does_not_come(world: World) -> None:
    """Late after five minutes; after fifteen another is looked for at once, by ring."""
    id_, start_ms = await opened(world, KARI)
    await world.pass_to(start_ms + 4 * MINUTE_MS)
    assert "late" not in (await shown(world, customer(world), id_))["slots"][0]
    await world.pass_to(start_ms + 5 * MINUTE_MS)
    assert (await shown(world, customer(world), id_))["slots"][0]["late"] is True
    await world.present("bo")
    await world.until_status("bo", "available")
    async with dispatching(world) as dispatcher:
        await world.pass_to(start_ms + 15 * MINUTE_MS)
        assert await no_shows(world, "ann") == 1
        assert (await world.get("diary", "ann")).bookings == ()
        await looked(world, dispatcher)
        await world.until_status("bo", "ringing")
        offer = (await letters(world, id_))["bo"]
        won = await world.call("offer.accept", interpreter(world, "bo"), offer=offer)
        assert won["assignment"]["state"] == "held"
        await join(world, id_, "i:bo")
    assert await state(world, id_) == "in_progress"
    whats = [entry["what"] for entry in await history(world, operator(world), id_)]
    assert "late" in whats


async def test_an_interpreter_who_is_late(world: World) -> None:
    """They come before it is a no-show: the work begins, and nothing more is said of it."""
    id_, start_ms = await opened(world, KARI)
    await world.pass_to(start_ms + 12 * MINUTE_MS)
    await join(world, id_, "i:ann")
    assert await state(world, id_) == "in_progress"
    await world.pass_to(start_ms + 20 * MINUTE_MS)
    assert await state(world, id_) == "in_progress"
    assert await no_shows(world, "ann") == 0


@pytest.mark.parametrize(
    ("people", "reason"), [(("i:ann",), "customer_never_came"), ((), "nobody_came")]
)
async def test_a_customer_who_does_not_come(
    world: World, people: tuple[str, ...], reason: str
) -> None:
    """It is over after fifteen minutes, and nobody's fault but theirs."""
    id_, start_ms = await opened(world, *people)
    await world.pass_to(start_ms + 14 * MINUTE_MS)
    assert await state(world, id_) in ("held", "connecting")
    await world.pass_to(start_ms + 15 * MINUTE_MS)
    over = await shown(world, customer(world), id_)
    assert (over["state"], over["outcome"]["reason"]) == ("no_show", reason)
    assert await no_shows(world, "ann") == 0
    assert (await world.get("diary", "ann")).bookings == ()
    meeting = (await world.get("assignment", id_)).meeting
    assert (await world.get("meeting", meeting)).state == "ended"
    told = (await heard(world, "i:ann", "assignment.changed"))[-1]["assignment"]
    assert told["state"] == "no_show"


async def on_site(world: World) -> tuple[str, int]:
    """Return a booking of ann's on site, and its start."""
    await world.register("ann")
    start_ms = hence(world, 48)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms, mode="onsite", location=OSLO)
        await take(world, dispatcher, id_, "ann")
    return id_, start_ms


async def test_nobody_comes_to_the_place(world: World) -> None:
    """Who waits there says so, once the other is late; another is looked for."""
    id_, start_ms = await on_site(world)
    report = {"assignment": id_, "kind": "no_show", "text": "nobody is here"}
    await world.pass_to(start_ms + 4 * MINUTE_MS)
    await world.call("feedback.report", customer(world), **report)
    assert await state(world, id_) == "confirmed"  # a human reads it; nothing follows yet
    await world.pass_to(start_ms + 6 * MINUTE_MS)
    await world.call("feedback.report", customer(world), **report)
    assert await state(world, id_) == "searching"
    assert await no_shows(world, "ann") == 1
    assert (await world.get("diary", "ann")).bookings == ()


async def test_an_interpreter_waits_at_the_place(world: World) -> None:
    """Longer than a customer has to; then it is over, and counts against nobody of theirs."""
    id_, start_ms = await on_site(world)
    ann = interpreter(world, "ann")
    report = {"assignment": id_, "kind": "no_show", "text": "the door is locked"}
    await world.pass_to(start_ms + 6 * MINUTE_MS)
    await world.call("feedback.report", ann, **report)
    assert await state(world, id_) == "confirmed"
    await world.pass_to(start_ms + 16 * MINUTE_MS)
    await world.call("feedback.report", ann, **report)
    assert await state(world, id_) == "no_show"
    assert await no_shows(world, "ann") == 0
