"""The life of a booking by method calls: letters, confirmation, reminders, meeting, the end."""

import pytest

from signalling.core.times import rfc3339
from signalling.engine import Engine
from signalling.errors import Gone, IllegalTransition, InvalidParams, NotFound
from signalling.service import assignments
from tests.booking import (
    HOUR_MS,
    MINUTE_MS,
    book,
    heard,
    hence,
    history,
    join,
    letters,
    shown,
    state,
    take,
)
from tests.dispatching import KARI, dispatching, looked
from tests.world import World, customer, interpreter, operator, request


async def test_letters_reach_whoever_fits(world: World) -> None:
    """Online or not: a booking's offer waits in the inbox and takes nobody's attention."""
    await world.register("ann")
    await world.present("bo")
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 24))
        await looked(world, dispatcher)
        assert (await letters(world, id_)).keys() == {"ann", "bo"}
        for who in ("ann", "bo"):
            (letter,) = await heard(world, f"i:{who}", "offer.made")
            assert letter["assignment"]["id"] == id_
        assert (await world.get("availability", "bo")).status == "available"
        listed = await world.call("offer.list", interpreter(world, "ann"))
        assert [o["assignment"]["id"] for o in listed["offers"]] == [id_]


async def test_an_accept_is_written_down(world: World) -> None:
    """Confirmed, in the diary of one, and the population knows; the other is told why not."""
    await world.register("ann")
    await world.register("bo")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms)
        won = await take(world, dispatcher, id_, "ann")
        assert won["assignment"]["state"] == "confirmed"
        assert "hold_until" not in won
        diary = (await world.get("diary", "ann")).bookings
        assert [(b.assignment, b.start_ms, b.end_ms) for b in diary] == [
            (id_, start_ms, start_ms + 30 * MINUTE_MS)
        ]
        market = await world.market()
        await world.until(lambda: "ann" in market.diaries)
        (lost,) = await heard(world, "i:bo", "offer.withdrawn")
        assert lost["reason"] == "taken"
        again = await book(world, start_ms)
        await looked(world, dispatcher)
        assert (await letters(world, again)).keys() == {"bo"}


async def test_from_asking_to_the_end(world: World) -> None:
    """Reminded a day and an hour before; the meeting opens ten minutes before the start."""
    await world.register("ann")
    start_ms = hence(world, 48)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms, note="Ward 7")
        await take(world, dispatcher, id_, "ann")
        for address in ("i:ann", KARI):
            await world.pass_to(start_ms - 25 * HOUR_MS)
            assert await heard(world, address, "assignment.reminder") == []
        await world.pass_to(start_ms - HOUR_MS)
        for address in ("i:ann", KARI):
            told = await heard(world, address, "assignment.reminder")
            assert [(t["assignment"]["id"], t["in_min"]) for t in told] == [(id_, 1440), (id_, 60)]
        await world.pass_to(start_ms - 11 * MINUTE_MS)
        assert await state(world, id_) == "confirmed"
        await world.pass_to(start_ms - 10 * MINUTE_MS)
        assert await state(world, id_) == "held"
        await join(world, id_, "i:ann")
        assert await state(world, id_) == "connecting"
        await join(world, id_, KARI)
        assert await state(world, id_) == "in_progress"
        assert (await world.get("availability", "ann")).status == "in_meeting"
        await world.pass_to(start_ms + 25 * MINUTE_MS)
        meeting = (await world.get("assignment", id_)).meeting
        await world.call("meeting.end", customer(world), meeting=meeting)
        assert await state(world, id_) == "wrap_up"
        await world.pass_min(3)
    done = await shown(world, customer(world), id_)
    assert (done["state"], done["slots"][0]["minutes"]) == ("completed", 35)
    assert (await world.get("diary", "ann")).bookings == ()
    assert (await world.get("availability", "ann")).status == "offline"


async def test_what_happened_is_told_to_each_as_far_as_it_is_theirs(world: World) -> None:
    """Staff read everything; customers not who declined; interpreters only their own part."""
    await world.register("ann")
    await world.register("bo")
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 24))
        await looked(world, dispatcher)
        offers = await letters(world, id_)
        await world.call(
            "offer.decline", interpreter(world, "bo"), offer=offers["bo"], reason="busy"
        )
        await take(world, dispatcher, id_, "ann")
    whole = await history(world, operator(world), id_)
    assert [entry["what"] for entry in whole] == [
        "created",
        "offer.made",
        "offer.made",
        "offering",
        "offer.declined",
        "offer.accepted",
        "confirmed",
    ]
    assert {e["interpreter"] for e in whole if e["what"] == "offer.declined"} == {"bo"}
    assert (whole[0]["by"], whole[0]["policy"]) == ("kari", "rules 1")
    own = await history(world, interpreter(world, "ann"), id_)
    assert "kari" not in str(own)
    assert "'bo'" not in str(own)
    assert [entry["what"] for entry in own if "interpreter" in entry] == [
        "offer.made",
        "offer.accepted",
        "confirmed",
    ]
    theirs = await history(world, customer(world), id_)
    assert [entry["what"] for entry in theirs] == [entry["what"] for entry in whole]
    assert "'bo'" not in str(theirs)
    assert "busy" not in str(theirs)


async def test_of_a_very_long_history_the_newest_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything in one answer would close the socket that it is for."""
    monkeypatch.setattr(assignments, "HISTORY_MOST", 2)
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 24))
        await take(world, dispatcher, id_, "ann")
    for caller in (operator(world), interpreter(world, "ann")):
        told = [entry["what"] for entry in await history(world, caller, id_)]
        assert told == ["offer.accepted", "confirmed"]


async def test_why_somebody_gave_back_is_between_them_and_the_staff(world: World) -> None:
    """Neither the customer nor who comes after reads of an illness; who comes not even of whom."""
    await world.register("ann")
    await world.register("bo")
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 24))
        await take(world, dispatcher, id_, "ann")
        gives_back = {"assignment": id_, "reason": "illness"}
        await world.call("assignment.cancel", interpreter(world, "ann"), **gives_back)
        await take(world, dispatcher, id_, "bo")
    for caller, knows_whom in ((customer(world), True), (interpreter(world, "bo"), False)):
        read = str(await history(world, caller, id_))
        assert "illness" not in read
        assert ("'ann'" in read) is knows_whom
    (said,) = [e for e in await history(world, operator(world), id_) if e["what"] == "cancel"]
    assert (said["by"], said["reason"]) == ("ann", "illness")


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_letter_to_who_was_removed_is_worth_nothing(world: World, elsewhere: bool) -> None:
    """Their token may be good for hours yet; who made the offer does not matter."""
    await world.register("ann")
    another = Engine(world.store, world.clock, world.engine.bounds)
    async with dispatching(world, engine=another if elsewhere else None) as dispatcher:
        id_ = await book(world, hence(world, 24))
        await looked(world, dispatcher)
        letter = (await letters(world, id_))["ann"]
        await world.call("interpreter.remove", operator(world), interpreter="ann")
        with pytest.raises(NotFound):
            await world.call("offer.accept", interpreter(world, "ann"), offer=letter)
    assert await state(world, id_) == "offering"
    assert (await world.get("diary", "ann")).bookings == ()


async def test_lists_by_start(world: World) -> None:
    """Soonest first, of a span of time; what is for now has no start."""
    starts = [hence(world, hours) for hours in (30, 10, 20)]
    ids = [await book(world, start_ms) for start_ms in starts]
    await world.ask("now")

    async def listed(**params: str) -> list[str]:
        page = await world.call("assignment.list", customer(world), **params)
        return [a["id"] for a in page["assignments"]]

    from_ = rfc3339(hence(world, 0))
    assert await listed(starts_from=from_) == [ids[1], ids[2], ids[0]]
    assert await listed(starts_from=from_, starts_before=rfc3339(starts[0])) == [ids[1], ids[2]]
    with pytest.raises(InvalidParams) as mixed:
        await listed(starts_from=from_, since=from_)
    assert mixed.value.path == "since"


async def test_another_time_asks_whoever_accepted_again(world: World) -> None:
    """First, and alone; their old time is free at once. Another note asks nobody."""
    await world.register("ann")
    await world.register("bo")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms)
        await take(world, dispatcher, id_, "ann")
        await world.call("assignment.update", customer(world), assignment=id_, note="Back door")
        assert await state(world, id_) == "confirmed"
        later = start_ms + HOUR_MS
        await world.call(
            "assignment.update", customer(world), assignment=id_, starts_at=rfc3339(later)
        )
        assert (await world.get("diary", "ann")).bookings == ()
        await looked(world, dispatcher)
        assert (await letters(world, id_)).keys() == {"ann"}
        asked = (await heard(world, "i:ann", "offer.made"))[-1]
        assert asked["assignment"]["again"] is True
        offer = (await letters(world, id_))["ann"]
        await world.call("offer.decline", interpreter(world, "ann"), offer=offer)
        await take(world, dispatcher, id_, "bo")
    assert [b.start_ms for b in (await world.get("diary", "bo")).bookings] == [later]


@pytest.mark.parametrize(("hours", "late"), [(26, False), (20, True)])
async def test_calling_off(world: World, hours: float, late: bool) -> None:
    """A day before is early enough; the interpreter is told, and free."""
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, hours))
        await take(world, dispatcher, id_, "ann")
        await world.call("assignment.cancel", customer(world), assignment=id_, reason="moved")
    off = await shown(world, customer(world), id_)
    assert (off["state"], off["cancellation"].get("late", False)) == ("cancelled", late)
    assert off["cancellation"]["reason"] == "moved"
    told = (await heard(world, "i:ann", "assignment.changed"))[-1]["assignment"]
    assert told["state"] == "cancelled"
    assert (await world.get("diary", "ann")).bookings == ()


async def test_giving_back(world: World) -> None:
    """Another is looked for, under the same booking."""
    await world.register("ann")
    await world.register("bo")
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 24))
        await take(world, dispatcher, id_, "ann")
        await world.call("assignment.cancel", interpreter(world, "ann"), assignment=id_)
        assert (await world.get("diary", "ann")).bookings == ()
        await take(world, dispatcher, id_, "bo")
    assert await state(world, id_) == "confirmed"


async def test_a_letter_that_nobody_answers(world: World) -> None:
    """It stands half an hour; then whoever is left is asked, until the start."""
    await world.register("ann")
    start_ms = hence(world, 24)
    async with dispatching(world) as dispatcher:
        id_ = await book(world, start_ms)
        await looked(world, dispatcher)
        offer = (await letters(world, id_))["ann"]
        await world.pass_min(31)
        with pytest.raises(Gone) as late:
            await world.call("offer.accept", interpreter(world, "ann"), offer=offer)
        assert late.value.extra["reason"] == "expired"
        await world.register("bo")
        market = await world.market()
        await world.until(lambda: "bo" in market.profiles)
        await looked(world, dispatcher)
        assert (await letters(world, id_)).keys() == {"bo"}
        await world.pass_to(start_ms)
    over = await shown(world, customer(world), id_)
    assert (over["state"], over["outcome"]["reason"]) == ("unfilled", "nobody_accepted")


async def test_work_cannot_be_done_before_it_begins(world: World) -> None:
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        id_ = await book(world, hence(world, 24))
        await take(world, dispatcher, id_, "ann")
        with pytest.raises(IllegalTransition):
            await world.call("assignment.complete", interpreter(world, "ann"), assignment=id_)
    assert await state(world, id_) == "confirmed"


@pytest.mark.parametrize("hours", [None, 48])
async def test_who_is_to_choose_gets_somebody_to_choose_from(
    world: World, hours: int | None
) -> None:
    """Without a time in which interpreters say that they could there would be nobody."""
    terms = {} if hours is None else {"starts_at": rfc3339(hence(world, hours))}
    asked = request(confirm="customer", **terms)
    with pytest.raises(InvalidParams) as refused:
        await world.call("assignment.create", customer(world), **asked)
    assert refused.value.path == "confirm"
