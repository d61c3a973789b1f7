import pytest

from tests.core.conductor import Conductor
from tests.core.story import marketplace


@pytest.fixture
def c() -> Conductor:
    """A marketplace with Ann and Bo available, and one request that searches."""
    return marketplace()
