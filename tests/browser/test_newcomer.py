"""A newcomer at `make run`: from the start page into a meeting with a simulated interpreter."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.newcomer import customer_of, demo_serving, newcomer_at
from tests.browser.stage import Person
from tests.browser.visitor import faults
from tests.e2e.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    with demo_serving() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def newcomer(browser: Browser, demo: Server) -> AsyncIterator[Person]:
    async with newcomer_at(browser, demo) as person:
        yield person


async def test_a_newcomer_is_matched_heard_and_seen(newcomer: Person) -> None:
    page = newcomer.page
    page.set_default_timeout(WITHIN_MS)
    await customer_of(newcomer)
    await page.get_by_role("button", name="Ask now").click()
    async with newcomer.context.expect_page() as opening:
        await page.get_by_role("link", name="Enter the meeting").click()
    room = Person(newcomer.context, await opening.value, "newcomer", "")
    await room.page.wait_for_selector(".preview-buttons button:not(:disabled)")
    await room.page.click("button[type=submit]")
    await room.page.wait_for_selector("main.room")
    await room.hears_and_sees_more()
    await room.page.get_by_role("button", name="End for all").click()
    await room.page.get_by_role("button", name="End for everybody").click()
    await page.bring_to_front()
    await page.get_by_role("button", name="It is done").click()
    await page.locator("dialog").get_by_role("button", name="It is done").click()
    await page.locator('.current .card[data-state="completed"]').wait_for()
    assert room.wrong == []


async def test_an_interpreter_has_a_page(newcomer: Person) -> None:
    await newcomer.page.get_by_label("You interpret").select_option("fr")
    await newcomer.page.get_by_role("button", name="I am an interpreter").click()
    await newcomer.page.wait_for_selector("nav.rail")


async def test_a_meeting_of_two(newcomer: Person) -> None:
    await newcomer.page.get_by_role("button", name="Open a meeting of two").click()
    for name in ("Join it as Ann, the customer", "Join it as Hodan, the interpreter"):
        link = newcomer.page.get_by_role("link", name=name)
        assert "/meet#meeting=" in str(await link.get_attribute("href"))


async def test_what_is_wrong_is_said_at_its_field(newcomer: Person) -> None:
    name = newcomer.page.get_by_label("Your name").first
    await name.fill("")
    await newcomer.page.get_by_role("button", name="I am a customer").click()
    await newcomer.page.locator('[data-path="name"][aria-invalid="true"]:focus').wait_for()


async def test_nothing_is_missed_on_a_phone(newcomer: Person) -> None:
    await newcomer.page.set_viewport_size({"width": 360, "height": 780})
    assert await newcomer.run("document.documentElement.scrollWidth") == 360
    assert await faults(newcomer) == []
