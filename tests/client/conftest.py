from collections.abc import AsyncIterator

import pytest

from tests.client.server import FakeServer, serving


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    fake = FakeServer()
    async with serving(fake.app()) as url:
        fake.url = url
        yield fake


@pytest.fixture(autouse=True)
async def no_task_is_left() -> AsyncIterator[None]:
    """Hold every test to a clean end: what the client started has ended."""
    import asyncio  # noqa: PLC0415

    yield
    left = [t for t in asyncio.all_tasks() if t.get_name().startswith("dragoman")]
    assert not left
