"""What happens by itself: offers expire, holds end, sockets drop, deadlines come."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signalling.client import Client, RemoteError
from signalling.store.keys import Keys
from signalling.store.store import Store
from tests.e2e.town import (
    WITHIN_S,
    Town,
    offered,
    until,
    until_state,
    until_status,
    withdrawn,
)


@asynccontextmanager
async def expiry_of(key: str, store: Store) -> AsyncIterator[None]:
    """Wait at the end for the store to forget a key."""
    await store.command("CONFIG", "SET", "notify-keyspace-events", "Kx")
    async with store.client.pubsub() as notices, asyncio.timeout(WITHIN_S):
        await notices.subscribe(f"__keyspace@0__:{key}")
        await notices.get_message(timeout=None)  # that it is subscribed
        yield
        message = await notices.get_message(ignore_subscribe_messages=True, timeout=None)
    assert message["data"] == b"expired"


ALONE = {"strategy": "one_at_a_time"}


async def two(town: Town) -> tuple[Client, Client]:
    """Return two interpreters, of whom the first is asked first."""
    second = await town.interpreter("second")
    first = await town.interpreter("first", profile={"specialisms": ["medical"]})
    return first, second


async def ask_first(town: Town, customer: Client) -> str:
    asked = await town.ask(customer, **ALONE, preferences={"preferred": ["first"]})
    return str(asked["id"])


async def test_an_offer_expires_and_the_next_is_asked(hasty_town: Town) -> None:
    first, second = await two(hasty_town)
    customer = await hasty_town.customer()
    asked = await ask_first(hasty_town, customer)
    offer = (await offered(first))["offer"]
    assert await withdrawn(first, offer) == "expired"
    with pytest.raises(RemoteError) as late:
        await first.call("offer.accept", offer=offer)
    assert (late.value.code, late.value.data["reason"]) == (1009, "expired")
    assert (await offered(second))["assignment"]["id"] == asked
    states = [o["state"] for o in (await hasty_town.assignment(asked))["offers"]]
    assert states[0] == "expired"


async def test_nobody_comes_and_it_is_offered_again_into_the_same_meeting(
    hasty_town: Town,
) -> None:
    first, second = await two(hasty_town)
    customer = await hasty_town.customer()
    asked = await ask_first(hasty_town, customer)
    won = await first.call("offer.accept", offer=(await offered(first))["offer"])
    again = await second.call("offer.accept", offer=(await offered(second))["offer"])
    assert again["meeting"] == won["meeting"]
    await until_status(first, "available")
    with pytest.raises(RemoteError) as barred:
        await first.call("meeting.join", meeting=won["meeting"])
    assert barred.value.name == "not_found"
    offers = (await hasty_town.assignment(asked))["offers"]
    assert (offers[0]["state"], offers[0]["reason"]) == ("accepted", "not_connected")


async def test_an_interpreter_who_never_comes_is_replaced(hasty_town: Town) -> None:
    first, second = await two(hasty_town)
    customer = await hasty_town.customer()
    await ask_first(hasty_town, customer)
    won = await first.call("offer.accept", offer=(await offered(first))["offer"])
    await customer.call("meeting.join", meeting=won["meeting"])
    again = await second.call("offer.accept", offer=(await offered(second))["offer"])
    assert again["meeting"] == won["meeting"]
    await second.call("meeting.join", meeting=won["meeting"])
    await until_state(customer, "in_progress")


async def test_a_customer_who_never_comes_is_a_no_show(hasty_town: Town) -> None:
    first, _ = await two(hasty_town)
    customer = await hasty_town.customer()
    await ask_first(hasty_town, customer)
    won = await first.call("offer.accept", offer=(await offered(first))["offer"])
    await first.call("meeting.join", meeting=won["meeting"])
    over = await until_state(customer, "no_show")
    assert over["outcome"]["reason"] == "customer_never_came"
    await until_status(first, "available")


async def test_a_request_nobody_answers_is_unfilled_at_its_deadline(hasty_town: Town) -> None:
    first, second = await two(hasty_town)
    await hasty_town.interpreter("asleep", online=False)  # who might still come
    customer = await hasty_town.customer()
    asked = await ask_first(hasty_town, customer)
    over = await until_state(customer, "unfilled", asked)
    assert over["outcome"]["reason"] == "nobody_accepted"
    assert over["ended_at"] >= over["deadline_at"]
    for client in (first, second):
        await until_status(client, "available")
        assert (await client.call("offer.list"))["offers"] == []
    assert (await hasty_town.assignment(asked))["offers"][-1]["state"] == "expired"


async def test_a_socket_lost_while_ringing_makes_the_offer_undelivered(hasty_town: Town) -> None:
    first, second = await two(hasty_town)
    customer = await hasty_town.customer()
    asked = await ask_first(hasty_town, customer)
    await offered(first)
    await first.drop()
    assert (await offered(second))["assignment"]["id"] == asked
    offers = (await hasty_town.assignment(asked))["offers"]
    assert [o["state"] for o in offers] == ["undelivered", "made"]


async def test_one_of_two_devices_lost_rings_on(hasty_town: Town) -> None:
    phone = await hasty_town.interpreter("two", device="phone")
    laptop = await hasty_town.connect("two", "interpreter", device="laptop")
    customer = await hasty_town.customer()
    await hasty_town.ask(customer)
    offer = (await offered(phone))["offer"]
    await phone.drop()
    assert await withdrawn(laptop, offer) == "expired"


def spoken(summary: Mapping[str, Any]) -> set[str]:
    """Return the languages of whoever can be asked."""
    return {tag for pair in summary["pairs"] for tag in pair["languages"].values()}


async def test_availability_ends_when_they_said(hasty_town: Town) -> None:
    client = await hasty_town.interpreter("i", online=False)
    soon = datetime.now(UTC) + timedelta(seconds=0.7)
    said = await client.call("presence.set", status="available", until=soon.isoformat())
    assert said["presence"]["until"]
    await until_status(client, "available")
    await until_status(client, "away")

    watcher = await hasty_town.customer("watcher")
    await watcher.call("presence.watch", summary=True)
    await hasty_town.interpreter("later", "no", "pl")
    await until(watcher, "presence.summary", lambda p: "pl" in spoken(p))
    summary = await watcher.call("presence.summary")  # what came before is counted
    assert (summary["available"], spoken(summary)) == (1, {"no", "pl"})


async def test_a_lost_socket_is_offline_after_the_grace_and_back_when_resumed(
    hasty_town: Town,
) -> None:
    client = await hasty_town.interpreter("i")
    operator = await hasty_town.connect("op", "operator")
    await operator.call("presence.watch", interpreters=["i"])
    await until_status(client, "available")
    await hear_something(hasty_town, client)
    await client.drop()
    await until(operator, "presence.changed", lambda p: p["presence"]["status"] == "offline")
    assert await client.reconnect()
    await until(operator, "presence.changed", lambda p: p["presence"]["status"] == "available")
    log = await operator.call("presence.log", interpreter="i")
    assert [e["status"] for e in log["entries"][:3]] == ["available", "offline", "available"]


async def hear_something(town: Town, interpreter: Client) -> None:
    """Let an interpreter get a first stored event: what is missed is counted from the last."""
    customer = await town.customer("somebody")
    asked = await town.ask(customer)
    await offered(interpreter)
    await customer.call("assignment.cancel", assignment=asked["id"])
    await interpreter.next_event("offer.withdrawn", WITHIN_S)


async def test_missed_events_are_replayed_within_the_window(hasty_town: Town) -> None:
    interpreter = await hasty_town.interpreter("i")
    customer = await hasty_town.customer("anna")
    http = await hasty_town.http("anna", "customer")
    await hasty_town.ask(customer, languages={"from": "no", "to": "pl"})
    await until_state(customer, "unfilled")
    await customer.drop()
    asked = await hasty_town.ask(http)
    await interpreter.call("offer.accept", offer=(await offered(interpreter))["offer"])
    assert await customer.reconnect()
    assert "snapshot" not in customer.opened
    states = [
        (await customer.next_event("assignment.changed", WITHIN_S)).params["assignment"]["state"]
        for _ in range(3)
    ]
    assert states == ["searching", "offering", "held"]
    await http.call("assignment.cancel", assignment=asked["id"])


async def test_after_the_window_there_is_a_snapshot(hasty_town: Town) -> None:
    interpreter = await hasty_town.interpreter("i")
    customer = await hasty_town.customer("anna")
    asked = await hasty_town.ask(customer)
    offer = await offered(interpreter)
    await interpreter.call("offer.accept", offer=offer["offer"])
    held = await until_state(customer, "held")
    for client in (interpreter, customer):
        await client.call("meeting.join", meeting=held["meeting"])
    await until_state(customer, "in_progress")
    session = Keys(hasty_town.marketplace).session(customer.opened["session"])
    async with expiry_of(session, hasty_town.store):
        await customer.drop()
    assert not await customer.reconnect()
    snapshot = customer.opened["snapshot"]
    assert [a["id"] for a in snapshot["assignments"]] == [asked["id"]]
    assert [m["id"] for m in snapshot["meetings"]] == [held["meeting"]]
    assert snapshot["last_event"]


async def test_a_reconnecting_interpreter_sees_what_is_left_of_an_offer(hasty_town: Town) -> None:
    interpreter = await hasty_town.interpreter("i")
    other = await hasty_town.connect("i", "interpreter")
    customer = await hasty_town.customer()
    await hasty_town.ask(customer)
    offer = await offered(other)
    await other.close()
    anew = await hasty_town.connect("i", "interpreter")
    (left,) = anew.opened["snapshot"]["offers"]
    assert left["offer"] == offer["offer"]
    assert left["expires_at"] == offer["expires_at"]
    assert left["server_time"] >= offer["server_time"]
    assert anew.opened["snapshot"]["presence"]["status"] == "ringing"
    await interpreter.call("offer.decline", offer=offer["offer"])


async def test_wrap_up_ends_by_itself_and_they_are_asked_again(hasty_town: Town) -> None:
    interpreter = await hasty_town.interpreter("i")
    customer = await hasty_town.customer()
    await hasty_town.ask(customer)
    won = await interpreter.call("offer.accept", offer=(await offered(interpreter))["offer"])
    for client in (customer, interpreter):
        await client.call("meeting.join", meeting=won["meeting"])
    await until_state(customer, "in_progress")
    await interpreter.call("meeting.end", meeting=won["meeting"])
    waiting = await hasty_town.ask(customer)
    await until_state(customer, "completed")
    assert (await offered(interpreter))["assignment"]["id"] == waiting["id"]


async def test_others_in_a_meeting_see_who_is_reconnecting(hasty_town: Town) -> None:
    interpreter = await hasty_town.interpreter("i")
    customer = await hasty_town.customer()
    await hasty_town.ask(customer)
    won = await interpreter.call("offer.accept", offer=(await offered(interpreter))["offer"])
    for client in (customer, interpreter):
        await client.call("meeting.join", meeting=won["meeting"])
    await until_state(customer, "in_progress")
    await customer.drop()
    await until(interpreter, "meeting.changed", lambda p: p["change"] == "reconnecting")
    assert await customer.reconnect()
    await until(interpreter, "meeting.changed", lambda p: p["change"] == "returned")
    await customer.drop()
    left = await until(interpreter, "meeting.changed", lambda p: p["change"] == "left")
    people = {p["user"]: p for p in left["meeting"]["participants"]}
    assert people["cust"]["reason"] == "connection_lost"


async def test_all_decline_and_the_customer_is_told_why(hasty_town: Town) -> None:
    first, second = await two(hasty_town)
    customer = await hasty_town.customer()
    asked = await hasty_town.ask(customer, strategy="broadcast")
    offers = await asyncio.gather(offered(first), offered(second))
    for client, offer in zip((first, second), offers, strict=True):
        await client.call("offer.decline", offer=offer["offer"])
    over = await until_state(customer, "unfilled", asked["id"])
    assert over["outcome"]["reason"] == "nobody_accepted"
