"""A customer asks, the right interpreter gets the offer, both meet: over real sockets."""

import asyncio

import pytest

from signalling.client import Client, RemoteError
from tests.e2e.town import (
    WITHIN_S,
    Town,
    offered,
    request,
    until,
    until_state,
    until_status,
    withdrawn,
)

ALONE = {"strategy": "one_at_a_time"}


async def refusal(client: Client, method: str, **params: object) -> RemoteError:
    with pytest.raises(RemoteError) as refused:
        await client.call(method, **params)
    return refused.value


async def test_a_customer_asks_and_meets_the_right_interpreter(town: Town) -> None:
    wrong = await town.interpreter("wrong", "ti")
    right = await town.interpreter("right", "so", codec="msgpack")
    customer = await town.customer("anna", name="Anna Customer")
    asked = await town.ask(customer, note="third floor")
    assert asked["state"] in ("searching", "offering")
    assert asked["languages"] == {"from": "no", "to": "so"}

    offer = await offered(right)
    assert offer["assignment"]["id"] == asked["id"]
    assert sum(r["contribution"] for r in offer["reasons"]) == pytest.approx(offer["score"])
    seen = await right.call("offer.ack", offer=offer["offer"], seen=True)
    assert seen == {"offer": offer["offer"], "state": "seen"}

    won = await right.call("offer.accept", offer=offer["offer"])
    assert won["assignment"]["state"] == "held"
    assert won["assignment"]["note"] == "third floor"
    again = await right.call("offer.accept", offer=offer["offer"])
    assert again == won
    held = await until_state(customer, "held")
    assert held["slots"][0]["interpreter"]["name"] == "Name of right"
    assert held["meeting"] == won["meeting"]

    first = await customer.call("meeting.join", meeting=held["meeting"])
    assert first["peers"] == []
    await until_state(right, "connecting")
    second = await right.call("meeting.join", meeting=held["meeting"])
    assert [p["participant"] for p in second["peers"]] == [first["participant"]]
    assert second["peers"][0]["offers"]
    joined = await until(customer, "meeting.changed", lambda p: p["change"] == "joined")
    assert joined["peers"][0]["participant"] == second["participant"]
    assert not joined["peers"][0]["offers"]
    assert (await until_state(customer, "in_progress"))["started_at"]

    sent = await right.call(
        "meeting.signal", meeting=held["meeting"], to=first["participant"], signal={"sdp": "v=0"}
    )
    heard = await customer.next_event("meeting.signal", WITHIN_S)
    assert (heard.params["seq"], heard.params["signal"]) == (sent["seq"], {"sdp": "v=0"})
    await customer.call("meeting.message", meeting=held["meeting"], text="hello")
    assert (await right.next_event("meeting.message", WITHIN_S)).params["text"] == "hello"

    ended = await customer.call("meeting.end", meeting=held["meeting"])
    assert ended["meeting"]["state"] == "ended"
    await until_state(customer, "wrap_up")
    await until_state(right, "wrap_up")
    await until_status(right, "wrap_up")
    done = await right.call("assignment.complete", assignment=asked["id"])
    assert done["assignment"]["state"] == "completed"
    await until_state(customer, "completed")
    await until_status(right, "available")
    assert not (await wrong.call("offer.list"))["offers"]
    assert await refusal(wrong, "assignment.get", assignment=asked["id"])


async def test_a_decline_asks_the_next(town: Town) -> None:
    people = {name: await town.interpreter(name) for name in ("a", "b")}
    customer = await town.customer()
    asked = await town.ask(customer, **ALONE)
    first, offer = await who_rings(people)
    declined = await people[first].call("offer.decline", offer=offer["offer"], reason="lunch")
    assert declined["state"] == "declined"
    assert await people[first].call("offer.decline", offer=offer["offer"]) == declined
    second = people["b" if first == "a" else "a"]
    assert (await offered(second))["assignment"]["id"] == asked["id"]
    gone = await refusal(people[first], "offer.accept", offer=offer["offer"])
    assert (gone.code, gone.data["reason"]) == (1009, "declined")


async def who_rings(people: dict[str, Client]) -> tuple[str, dict[str, object]]:
    """Return whose offer comes first, and the offer."""
    waits = {asyncio.create_task(offered(c)): name for name, c in people.items()}
    done, rest = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    winner = done.pop()
    return waits[winner], winner.result()


async def test_losers_are_told_why(town: Town) -> None:
    people = [await town.interpreter(name) for name in ("a", "b", "c")]
    customer = await town.customer()
    await town.ask(customer, strategy="broadcast")
    offers = [await offered(client) for client in people]
    await people[1].call("offer.accept", offer=offers[1]["offer"])
    for loser in (0, 2):
        assert await withdrawn(people[loser], offers[loser]["offer"]) == "taken"
        late = await refusal(people[loser], "offer.accept", offer=offers[loser]["offer"])
        assert (late.code, late.data["reason"]) == (1009, "taken")
        late = await refusal(people[loser], "offer.decline", offer=offers[loser]["offer"])
        assert (late.code, late.data["reason"]) == (1009, "taken")
        await until_status(people[loser], "available")
        elses = await refusal(people[loser], "offer.accept", offer=offers[1]["offer"])
        assert (elses.code, elses.name) == (1003, "not_found")


async def test_all_accept_at_once_and_one_wins(town: Town) -> None:
    people = {f"p{n}": await town.interpreter(f"p{n}") for n in range(5)}
    customer = await town.customer()
    for _ in range(8):
        asked = await town.ask(customer, strategy="broadcast")
        offers = {name: await offered(client) for name, client in people.items()}
        answers = await asyncio.gather(
            *(c.call("offer.accept", offer=offers[n]["offer"]) for n, c in people.items()),
            return_exceptions=True,
        )
        won = [a for a in answers if isinstance(a, dict)]
        lost = [a for a in answers if isinstance(a, RemoteError)]
        assert len(won) == 1
        assert [(e.code, e.data.get("reason")) for e in lost] == [(1009, "taken")] * 4
        await customer.call("assignment.cancel", assignment=asked["id"])
        for client in people.values():
            await until_status(client, "available")


async def test_every_device_rings_and_all_hear_the_answer(town: Town) -> None:
    phone = await town.interpreter("two", device="phone")
    laptop = await town.connect("two", "interpreter", device="laptop", codec="msgpack")
    customer = await town.customer()
    await town.ask(customer)
    rung = [await offered(phone), await offered(laptop)]
    assert rung[0] == rung[1]
    await laptop.call("offer.accept", offer=rung[0]["offer"])
    assert (await until_state(phone, "held"))["meeting"]
    again = await phone.call("offer.accept", offer=rung[0]["offer"])
    assert again["assignment"]["state"] == "held"
    await customer.call("assignment.cancel", assignment=rung[0]["assignment"]["id"])
    await until_state(phone, "cancelled")
    await town.ask(customer)
    rung = [await offered(phone), await offered(laptop)]
    await phone.call("offer.decline", offer=rung[0]["offer"])
    assert await withdrawn(laptop, rung[1]["offer"]) == "declined"


async def test_a_customer_cancels_while_it_rings_and_while_it_is_held(town: Town) -> None:
    interpreter = await town.interpreter("i")
    customer = await town.customer()
    asked = await town.ask(customer)
    offer = (await offered(interpreter))["offer"]
    gone = await customer.call("assignment.cancel", assignment=asked["id"], reason="better")
    assert gone["assignment"]["state"] == "cancelled"
    assert gone["assignment"]["outcome"]["reason"] == "better"
    assert await withdrawn(interpreter, offer) == "cancelled"
    late = await refusal(interpreter, "offer.accept", offer=offer)
    assert (late.code, late.data["reason"]) == (1009, "cancelled")
    await until_status(interpreter, "available")
    asked = await town.ask(customer)
    won = await interpreter.call("offer.accept", offer=(await offered(interpreter))["offer"])
    await customer.call("assignment.cancel", assignment=asked["id"])
    await until_state(interpreter, "cancelled")
    await until_status(interpreter, "available")
    over = await interpreter.call("meeting.get", meeting=won["meeting"])
    assert over["meeting"]["state"] == "ended"
    again = await customer.call("assignment.cancel", assignment=asked["id"])
    assert again["assignment"]["state"] == "cancelled"


async def test_an_interpreter_gives_back_and_the_next_comes_into_the_same_meeting(
    town: Town,
) -> None:
    people = {name: await town.interpreter(name) for name in ("a", "b")}
    customer = await town.customer()
    asked = await town.ask(customer, **ALONE)
    name, offer = await who_rings(people)
    first, second = people[name], people["b" if name == "a" else "a"]
    won = await first.call("offer.accept", offer=offer["offer"])
    await first.call("meeting.join", meeting=won["meeting"])
    await first.call("assignment.cancel", assignment=asked["id"], reason="ill")
    won_next = await second.call("offer.accept", offer=(await offered(second))["offer"])
    assert won_next["meeting"] == won["meeting"]
    await customer.call("meeting.join", meeting=won["meeting"])
    await second.call("meeting.join", meeting=won["meeting"])
    await until_state(customer, "in_progress")
    for method in ("meeting.join", "meeting.end"):
        barred = await refusal(first, method, meeting=won["meeting"])
        assert barred.code == 1003
    assert (await town.assignment(asked["id"]))["state"] == "in_progress"


async def test_changed_terms_are_offered_anew(town: Town) -> None:
    interpreter = await town.interpreter("i")
    customer = await town.customer()
    asked = await town.ask(customer)
    offer = await offered(interpreter)
    await customer.call("assignment.update", assignment=asked["id"], duration_min=90)
    assert await withdrawn(interpreter, offer["offer"]) == "changed"
    anew = await offered(interpreter)
    assert anew["offer"] != offer["offer"]
    assert anew["assignment"]["duration_min"] == 90
    noted = await customer.call("assignment.update", assignment=asked["id"], note="ring twice")
    assert noted["assignment"]["state"] == "offering"
    await interpreter.call("offer.accept", offer=anew["offer"])
    stale = await refusal(customer, "assignment.update", assignment=asked["id"], duration_min=10)
    assert stale.code == 1005


async def test_onsite_is_confirmed_and_completed_without_a_meeting(town: Town) -> None:
    near = await town.interpreter("near")
    await town.interpreter("far", profile={"location": {"lat": 69.65, "lon": 18.96}})
    customer = await town.customer()
    place = {"lat": 59.92, "lon": 10.75}
    asked = await town.ask(customer, mode="onsite", location=place)
    offer = await offered(near)
    assert offer["assignment"]["distance_band"]
    won = await near.call("offer.accept", offer=offer["offer"])
    assert won["assignment"]["state"] == "confirmed"
    assert won["assignment"]["location"] == place
    assert "meeting" not in won
    await near.call("assignment.complete", assignment=asked["id"])
    await until_state(customer, "wrap_up")
    await customer.call("assignment.complete", assignment=asked["id"])
    await until_state(near, "completed")
    assert (await refusal(customer, "assignment.create", **request(mode="onsite"))).path == (
        "location"
    )


async def test_a_public_body_takes_the_unqualified_only_in_an_emergency(town: Town) -> None:
    skills = [{"tag": "no", "level": "C1"}, {"tag": "so", "level": "native"}]
    unqualified = await town.interpreter("u", profile={"languages": skills})
    customer = await town.customer()
    refused = await town.ask(customer, public_body=True)
    over = await until_state(customer, "unfilled", refused["id"])
    assert over["outcome"]["reason"] == "nobody_eligible"
    await town.ask(customer, public_body=True, emergency=True)
    assert (await offered(unqualified))["assignment"]["emergency"]
