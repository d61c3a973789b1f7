"""What interpreters say of themselves, and who may know of it."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.core.times import rfc3339
from signalling.errors import Forbidden, InvalidParams, NotEligible, NotFound
from signalling.protocol.messages.common import Point
from signalling.translate import kept_position
from tests.world import OSLO, World, customer, interpreter, operator, staff_app


async def put(world: World, caller: Any, status: str, **params: Any) -> dict[str, Any]:
    answer = await world.call("presence.set", caller, status=status, **params)
    found: dict[str, Any] = answer["presence"]
    return found


async def statuses(world: World, caller: Any, *who: str) -> list[str]:
    answer = await world.call("presence.watch", caller, interpreters=list(who))
    return [each["status"] for each in answer["presence"]]


async def test_interpreters_say_it_themselves(world: World) -> None:
    """With modes, a place and an end; the answer shows no place."""
    ann = interpreter(world, "ann")
    with pytest.raises(NotEligible, match="open session"):
        await put(world, ann, "available")
    await world.tell("availability", "ann", on.Connect("s1", 1))
    until = rfc3339(world.clock.now_ms() + 3_600_000)
    shown = await put(world, ann, "available", modes=["audio"], position=OSLO, until=until)
    assert (shown["status"], shown["modes"], shown["until"]) == ("available", ("audio",), until)
    assert "position" not in shown
    coarsely = (await world.get("availability", "ann")).position
    assert coarsely == kept_position(Point(**OSLO), exact=False) != OSLO
    await put(world, ann, "available", position=OSLO, exact_location=True)
    assert (await world.get("availability", "ann")).position == OSLO
    assert (await put(world, ann, "busy", interpreter="ann"))["status"] == "busy"
    with pytest.raises(NotFound):
        await put(world, ann, "away", interpreter="bo")


async def test_an_end_that_is_past(world: World) -> None:
    with pytest.raises(InvalidParams) as refused:
        await put(world, interpreter(world, "ann"), "available", until=rfc3339(10**12))
    assert refused.value.path == "until"


async def test_being_reached_by_push(world: World) -> None:
    """Until a time of that day, with no session open; the answer says so."""
    ann, soon = interpreter(world, "ann"), world.clock.now_ms() + 3_600_000
    shown = await put(world, ann, "available", until=rfc3339(soon), push=True)
    assert (shown["status"], shown["push"]) == ("available", True)
    assert (await world.get("availability", "ann")).until_ms == soon
    wrong = (
        ("until", {"status": "available"}),
        ("until", {"status": "available", "until": rfc3339(soon + 12 * 3_600_000)}),
        ("push", {"status": "busy", "until": rfc3339(soon)}),
    )
    for path, params in wrong:
        with pytest.raises(InvalidParams) as refused:
            await world.call("presence.set", ann, push=True, **params)
        assert refused.value.path == path
    assert "push" not in await put(world, ann, "away")


async def test_what_staff_may_set(world: World) -> None:
    """Away or offline, of somebody who is there to manage, by the app that manages them."""
    await world.present("ann")
    assert (await put(world, operator(world), "away", interpreter="ann"))["status"] == "away"
    assert (await put(world, staff_app(world), "offline", interpreter="ann"))["status"] == "offline"
    for status in ("available", "busy"):
        with pytest.raises(Forbidden):
            await put(world, operator(world), status, interpreter="ann")
    with pytest.raises(Forbidden):
        await put(world, operator(world, "court", frozenset()), "away", interpreter="ann")
    for nobody in ("nobody", None):
        named = {} if nobody is None else {"interpreter": nobody}
        with pytest.raises(NotFound):
            await put(world, operator(world), "away", **named)
    assert await world.version("availability", "nobody") == 0


async def test_who_watches_whom(world: World) -> None:
    """Staff anybody, interpreters themselves, customers whoever works for them now."""
    await world.present("ann", "bo")
    await world.ask("a1")
    await world.ring("a1", "ann", "bo")
    kari = customer(world)
    with pytest.raises(NotFound):
        await statuses(world, kari, "ann")
    await world.accept("a1", "ann")

    assert await statuses(world, kari, "ann") == ["held"]
    assert await statuses(world, interpreter(world, "bo"), "bo") == ["available"]
    assert await statuses(world, operator(world), "ann", "bo") == ["held", "available"]
    assert await statuses(world, staff_app(world), "zoe") == ["offline"]
    refusals = (
        (kari, ("ann", "bo"), "interpreters.1"),
        (interpreter(world, "bo"), ("ann",), "interpreters.0"),
        (customer(world, "liv"), ("ann",), "interpreters.0"),
    )
    for caller, who, path in refusals:
        with pytest.raises(NotFound) as refused:
            await statuses(world, caller, *who)
        assert refused.value.path == path

    await world.tell("assignment", "a1", on.Cancel(kari.address))
    with pytest.raises(NotFound):
        await statuses(world, kari, "ann")


async def test_the_summary(world: World) -> None:
    """Counts by pair and mode, of one language or mode if asked; a name asks as well as a tag."""
    await world.register("ann")
    await world.register("bo", "so", "ti", modes=["audio"])
    await world.online("ann", "bo")
    market = await world.market()
    await world.until(lambda: market.available == 2)

    async def pairs(**params: Any) -> dict[tuple[str, str], dict[str, int]]:
        answer = await world.call("presence.summary", customer(world), **params)
        assert (answer["available"], answer["server_time"][:2]) == (2, "20")
        return {(p["languages"]["from"], p["languages"]["to"]): p["modes"] for p in answer["pairs"]}

    whole = await pairs()
    assert whole["no", "so"] == {"audio": 2, "onsite": 1, "video": 1}
    assert sorted(whole) == [("no", "so"), ("no", "ti"), ("so", "ti")]
    assert sorted(await pairs(language="Tigrinya")) == [("no", "ti"), ("so", "ti")]
    assert sorted(await pairs(mode="video")) == [("no", "so")]
    assert await pairs(language="pl") == {}
    with pytest.raises(InvalidParams) as refused:
        await pairs(language="Kurdish")
    assert refused.value.path == "language"
    assert len(refused.value.extra["choices"]) == 3

    watched = await world.call("presence.watch", customer(world), summary=True)
    assert (len(watched["summary"]), watched["presence"]) == (3, ())


async def test_the_log(world: World) -> None:
    """One's own, or anybody's to operators; newest first, by page and by time."""
    await world.tell("availability", "ann", on.Connect("s1", 1))
    ann = interpreter(world, "ann")
    for status in ("available", "busy", "away", "offline"):
        await put(world, ann, status)

    async def log(caller: Any, **params: Any) -> tuple[list[str], str | None]:
        answer = await world.call("presence.log", caller, **params)
        return [entry["status"] for entry in answer["entries"]], answer.get("next")

    assert await log(ann) == (["offline", "away", "busy", "available"], None)
    first, more = await log(operator(world), interpreter="ann", limit=3)
    assert first == ["offline", "away", "busy"]
    assert await log(operator(world), interpreter="ann", cursor=more) == (["available"], None)
    later = rfc3339(world.clock.now_ms() + 60_000)
    assert await log(ann, since=later) == ([], None)
    assert len((await log(ann, until=later))[0]) == 4
    for caller, named in ((ann, "bo"), (operator(world), None)):
        with pytest.raises(NotFound):
            await log(caller, **({} if named is None else {"interpreter": named}))
    with pytest.raises(InvalidParams):
        await log(ann, cursor="nonsense")
