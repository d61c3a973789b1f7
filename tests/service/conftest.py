import pytest

from tests.service.guests import Room, opened
from tests.world import World


@pytest.fixture
async def room(world: World) -> Room:
    """Give a meeting of Kari and Ann, at an app that can sign guests' links."""
    return await opened(world)
