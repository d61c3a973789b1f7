"""A newcomer at what `make run` runs: its start page, and simulated interpreters."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from playwright.async_api import Browser

from tests.browser.stage import LOOPBACK, PROBE, Person
from tests.browser.visitor import AUDIT
from tests.e2e.server import Server, data_directory


@contextmanager
def demo_serving() -> Iterator[Server]:
    """Run it on a fresh data directory, with media that stay on this machine."""
    with data_directory() as data:
        words = ("serve", "--demo-app", "--port", "0", "--data", str(data))
        server = Server(data, *words, environ=LOOPBACK).start()
        try:
            yield server
        finally:
            assert server.stop() == 0, server.said
            assert "Traceback" not in server.said


@asynccontextmanager
async def newcomer_at(browser: Browser, server: Server) -> AsyncIterator[Person]:
    """Open the start page; what goes wrong unnoticed in it is an error."""
    context = await browser.new_context(
        base_url=server.url, permissions=["camera", "microphone"], timezone_id="Europe/Oslo"
    )
    await context.add_init_script(path=PROBE)
    person = Person(context, await context.new_page(), "newcomer", "")
    await person.page.goto("/")
    await person.run(AUDIT.read_text())
    await person.page.get_by_text("interpreters are online").wait_for()
    yield person
    await context.close()
    assert person.wrong == []


async def customer_of(newcomer: Person) -> None:
    """Become a customer, whose page says who is available."""
    await newcomer.page.get_by_role("button", name="I am a customer").click()
    await newcomer.page.get_by_text("available now, by video").wait_for()
