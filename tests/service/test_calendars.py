"""The feed of an interpreter's bookings: who gets its address, what opens it, and what ends it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from msgspec.structs import replace

from signalling.core import events as on
from signalling.core.booking_events import Book
from signalling.core.slot import Assignment
from signalling.errors import DragomanError, Forbidden, NotFound, RateLimited
from signalling.service.calendars import PAST_MOST, READINGS_AT_ONCE
from signalling.store.commit import Batch, IndexChange, Write
from signalling.store.records import pack
from tests.core import samples
from tests.world import World, candidate, interpreter, operator, staff_app


async def calendar(world: World, caller: Any, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await world.call("interpreter.calendar", caller, **params)
    return answer


async def renewed(world: World, who: str = "ann") -> str:
    """Make the address anew; return its secret."""
    answer = await calendar(world, interpreter(world, who), action="renew")
    match = re.fullmatch(
        rf"/v1/calendar/{world.marketplace}\.{who}\.([A-Za-z0-9_-]{{43}})\.ics", answer["path"]
    )
    assert match is not None
    return match[1]


async def read(world: World, secret: str, who: str = "ann") -> list[icalendar.Event]:
    body = await world.service.calendar(world.marketplace, who, secret)
    calendar = icalendar.Calendar.from_ical(body)
    assert isinstance(calendar, icalendar.Calendar)
    return list(calendar.events)


async def uids(world: World, secret: str, who: str = "ann") -> list[str]:
    found = await read(world, secret, who)
    return [str(event["UID"]).removesuffix(".1@dragoman") for event in found]


async def is_closed(world: World, secret: str, who: str = "ann") -> bool:
    try:
        await world.service.calendar(world.marketplace, who, secret)
    except NotFound:
        return True
    return False


async def test_the_address_is_told_once(world: World) -> None:
    await world.register("ann")
    ann = interpreter(world, "ann")
    assert await calendar(world, ann) == {}
    made = await calendar(world, ann, action="renew")
    assert made.keys() == {"created_at", "path"}
    for caller, params in ((ann, {}), (operator(world), {"interpreter": "ann"})):
        assert await calendar(world, caller, **params) == {"created_at": made["created_at"]}


async def test_only_a_digest_is_stored(world: World) -> None:
    await world.register("ann")
    secret = await renewed(world)
    assert secret not in str(await world.body("calendar_key", "ann"))


async def test_what_opens_it(world: World) -> None:
    """The newest secret, of that person in that marketplace, and nothing else."""
    for who in ("ann", "bo"):
        await world.register(who)
    old, other = await renewed(world), await renewed(world, "bo")
    secret = await renewed(world)
    assert await uids(world, secret) == []
    for wrong in (old, other, "", "x" * 43, secret.swapcase(), secret[:-1]):
        assert await is_closed(world, wrong)
    for who in ("bo", "zoe"):
        assert await is_closed(world, secret, who)
    with pytest.raises(NotFound):
        await world.service.calendar("elsewhere", "ann", secret)


async def test_what_ends_it(world: World) -> None:
    """Revoking, by oneself or by staff, and being removed; revoking twice is revoking once."""
    await world.register("ann")
    for caller, params in (
        (interpreter(world, "ann"), {}),
        (operator(world), {"interpreter": "ann"}),
        (staff_app(world), {"interpreter": "ann"}),
    ):
        secret = await renewed(world)
        for _ in range(2):
            assert await calendar(world, caller, action="revoke", **params) == {}
        assert await is_closed(world, secret)
    secret = await renewed(world)
    await world.call("interpreter.remove", operator(world), interpreter="ann")
    assert await is_closed(world, secret)
    with pytest.raises(NotFound):
        await renewed(world)


@pytest.mark.parametrize("action", ["show", "renew", "revoke"])
async def test_who_may_not(world: World, action: str) -> None:
    """Another interpreter; staff without the right. Staff with it read nobody's bookings."""
    await world.register("ann")
    refused: list[tuple[Any, dict[str, str], type[DragomanError]]] = [
        (interpreter(world, "bo"), {"interpreter": "ann"}, NotFound),
        (operator(world), {}, NotFound),
        (operator(world, rights=frozenset()), {"interpreter": "ann"}, Forbidden),
        (staff_app(world, "court"), {"interpreter": "zoe"}, NotFound),
    ]
    if action == "renew":
        refused[-1] = (staff_app(world), {"interpreter": "ann"}, Forbidden)
    else:
        refused.pop()
    for caller, params, error in refused:
        with pytest.raises(error):
            await calendar(world, caller, action=action, **params)


async def test_what_is_in_it(world: World) -> None:
    """Work of theirs, and nobody else's; nothing that they were only asked for."""
    await world.present("ann", "bo")
    secret, others = await renewed(world), await renewed(world, "bo")
    await world.ask("a1")
    await world.ring("a1", "ann", "bo")
    assert await uids(world, secret) == []
    await world.accept("a1", "ann")
    assert (await uids(world, secret), await uids(world, others, "bo")) == (["a1"], [])
    before = await world.service.calendar(world.marketplace, "ann", secret)
    assert b"Somali" in before
    assert b"video" in before
    assert before == await world.service.calendar(world.marketplace, "ann", secret)


async def test_it_follows_what_becomes_of_it(world: World) -> None:
    """Handed back, it is out of the calendar."""
    await world.present("ann")
    secret = await renewed(world)
    await world.ask("a1")
    await world.ring("a1", "ann")
    await world.accept("a1", "ann")
    assert await uids(world, secret) == ["a1"]
    await world.tell("assignment", "a1", on.Cancel("i:ann"))
    assert await uids(world, secret) == []


async def test_a_booking_for_a_time_to_come(world: World) -> None:
    """From their yes on, though they are not even online, and until it is over; or called off."""
    await world.register("ann")
    secret, start_ms = await renewed(world), world.clock.now_ms() + 30 * 86_400_000
    await world.ask("a1", start_ms=start_ms, timezone="Europe/Oslo")
    await world.ring("a1", "ann")
    assert await uids(world, secret) == []
    assert (await world.accept("a1", "ann")).state == "confirmed"
    (event,) = await read(world, secret)
    assert event.start == datetime.fromtimestamp(start_ms // 1000, UTC)
    await world.tell("assignment", "a1", on.Cancel("c:hospital:kari"))
    (off,) = await read(world, secret)
    assert (off["STATUS"], off["UID"], off.start) == ("CANCELLED", event["UID"], event.start)
    assert off.sequence > event.sequence


async def test_a_booking_that_is_moved(world: World) -> None:
    """Who took it is asked again: it is out of the calendar until they say yes, and then moved."""
    await world.register("ann")
    secret, start_ms = await renewed(world), world.clock.now_ms() + 30 * 86_400_000
    await world.ask("a1", start_ms=start_ms)
    await world.ring("a1", "ann")
    await world.accept("a1", "ann")
    (before,) = await read(world, secret)
    moved = on.Update("c:hospital:kari", {"start_ms": start_ms + 3_600_000})
    await world.tell("assignment", "a1", moved)
    assert await read(world, secret) == []
    again = replace(candidate("a1", "ann"), offer="a1.again")
    await world.tell("assignment", "a1", on.Wave("1", (again,), 1, "d2"))
    await world.tell("assignment", "a1", on.Accept("a1.again", "ann", "m-a1"))
    (after,) = await read(world, secret)
    assert (after["UID"], after.start - before.start) == (before["UID"], timedelta(hours=1))
    assert after.sequence > before.sequence


async def keep(world: World, *found: Assignment) -> None:
    """Write assignments as they are, with the lists they stand in."""
    writes = tuple(Write(world.keys.record("assignment", a.id), 0, pack(a, 1)) for a in found)
    indexes = tuple(
        IndexChange(name, a.id, score) for a in found for name, score in a.indexes.items()
    )
    batch = Batch(writes=writes, indexes=indexes)
    assert await world.store.commit(world.marketplace, batch) is not None


async def test_what_is_to_come_is_in_it_however_much_was_done(world: World) -> None:
    """The past is bounded; the diary has what is ahead, even if it was booked long ago."""
    await world.register("ann")
    secret, now_ms = await renewed(world), world.clock.now_ms()
    done = samples.assignment("completed", created_ms=now_ms)
    done = replace(done, slots=(replace(done.slots[0], held_ms=now_ms, ended_ms=now_ms),))
    ahead = samples.assignment("held", id="ahead", terms=samples.TERMS | {"start_ms": now_ms})
    await keep(world, ahead)
    for start in range(0, PAST_MOST + 100, 100):
        await keep(world, *(replace(done, id=f"d{n}") for n in range(start, start + 100)))
    assert len(await uids(world, secret)) == PAST_MOST
    book = Book("ann", "ahead", "1", now_ms, now_ms + 60_000)
    await world.tell("interpreter", "ann", book)
    found = await uids(world, secret)
    assert (len(found), "ahead" in found) == (PAST_MOST + 1, True)


async def test_who_has_the_address_does_not_read_it_all_day(world: World) -> None:
    """Several programs may, every quarter of an hour; who guesses uses nothing of that up."""
    await world.register("ann")
    secret = await renewed(world)
    for _ in range(READINGS_AT_ONCE + 1):
        assert await is_closed(world, "A" * 43)
    for _ in range(READINGS_AT_ONCE):
        await read(world, secret)
    with pytest.raises(RateLimited):
        await read(world, secret)
    await world.pass_min(1)
    await read(world, secret)
