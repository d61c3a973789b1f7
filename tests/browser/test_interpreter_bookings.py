"""Bookings at the interpreter's page: letters, "I could", the schedule, being on site."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signalling.client import Client
from tests.browser.desk import card, go, interpreter
from tests.browser.stage import Person, Stage
from tests.browser.visitor import faults, press, said
from tests.e2e.town import OSLO

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def booked(stage: Stage, **terms: Any) -> tuple[dict[str, Any], Client]:
    """Let a customer book for a day next year; return the assignment and the customer."""
    customer = await stage.town.customer("kari")
    year = datetime.now(UTC).year + 1
    times = {"starts_at": f"{year}-06-02T10:00:00", "timezone": "Europe/London"}
    return await stage.town.ask(customer, **(times | terms)), customer


async def letter(person: Person) -> None:
    """Wait for the booking that one is asked to take."""
    await card(person, "Answer by").wait_for()


async def test_a_letter_shows_both_clocks_and_is_accepted(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, customer = await booked(stage, pay={"amount": 650, "currency": "NOK"})
    await letter(ann)
    text = await card(ann, "Answer by").inner_text()
    for words in ("2 June", "11:00–11:30", "There (London)", "10:00", "NOK 650 an hour"):
        assert words in text.replace("\xa0", " ")
    assert await ann.page.inner_text(".rail .count >> nth=0") == "1"
    assert await faults(ann) == []
    await press(ann, "Accept")
    await said(ann, "It is yours")
    await go(ann, "schedule")
    await card(ann, "Confirmed").wait_for()
    await said(ann, "The meeting opens")
    found = await stage.town.assignment(assignment["id"])
    assert (found["state"], found["slots"][0]["interpreter"]["id"]) == ("confirmed", "ann")
    await customer.call("assignment.cancel", assignment=assignment["id"])
    await said(ann, "was called off.")
    await card(ann, "Called off").wait_for()


async def test_a_letter_is_declined(stage: Stage) -> None:
    ann = await interpreter(stage)
    assignment, _ = await booked(stage)
    await letter(ann)
    await press(ann, "Decline")
    dialog = ann.page.locator("dialog[open]")
    await dialog.get_by_label("Reason (optional)").select_option("Too far away")
    await dialog.get_by_role("button", name="Decline").click()
    await said(ann, "Declined. Thank you for answering.")
    await said(ann, "No booking waits for your answer.")
    (offer,) = (await stage.town.assignment(assignment["id"]))["offers"]
    assert (offer["state"], offer["reason"]) == ("declined", "too_far")


async def test_somebody_else_takes_it(stage: Stage) -> None:
    ann = await interpreter(stage)
    bea = await stage.town.interpreter("bea", online=False)
    await booked(stage, strategy="broadcast")
    await letter(ann)
    made = await bea.next_event("offer.made", 15)
    await bea.call("offer.accept", offer=made.params["offer"])
    await said(ann, "Another interpreter was faster.")


async def test_letters_are_there_after_a_reload(stage: Stage) -> None:
    ann = await interpreter(stage)
    await booked(stage)
    await letter(ann)
    await ann.page.reload()
    await letter(ann)


async def test_on_site_one_checks_in_and_says_where_only_with_consent(stage: Stage) -> None:
    ann = await interpreter(stage)
    await ann.context.grant_permissions(["geolocation"])
    await ann.context.set_geolocation({"latitude": 59.91394, "longitude": 10.75221})
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="seconds")
    assignment, _ = await booked(
        stage, starts_at=soon, timezone="Europe/Oslo", mode="onsite", location=OSLO
    )
    await letter(ann)
    await press(ann, "Accept")
    await go(ann, "schedule")
    await card(ann, "Confirmed").wait_for()
    await ann.page.get_by_role("link", name="59.9139, 10.7522").wait_for()
    await press(ann, "I am on site")
    assert not await ann.page.get_by_label("Tell where I am").is_checked()
    assert await faults(ann) == []
    dialog = ann.page.locator("dialog[open]")
    await dialog.get_by_label("Tell where I am").check()
    await dialog.get_by_role("button", name="I am on site").click()
    await card(ann, "In progress").wait_for()
    found = await stage.town.assignment(assignment["id"])
    assert found["slots"][0]["checked_in_at"]
