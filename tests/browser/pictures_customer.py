"""Take the pictures of the start page and of the customer's page, at a server to try things on."""

from pathlib import Path

from playwright.async_api import Browser

from tests.browser.camera import DESKTOP, PHONE, frame, take
from tests.browser.customer import ask, go, until
from tests.browser.newcomer import customer_of, demo_serving, newcomer_at
from tests.browser.stage import Person


async def customer_pictures(browser: Browser, to: Path) -> None:
    """Take them as a newcomer comes by, and by the way of what they ask for."""
    with demo_serving() as server:
        async with newcomer_at(browser, server) as kari:
            await frame(kari, DESKTOP)
            await take(kari, to / "start.png")
            await frame(kari, PHONE, "dark")
            await take(kari, to / "start-phone.png")
            await customer_of(kari)
            await _asking(kari, to)
            await _booking(kari, to)


async def _asking(kari: Person, to: Path) -> None:
    page = kari.page
    await frame(kari, DESKTOP)
    await page.get_by_text("An estimate, from").wait_for()
    await take(kari, to / "customer-ask.png")
    await ask(kari)
    card = await until(kari, "held")
    await card.locator(".team summary").click()
    await card.locator(".reasons li").first.wait_for()
    await take(kari, to / "customer-accepted.png")
    await card.get_by_role("button", name="Call off").click()
    await page.locator("dialog").get_by_role("button", name="Call off").click()
    await until(kari, "cancelled")


async def _booking(kari: Person, to: Path) -> None:
    page = kari.page
    await go(kari, "ask")
    await frame(kari, PHONE, "dark")
    await page.get_by_label("The other speaks").select_option("uk")
    await page.get_by_label("Later", exact=True).check()
    await page.get_by_label("Who could").select_option("3600")
    await page.get_by_label("Who chooses").select_option("customer")
    await ask(kari, "Book")
    await page.get_by_text("2 interpreters could do it.").first.wait_for()
    await page.locator(".could").nth(1).wait_for()
    await take(kari, to / "customer-booking-phone.png")
