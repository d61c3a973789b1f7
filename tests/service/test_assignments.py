"""Asking, looking, changing and ending, as each role may."""

from typing import Any

import pytest

from signalling.core import events as on
from signalling.core.times import rfc3339
from signalling.errors import (
    Conflict,
    Forbidden,
    IllegalTransition,
    InvalidParams,
    NotFound,
    RateLimited,
)
from signalling.rates import Buckets
from tests.booking import book, hence, history
from tests.world import World, customer, interpreter, operator, request, staff_app


async def create(world: World, **terms: Any) -> dict[str, Any]:
    answer = await world.call("assignment.create", customer(world), **request(**terms))
    found: dict[str, Any] = answer["assignment"]
    return found


async def held(world: World) -> str:
    """Return an assignment of Kari's that Ann holds."""
    id_ = str((await create(world, note="Ward 7"))["id"])
    await world.present("ann")
    await world.ring(id_, "ann")
    await world.accept(id_, "ann")
    return id_


async def working(world: World) -> str:
    """Return an assignment that Kari and Ann are at."""
    id_ = await held(world)
    for address in ("i:ann", customer(world).address):
        join = on.Join(address, f"pa-{address[0]}", f"s{address[0]}", 1)
        await world.tell("meeting", f"m-{id_}", join)
    return id_


async def test_a_customer_asks(world: World) -> None:
    """The answer is the assignment as it is, with its version, and it is theirs."""
    made = await create(world, note="Ward 7", preferences={"blocked": ["eve"]})
    assert (made["state"], made["version"], made["customer"]) == ("searching", 1, "kari")
    assert (made["note"], made["preferences"]) == ("Ward 7", {"blocked": ("eve",)})
    got = await world.call("assignment.get", customer(world), assignment=made["id"])
    assert got["assignment"] == made


async def test_a_region_of_a_language(world: World) -> None:
    """A wish for Brazil's Portuguese stays ours: nothing in the answer trips over it."""
    made = await create(world, languages={"from": "pt-BR", "to": "no"})
    assert made["languages"] == {"from": "pt", "to": "no"}
    assert (await world.get("assignment", made["id"])).terms["wished_dialect"] == "br"


async def test_for_whom(world: World) -> None:
    """Apps and operators name the customer; customers are nobody else."""
    asked = await world.call("assignment.create", staff_app(world), **request(customer="liv"))
    assert asked["assignment"]["customer"] == "liv"
    with pytest.raises(Forbidden):
        await world.call("assignment.create", customer(world), **request(customer="liv"))
    with pytest.raises(InvalidParams) as refused:
        await world.call("assignment.create", operator(world), **request())
    assert refused.value.path == "customer"


async def test_strangers_find_nothing(world: World) -> None:
    id_ = (await create(world))["id"]
    strangers = (
        customer(world, "liv"),
        customer(world, app="court"),
        interpreter(world, "ann"),
        staff_app(world, "court"),
    )
    for caller in strangers:
        for method in ("get", "update", "cancel", "complete"):
            if method == "update" and caller.role == "interpreter":
                continue
            with pytest.raises(NotFound):
                await world.call(f"assignment.{method}", caller, assignment=id_)
        listed = await world.call("assignment.list", caller)
        assert listed["assignments"] == ()
    assert await world.version("assignment", id_) == 1


async def test_lists_by_role(world: World) -> None:
    """Customers and interpreters see their own, staff their app's, or one customer's."""
    first = await held(world)
    second = str((await create(world))["id"])
    other = await world.call("assignment.create", staff_app(world), **request(customer="liv"))
    liv = other["assignment"]["id"]

    async def ids(caller: Any, **params: Any) -> list[str]:
        page = await world.call("assignment.list", caller, **params)
        return [a["id"] for a in page["assignments"]]

    assert sorted(await ids(customer(world))) == sorted([first, second])
    assert await ids(interpreter(world, "ann")) == [first]
    assert sorted(await ids(operator(world))) == sorted([first, second, liv])
    assert await ids(staff_app(world), customer="liv") == [liv]
    assert await ids(customer(world), states=["held"]) == [first]
    now_ms = world.clock.now_ms()
    assert await ids(operator(world), since=rfc3339(now_ms + 60_000)) == []
    assert await ids(operator(world), until=rfc3339(now_ms - 60_000)) == []
    with pytest.raises(InvalidParams) as refused:
        await ids(customer(world), customer="kari")
    assert refused.value.path == "customer"


async def test_pages(world: World) -> None:
    made = {(await create(world))["id"] for _ in range(3)}
    first = await world.call("assignment.list", customer(world), limit=2)
    rest = await world.call("assignment.list", customer(world), limit=2, cursor=first["next"])
    assert {a["id"] for a in (*first["assignments"], *rest["assignments"])} == made
    assert "next" not in rest


async def test_what_each_sees(world: World) -> None:
    """The interpreter who holds it sees the note and no customer; operators every offer."""
    id_ = await held(world)
    seen = {
        caller.role: (await world.call("assignment.get", caller, assignment=id_))["assignment"]
        for caller in (customer(world), interpreter(world, "ann"), operator(world))
    }
    assert seen["customer"]["slots"][0]["interpreter"]["id"] == "ann"
    assert seen["interpreter"]["note"] == "Ward 7"
    assert "customer" not in seen["interpreter"]
    assert "offers" not in seen["customer"]
    assert [o["interpreter"] for o in seen["operator"]["offers"]] == ["ann"]


async def test_updates(world: World) -> None:
    """New terms are checked, and written only over what they were checked against."""
    made = await create(world)
    changed = await world.call(
        "assignment.update", customer(world), assignment=made["id"], duration_min=90
    )
    assert (changed["assignment"]["duration_min"], changed["assignment"]["version"]) == (90, 2)
    with pytest.raises(Conflict) as stale:
        await world.call(
            "assignment.update", customer(world), assignment=made["id"], version=1, note="late"
        )
    assert stale.value.path == "version"
    with pytest.raises(InvalidParams):
        await world.call("assignment.update", customer(world), assignment=made["id"])
    await world.call(
        "assignment.update", operator(world), assignment=made["id"], version=2, note="now"
    )
    assert (await world.get("assignment", made["id"])).terms["note"] == "now"


async def test_other_terms_count_as_asking(world: World) -> None:
    """They ring people anew, who may already have been rung; a note does not."""
    id_ = (await create(world))["id"]
    admission = world.service.assignments.admission
    admission._asks = Buckets(0.001, 1, lambda: world.clock.now_ms() / 1000)
    for note in ("the back door", "the front door"):
        await world.call("assignment.update", customer(world), assignment=id_, note=note)
    await world.call("assignment.update", customer(world), assignment=id_, duration_min=45)
    with pytest.raises(RateLimited):
        await world.call("assignment.update", customer(world), assignment=id_, duration_min=60)


async def test_an_update_of_what_is_held(world: World) -> None:
    """Only its note may change any more; the interpreter hears of it."""
    id_ = await held(world)
    with pytest.raises(IllegalTransition):
        await world.call("assignment.update", customer(world), assignment=id_, duration_min=90)
    await world.call("assignment.update", customer(world), assignment=id_, note="Ward 8")
    method, params = (await world.mails("i:ann"))[-1]
    assert (method, params["assignment"]["note"]) == ("assignment.changed", "Ward 8")


async def test_cancelling(world: World) -> None:
    """The customer ends it; an interpreter only gives back what they hold."""
    id_ = await held(world)
    given = await world.call("assignment.cancel", interpreter(world, "ann"), assignment=id_)
    assert given["assignment"]["state"] == "searching"
    for _ in range(2):  # a retry
        ended = await world.call(
            "assignment.cancel", customer(world), assignment=id_, reason="better"
        )
        assert ended["assignment"]["state"] == "cancelled"
    assert ended["assignment"]["outcome"]["reason"] == "better"


async def test_completing(world: World) -> None:
    """Done, then wrapped up; the minutes are as stated, or as measured."""
    id_ = await working(world)
    await world.pass_min(60)
    began = world.clock.now_ms() - 3_600_000
    hours = {"started_at": rfc3339(began), "ended_at": rfc3339(began + 1_800_000)}
    done = await world.call("assignment.complete", interpreter(world, "ann"), assignment=id_)
    assert done["assignment"]["state"] == "wrap_up"
    done = await world.call("assignment.complete", customer(world), assignment=id_, **hours)
    assert done["assignment"]["state"] == "completed"
    (slot,) = done["assignment"]["slots"]
    assert (slot["minutes"], slot["said"]) == (30, hours | {"by": "customer"})
    assert slot["started_at"] != hours["started_at"]
    entries = await history(world, operator(world), id_)
    assert [(e["by"], e["minutes"]) for e in entries if e["what"] == "minutes"] == [("kari", 30)]
    again = await world.call("assignment.complete", customer(world), assignment=id_)
    assert again["assignment"]["state"] == "completed"


async def test_what_is_current(world: World) -> None:
    """A snapshot has what is not over."""
    id_ = await held(world)
    over = (await create(world))["id"]
    await world.call("assignment.cancel", customer(world), assignment=over)
    assignments = world.service.assignments
    assert [a.id for a in await assignments.current(customer(world))] == [id_]
    assert [a.id for a in await assignments.current(interpreter(world, "ann"))] == [id_]
    assert await assignments.current(interpreter(world, "bo")) == ()


async def test_the_next_booking_is_current_however_many_came_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The soonest foremost; what is for now after the bookings."""
    monkeypatch.setattr("signalling.service.assignments.CURRENT_MOST", 2)
    ids = []
    for hours in (48, 24, 72, 96):
        ids.append(await book(world, hence(world, hours)))
        await world.pass_to(world.clock.now_ms() + 1)  # no two at one moment
    newest = (await create(world))["id"]
    found = await world.service.assignments.current(customer(world))
    assert [a.id for a in found] == [ids[1], ids[0], newest, ids[3]]
