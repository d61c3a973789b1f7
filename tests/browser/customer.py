"""People at the customer's page, and those who answer them."""

from typing import Any

from playwright.async_api import Locator

from signalling.client import Client
from tests.browser.stage import Person, Stage
from tests.browser.visitor import AUDIT

WITHIN_S = 30.0


async def customer(stage: Stage, user: str = "kari", *, link: str = "") -> Person:
    """Open the page by a link as the start page makes it."""
    person = await stage.person(user, "customer", name=f"{user.title()} Nordmann")
    await person.page.goto(f"/customer#token={person.token}{link}")
    await person.run(AUDIT.read_text())
    await person.page.wait_for_selector("nav.rail")
    return person


async def go(person: Person, section: str) -> None:
    """Follow the link to a section."""
    await person.page.click(f'nav.rail a[href="#{section}"]')
    await person.page.wait_for_selector(f"main > section.{section}:not([hidden])")


async def ask(person: Person, button: str = "Ask now") -> Locator:
    """Send the form; return the card of what was asked for."""
    await person.page.get_by_role("button", name=button, exact=True).click()
    card = person.page.locator(".current .card").last
    await card.wait_for()
    return card


async def until(person: Person, state: str) -> Locator:
    """Wait until an assignment is shown in that state; return its card."""
    card = person.page.locator(f'.card[data-state="{state}"]').first
    await card.wait_for(state="attached")
    return card


async def answer(interpreter: Client) -> dict[str, Any]:
    """Accept what rings; return the assignment."""
    made = await interpreter.next_event("offer.made", WITHIN_S)
    won = await interpreter.call("offer.accept", offer=made.params["offer"])
    return dict(won["assignment"])
