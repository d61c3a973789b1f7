import pytest
from hypothesis import HealthCheck, settings

from matching import Population, Tables, load_tables

settings.register_profile(
    "matching",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("matching")

TABLES = load_tables()


@pytest.fixture
def tables() -> Tables:
    return TABLES


@pytest.fixture
def population() -> Population:
    return Population(TABLES)
