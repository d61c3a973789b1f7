import pytest

from matching import Population, Tables, load_tables

TABLES = load_tables()


@pytest.fixture
def tables() -> Tables:
    return TABLES


@pytest.fixture
def population() -> Population:
    return Population(TABLES)
