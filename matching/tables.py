"""The library's tables, read once from the configuration directory and never changed.

The directory is the environment's DRAGOMAN_CONFIG, else `config/` beside the package (a checkout),
else `dragoman_config/` beside it (where the wheel puts it).
"""

import hashlib
import os
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from matching.errors import InvalidTables
from matching.languages import Languages
from matching.policy import Policy
from matching.qualifications import Qualifications
from matching.travel import Travel, read_towns

QUARTER_MS: Final = 900_000  # no clock is off by less from another's hours


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything the configuration says to the matcher."""

    languages: Languages
    qualifications: Qualifications
    policy: Policy
    travel: Travel
    zone: ZoneInfo
    digest: str  # of what columns by person are made from: languages and qualifications

    def hour(self, at_ms: int) -> int:
        """Return the hour of the day, 0–23, on the marketplace's clock."""
        return _hour(self.zone, at_ms // QUARTER_MS)


@lru_cache(maxsize=4096)
def _hour(zone: ZoneInfo, quarter: int) -> int:
    return datetime.fromtimestamp(quarter * QUARTER_MS / 1000, zone).hour


def config_dir() -> Path:
    """Return the directory that holds the tables; raise `InvalidTables` if there is none."""
    if named := os.environ.get("DRAGOMAN_CONFIG"):
        places = [Path(named)]
    else:
        beside = Path(__file__).resolve().parent.parent
        places = [beside / "config", beside / "dragoman_config"]
    for place in places:
        if (place / "languages.toml").is_file():
            return place
    raise InvalidTables(f"no languages.toml in {' or '.join(map(str, places))}")


def _read(directory: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((directory / name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidTables(f"{name}: {error}") from error


def _digest(directory: Path, *names: str) -> str:
    found = hashlib.sha256()
    for name in names:
        found.update((directory / name).read_bytes())
        found.update(b"\0")
    return found.hexdigest()


def load_tables(directory: Path | None = None) -> Tables:
    """Read and check the tables of *directory* (default `config_dir()`).

    The policy's version is a hash of the weights' bytes. Raises `InvalidTables`.
    """
    directory = directory or config_dir()
    version = "hand-" + hashlib.sha256((directory / "weights.toml").read_bytes()).hexdigest()[:12]
    weights = _read(directory, "weights.toml")
    try:
        return Tables(
            Languages(
                _read(directory, "languages.toml"),
                _read(directory, "substitutes.toml")["substitute"],
            ),
            Qualifications(_read(directory, "qualifications.toml")),
            Policy.from_weights(weights, version),
            Travel(
                _read(directory, "travel.toml"),
                read_towns((directory / "places.csv").read_text(encoding="utf-8")),
            ),
            ZoneInfo(weights["clock"]),
            _digest(directory, "languages.toml", "qualifications.toml"),
        )
    except ZoneInfoNotFoundError as error:
        raise InvalidTables(f"weights.toml: {error}") from error
    except KeyError as error:
        raise InvalidTables(f"{directory}: the key {error} is missing") from error
