from collections.abc import AsyncIterator, Iterator

import pytest

from tests.e2e.server import Server, serving
from tests.e2e.town import Town, town_of


@pytest.fixture(scope="session")
def calm() -> Iterator[Server]:
    """Run a server whose times are long: nothing happens by itself."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def hasty() -> Iterator[Server]:
    """Run a server whose times are short: everything ends soon by itself."""
    with serving(
        offer_s=1.5,
        hold_s=1.5,
        connect_s=1.5,
        wrap_up_s=0.5,
        request_s=4,
        undelivered_s=0.5,
        offline_s=1,
        resume_s=2,
        reconnecting_s=0.3,
    ) as server:
        yield server


@pytest.fixture
async def town(calm: Server) -> AsyncIterator[Town]:
    async with town_of(calm.url, calm.store_url) as town:
        yield town


@pytest.fixture
async def hasty_town(hasty: Server) -> AsyncIterator[Town]:
    async with town_of(hasty.url, hasty.store_url) as town:
        yield town
