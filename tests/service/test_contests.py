"""Asking a human to look at a decision, and their answer."""

from typing import Any

import pytest

from signalling.errors import Conflict, IllegalTransition, NotFound, RateLimited
from signalling.rates import Buckets
from tests.world import World, customer, interpreter, operator, staff_app

WHY = "I was free and live around the corner"


@pytest.fixture
async def offered(world: World) -> World:
    """Give an assignment `a1` that was offered to Ann; Bo has the languages, Ed has not."""
    await world.present("ann", "bo")
    await world.register("ed", "pl")
    await world.ask("a1")
    await world.ring("a1", "ann")
    return world


async def contest(world: World, caller: Any, **params: Any) -> dict[str, Any]:
    asked = {"assignment": "a1", "text": WHY} | params
    answer = await world.call("match.contest", caller, **asked)
    assert isinstance(answer, dict)
    return dict(answer["contest"])


async def listed(world: World, caller: Any, **params: Any) -> list[str]:
    answer = await world.call("match.contests", caller, **params)
    return [each["id"] for each in answer["contests"]]


async def answer(world: World, caller: Any, id_: str, outcome: str = "upheld") -> dict[str, Any]:
    said = {"contest": id_, "text": "Your phone was off", "outcome": outcome}
    return dict((await world.call("match.answer", caller, **said))["contest"])


async def test_an_interpreter_contests_and_is_answered(offered: World) -> None:
    bo = interpreter(offered, "bo")
    asked = await contest(offered, bo)
    assert (asked["state"], asked["interpreter"], asked["text"]) == ("open", "bo", WHY)
    assert not {"decisions", "asked_by"} & asked.keys()
    ((method, params),) = await offered.mails(staff_app(offered).address)
    assert method == "match.contested"
    told = params["contest"]
    assert (told["id"], told["asked_by"], told["role"]) == (asked["id"], "bo", "interpreter")
    assert told["decisions"] == ["d1"]
    assert await listed(offered, operator(offered)) == [asked["id"]]

    done = await answer(offered, operator(offered), asked["id"])
    assert (done["state"], done["outcome"], done["answered_by"]) == ("answered", "upheld", "olga")
    (*_, (method, params)) = await offered.mails(bo.address)
    assert method == "match.contest_answered"
    assert (params["contest"]["answer"], "answered_by" in params["contest"]) == (
        "Your phone was off",
        False,
    )
    assert await listed(offered, operator(offered)) == []
    assert await listed(offered, bo) == [asked["id"]]


async def test_a_customer_contests_for_themselves(offered: World) -> None:
    kari = customer(offered)
    whole = await contest(offered, kari)
    asked_ms = offered.clock.now_ms()
    while offered.clock.now_ms() == asked_ms:
        pass  # of one millisecond none is the newer
    one = await contest(offered, kari, interpreter="bo")
    assert "interpreter" not in whole
    assert one["interpreter"] == "bo"
    assert await listed(offered, kari) == [one["id"], whole["id"]]
    assert await listed(offered, staff_app(offered)) == [whole["id"], one["id"]]
    first = await offered.call("match.contests", staff_app(offered), limit=1)
    assert [each["id"] for each in first["contests"]] == [whole["id"]]
    assert await listed(offered, staff_app(offered), limit=1, cursor=first["next"]) == [one["id"]]


async def test_whose_it_is_to_contest(offered: World) -> None:
    """Their own assignment; for interpreters one that they were asked for, or could have been."""
    await contest(offered, interpreter(offered, "ann"), interpreter="ann")
    for caller, params in (
        (interpreter(offered, "ed"), {}),
        (interpreter(offered, "zoe"), {}),
        (interpreter(offered, "bo"), {"interpreter": "ann"}),
        (interpreter(offered, "bo"), {"assignment": "none"}),
        (customer(offered, "liv"), {}),
        (customer(offered), {"assignment": "none"}),
        (customer(offered), {"interpreter": "nobody"}),
    ):
        with pytest.raises(NotFound):
            await contest(offered, caller, **params)
    assert len(await offered.index(f"contests:{staff_app(offered).address}")) == 1


async def test_who_was_asked_and_changed_languages_since_may_contest(offered: World) -> None:
    await offered.register("ann", "pl")
    assert (await contest(offered, interpreter(offered, "ann")))["state"] == "open"


async def test_who_could_have_stood_in_may_contest(offered: World) -> None:
    """If the customer agreed to another language in place of theirs."""
    await offered.register("mia", "hr")
    mia, ed = interpreter(offered, "mia"), interpreter(offered, "ed")
    serbian = {"from": "sr", "to": "no"}
    await offered.ask("a2", languages=serbian)
    await offered.ask("a3", languages=serbian, requirements={"accept_substitutes": True})
    for caller, assignment in ((mia, "a2"), (ed, "a2"), (ed, "a3")):
        with pytest.raises(NotFound):
            await contest(offered, caller, assignment=assignment)
    assert (await contest(offered, mia, assignment="a3"))["state"] == "open"


async def test_the_same_key_asks_once(offered: World) -> None:
    bo = interpreter(offered, "bo")
    first = await contest(offered, bo, idempotency_key="k")
    assert await contest(offered, bo, idempotency_key="k") == first
    with pytest.raises(Conflict):
        await contest(offered, bo, idempotency_key="k", text="another reason")
    assert await listed(offered, bo) == [first["id"]]


async def test_nobody_has_more_waiting_than_humans_can_read(
    offered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until one is answered. A repetition is none more, and others are not kept from asking."""
    monkeypatch.setattr("signalling.service.contests.OPEN_MOST", 2)
    bo = interpreter(offered, "bo")
    first = await contest(offered, bo, idempotency_key="k")
    await contest(offered, bo)
    with pytest.raises(Conflict, match="wait for an answer"):
        await contest(offered, bo)
    assert await contest(offered, bo, idempotency_key="k") == first
    await contest(offered, interpreter(offered, "ann"))
    await answer(offered, operator(offered), first["id"])
    assert (await contest(offered, bo))["state"] == "open"


async def test_what_was_answered_hides_nothing_that_waits(
    offered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are newer than what waits, and however short a page is."""
    monkeypatch.setattr("signalling.service.contests.OPEN_MOST", 2)
    monkeypatch.setattr(offered.service.assignments.lists, "page_max", 1)
    bo = interpreter(offered, "bo")
    await contest(offered, bo)
    for _ in range(3):
        newest = await contest(offered, bo)
        await answer(offered, operator(offered), newest["id"])
    await contest(offered, bo)
    with pytest.raises(Conflict, match="wait for an answer"):
        await contest(offered, bo)


async def test_it_is_answered_once(offered: World) -> None:
    asked = await contest(offered, interpreter(offered, "bo"))
    done = await answer(offered, operator(offered), asked["id"])
    assert await answer(offered, operator(offered), asked["id"]) == done
    with pytest.raises(IllegalTransition):
        await answer(offered, operator(offered), asked["id"], "changed")
    for caller, id_ in ((operator(offered, "court"), asked["id"]), (operator(offered), "none")):
        with pytest.raises(NotFound):
            await answer(offered, caller, id_)
    assert await listed(offered, operator(offered, "court")) == []


async def test_contests_are_counted_as_asking_is(offered: World) -> None:
    """Apart from the requests of a customer who has the same id."""
    admission = offered.service.assignments.admission
    admission._asks = Buckets(0.001, 1, lambda: offered.clock.now_ms() / 1000)
    admission.count_ask(customer(offered), "bo")
    await contest(offered, interpreter(offered, "bo"))
    with pytest.raises(RateLimited):
        await contest(offered, interpreter(offered, "bo"))
