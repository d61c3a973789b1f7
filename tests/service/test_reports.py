"""Reports of an assignment: who may make them, who answers, and what follows."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.core.rules import Rules
from signalling.errors import Conflict, IllegalTransition, InvalidParams, NotFound, RateLimited
from signalling.rates import Buckets
from signalling.service import reports as module
from tests.world import (
    HOSPITAL,
    TERMS,
    World,
    candidate,
    customer,
    interpreter,
    operator,
    staff_app,
)

WHY = "the door was locked"
# Nobody has to wait for a no-show, and the first pauses.
RULES = Rules(late_min=0, no_show_min=0, no_shows_most=1)


@pytest.fixture
async def held(world: World) -> World:
    """Give an assignment `a1` of Kari's that Ann holds; Bo was asked, too, and Cy was not."""
    await world.present("ann", "bo", "cy")
    create = on.Create("a1", HOSPITAL, "kari", TERMS, RULES)
    await world.tell("assignment", "a1", create)
    await world.ring("a1", "ann", "bo")
    await world.accept("a1", "ann")
    return world


@pytest.fixture
async def worked(held: World) -> World:
    """Give the same in its wrap-up."""
    addresses = (customer(held).address, interpreter(held, "ann").address)
    await held.tell("assignment", "a1", on.Present("m-a1", addresses))
    await held.call("assignment.complete", interpreter(held, "ann"), assignment="a1")
    return held


async def report(world: World, caller: Any, kind: str = "conduct", **params: Any) -> dict[str, Any]:
    asked = {"assignment": "a1", "kind": kind, "text": WHY} | params
    return dict((await world.call("feedback.report", caller, **asked))["report"])


async def answer(
    world: World, caller: Any, id_: str, outcome: str = "upheld", **params: Any
) -> dict[str, Any]:
    said = {"report": id_, "text": "We looked into it", "outcome": outcome} | params
    return dict((await world.call("feedback.answer", caller, **said))["report"])


async def listed(world: World, caller: Any, **params: Any) -> list[str]:
    found = await world.call("feedback.reports", caller, **params)
    return [each["id"] for each in found["reports"]]


async def test_a_report_and_its_answer(worked: World) -> None:
    kari = customer(worked)
    asked = await report(worked, kari)
    assert (asked["state"], asked["kind"], asked["interpreter"]) == ("open", "conduct", "ann")
    assert not {"reported_by", "role"} & asked.keys()
    ((method, params),) = await worked.mails(staff_app(worked).address)
    assert (method, params["report"]["reported_by"]) == ("feedback.reported", "kari")
    assert await listed(worked, operator(worked)) == [asked["id"]]

    done = await answer(worked, operator(worked), asked["id"])
    assert (done["state"], done["outcome"], done["answered_by"]) == ("answered", "upheld", "olga")
    (*_, (method, params)) = await worked.mails(kari.address)
    assert (method, params["report"]["answer"]) == ("feedback.answered", "We looked into it")
    assert "answered_by" not in params["report"]
    assert (await listed(worked, operator(worked)), await listed(worked, kari)) == (
        [],
        [asked["id"]],
    )
    assert "report" not in str(await worked.mails(interpreter(worked, "ann").address))


async def test_whose_it_is_to_report(worked: World) -> None:
    """Their own assignment; for interpreters one that they were asked for."""
    await report(worked, staff_app(worked))
    await report(worked, interpreter(worked, "bo"), "other")
    for caller, params in (
        (interpreter(worked, "cy"), {}),
        (interpreter(worked, "bo"), {"interpreter": "ann"}),
        (customer(worked, "liv"), {}),
        (staff_app(worked, "court"), {}),
        (customer(worked), {"assignment": "none"}),
        (customer(worked), {"interpreter": "bo"}),  # who was asked is not theirs to know
    ):
        with pytest.raises(NotFound):
            await report(worked, caller, **params)


BAD = [
    ("times", {}, "minutes"),
    ("conduct", {"minutes": 30}, "minutes"),
    ("appeal", {}, "kind"),
]


@pytest.mark.parametrize(("kind", "params", "path"), BAD)
async def test_bad_reports_change_nothing(
    worked: World, kind: str, params: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidParams) as refused:
        await report(worked, customer(worked), kind, **params)
    assert refused.value.path == path
    assert await listed(worked, customer(worked)) == []


async def test_work_that_nobody_took_was_nobodys(world: World) -> None:
    """What is about somebody's work needs somebody who took it."""
    await world.present("bo")
    await world.ask("a1")
    await world.ring("a1", "bo")
    for caller, kind, params in (
        (customer(world), "no_show", {}),
        (interpreter(world, "bo"), "times", {"minutes": 30}),
    ):
        with pytest.raises(InvalidParams) as refused:
            await report(world, caller, kind, **params)
        assert refused.value.path == "interpreter"
    assert "interpreter" not in await report(world, customer(world), "technical")


async def test_wrong_times_are_put_right(worked: World) -> None:
    ann = interpreter(worked, "ann")
    asked = await report(worked, ann, "times", minutes=75)
    for outcome, params, path in (
        ("changed", {}, "minutes"),
        ("upheld", {"minutes": 75}, "minutes"),
        ("excused", {}, "outcome"),
    ):
        with pytest.raises(InvalidParams) as refused:
            await answer(worked, operator(worked), asked["id"], outcome, **params)
        assert refused.value.path == path
    done = await answer(worked, operator(worked), asked["id"], "changed", minutes=70)
    assert (done["minutes"], done["minutes_now"]) == (75, 70)
    assert (await worked.get("assignment", "a1")).slots[0].minutes == 70


async def test_minutes_of_work_that_was_not_done_change_nothing(held: World) -> None:
    asked = await report(held, interpreter(held, "ann"), "times", minutes=75)
    with pytest.raises(IllegalTransition):
        await answer(held, operator(held), asked["id"], "changed", minutes=75)
    assert await listed(held, operator(held)) == [asked["id"]]


async def test_who_never_came_is_let_go_at_once_and_may_appeal(held: World) -> None:
    """The pause follows from it, and is lifted with the excuse; what failed is none any more."""
    ann = interpreter(held, "ann")
    with pytest.raises(InvalidParams, match="counts there"):
        await report(held, ann, "appeal")
    await report(held, customer(held), "no_show")
    slot = (await held.get("assignment", "a1")).slots[0]
    assert (slot.state, slot.interpreter) == ("searching", None)
    record = await held.get("availability", "ann")
    assert (record.status, record.counts.failed) == ("away", 1)
    before = await held.get("assignment", "a1")
    assert (await report(held, customer(held), "no_show"))["interpreter"] == "ann"
    assert await held.get("assignment", "a1") == before  # there is nobody to let go of

    appeal = await report(held, ann, "appeal", text="I was ill, and had said so")
    done = await answer(held, operator(held), appeal["id"], "excused")
    assert done["outcome"] == "excused"
    record = await held.get("availability", "ann")
    assert (record.suspended_until_ms, record.counts.failed) == (None, pytest.approx(0, abs=1e-6))
    with pytest.raises(InvalidParams):
        await report(held, ann, "appeal")


async def test_the_customer_never_came(held: World) -> None:
    asked = await report(held, interpreter(held, "ann"), "no_show")
    assert (await held.get("assignment", "a1")).state == "no_show"
    assert (await held.get("standing", "ann")).missed == ()
    with pytest.raises(InvalidParams):
        await answer(held, operator(held), asked["id"], "excused")


async def test_a_no_show_that_was_none_is_still_a_report(worked: World) -> None:
    """Of work that was done a human decides."""
    before = await worked.get("assignment", "a1")
    asked = await report(worked, staff_app(worked), "no_show")
    assert asked["state"] == "open"
    assert await worked.get("assignment", "a1") == before
    assert (await worked.get("standing", "ann")).missed == ()


async def test_who_runs_the_interpreters_answers_appeals_too(
    held: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def managers_of(_: str) -> tuple[str, ...]:
        return (HOSPITAL, "agency")

    monkeypatch.setattr(held.service.groups.reports, "managers_of", managers_of)
    first = await report(held, customer(held), "no_show")
    appeal = await report(held, interpreter(held, "ann"), "appeal")
    agency = operator(held, "agency")
    assert await listed(held, agency) == [appeal["id"]]
    assert await listed(held, operator(held)) == [first["id"], appeal["id"]]
    with pytest.raises(NotFound):
        await answer(held, agency, first["id"])
    await answer(held, agency, appeal["id"], "excused")
    assert await listed(held, operator(held)) == [first["id"]]


async def test_it_is_answered_once_by_its_app(worked: World) -> None:
    asked = await report(worked, customer(worked))
    done = await answer(worked, operator(worked), asked["id"])
    assert await answer(worked, operator(worked), asked["id"]) == done
    with pytest.raises(IllegalTransition):
        await answer(worked, operator(worked), asked["id"], "changed")
    for caller, id_ in ((operator(worked, "court"), asked["id"]), (operator(worked), "none")):
        with pytest.raises(NotFound):
            await answer(worked, caller, id_)


async def test_the_same_key_reports_once(held: World) -> None:
    """A claim, too, is made once; and an appeal that succeeded since is not refused."""
    kari, ann = customer(held), interpreter(held, "ann")
    first = await report(held, kari, "no_show", idempotency_key="k")
    assert await report(held, kari, "no_show", idempotency_key="k") == first
    with pytest.raises(Conflict):
        await report(held, kari, "no_show", idempotency_key="k", text="another reason")
    appeal = await report(held, ann, "appeal", idempotency_key="k")
    await answer(held, operator(held), appeal["id"], "excused")
    again = await report(held, ann, "appeal", idempotency_key="k")
    assert (again["id"], again["state"]) == (appeal["id"], "answered")


async def test_nobody_has_more_waiting_than_humans_can_read(
    worked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app answers its own, so its reports are not counted."""
    monkeypatch.setattr(module, "OPEN_MOST", 1)
    kari = customer(worked)
    first = await report(worked, kari)
    with pytest.raises(Conflict, match="wait for an answer"):
        await report(worked, kari)
    for _ in range(2):
        await report(worked, staff_app(worked))
    await answer(worked, operator(worked), first["id"])
    assert (await report(worked, kari))["state"] == "open"


async def test_reports_are_counted_as_asking_is(worked: World) -> None:
    """Apart from the requests of a customer who has the same id."""
    admission = worked.service.assignments.admission
    admission._asks = Buckets(0.001, 1, lambda: worked.clock.now_ms() / 1000)
    admission.count_ask(customer(worked), "kari")
    await report(worked, customer(worked))
    with pytest.raises(RateLimited):
        await report(worked, customer(worked))


async def test_of_several_one_is_named(world: World) -> None:
    """An interpreter always means their own work."""
    await world.present("ann", "bo")
    await world.tell("assignment", "a1", on.Create("a1", HOSPITAL, "kari", TERMS, RULES, needed=2))
    for slot, who in (("1", "ann"), ("2", "bo")):
        await world.tell("assignment", "a1", on.Wave(slot, (candidate("a1", who),), 1, "d1"))
        await world.accept("a1", who)
    kari = customer(world)
    with pytest.raises(InvalidParams) as refused:
        await report(world, kari, "no_show")
    assert refused.value.path == "interpreter"
    assert "interpreter" not in await report(world, kari, "technical")
    assert (await report(world, interpreter(world, "ann"), "quality"))["interpreter"] == "ann"
    assert (await report(world, kari, "no_show", interpreter="bo"))["interpreter"] == "bo"
    a = await world.get("assignment", "a1")
    assert [slot.interpreter for slot in a.slots] == ["ann", None]
