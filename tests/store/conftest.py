import itertools
import tempfile
from collections.abc import AsyncIterator

import pytest

from signalling.store.keys import Keys
from signalling.store.store import Store
from tests.store.cut import Cut

COUNTER = itertools.count()


@pytest.fixture
def keys() -> Keys:
    """Give each test a marketplace of its own."""
    return Keys(f"test-{next(COUNTER)}")


@pytest.fixture
async def store(valkey: str) -> AsyncIterator[Store]:
    async with Store(valkey) as store:
        yield store


@pytest.fixture
async def cut(valkey: str) -> AsyncIterator[Cut]:
    """Give a wire to the server that a test may cut."""
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        async with Cut(valkey.removeprefix("unix://"), f"{runtime}/s") as wire:
            yield wire
