"""Bookings over real sockets: letters, choice, changes, the day itself and what is told of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signalling.client import Client
from signalling.store.apps import Apps
from tests.e2e.census import contradictions
from tests.e2e.town import (
    WITHIN_S,
    Params,
    Town,
    offered,
    until,
    until_state,
    until_status,
    withdrawn,
)


def hence(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat(timespec="seconds")


async def booked(town: Town, customer: Client, interpreter: Client, **terms: Any) -> Params:
    """Return a booking that the interpreter has taken, as they see it."""
    await town.ask(customer, **({"starts_at": hence(days=7)} | terms))
    offer = (await offered(interpreter))["offer"]
    taken: Params = (await interpreter.call("offer.accept", offer=offer))["assignment"]
    await until_state(customer, "confirmed", taken["id"])
    return taken


@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_from_the_letter_to_the_end(town: Town, codec: Any) -> None:
    """By an app whose meetings open two hours before the start: this one, at once."""
    await Apps(town.store).set_rules(town.app.key, {"early_min": 120})
    ann = await town.interpreter("ann", codec=codec)
    customer = await town.customer(codec=codec)
    asked = await town.ask(customer, starts_at=hence(minutes=90), note="Ward 7")
    letter = await offered(ann)
    assert letter["assignment"]["starts_at"]
    assert "Ward 7" not in str(letter)
    await ann.call("offer.accept", offer=letter["offer"])
    await until_state(customer, "confirmed")
    held = await until_state(customer, "held")
    assert (await until_state(ann, "held"))["note"] == "Ward 7"
    await until_status(ann, "available")  # of a booking nobody is kept waiting
    for client in (customer, ann):
        await client.call("meeting.join", meeting=held["meeting"])
    await until_state(customer, "in_progress")
    await until_status(ann, "in_meeting")
    await customer.call("meeting.end", meeting=held["meeting"])
    await until_state(ann, "wrap_up")
    for _ in range(2):  # done, and wrapped up
        await ann.call("assignment.complete", assignment=asked["id"])
    done = await until_state(customer, "completed")
    assert done["slots"][0]["minutes"] == 0
    await customer.call("feedback.rate", assignment=asked["id"], stars=5)
    answer = await customer.call("assignment.get", assignment=asked["id"], history=True)
    states = [entry["state"] for entry in answer["history"] if "state" in entry]
    assert states == [
        *("searching", "offering", "confirmed", "held", "connecting", "in_progress"),
        *("wrap_up", "completed"),
    ]
    assert await contradictions(town.store, town.marketplace) == []


async def test_a_letter_waits_for_whoever_is_away(town: Town) -> None:
    """They find it when they come, and take it before whoever was there."""
    await town.register("away")
    there = await town.interpreter("there")
    customer = await town.customer()
    asked = await town.ask(customer, starts_at=hence(days=7))
    lost = await offered(there)
    away = await town.connect("away", "interpreter")
    (letter,) = away.opened["snapshot"]["offers"]
    assert letter["assignment"]["id"] == asked["id"]
    await away.call("offer.accept", offer=letter["offer"])
    assert await withdrawn(there, lost["offer"]) == "taken"
    assert (await until_state(customer, "confirmed"))["slots"][0]["interpreter"]["id"] == "away"


async def test_the_customer_chooses_among_those_who_could(town: Town) -> None:
    """Each hears of it, says so by socket, and hears who has it."""
    ann, bo = [await town.interpreter(who, online=False) for who in ("ann", "bo")]
    customer = await town.customer()
    asked = await town.ask(customer, starts_at=hence(days=7), interest_s=3600, confirm="customer")
    for client in (ann, bo):
        event = await client.next_event("assignment.recommended", WITHIN_S)
        told = event.params["recommendation"]["assignment"]
        assert told["id"] == asked["id"]
        assert "cust" not in str(event.params).replace("customer", "")
        await client.call("assignment.interest", assignment=asked["id"])
    seen = await until(
        customer,
        "assignment.changed",
        lambda p: len(p["assignment"].get("interested", ())) == 2,
    )
    names = [each["interpreter"]["name"] for each in seen["assignment"]["interested"]]
    assert names == ["Name of ann", "Name of bo"]
    await customer.call("assignment.confirm", assignment=asked["id"], interpreter="bo")
    assert (await until_state(bo, "confirmed"))["id"] == asked["id"]
    event = await ann.next_event("offer.withdrawn", WITHIN_S)
    assert event.params["reason"] == "another_chosen"


async def test_another_time_is_asked_again(town: Town) -> None:
    """Of whoever had accepted, over their socket; no longer theirs until they say yes."""
    ann = await town.interpreter("ann", online=False)
    customer = await town.customer()
    taken = await booked(town, customer, ann)
    await customer.call("assignment.update", assignment=taken["id"], starts_at=hence(days=8))
    again = await offered(ann)
    assert again["assignment"]["again"] is True
    await ann.call("offer.accept", offer=again["offer"])
    moved = await until_state(customer, "confirmed", taken["id"])
    assert moved["starts_at"] != taken["starts_at"]


async def test_a_series_is_taken_and_given_back(town: Town) -> None:
    """One letter, four dates; the last two are given back, and others hear of them."""
    ann = await town.interpreter("ann", online=False)
    customer = await town.customer()
    start = hence(days=7)[:16]
    repeats = {"every": "week", "count": 4}
    terms: Params = {"starts_at": start, "timezone": "Africa/Nairobi", "repeats": repeats}
    await booked(town, customer, ann, **terms)
    listed = await ann.call("assignment.list", starts_from=hence())
    ids = [each["id"] for each in listed["assignments"]]
    assert [each["series"]["index"] for each in listed["assignments"]] == [1, 2, 3, 4]
    bo = await town.interpreter("bo", online=False)
    await ann.call("assignment.cancel", assignment=ids[2], following=True, reason="illness")
    found = {(await offered(bo))["assignment"]["id"] for _ in range(2)}
    assert found == set(ids[2:])
    assert await contradictions(town.store, town.marketplace) == []
