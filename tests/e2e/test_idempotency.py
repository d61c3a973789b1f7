"""The same request twice makes one thing, however it comes."""

import asyncio
from typing import Any

import aiohttp
import pytest

from signalling.client import RemoteError
from tests.e2e.town import Params, Town, request


async def post(town: Town, method: str, body: Params, key: str = "") -> tuple[int, Params]:
    """Call over HTTP as the app does; return the status and the body."""
    headers = {"Authorization": f"Bearer {town.token('staff', 'app')}"}
    if key:
        headers["Idempotency-Key"] = key
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{town.url}/v1/{method}", json=body, headers=headers) as response,
    ):
        found: Params = await response.json(content_type=None)
        return response.status, found


async def count(town: Town) -> int:
    staff = await town.http()
    return len((await staff.call("assignment.list"))["assignments"])


async def test_again_is_once(town: Town) -> None:
    customer = await town.customer()
    first = await town.ask(customer, idempotency_key="k")
    again = await town.ask(customer, idempotency_key="k")
    assert again["id"] == first["id"]
    other = await town.ask(customer, idempotency_key="k2")
    assert other["id"] != first["id"]
    assert await count(town) == 2


async def test_another_body_is_a_conflict(town: Town) -> None:
    customer = await town.customer()
    await town.ask(customer, idempotency_key="k")
    with pytest.raises(RemoteError) as refused:
        await town.ask(customer, idempotency_key="k", duration_min=31)
    assert (refused.value.code, refused.value.path) == (1004, "idempotency_key")
    assert await count(town) == 1


async def test_twenty_at_once_over_two_sockets_are_one(town: Town) -> None:
    sockets = [await town.customer(), await town.customer(codec="msgpack")]
    made = await asyncio.gather(*(town.ask(sockets[n % 2], idempotency_key="k") for n in range(20)))
    assert len({a["id"] for a in made}) == 1
    assert await count(town) == 1


async def test_different_bodies_at_once_make_one_and_conflicts(town: Town) -> None:
    customer = await town.customer()
    answers: list[Any] = await asyncio.gather(
        *(town.ask(customer, idempotency_key="k", duration_min=n) for n in range(10, 20)),
        return_exceptions=True,
    )
    assert sorted(getattr(a, "code", 0) for a in answers) == [0] + [1004] * 9
    assert await count(town) == 1


async def test_the_header_and_the_field_are_one_key(town: Town) -> None:
    body = request(customer="anna")
    status, first = await post(town, "assignment.create", body, key="k")
    assert status == 200
    _, again = await post(town, "assignment.create", body | {"idempotency_key": "k"})
    assert again["assignment"]["id"] == first["assignment"]["id"]
    status, refused = await post(town, "assignment.create", body | {"note": "x"}, key="k")
    assert (status, refused["code"]) == (409, 1004)
    status, refused = await post(town, "assignment.create", body | {"idempotency_key": "a"}, "b")
    assert (status, refused["code"]) == (409, 1004)
    assert await count(town) == 1


async def test_a_key_counts_for_one_user_and_one_method(town: Town) -> None:
    anna, bert = await town.customer("anna"), await town.customer("bert")
    operator = await town.connect("op", "operator")
    first = await town.ask(anna, idempotency_key="k")
    second = await town.ask(bert, idempotency_key="k")
    meeting = await operator.call("meeting.create", idempotency_key="k")
    third = await town.ask(operator, idempotency_key="k", customer="anna")
    assert len({first["id"], second["id"], third["id"], meeting["meeting"]["id"]}) == 4
    court = await town.another_app()
    fourth = await court.ask(await court.customer("anna"), idempotency_key="k")
    assert fourth["id"] != first["id"]


async def test_a_refused_request_may_come_again_with_its_key(town: Town) -> None:
    customer = await town.customer()
    with pytest.raises(RemoteError):
        await town.ask(customer, idempotency_key="k", languages={"from": "no", "to": "ku"})
    assert (await town.ask(customer, idempotency_key="k"))["id"]


async def test_a_message_is_heard_once(town: Town) -> None:
    operator = await town.connect("op", "operator")
    people = [{"user": "a", "role": "customer"}, {"user": "b", "role": "customer"}]
    made = await operator.call("meeting.create", participants=people, idempotency_key="m")
    repeated = await operator.call("meeting.create", participants=people, idempotency_key="m")
    assert repeated["meeting"]["id"] == made["meeting"]["id"]
    meeting = made["meeting"]["id"]
    a, b = await town.customer("a"), await town.customer("b")
    for client in (a, b):
        await client.call("meeting.join", meeting=meeting)
    said = [
        await a.call("meeting.message", meeting=meeting, text="hi", idempotency_key="t")
        for _ in range(3)
    ]
    assert said[0] == said[1] == said[2]
    last = await a.call("meeting.message", meeting=meeting, text="bye")
    heard = [(await b.next_event("meeting.message")).params["message"] for _ in range(2)]
    assert heard == [said[0]["message"], last["message"]]


async def test_a_repeat_is_answered_with_what_became_of_it(town: Town) -> None:
    await town.interpreter("i")
    customer = await town.customer()
    first = await town.ask(customer, idempotency_key="k")
    await customer.call("assignment.cancel", assignment=first["id"])
    again = await town.ask(customer, idempotency_key="k")
    assert (again["id"], again["state"]) == (first["id"], "cancelled")
