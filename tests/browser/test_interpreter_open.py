"""Open bookings at the interpreter's page: who could says so, and hears what became of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from signalling.client import Client
from tests.browser.desk import card, go, interpreter
from tests.browser.stage import Stage
from tests.browser.visitor import faults, press, said

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asked(stage: Stage, **terms: Any) -> tuple[dict[str, Any], Client]:
    """Let a customer ask who could, next year, and choose themselves."""
    customer = await stage.town.customer("kari")
    given = {
        "starts_at": f"{datetime.now(UTC).year + 1}-06-02T10:00:00",
        "timezone": "Europe/Oslo",
        "interest_s": 3600,
        "confirm": "customer",
    }
    return await stage.town.ask(customer, **(given | terms)), customer


async def could(stage: Stage, assignment: str) -> list[str]:
    """Return who said that they could."""
    found = await stage.town.assignment(assignment)
    return [each["interpreter"]["id"] for each in found.get("interested", ())]


async def test_saying_that_one_could_and_taking_it_back(stage: Stage) -> None:
    ann = await interpreter(stage, section="open")
    await said(ann, "No open booking fits you right now.")
    assignment, _ = await asked(stage)
    await card(ann, "2 June").wait_for()  # by itself
    assert await faults(ann) == []
    await press(ann, "I could")
    await said(ann, "You said that you could.")
    assert await could(stage, assignment["id"]) == ["ann"]
    assert await ann.run("document.activeElement.dataset.act") == "interest"
    await press(ann, "Take it back")
    await card(ann, "2 June").get_by_role("button", name="I could").wait_for()
    assert await could(stage, assignment["id"]) == []


async def test_one_is_chosen(stage: Stage) -> None:
    ann = await interpreter(stage, section="open")
    assignment, customer = await asked(stage)
    await press(ann, "I could")
    await said(ann, "You said that you could.")
    await go(ann, "schedule")
    await customer.call("assignment.confirm", assignment=assignment["id"], interpreter="ann")
    await said(ann, "Norwegian – Somali: It is yours: see your schedule.")
    await card(ann, "Confirmed").wait_for()
    assert "has changed" not in await ann.page.inner_text("#toasts")


async def test_another_is_chosen(stage: Stage) -> None:
    ann = await interpreter(stage, section="open")
    bea = await stage.town.interpreter("bea", online=False)
    assignment, customer = await asked(stage)
    await press(ann, "I could")
    await said(ann, "You said that you could.")
    await bea.call("assignment.interest", assignment=assignment["id"])
    await customer.call("assignment.confirm", assignment=assignment["id"], interpreter="bea")
    await said(ann, "Another interpreter was chosen this time.")
    await go(ann, "now")
    await go(ann, "open")
    await said(ann, "Another interpreter was chosen this time.")


async def test_a_new_one_is_counted_while_one_looks_elsewhere(stage: Stage) -> None:
    ann = await interpreter(stage)
    await asked(stage)
    await said(ann, "A new booking fits you.")
    assert await ann.page.inner_text('.rail a[href="#open"] .count') == "1"
    await go(ann, "open")
    await card(ann, "2 June").wait_for()
    assert not await ann.page.is_visible('.rail a[href="#open"] .count')
