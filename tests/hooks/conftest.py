from collections.abc import AsyncIterator

import pytest

from tests.hooks.receiver import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Give an app's server that webhooks lead to."""
    async with receiving() as receiver:
        yield receiver
