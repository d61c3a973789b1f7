"""An interpreter whose app is closed answers over HTTP; the first answer anywhere wins."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signalling.client import Client, HttpClient, RemoteError
from tests.e2e.town import Params, Town, offered, until_state, withdrawn

GONE = 1009


def soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


async def phone(town: Town, user: str) -> HttpClient:
    """Register an interpreter who is available by push, with no app open."""
    await town.register(user)
    client = await town.http(user, "interpreter")
    await client.call("presence.set", status="available", until=soon(), push=True)
    return client


async def ringing(town: Town, customer: Client, client: HttpClient, **terms: Any) -> Params:
    """Ask, and return the offer that rings at a phone."""
    a = await town.ask(customer, **terms)
    await until_state(customer, "offering", a["id"])
    (offer,) = (await client.call("offer.list"))["offers"]
    return dict(offer)


async def test_a_phone_takes_an_offer_without_ever_opening_a_socket(town: Town) -> None:
    customer = await town.customer()
    ann = await phone(town, "ann")
    offer = (await ringing(town, customer, ann))["offer"]

    assert (await ann.call("offer.ack", offer=offer))["state"] == "delivered"
    won = await ann.call("offer.accept", offer=offer)

    held = await until_state(customer, "held")
    assert (won["meeting"], held["slots"][0]["interpreter"]["id"]) == (held["meeting"], "ann")
    assert await ann.call("offer.accept", offer=offer) == won


async def test_a_phone_declines(town: Town) -> None:
    customer = await town.customer()
    ann = await phone(town, "ann")
    offer = (await ringing(town, customer, ann))["offer"]

    for _ in range(2):
        assert (await ann.call("offer.decline", offer=offer))["state"] == "declined"


async def test_phone_and_laptop_of_one_at_once(town: Town) -> None:
    """Both ring; whichever answers first, both get the same answer."""
    customer = await town.customer()
    laptop = await town.interpreter("ann")
    handset = await town.http("ann", "interpreter")
    await town.ask(customer)
    offer = (await offered(laptop))["offer"]

    answers = await asyncio.gather(
        *(each.call("offer.accept", offer=offer) for each in (handset, laptop) for _ in range(5))
    )

    assert all(answer == answers[0] for answer in answers)


async def test_two_people_at_once(town: Town) -> None:
    """A phone over HTTP, a laptop over its socket: one wins, the other hears why not."""
    customer = await town.customer()
    laptop = await town.interpreter("ann")
    handset = await phone(town, "bo")
    offers = {"bo": (await ringing(town, customer, handset, strategy="broadcast"))["offer"]}
    offers["ann"] = (await offered(laptop))["offer"]

    answers: list[Any] = await asyncio.gather(
        laptop.call("offer.accept", offer=offers["ann"]),
        handset.call("offer.accept", offer=offers["bo"]),
        return_exceptions=True,
    )

    (lost,) = [each for each in answers if isinstance(each, RemoteError)]
    assert (lost.code, lost.data["reason"]) == (GONE, "taken")
    held = await until_state(customer, "held")
    winner = held["slots"][0]["interpreter"]["id"]
    assert isinstance(answers[["ann", "bo"].index(winner)], dict)
    if winner == "bo":
        assert await withdrawn(laptop, offers["ann"]) == "taken"


async def test_an_app_that_opens_finds_what_rings(town: Town) -> None:
    customer = await town.customer()
    ann = await phone(town, "ann")
    offer = (await ringing(town, customer, ann))["offer"]

    opened = await town.connect("ann", "interpreter")

    assert [each["offer"] for each in opened.opened["snapshot"]["offers"]] == [offer]
    await opened.call("offer.accept", offer=offer)
    with pytest.raises(RemoteError) as refused:
        await ann.call("offer.decline", offer=offer)
    assert refused.value.code == GONE
