"""The library's tables, read once from the configuration directory and never changed.

The directory is the environment's DRAGOMAN_CONFIG, else `config/` beside the package (a checkout),
else `dragoman_config/` beside it (where the wheel puts it).
"""

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.errors import InvalidTables
from matching.languages import Languages
from matching.policy import Policy
from matching.qualifications import Qualifications


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything the configuration says to the matcher."""

    languages: Languages
    qualifications: Qualifications
    policy: Policy


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


def load_tables(directory: Path | None = None) -> Tables:
    """Read and check the tables of *directory* (default `config_dir()`).

    The policy's version is a hash of the weights' bytes. Raises `InvalidTables`.
    """
    directory = directory or config_dir()
    weights = (directory / "weights.toml").read_bytes()
    version = "hand-" + hashlib.sha256(weights).hexdigest()[:12]
    try:
        return Tables(
            Languages(
                _read(directory, "languages.toml"),
                _read(directory, "substitutes.toml")["substitute"],
            ),
            Qualifications(_read(directory, "qualifications.toml")),
            Policy.from_weights(_read(directory, "weights.toml"), version),
        )
    except KeyError as error:
        raise InvalidTables(f"{directory}: the key {error} is missing") from error
