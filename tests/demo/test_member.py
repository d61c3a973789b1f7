"""What one simulated interpreter does: on site, with interest, after the work, when refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from signalling.app import Running
from signalling.client import Client
from signalling.demo.company import company
from signalling.settings import Settings
from tests.demo.asking import SOMALI, available, customer_of, until
from tests.later import MORNING, wall

OSLO = {"lat": 59.91, "lon": 10.75}
PAIR = {"from": "no", "to": "so"}


@pytest.fixture
async def kari(server: Running, settings: Settings) -> AsyncIterator[Client]:
    """Give a customer, with one interpreter of her language online."""
    async with company(server, settings, SOMALI[:1]), await customer_of(server) as kari:
        await available(kari, 1)
        yield kari


async def ask(kari: Client, **terms: Any) -> str:
    made = await kari.call("assignment.create", languages=PAIR, duration_min=30, **terms)
    return str(made["assignment"]["id"])


async def test_on_site_they_check_in(kari: Client) -> None:
    await ask(kari, mode="onsite", location=OSLO)
    working = await until(kari, "in_progress")
    assert "checked_in_at" in working["slots"][0]


async def test_they_finish_what_the_customer_leaves_open(kari: Client) -> None:
    id_ = await ask(kari, mode="onsite", location=OSLO)
    await until(kari, "in_progress")
    await kari.call("assignment.complete", assignment=id_)
    assert (await until(kari, "completed"))["id"] == id_


async def test_letters_are_accepted(kari: Client) -> None:
    await ask(kari, mode="video", starts_at=wall(MORNING), timezone="Europe/Oslo")
    booked = await until(kari, "confirmed")
    assert booked["slots"][0]["interpreter"]["id"] == SOMALI[0].id


async def test_they_say_that_they_could(kari: Client) -> None:
    when = {"starts_at": wall(MORNING), "timezone": "Europe/Oslo"}
    id_ = await ask(kari, mode="video", interest_s=3600, confirm="customer", **when)
    could: list[Any] = []
    while not could:
        event = await kari.next_event("assignment.changed")
        could = event.params["assignment"].get("interested", [])
    assert [each["interpreter"]["id"] for each in could] == [SOMALI[0].id]
    await kari.call("assignment.confirm", assignment=id_, interpreter=SOMALI[0].id)


async def test_they_come_when_the_customer_has(kari: Client) -> None:
    await ask(kari, mode="audio")
    held = await until(kari, "held")
    await kari.call("meeting.join", meeting=held["meeting"])
    assert (await until(kari, "in_progress"))["id"] == held["id"]


async def test_a_customer_who_changes_their_mind_leaves_them_free(kari: Client) -> None:
    first = await ask(kari, mode="audio")
    await until(kari, "held")
    await kari.call("assignment.cancel", assignment=first)
    second = await ask(kari, mode="audio")
    assert (await until(kari, "held"))["id"] == second
