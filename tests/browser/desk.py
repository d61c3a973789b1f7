"""People at the pages on which interpreters and customers work."""

from typing import Any

from playwright.async_api import Locator

from tests.browser.stage import Person, Stage
from tests.browser.visitor import AUDIT, press, said


async def interpreter(
    stage: Stage, user: str = "ann", *tags: str, section: str = "now", **profile: Any
) -> Person:
    """Register an interpreter, and open their page by a link as it is sent to them."""
    given = {"name": f"{user.title()} Warsame", "modes": ["audio", "video", "onsite"]}
    await stage.town.register(user, *tags, **(given | profile))
    person = await stage.person(user, "interpreter", name=given["name"])
    await person.page.goto(f"/interpreter#token={person.token}")
    await person.run(AUDIT.read_text())
    await person.page.wait_for_selector("nav.rail")
    if section != "now":
        await go(person, section)
    return person


async def available(person: Person) -> None:
    """Press what makes one available, and wait until the server knows."""
    await person.page.get_by_role("button", name="Available", exact=True).click()
    await chip(person, "Available")


async def chip(person: Person, words: str) -> None:
    """Wait until the header says how one stands."""
    await person.page.locator(".top .chip").get_by_text(words, exact=True).wait_for()


async def go(person: Person, section: str) -> None:
    """Follow the link to a section."""
    await person.page.click(f'nav.rail a[href="#{section}"]')
    await person.page.wait_for_selector(f"main > section.{section}")


async def save(person: Person) -> None:
    """Press Save, and wait until the page says that it is done, anew."""
    await person.run("document.getElementById('toasts').replaceChildren()")
    await press(person, "Save")
    await said(person, "Saved.")


def ring(person: Person) -> Locator:
    """The stage that a ringing offer takes."""
    return person.page.locator("dialog.ring[open]")


def card(person: Person, words: str) -> Locator:
    """The card that says *words*, among those in sight."""
    return person.page.locator(".card:visible", has_text=words)
