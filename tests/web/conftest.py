import itertools
from collections.abc import AsyncIterator

import pytest

from signalling.store.store import Store
from tests.web.client import Clients, clients
from tests.web.fake import World, world

COUNTER = itertools.count()


@pytest.fixture
async def store(valkey: str) -> AsyncIterator[Store]:
    async with Store(valkey) as store:
        yield store


@pytest.fixture
def marketplace() -> str:
    """Give each test a marketplace of its own."""
    return f"web-{next(COUNTER)}"


@pytest.fixture
async def here(store: Store, marketplace: str) -> AsyncIterator[World]:
    """Run a node with the default limits."""
    async with world(store, marketplace) as running:
        yield running


@pytest.fixture
async def people(here: World) -> AsyncIterator[Clients]:
    async with clients(here) as made:
        yield made
