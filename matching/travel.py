"""Travel time as a stated model: by car or public transport, by distance and by density.

The numbers and their sources stand in config/travel.toml. A trip has a fixed part (walking,
parking, waiting) and a way of three legs, each with its speed; both depend on how densely people
live where the meeting is. Towns are known from config/places.csv; outside the Nordic and Baltic
countries it has cities of 100,000 only, so smaller towns there count as rural.
"""

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching import geo
from matching.errors import InvalidTables
from matching.types import Place

CACHE_SIZE = 65_536


class Means(StrEnum):
    """How someone travels."""

    CAR = "car"
    TRANSIT = "transit"


class Town(NamedTuple):
    """A populated place: where its middle is and how many live there."""

    place: Place
    people: int


class Trip(NamedTuple):
    """A kind of trip: minutes before and after the way, detour, and km/h on each leg."""

    start_min: float
    detour: float
    km_h: tuple[float, ...]


def read_towns(text: str) -> list[Town]:
    """Return the towns of a file of `lat,lon,people` lines; `#` begins a comment.

    Raises `InvalidTables`, naming the line.
    """
    towns = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not (row := line.partition("#")[0].strip()):
            continue
        try:
            lat, lon, people = row.split(",")
            towns.append(Town(Place(float(lat), float(lon)), int(people)))
        except ValueError as error:
            raise InvalidTables(f"places: line {number}: {error}") from error
    return towns


class Travel:
    """What config/travel.toml and config/places.csv say, checked once and tabulated."""

    def __init__(self, data: Mapping[str, Any], towns: Iterable[Town]) -> None:
        self.farthest_km: int = data["farthest_km"]
        self.densities: tuple[str, ...] = tuple(row["name"] for row in data["density"])
        self._legs_km: tuple[float, ...] = tuple(data["legs_km"])
        self._trips = self._read(data["trip"])
        self._tables = {key: self._tabulate(*key) for key in self._trips}
        known = list(towns)
        self._middles = np.array([geo.unit(town.place) for town in known]).reshape(-1, 3)
        self._edges = _edges(data["density"], [town.people for town in known])
        self._cache: dict[tuple[int, int], int] = {}

    def _read(self, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[int, Means], Trip]:
        trips = {}
        for row in rows:
            try:
                key = self.densities.index(row["density"]), Means(row["means"])
            except ValueError as error:
                raise InvalidTables(f"travel: {error}") from error
            trip = Trip(
                row["start_min"] + row["headway_min"] / 2, row["detour"], tuple(row["km_h"])
            )
            if trip.start_min < 0 or trip.detour < 1 or min(trip.km_h) <= 0:
                raise InvalidTables(f"travel: {key} goes back, or nowhere")
            if len(trip.km_h) != len(self._legs_km) + 1:
                raise InvalidTables(f"travel: {key} has {len(trip.km_h)} speeds")
            trips[key] = trip
        if len(trips) != len(self.densities) * len(Means):
            raise InvalidTables("travel: every density needs a trip by car and one by transit")
        return trips

    def _tabulate(self, density: int, means: Means) -> NDArray[np.intp]:
        minutes = [self.minutes(km, density, means) for km in range(self.farthest_km + 1)]
        table = np.array(minutes, np.intp)
        table.flags.writeable = False
        return table

    def density(self, place: Place) -> int:
        """Return the density class of a place, an index into `densities`: 0 is rural.

        The same for all of a square kilometre, so a coarse position gives no other answer.
        """
        cell = geo.cell(place)
        found = self._cache.get(cell)
        if found is None:
            found = self._density(geo.coarse(place))
            if len(self._cache) >= CACHE_SIZE:
                self._cache.clear()
            self._cache[cell] = found
        return found

    def _density(self, place: Place) -> int:
        inside = self._middles @ np.array(geo.unit(place)) >= self._edges
        return int(np.flatnonzero(inside.any(axis=1)).max(initial=0))

    def minutes(self, km: float, density: int, means: Means) -> int:
        """Return the minutes from door to door, *km* as the crow flies, rounded up."""
        trip = self._trips[density, means]
        minutes, way, begins = trip.start_min, km * trip.detour, 0.0
        for ends, speed in zip((*self._legs_km, math.inf), trip.km_h, strict=True):
            minutes += max(0.0, min(way, ends) - begins) / speed * 60
            begins = ends
        return math.ceil(minutes)

    def table(self, density: int, means: Means) -> NDArray[np.intp]:
        """Return the minutes by whole km, shape `(farthest_km + 1,)`, rising and read-only."""
        return self._tables[density, means]


def _edges(densities: Iterable[Mapping[str, Any]], people: list[int]) -> NDArray[np.float64]:
    """Return the cosine of each disc's radius by class and town, shape `(n_densities, n_towns)`.

    Who is inside has a larger one to the middle. A town too small for a class has no disc there.
    """
    edges = []
    for row in densities:
        least, people_km2 = row["from_people"], row["people_km2"]
        if people_km2 <= 0:
            edges.append(np.full(len(people), np.inf))
            continue
        cosine = np.cos(np.sqrt(np.array(people) / people_km2 / math.pi) / geo.EARTH_KM)
        edges.append(np.where(np.array(people) >= least, cosine, np.inf))
    return np.array(edges)
