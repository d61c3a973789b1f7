import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Place, geo
from tests.matching.builders import ASKER, BERGEN, DRAMMEN, OSLO

PLACES = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(("place", "km"), [(BERGEN, 305), (DRAMMEN, 35), (ASKER, 19), (OSLO, 0)])
def test_distances_are_those_of_the_map(place: Place, km: float) -> None:
    assert geo.haversine_km(OSLO, place) == pytest.approx(km, abs=1)


@given(PLACES, PLACES)
def test_a_chord_says_the_same_as_the_haversine(one: Place, other: Place) -> None:
    chord2 = geo.chord2(geo.vector(one), geo.vector(other))
    assert geo.chord_km(chord2) == pytest.approx(geo.haversine_km(one, other), rel=1e-3, abs=8)


@given(st.floats(0.1, 500))
def test_a_reach_is_the_chord_of_its_distance(km: float) -> None:
    assert geo.chord_km(geo.reach2(km)) == pytest.approx(km, rel=1e-4)
    squared = np.array([geo.reach2(km)], np.float32)
    assert abs(int(geo.whole_km(squared)[0]) - km) <= 1.2


def test_reaches_are_bounded_by_the_earth() -> None:
    assert geo.reach2(1e9) == geo.reach2(geo.FARTHEST_KM) == pytest.approx(4)
    assert geo.reach2(-1) == 0


def test_nowhere_is_near_nothing() -> None:
    assert geo.vector(None) is geo.NOWHERE
    assert math.isnan(geo.chord2(geo.NOWHERE, geo.vector(OSLO)))


@given(PLACES)
def test_a_coarse_place_is_near_and_stays_as_it_is(place: Place) -> None:
    coarse = geo.coarse(place)
    assert geo.coarse(coarse) == coarse
    assert geo.cell(coarse) == geo.cell(place)
    farthest = 0.75 if abs(place.lat) < 89.9 else 1.2
    assert geo.haversine_km(place, coarse) <= farthest
    assert -90 <= coarse.lat <= 90
    assert -180 <= coarse.lon <= 180


@given(st.floats(-89, 89), st.floats(-179, 179))
def test_a_coarse_place_hides_which_part_of_a_kilometre_it_stands_for(
    lat: float, lon: float
) -> None:
    middle = geo.coarse(Place(lat, lon))
    east = 0.4 * geo.ROW_DEG / math.cos(math.radians(middle.lat))
    for north in (-0.4 * geo.ROW_DEG, 0.4 * geo.ROW_DEG):
        for step in (-east, east):
            assert geo.coarse(Place(middle.lat + north, middle.lon + step)) == middle


@pytest.mark.parametrize("lat", [-90.0, -45.0, 0.0, 59.9, 90.0])
def test_the_date_line_is_one_meridian(lat: float) -> None:
    assert geo.coarse(Place(lat, 180)) == geo.coarse(Place(lat, -180))


def test_a_pole_is_a_place_like_others() -> None:
    assert geo.coarse(Place(90, 10)).lat == -geo.coarse(Place(-90, 10)).lat == 89.9955


def test_neighbours_across_oslo_are_told_apart() -> None:
    assert geo.coarse(OSLO) != geo.coarse(Place(OSLO.lat + 0.009, OSLO.lon))
    assert geo.coarse(OSLO) != geo.coarse(Place(OSLO.lat, OSLO.lon + 0.018))


@pytest.mark.parametrize(
    ("km", "band"),
    [
        (0, "under 5 km"), (4.99, "under 5 km"), (5, "5–15 km"), (15, "15–50 km"),
        (50, "50–150 km"), (149.9, "50–150 km"), (150, "over 150 km"), (9000, "over 150 km"),
    ],
)  # fmt: skip
def test_customers_see_bands(km: float, band: str) -> None:
    assert geo.distance_band(km) == band
