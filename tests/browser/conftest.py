"""One Chromium and one server for all browser tests, on one event loop: a marketplace a test.

Modules here begin with `pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chrome import chromium
from tests.browser.stage import Stage
from tests.e2e.server import Server, data_directory
from tests.e2e.town import Town, town_of

MEDIA = {"DRAGOMAN_MEDIA__PROCESSES": "1", "DRAGOMAN_MEDIA__BIND": "127.0.0.1"}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Run a server as its users start it, whose media stay on this machine."""
    with data_directory() as data:
        running = Server(data, environ=MEDIA).start()
        try:
            running.hear_media()
            yield running
        finally:
            assert running.stop() == 0, running.said


@pytest_asyncio.fixture(loop_scope="session")
async def town(server: Server) -> AsyncIterator[Town]:
    async with town_of(server.url, server.store_url) as town:
        yield town


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser, server: Server, town: Town) -> AsyncIterator[Stage]:
    """Give a stage; what goes wrong in a page unnoticed fails the test."""
    async with AsyncExitStack() as stack:
        stage = Stage(browser, server, town, stack)
        yield stage
        wrong = {person.user: person.wrong for person in stage.people if person.wrong}
        assert wrong == {}
