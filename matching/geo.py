"""Places: unit vectors, distances, a coarse grid for privacy, and bands for customers.

The index compares squared chords of float32 unit vectors: no trigonometry a candidate. Rules and
explanations use the same vectors, so that both sides of a border agree to the last bit.
"""

import math
import struct
from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.types import Place

EARTH_KM = 6371.0088  # IUGG mean radius
DEFAULT_REACH_KM = 100.0  # for an interpreter who states no limit of their own
FARTHEST_KM = math.pi * EARTH_KM

BAND_LIMITS_KM = (5, 15, 50, 150)
BANDS = ("under 5 km", "5–15 km", "15–50 km", "50–150 km", "over 150 km")

# The coarse grid: rows of 1.0008 km between the poles, and as many cells in each as keep it square.
ROWS = 20_000
ROW_DEG = 180 / ROWS
DECIMALS = 5  # a metre; rounding moves a centre by no more than that, so it stays in its cell

_FLOATS = struct.Struct("3f")  # rounds to float32 in a quarter of numpy's time


class Vector(NamedTuple):
    """A point of the unit sphere, each coordinate rounded to float32."""

    x: float
    y: float
    z: float


NOWHERE = Vector(math.nan, math.nan, math.nan)  # compares false with every distance


def vector(place: Place | None) -> Vector:
    """Return the unit vector of a place, `NOWHERE` for none."""
    return NOWHERE if place is None else Vector._make(_FLOATS.unpack(_FLOATS.pack(*unit(place))))


def unit(place: Place) -> tuple[float, float, float]:
    """Return the unit vector of a place, not rounded."""
    lat, lon = math.radians(place.lat), math.radians(place.lon)
    across = math.cos(lat)
    return across * math.cos(lon), across * math.sin(lon), math.sin(lat)


def chord2(one: Vector, other: Vector) -> float:
    """Return the squared chord, rounded to float32 at each step as the index does."""
    f4 = np.float32
    dx, dy, dz = (f4(a) - f4(b) for a, b in zip(one, other, strict=True))
    return float(dx * dx + dy * dy + dz * dz)


def reach2(km: float) -> float:
    """Return the squared chord of a distance along the ground, float32."""
    half = min(max(km, 0.0), FARTHEST_KM) / (2 * EARTH_KM)
    return float(np.float32((2 * math.sin(half)) ** 2))


def whole_km(squared: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return whole km of squared chords, shape kept; a chord is 0.1 % short at 1,000 km."""
    km: NDArray[np.intp] = (np.sqrt(squared) * np.float32(EARTH_KM)).astype(np.intp)
    return km


def chord_km(squared: float) -> float:
    """Return the distance along the ground of a squared chord, km."""
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(squared) / 2))


def haversine_km(one: Place, other: Place) -> float:
    """Return the great-circle distance (Sinnott 1984), exact to 0.5 % of the ellipsoid's."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    dlon = math.radians(other.lon - one.lon)
    a = math.sin((lat2 - lat1) / 2) ** 2
    a += math.cos(lat1) * math.cos(lat2) * math.sin(dlon / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(a)))


def cell(place: Place) -> tuple[int, int]:
    """Return the row and column of a place in a grid of cells about 1 km wide and high.

    Rows count from the South Pole, columns from 180° west; 180° east is the same meridian. The
    columns of a row are as many as its middle is kilometres round (three at a pole).
    """
    row = min(int((place.lat + 90) / ROW_DEG), ROWS - 1)
    columns = _columns(row)
    return row, int((place.lon + 180) / 360 * columns) % columns


def coarse(place: Place) -> Place:
    """Return the centre of a place's cell: what is kept of a position without more consent.

    No place is farther than 0.75 km from what stands for it. Coarse places stay as they are.
    """
    row, column = cell(place)
    return Place(
        round((row + 0.5) * ROW_DEG - 90, DECIMALS),
        round((column + 0.5) * 360 / _columns(row) - 180, DECIMALS),
    )


def _columns(row: int) -> int:
    middle = math.radians((row + 0.5) * ROW_DEG - 90)
    return max(1, round(2 * ROWS * math.cos(middle)))


def distance_band(km: float) -> str:
    """Return the band a customer sees; the exact distance would give the place away."""
    return BANDS[bisect_right(BAND_LIMITS_KM, km)]
