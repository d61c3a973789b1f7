"""One Chromium and one server for all browser tests, on one event loop: a marketplace a test.

Modules here begin with `pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chrome import chromium
from tests.browser.network import Network
from tests.browser.stage import LOOPBACK, Stage, stage_at
from tests.e2e.carried import media_server
from tests.e2e.server import Server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Run a server with a media process, whose media stay on this machine."""
    with media_server(LOOPBACK) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser, server: Server) -> AsyncIterator[Stage]:
    async with stage_at(browser, server) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def networks() -> AsyncIterator[tuple[Network, Network]]:
    """Give ann's network and bea's; what one sends the other passes both or one of them."""
    made = Network(), Network()
    yield made
    for network in made:
        network.cut()
