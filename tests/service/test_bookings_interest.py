"""Interest windows: who could, who is taken at their end, and whom the customer chooses."""

from typing import Any

import pytest

from signalling.core import booking_events as on
from signalling.core.bookings import INTERESTED_MOST
from signalling.core.times import rfc3339
from signalling.errors import Conflict, Gone, IllegalTransition, NotEligible, NotFound
from tests.booking import HOUR_MS, MINUTE_MS, book, heard, hence, history, letters, shown, state
from tests.dispatching import dispatching, looked
from tests.world import World, customer, interpreter, operator


async def gathering(world: World, start_ms: int, **terms: Any) -> str:
    """Ask for a booking for which interpreters may say for an hour that they could."""
    return await book(world, start_ms, **({"interest_s": 3600} | terms))


async def could(world: World, id_: str, *people: str, interested: bool = True) -> None:
    for who in people:
        params = {"assignment": id_, "interested": interested}
        await world.call("assignment.interest", interpreter(world, who), **params)


async def test_the_best_of_those_who_could_is_taken(world: World) -> None:
    """Nobody is asked meanwhile; at the end one is booked, and the others are told."""
    for who, preferred in (("ann", False), ("bo", True), ("cy", False)):
        await world.register(who, **({"specialisms": ["medical"]} if preferred else {}))
    start_ms = hence(world, 48)
    async with dispatching(world) as dispatcher:
        terms = {"requirements": {"specialisms": []}, "preferences": {"preferred": ["bo"]}}
        id_ = await gathering(world, start_ms, **terms)
        await looked(world, dispatcher)
        assert await letters(world, id_) == {}
        await could(world, id_, "ann", "bo")
        seen = await shown(world, customer(world), id_)
        assert [i["interpreter"]["id"] for i in seen["interested"]] == ["ann", "bo"]
        await world.pass_min(61)
        await looked(world, dispatcher)
    booked = await shown(world, customer(world), id_)
    assert booked["state"] == "confirmed"
    assert booked["slots"][0]["interpreter"]["id"] == "bo"
    (lost,) = await heard(world, "i:ann", "offer.withdrawn")
    assert lost["reason"] == "another_chosen"
    assert await heard(world, "i:cy", "offer.withdrawn") == []
    assert [b.assignment for b in (await world.get("diary", "bo")).bookings] == [id_]


async def test_the_customer_chooses(world: World) -> None:
    """One of those who could, before the time to say so is over."""
    for who in ("ann", "bo"):
        await world.register(who)
    id_ = await gathering(world, hence(world, 48), confirm="customer")
    kari = customer(world)
    with pytest.raises(NotEligible):
        await world.call("assignment.confirm", kari, assignment=id_, interpreter="ann")
    await could(world, id_, "ann", "bo")
    answer = await world.call("assignment.confirm", kari, assignment=id_, interpreter="ann")
    assert answer["assignment"]["state"] == "confirmed"
    assert answer["assignment"]["slots"][0]["interpreter"]["name"] == "Ann"
    (lost,) = await heard(world, "i:bo", "offer.withdrawn")
    assert lost["reason"] == "another_chosen"
    told = (await heard(world, "i:ann", "assignment.changed"))[-1]["assignment"]
    assert told["state"] == "confirmed"
    with pytest.raises(IllegalTransition):
        await world.call("assignment.confirm", kari, assignment=id_, interpreter="bo")


async def test_who_could_and_is_booked_elsewhere_by_now(world: World) -> None:
    """The next best is taken; where nobody is left, everybody is asked."""
    for who in ("ann", "bo"):
        await world.register(who)
    start_ms = hence(world, 48)
    async with dispatching(world) as dispatcher:
        id_ = await gathering(world, start_ms, preferences={"preferred": ["ann"]})
        await could(world, id_, "ann", "bo")
        end_ms = start_ms + 30 * MINUTE_MS
        elsewhere = on.Book("ann", "other", "1", start_ms, end_ms)
        await world.tell("interpreter", "ann", elsewhere)
        await world.pass_min(61)
        await looked(world, dispatcher)
        assert (await world.get("assignment", id_)).slots[0].interpreter == "bo"
        none_left = await gathering(world, start_ms)
        await world.register("cy")
        market = await world.market()
        await world.until(lambda: "cy" in market.profiles)
        await could(world, none_left, "cy")
        await world.tell("interpreter", "cy", on.Book("cy", "other", "1", start_ms, end_ms))
        await world.register("di")
        await world.until(lambda: "di" in market.profiles)
        await world.pass_min(61)
        await looked(world, dispatcher)
        await looked(world, dispatcher)
        assert (await letters(world, none_left)).keys() == {"di"}


@pytest.mark.parametrize(
    ("people", "taken", "asked"),
    [(("ann", "bo", "cy"), 2, set[str]()), (("ann",), 1, {"bo", "cy"})],
)
async def test_two_places(
    world: World, people: tuple[str, ...], taken: int, asked: set[str]
) -> None:
    """Each is taken by one who could; where too few could, others are asked for the rest."""
    for who in ("ann", "bo", "cy"):
        await world.register(who)
    async with dispatching(world) as dispatcher:
        id_ = await gathering(world, hence(world, 48), interpreters_needed=2)
        await could(world, id_, *people)
        await world.pass_min(61)
        for _ in range(3):  # one place after the other, then everybody
            await looked(world, dispatcher)
        slots = (await world.get("assignment", id_)).slots
        held = [slot.interpreter for slot in slots if slot.state == "confirmed"]
        assert len(held) == len(set(held) & set(people)) == taken
        assert (await letters(world, id_)).keys() == asked


async def test_nobody_could(world: World) -> None:
    """Then offers go out as usual."""
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        id_ = await gathering(world, hence(world, 48))
        await could(world, id_, "ann")
        await could(world, id_, "ann", interested=False)
        await world.pass_min(61)
        await looked(world, dispatcher)
        assert (await letters(world, id_)).keys() == {"ann"}


async def test_who_may_not_say_so(world: World) -> None:
    """Who breaks a rule hears which; who was blocked, that there is no such assignment."""
    await world.register("ann", modes=["audio"])
    await world.register("bo")
    id_ = await gathering(world, hence(world, 48), preferences={"blocked": ["bo"]})
    with pytest.raises(NotEligible) as refused:
        await could(world, id_, "ann")
    assert refused.value.path == "assignment"
    for who in ("bo", "stranger"):
        with pytest.raises(NotFound):
            await could(world, id_, who)
    assert (await world.get("assignment", id_)).interests == ()


async def test_too_late_to_say_so(world: World) -> None:
    for who in ("ann", "bo"):
        await world.register(who)
    id_ = await gathering(world, hence(world, 48))
    await could(world, id_, "ann")
    await world.call("assignment.confirm", customer(world), assignment=id_, interpreter="ann")
    with pytest.raises(Gone) as late:
        await could(world, id_, "bo")
    assert late.value.extra["reason"] == "decided"


async def test_enough_could(world: World) -> None:
    """A customer does not read more; those who said so may say so again, or take it back."""
    await world.register("ann")
    id_ = await gathering(world, hence(world, 48))
    for n in range(INTERESTED_MOST):
        await world.tell("assignment", id_, on.Interest(f"i{n}", True, f"{id_}.{n}", {}))
    version = await world.version("assignment", id_)
    with pytest.raises(Conflict):
        await could(world, id_, "ann")
    await world.tell("assignment", id_, on.Interest("i7", True, "again", {}))
    assert await world.version("assignment", id_) == version
    await world.tell("assignment", id_, on.Interest("i7", False, "again", {}))
    await could(world, id_, "ann")


async def test_a_change_asks_anew_who_could(world: World) -> None:
    """Whoever could is told that it has changed, and may say so of the new terms."""
    await world.register("ann")
    id_ = await gathering(world, hence(world, 48))
    await could(world, id_, "ann")
    await world.call("assignment.update", customer(world), assignment=id_, duration_min=90)
    (told,) = await heard(world, "i:ann", "offer.withdrawn")
    assert told["reason"] == "changed"
    assert await state(world, id_) == "gathering"
    await could(world, id_, "ann")


async def test_a_window_leaves_time_to_ask(world: World) -> None:
    """It is over halfway to the start at the latest."""
    now_ms = world.clock.now_ms()
    start_ms = hence(world, 4)
    id_ = await gathering(world, start_ms, interest_s=86_400)
    until_ms = (await world.get("assignment", id_)).interest_until_ms
    assert abs(until_ms - now_ms - 2 * HOUR_MS) <= MINUTE_MS


async def test_a_start_that_comes_nearer_leaves_time_to_ask(world: World) -> None:
    id_ = await gathering(world, hence(world, 48), interest_s=7200)
    sooner = rfc3339(hence(world, 2))
    await world.call("assignment.update", customer(world), assignment=id_, starts_at=sooner)
    until_ms = (await world.get("assignment", id_)).interest_until_ms
    assert abs(until_ms - world.clock.now_ms() - HOUR_MS) <= MINUTE_MS


@pytest.mark.parametrize("chooses", [True, False])
async def test_who_is_to_choose_has_time_for_it(world: World, chooses: bool) -> None:
    """They hear that the window is over; who chooses nobody in half of the time gets the best."""
    for who in ("ann", "bo"):
        await world.register(who)
    start_ms = hence(world, 49)
    async with dispatching(world) as dispatcher:
        terms = {"confirm": "customer", "preferences": {"preferred": ["bo"]}}
        id_ = await gathering(world, start_ms, **terms)
        await could(world, id_, "ann", "bo")
        await world.pass_min(61)
        await looked(world, dispatcher)
        (*_, told) = await heard(world, customer(world).address, "assignment.changed")
        assert (told["assignment"]["state"], told["assignment"]["choosing"]) == ("gathering", True)
        if chooses:
            params = {"assignment": id_, "interpreter": "ann"}
            await world.call("assignment.confirm", customer(world), **params)
        else:
            await world.pass_to(start_ms - 25 * HOUR_MS)
            assert await state(world, id_) == "gathering"
            await world.pass_to(start_ms - 23 * HOUR_MS)
            await looked(world, dispatcher)
    booked = await shown(world, customer(world), id_)
    assert (booked["state"], "choosing" in booked) == ("confirmed", False)
    assert booked["slots"][0]["interpreter"]["id"] == ("ann" if chooses else "bo")
    whole = [entry["what"] for entry in await history(world, operator(world), id_)]
    assert whole.count("choosing") == 1


async def test_nobody_to_choose_from(world: World) -> None:
    """Letters go out at the window's end."""
    await world.register("ann")
    async with dispatching(world) as dispatcher:
        id_ = await gathering(world, hence(world, 48), confirm="customer")
        await world.pass_min(61)
        await looked(world, dispatcher)
        assert (await letters(world, id_)).keys() == {"ann"}


async def test_the_rules_hold_for_the_places_that_are_left(world: World) -> None:
    """Also once the first is taken: whom the customer chooses from is always whoever may."""
    await world.register("ann")
    await world.register("bo")
    await world.register("eve", "ti")
    id_ = await gathering(world, hence(world, 48), interpreters_needed=2)
    await world.call("assignment.interest", interpreter(world, "ann"), assignment=id_)
    await world.call("assignment.confirm", customer(world), assignment=id_, interpreter="ann")
    assert [s.state for s in (await world.get("assignment", id_)).slots] == [
        "confirmed",
        "gathering",
    ]
    with pytest.raises(NotEligible):
        await world.call("assignment.interest", interpreter(world, "eve"), assignment=id_)
    await world.call("assignment.interest", interpreter(world, "bo"), assignment=id_)
    could = {each.interpreter for each in (await world.get("assignment", id_)).interests}
    assert could == {"ann", "bo"}


async def test_whom_the_customer_chooses_may_still_take_it(world: World) -> None:
    """Not who has lost what was asked for, or is gone, since they said that they could."""
    for who in ("ann", "bo", "cy"):
        await world.register(who)
    id_ = await gathering(world, hence(world, 48), requirements={"min_qualification": "C"})
    for who in ("ann", "bo", "cy"):
        await world.call("assignment.interest", interpreter(world, who), assignment=id_)
    untested = [{"tag": tag, "level": "native"} for tag in ("no", "so")]
    await world.register("ann", languages=untested)
    await world.call("interpreter.remove", operator(world), interpreter="bo")
    market = await world.market()
    await world.until(lambda: "bo" not in market.profiles)
    kari = customer(world)
    for who in ("ann", "bo"):
        with pytest.raises(NotEligible):
            await world.call("assignment.confirm", kari, assignment=id_, interpreter=who)
    await world.call("assignment.confirm", kari, assignment=id_, interpreter="cy")
    assert (await world.get("assignment", id_)).state == "confirmed"


@pytest.mark.parametrize("chosen", [True, False])
async def test_why_me_and_why_not(world: World, chosen: bool) -> None:
    """Who was taken met every rule, though they are booked by now; others read where they stood."""
    for who in ("ann", "bo", "cy"):
        await world.register(who)
    async with dispatching(world) as dispatcher:
        confirm = "customer" if chosen else "rank"
        id_ = await gathering(world, hence(world, 48), confirm=confirm)
        await could(world, id_, "ann", "bo")
        if chosen:
            params = {"assignment": id_, "interpreter": "ann"}
            await world.call("assignment.confirm", customer(world), **params)
        else:
            await world.pass_min(61)
            await looked(world, dispatcher)
        market = await world.market()
        await world.until(lambda: "ann" in market.diaries)
    why = {
        who: await world.call("match.explain", interpreter(world, who), assignment=id_)
        for who in ("ann", "bo", "cy")
    }
    assert (why["ann"]["eligible"], why["ann"]["offered"]) == (True, True)
    assert [each["feature"] for each in why["ann"]["reasons"]] == ["tier_surplus"]
    assert (why["bo"]["eligible"], why["bo"]["offered"]) == (True, False)
    if not chosen:
        assert (why["ann"]["rank"], why["bo"]["rank"]) == (1, 2)
        assert [each["rule"] for each in why["cy"]["excluded"]] == ["others_first"]
