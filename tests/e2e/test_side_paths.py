"""What also happens on the way of the main job: closing, leaving, going busy, asking twice."""

import asyncio
from typing import Any

import pytest

from signalling.client import Client, HttpClient, RemoteError
from tests.e2e.census import contradictions
from tests.e2e.town import (
    Params,
    Town,
    offered,
    until,
    until_state,
    until_status,
    withdrawn,
)


async def refusal(caller: Client | HttpClient, method: str, **params: object) -> RemoteError:
    with pytest.raises(RemoteError) as refused:
        await caller.call(method, **params)
    return refused.value


async def held(town: Town) -> tuple[Client, Client, Params]:
    """Return a customer, the interpreter who has accepted, and what accepting gave."""
    interpreter = await town.interpreter("i")
    customer = await town.customer()
    await town.ask(customer)
    won = await interpreter.call("offer.accept", offer=(await offered(interpreter))["offer"])
    return customer, interpreter, won


async def test_going_busy_while_it_rings_declines(town: Town) -> None:
    first = await town.interpreter("first")
    second = await town.interpreter("second")
    customer = await town.customer()
    asked = await town.ask(customer, strategy="one_at_a_time", preferences={"preferred": ["first"]})
    offer = (await offered(first))["offer"]
    said = await first.call("presence.set", status="busy")
    assert said["presence"]["status"] == "busy"
    assert await withdrawn(first, offer) == "declined"
    await offered(second)
    offers = (await town.assignment(asked["id"]))["offers"]
    assert (offers[0]["state"], offers[0]["reason"]) == ("declined", "unavailable")


async def test_closing_while_it_rings_asks_the_next_at_once(town: Town) -> None:
    first = await town.interpreter("first")
    second = await town.interpreter("second")
    customer = await town.customer()
    await town.ask(customer, strategy="one_at_a_time", preferences={"preferred": ["first"]})
    await offered(first)
    await first.close()
    await offered(second)
    assert await contradictions(town.store, town.marketplace) == []


async def test_nobody_is_available_without_a_socket(town: Town) -> None:
    await town.register("i")
    http = await town.http("i", "interpreter")
    refused = await refusal(http, "presence.set", status="available")
    assert refused.code == 1008
    await town.connect("i", "interpreter")
    said = await http.call("presence.set", status="available")
    assert said["presence"]["status"] == "available"


async def test_staff_set_an_interpreter_away(town: Town) -> None:
    interpreter = await town.interpreter("i")
    staff = await town.http("op", "operator")
    await staff.call("presence.set", interpreter="i", status="away")
    await until_status(interpreter, "away")
    customer = await town.customer()
    asked = await town.ask(customer)
    assert (await interpreter.call("offer.list"))["offers"] == []
    await interpreter.call("presence.set", status="available")
    assert (await offered(interpreter))["assignment"]["id"] == asked["id"]


async def test_everybody_leaves_and_the_work_is_done(town: Town) -> None:
    customer, interpreter, won = await held(town)
    for client in (customer, interpreter):
        await client.call("meeting.join", meeting=won["meeting"])
    await until_state(customer, "in_progress")
    for client in (interpreter, customer):
        await client.call("meeting.leave", meeting=won["meeting"])
    await until_state(interpreter, "wrap_up")
    ended = await customer.call("meeting.get", meeting=won["meeting"])
    assert (ended["meeting"]["state"], ended["meeting"]["reason"]) == ("ended", "empty")
    late = await refusal(interpreter, "meeting.join", meeting=won["meeting"])
    assert late.code == 1009


async def test_a_customer_who_ends_the_meeting_before_it_began_calls_it_off(town: Town) -> None:
    customer, interpreter, won = await held(town)
    await customer.call("meeting.end", meeting=won["meeting"])
    await until_state(customer, "cancelled")
    await until_status(interpreter, "available")


async def test_an_update_of_what_has_changed_is_refused(town: Town) -> None:
    await town.interpreter("i")
    customer = await town.customer()
    asked = await town.ask(customer)
    seen = (await customer.call("assignment.get", assignment=asked["id"]))["assignment"]
    params = {"assignment": asked["id"], "note": "a"}
    first = await customer.call("assignment.update", **params)
    stale = await refusal(
        customer, "assignment.update", **params | {"note": "b", "version": seen["version"]}
    )
    assert stale.code == 1004
    version = first["assignment"]["version"]
    await customer.call("assignment.update", **params | {"note": "b", "version": version})


async def test_cancel_and_accept_at_once_agree(town: Town) -> None:
    interpreter = await town.interpreter("i")
    customer = await town.customer()
    for _ in range(20):
        asked = await town.ask(customer)
        offer = await offered(interpreter)
        answers: list[Any] = await asyncio.gather(
            customer.call("assignment.cancel", assignment=asked["id"]),
            interpreter.call("offer.accept", offer=offer["offer"]),
            return_exceptions=True,
        )
        gone, won = answers
        assert isinstance(gone, dict)
        if isinstance(won, RemoteError):
            assert (won.code, won.data["reason"]) == (1009, "cancelled")
        await until_status(interpreter, "available")
        assert (await town.assignment(asked["id"]))["state"] == "cancelled"
        assert await contradictions(town.store, town.marketplace) == []


async def test_update_and_accept_at_once_agree(town: Town) -> None:
    interpreter = await town.interpreter("i")
    customer = await town.customer()
    for n in range(20):
        asked = await town.ask(customer)
        offer = await offered(interpreter)
        answers: list[Any] = await asyncio.gather(
            customer.call("assignment.update", assignment=asked["id"], duration_min=40 + n),
            interpreter.call("offer.accept", offer=offer["offer"]),
            return_exceptions=True,
        )
        changed, won = answers
        if isinstance(won, RemoteError):
            assert (won.code, won.data["reason"]) == (1009, "changed")
            anew = await offered(interpreter)
            assert anew["assignment"]["duration_min"] == 40 + n
        else:
            assert isinstance(changed, RemoteError)
            assert changed.code in (1004, 1005)
        await customer.call("assignment.cancel", assignment=asked["id"])
        await until_status(interpreter, "available")


async def test_both_give_up_at_once(town: Town) -> None:
    for _ in range(10):
        customer, interpreter, won = await held(town)
        id_ = won["assignment"]["id"]
        await asyncio.gather(
            customer.call("assignment.cancel", assignment=id_),
            interpreter.call("assignment.cancel", assignment=id_),
            return_exceptions=True,
        )
        state = (await town.assignment(id_))["state"]
        assert state in ("cancelled", "unfilled")
        assert await contradictions(town.store, town.marketplace) == []
        await until_status(interpreter, "available")
        await interpreter.close()
        await customer.close()


async def test_giving_back_twice_changes_nothing_more(town: Town) -> None:
    customer, interpreter, won = await held(town)
    second = await town.interpreter("second")
    id_ = won["assignment"]["id"]
    await interpreter.call("assignment.cancel", assignment=id_)
    again = await refusal(interpreter, "assignment.cancel", assignment=id_)
    assert again.name == "not_found"  # it is theirs no more
    assert (await offered(second))["assignment"]["id"] == id_
    await customer.call("assignment.cancel", assignment=id_)


async def test_the_same_session_in_one_meeting_twice_is_once(town: Town) -> None:
    customer, interpreter, won = await held(town)
    first = await customer.call("meeting.join", meeting=won["meeting"])
    again = await customer.call("meeting.join", meeting=won["meeting"])
    assert again["participant"] == first["participant"]
    tablet = await town.customer(device="tablet")
    other = await tablet.call("meeting.join", meeting=won["meeting"])
    assert other["participant"] != first["participant"]
    assert [p["participant"] for p in other["peers"]] == [first["participant"]]
    joined = await interpreter.call("meeting.join", meeting=won["meeting"])
    assert len(joined["peers"]) == 2
    heard = await until(tablet, "meeting.changed", lambda p: p.get("for") == other["participant"])
    assert heard["participant"] == joined["participant"]
    ambiguous = await refusal(
        interpreter, "meeting.signal", meeting=won["meeting"], to="cust", signal={"x": 1}
    )
    assert ambiguous.name == "not_found"


async def test_a_guest_is_only_in_their_own_meeting(town: Town) -> None:
    staff = await town.http("op", "operator")
    people = [{"user": "g", "role": "guest"}, {"user": "anna", "role": "customer"}]
    made = [
        (await staff.call("meeting.create", participants=people))["meeting"]["id"] for _ in range(2)
    ]
    guest = await town.connect("g", "guest", meeting=made[0])
    joined = await guest.call("meeting.join", meeting=made[0])
    assert joined["peers"] == []
    for method in ("meeting.join", "meeting.get"):
        assert (await refusal(guest, method, meeting=made[1])).name == "not_found"
    customer = await town.customer("anna")
    await customer.call("meeting.join", meeting=made[0])
    heard = await until(guest, "meeting.changed", lambda p: p["change"] == "joined")
    assert len(heard["peers"]) == 1
